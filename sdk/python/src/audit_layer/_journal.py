"""Where every frame of this process goes: to the spool, else to memory, else into a count.

`append` returns once the frame is with the kernel. It may be called from any thread, and from a finalizer
or a signal handler that interrupts an append of the same thread: then, and in `enqueue`, the frame is only
queued, and whoever holds the lock writes it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from _thread import get_ident
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from audit_layer._config import Settings
from audit_layer._gap import Gap, gap_of, packed
from audit_layer._ids import uuid7
from audit_layer._spool import CALL, FINISH, OPEN, PROVISIONAL, RECORD, Files, SpoolWriter

__all__ = ["Gate", "Journal", "MemoryFrame"]

RETRY_SPOOL_SECONDS = 5.0
"""How often a spool that can't be made is tried again."""


class MemoryFrame(NamedTuple):
    """A frame that no disk took. It may be sent once the spool is read up to `after`."""

    kind: int
    number: int
    payload: bytes
    after: tuple[int, int] | None


class Gate:
    """Wakes one waiting thread. Unlike an `Event`, opening it takes no lock that a finalizer could meet."""

    def __init__(self) -> None:
        """Starts closed."""
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Lets the waiting thread through, or the next that waits."""
        try:
            self._lock.release()
        except RuntimeError:
            pass  # open already

    def wait(self, seconds: float) -> bool:
        """Waits until the gate opens, then closes it behind the caller."""
        return self._lock.acquire(timeout=max(seconds, 0.0))


class Journal:
    """The numbered frames of one process."""

    def __init__(self, settings: Settings, *, files: Files | None = None) -> None:
        """Nothing is written before the first frame."""
        self.settings = settings
        self.pid = os.getpid()
        self.producer = f"p-{uuid7(time.time_ns())}"
        self.gate = Gate()
        self.waiting = False
        """Set by the sender before it sleeps; whoever writes next opens the gate."""
        self.spool: SpoolWriter | None = None
        self.memory: deque[MemoryFrame] = deque()
        self.memory_bytes = 0
        self.recorded = 0
        self.kept = 0
        """Frames that end a record, in this process's spools so far; what was given up again is taken off."""
        self.dropped = 0
        self.problem = ""
        self.acked: tuple[int, int] = (0, 0)
        """How far the sender has delivered, so that nothing delivered counts as given up."""
        self._files = files
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._owner = 0
        self._queue: deque[tuple[int, int, Sequence[bytes], Sequence[bytes] | None]] = deque()
        self._retry_at = 0.0
        self._spools = 0
        self._gap: Gap | None = None
        """What was given up and is on no record yet."""
        self._gaps_in_memory: dict[int, Gap] = {}
        self._closed = False

    @property
    def parent(self) -> str:
        """The folder in which this process and its like keep their spools."""
        return f"{self.settings.spool_dir}/{self.settings.namespace}"

    def append(
        self, kind: int, parts: Sequence[bytes], number: int = 0, whole: Sequence[bytes] | None = None
    ) -> tuple[int, bool]:
        """Writes a frame; returns its record number and whether it is on disk.

        `whole` is what goes to memory instead where the disk refuses: a finished call with its request.
        """
        if not number:
            number = next(self._numbers)
        if self._owner == get_ident():
            self._queue.append((kind, number, parts, whole))
            return number, False
        stored: bool | None = None
        with self._lock:
            self._owner = get_ident()
            try:
                if number > self.recorded:
                    self.recorded = number
                stored = self._write(kind, number, parts, whole)
                if self._queue:
                    self._write_queued()
            finally:
                self._owner = 0
                if stored is None:  # a signal handler raised, Ctrl-C's say: whoever writes next writes this too
                    again = (kind, number, parts, None) if whole is None else (CALL, number, whole, None)
                    self._queue.appendleft(again)
        if self.waiting:
            self.waiting = False
            self.gate.open()
        return number, bool(stored)

    def enqueue(self, kind: int, parts: Sequence[bytes], number: int, whole: Sequence[bytes] | None = None) -> None:
        """Takes a frame from a finalizer or a signal handler, never waiting for anybody."""
        self._queue.append((kind, number, parts, whole))
        self.drain(wait=False)

    def drain(self, *, wait: bool = True) -> None:
        """Writes what was queued."""
        while self._queue and self._owner != get_ident():
            if not self._lock.acquire(blocking=wait):
                self.gate.open()  # the sender, which drains too, may be asleep
                return
            self._owner = get_ident()
            try:
                self._write_queued()
            finally:
                self._owner = 0
                self._lock.release()
            self.waiting = False
            self.gate.open()

    def _write_queued(self) -> None:
        while self._queue:
            self._write(*self._queue[0])
            self._queue.popleft()  # only now: an exception in between costs writing it again, under its number

    def _write(self, kind: int, number: int, parts: Sequence[bytes], whole: Sequence[bytes] | None) -> bool:
        """Under the lock. True when the frame is on disk."""
        spool = self.spool
        if spool is None:
            spool = self._open_spool()
        if spool is not None:
            try:
                spool.append(kind, number, parts)
                self.kept += kind not in (OPEN, PROVISIONAL)
                if self._gap is not None:
                    self._flush_gap(spool)
                return True
            except OSError as error:
                self.problem = f"spool: {error.strerror or error}"
                if self.settings.on_full == "drop_oldest" and self._make_room(spool):
                    try:
                        spool.append(kind, number, parts)
                        self.kept += kind not in (OPEN, PROVISIONAL)
                        self._flush_gap(spool)
                        return True
                    except OSError:
                        pass
        self._remember(kind, number, parts if whole is None else whole)
        return False

    def _open_spool(self) -> SpoolWriter | None:
        now = time.monotonic()
        if self._closed or now < self._retry_at:
            return None
        try:
            self._spools += 1
            name = self.producer if self._spools == 1 else f"{self.producer}.{self._spools}"
            self.spool = SpoolWriter(self.parent, name, limit_bytes=self.settings.spool_limit_bytes, files=self._files)
            about = {
                "system": self.settings.system,
                "environment": self.settings.environment,
                "pid": self.pid,
            }
            self.spool.write_about(json.dumps(about).encode())
        except OSError as error:
            self._retry_at = now + RETRY_SPOOL_SECONDS
            self.problem = f"spool: {error.strerror or error}"
        return self.spool

    def _remember(self, kind: int, number: int, parts: Sequence[bytes]) -> None:
        """The counted memory fallback; a call that was opened on disk arrives here whole."""
        if kind in (OPEN, PROVISIONAL):
            return  # is followed by the whole call, whose number it has
        if kind == FINISH:
            kind = CALL
        payload = b"".join(parts)
        if self.memory_bytes + len(payload) > self.settings.memory_limit_bytes:
            self.give_up([number], self.problem or "memory limit")
            return
        self.memory.append(MemoryFrame(kind, number, payload, self.spool.position if self.spool else None))
        self.memory_bytes += len(payload)

    def forget(self, frame: MemoryFrame) -> None:
        """Drops a delivered frame from memory."""
        with self._lock:
            self.memory.remove(frame)
            self.memory_bytes -= len(frame.payload)
            if self._gaps_in_memory.pop(frame.number, None) is not None:
                self._write_block()

    def _make_room(self, spool: SpoolWriter) -> bool:
        from audit_layer._spool_read import SpoolReader

        try:
            oldest = spool.oldest_segment()
            if oldest is None:
                return False
            start = self.acked if self.acked[0] == oldest else (oldest, 0)
            reader = SpoolReader(spool.directory, live=True)
            reader.position = start
            numbers: set[int] = set()
            counted: dict[int, Gap] = {}
            while frames := reader.read((oldest, 1 << 62), frames=10_000, size=1 << 24):
                # A call that is only opened here ends in a later frame, and is sent without its request.
                for frame in frames:
                    gap = gap_of(frame.payload) if frame.kind == RECORD else None
                    if gap is not None:
                        counted[frame.number] = gap
                    elif frame.kind not in (OPEN, PROVISIONAL):
                        numbers.add(frame.number)
                reader.position = frames[-1].end
            spool.drop_segment(oldest)
        except OSError:
            return False
        self.kept -= len(numbers) + len(counted)
        self.give_up(sorted(numbers), "spool full")
        for gap in counted.values():  # what a gap has counted stays counted when its own record has to go
            self._begin_gap().join(gap)
        self._write_block()
        return True

    def spool_vanished(self, settled: int) -> None:
        """For the sender: somebody deleted the spool beneath us, and with it all but `settled` records."""
        with self._lock:
            if self.spool is None:
                return
            self.spool.close()
            self.spool = None
            self._retry_at = 0.0
            lost, self.kept = self.kept - settled, settled
            self.give_up(range(lost), "spool deleted", named=False)

    def give_up(self, numbers: Sequence[int], reason: str, *, named: bool = True) -> None:
        """Counts records that can't be kept. The count itself becomes a record as soon as one fits.

        Their numbers stand in it, unless nobody knows them any more.
        """
        self.dropped += len(numbers)
        if not numbers:
            return
        self._begin_gap().add(numbers, reason, named=named)
        self._write_block()
        if self.settings.on_drop is not None:
            try:
                self.settings.on_drop(len(numbers), reason)
            except Exception:  # the application's own hook must not reach the application's call
                self.problem = "on_drop raised"

    def _begin_gap(self) -> Gap:
        if self._gap is None:
            self.recorded = number = next(self._numbers)
            self._gap = Gap(time.time_ns(), number)
        return self._gap

    def lost(self, numbers: Sequence[int], reason: str) -> None:
        """`give_up` for whoever does not hold the lock."""
        with self._lock:
            self.give_up(numbers, reason)

    def waiting_elsewhere(self) -> int:
        """What is in no spool: frames in memory, frames that wait for the lock, a gap that waits for a place."""
        return len(self.memory) + len(self._queue) + (self._gap is not None)

    def _write_block(self) -> None:
        """Under the lock. Keeps the counts where an adopter finds them, as long as no record of them is delivered."""
        if self.spool is None:
            return
        gaps = [*self._gaps_in_memory.values(), *([self._gap] if self._gap is not None else [])]
        try:
            self.spool.write_gap(packed(gaps) if gaps else b"")
        except OSError:
            pass  # the disk refuses even what needs no room; the counts are in memory still

    def _flush_gap(self, spool: SpoolWriter) -> None:
        gap = self._gap
        if gap is None:
            return
        try:
            spool.append(RECORD, gap.number, (gap.record(self.settings, self.producer),))
        except OSError:
            return
        self.kept += 1
        self._gap = None
        self._write_block()

    def take_gap(self) -> None:
        """For the sender: makes the gap a frame in memory, when there is no disk to write it to."""
        with self._lock:
            gap = self._gap
            if gap is None or self._queue:
                return
            payload = gap.record(self.settings, self.producer)
            self.memory.append(MemoryFrame(RECORD, gap.number, payload, None))
            self.memory_bytes += len(payload)
            self._gaps_in_memory[gap.number] = gap
            self._gap = None

    def close(self) -> None:
        """Closes the spool, which from here on belongs to whoever adopts it."""
        self.drain()
        with self._lock:
            self._closed = True
            if self.spool is not None:
                self.spool.close()
                self.spool = None

    def abandon_in_child(self) -> None:
        """After a fork, in the child: lets go of the parent's files without touching its lock or state."""
        spool, self.spool, self._closed = self.spool, None, True
        if spool is not None:
            spool.close()
