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
from typing import TYPE_CHECKING, NamedTuple

from audit_layer._config import Settings
from audit_layer._ids import uuid7
from audit_layer._spool import CALL, OPEN, PROVISIONAL, Files, SpoolWriter

if TYPE_CHECKING:
    from audit_layer._gap import Gap

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
        self.lock = threading.Lock()
        self.lock.acquire()

    def open(self) -> None:
        """Lets the waiting thread through, or the next that waits."""
        try:
            self.lock.release()
        except RuntimeError:
            pass  # open already

    def wait(self, seconds: float) -> bool:
        """Waits until the gate opens, then closes it behind the caller."""
        return self.lock.acquire(timeout=max(seconds, 0.0))


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
        self.numbers = count(1)
        self.lock = threading.RLock()
        self._owner = 0
        self.queue: deque[tuple[int, int, Sequence[bytes], Sequence[bytes] | None]] = deque()
        self.retry_at = 0.0
        self._spools = 0
        self.gap: Gap | None = None
        """What was given up and is on no record yet."""
        self.gaps_in_memory: dict[int, Gap] = {}
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
            number = next(self.numbers)
        if self._owner == get_ident():
            self.queue.append((kind, number, parts, whole))
            return number, False
        stored: bool | None = None
        with self.lock:
            self._owner = get_ident()
            try:
                if number > self.recorded:
                    self.recorded = number
                stored = self._write(kind, number, parts, whole)
                if self.queue:
                    self._write_queued()
            finally:
                self._owner = 0
                if stored is None:  # a signal handler raised, Ctrl-C's say: whoever writes next writes this too
                    again = (kind, number, parts, None) if whole is None else (CALL, number, whole, None)
                    self.queue.appendleft(again)
        if self.waiting:
            self.waiting = False
            self.gate.open()
        return number, bool(stored)

    def enqueue(self, kind: int, parts: Sequence[bytes], number: int, whole: Sequence[bytes] | None = None) -> None:
        """Takes a frame from a finalizer or a signal handler, never waiting for anybody."""
        self.queue.append((kind, number, parts, whole))
        self.drain(wait=False)

    def drain(self, *, wait: bool = True) -> None:
        """Writes what was queued."""
        while self.queue and self._owner != get_ident():
            if not self.lock.acquire(blocking=wait):
                self.gate.open()  # the sender, which drains too, may be asleep
                return
            self._owner = get_ident()
            try:
                self._write_queued()
            finally:
                self._owner = 0
                self.lock.release()
            self.waiting = False
            self.gate.open()

    def _write_queued(self) -> None:
        while self.queue:
            self._write(*self.queue[0])
            self.queue.popleft()  # only now: an exception in between costs writing it again, under its number

    def _write(self, kind: int, number: int, parts: Sequence[bytes], whole: Sequence[bytes] | None) -> bool:
        """Under the lock. True when the frame is on disk."""
        spool = self.spool
        if spool is None:
            spool = self._open_spool()
        if spool is not None:
            try:
                spool.append(kind, number, parts)
                self.kept += kind not in (OPEN, PROVISIONAL)
                if self.gap is not None:
                    from audit_layer._overflow import flush_gap

                    flush_gap(self, spool)
                return True
            except OSError as error:
                self.problem = f"spool: {error.strerror or error}"
        from audit_layer._overflow import refused

        return refused(self, kind, number, parts, whole)

    def _open_spool(self) -> SpoolWriter | None:
        now = time.monotonic()
        if self._closed or now < self.retry_at:
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
            self.retry_at = now + RETRY_SPOOL_SECONDS
            self.problem = f"spool: {error.strerror or error}"
        return self.spool

    def waiting_elsewhere(self) -> int:
        """What is in no spool: frames in memory, frames that wait for the lock, a gap that waits for a place."""
        return len(self.memory) + len(self.queue) + (self.gap is not None)

    def close(self) -> None:
        """Closes the spool, which from here on belongs to whoever adopts it."""
        self.drain()
        with self.lock:
            self._closed = True
            if self.spool is not None:
                self.spool.close()
                self.spool = None

    def abandon_in_child(self) -> None:
        """After a fork, in the child: lets go of the parent's files without touching its lock or state."""
        spool, self.spool, self._closed = self.spool, None, True
        if spool is not None:
            spool.close()
