"""What is to be sent: this process's spool and memory first, then the spools of processes that are gone.

`Delivery.step` does one unit of work and says how long to wait before the next, so that a simulation can
drive it with its own clock. Not here: getting a batch accepted (`_courier`) and the thread (`_sender`).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from audit_layer._config import Settings
from audit_layer._courier import Courier, Item
from audit_layer._events import gap_record, torn_record
from audit_layer._gap import MAX_RANGES
from audit_layer._guard import report
from audit_layer._ids import derived_uuid7
from audit_layer._journal import Journal, MemoryFrame
from audit_layer._json import scan
from audit_layer._mapping import map_call
from audit_layer._overflow import forget, lost, spool_vanished, take_gap
from audit_layer._sender import ADOPT_SECONDS
from audit_layer._spool import FINISH, OPEN, PROVISIONAL, RECORD, Files, segment_path
from audit_layer._spool_read import Frame, SpoolReader, adopt
from audit_layer._transport import Transport

__all__ = ["Delivery"]

ENDS_PER_BATCH = 100


class Delivery:
    """Everything about sending but the thread and the socket."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal | None,
        transport: Transport,
        *,
        parent: str = "",
        files: Files | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`journal` is this process's own, or None to deliver only what others left below `parent`."""
        self.settings = settings
        self.journal = journal
        self.idle = False
        """Nothing was left to send when last looked."""
        self.courier = Courier(
            transport,
            f"{settings.spool_dir}/refused.ndjson",
            self._lost,
            clock=clock,
            wall=wall,
            chance=chance,
        )
        self._parent = parent or f"{settings.spool_dir}/{settings.namespace}"
        self._clock = clock
        self._files = files or Files()
        self._own: SpoolReader | None = None
        self._own_settled = 0
        """Records of this process's own spools that are delivered."""
        self._lost_of_others: list[tuple[int, str]] = []
        """Numbers of the adopted spool's records that the API takes in no form, and why."""
        self._unreadable: set[tuple[str, int]] = set()
        self._adopted: SpoolReader | None = None
        self._adopting: Iterator[SpoolReader] | None = None
        self._adopt_at = -1.0

    @property
    def delivered(self) -> int:
        """How many records the API accepted."""
        return self.courier.delivered

    @property
    def refused(self) -> int:
        """How many records the API takes in no form."""
        return self.courier.refused

    @property
    def problem(self) -> str:
        """Why delivery waits; empty when it does not."""
        return self.courier.problem

    def step(self) -> float:
        """Sends at most one batch; returns the seconds to wait before the next step."""
        journal = self.journal
        if journal is not None:
            journal.drain()
            wait = self._own_spool(journal)
            if wait is not None:
                return wait
            wait = self._memory(journal)
            if wait is not None:
                return wait
        wait = self._others()
        if wait is not None:
            return wait
        self.idle = True
        return self.settings.heartbeat_seconds

    def pending(self) -> int:
        """How many of this process's records are not delivered. An opened call is one when it ends."""
        journal = self.journal
        return 0 if journal is None else journal.waiting_elsewhere() + max(0, journal.kept - self._own_settled)

    # Sources

    def _own_spool(self, journal: Journal) -> float | None:
        spool = journal.spool
        if spool is None:
            return None
        until = spool.position
        if self._own is None or self._own.directory != spool.directory:
            self._own = SpoolReader(spool.directory, live=True, files=self._files)
        own = self._own
        if own.position == until:
            return None
        wait = self._spool(own, until)
        journal.acked = own.position
        if wait is None and own.position < until:
            # Nothing readable is left below `until`: given up for want of room, or deleted by somebody.
            if os.path.exists(segment_path(own.directory, until[0])):
                own.position = until
            else:
                spool_vanished(journal, self._own_settled)
        return wait

    def _spool(self, reader: SpoolReader, until: tuple[int, int] | None) -> float | None:
        count, size = self.courier.limits()
        frames = reader.read(until, frames=count, size=size)
        if not frames:
            return None
        self.idle = False
        items: list[Item] = []
        opened = dict(reader.opens)
        for frame in frames:
            item = self._item(reader, frame)
            reader.note(frame)
            if item is not None:
                items.append(item)
        wait = self.courier.send(reader.producer, items)
        if wait is None:
            reader.settle(frames[-1])
            if reader.live:
                self._own_settled += sum(frame.kind not in (OPEN, PROVISIONAL) for frame in frames)
            full = not reader.live or len(frames) >= count or sum(len(f.payload) for f in frames) >= size
            return 0.0 if full else self.settings.linger_seconds
        reader.opens = opened
        return wait

    def _memory(self, journal: Journal) -> float | None:
        take_gap(journal)
        position = self._own.position if self._own is not None else (0, 0)
        frames: list[MemoryFrame] = []
        items: list[Item] = []
        size = 0
        count, limit = self.courier.limits()
        for frame in list(journal.memory)[:count]:
            if (frame.after is not None and frame.after > position) or size >= limit:
                break
            size += len(frame.payload)
            frames.append(frame)
            record = self._make(journal.producer, frame, None, self.settings)
            if record is not None:
                items.append(Item(frame.number, record[0], record[1]))
        if not frames:
            return None
        self.idle = False
        wait = self.courier.send(journal.producer, items)
        if wait is not None:
            return wait
        for frame in frames:
            forget(journal, frame)
            if self._own is not None and self._own.opens.pop(frame.number, None) is not None:
                self._own.save()  # opened on disk and finished in memory: nobody must finish it once more
        return 0.0

    def _others(self) -> float | None:
        if self._adopted is None:
            if self._adopting is None:
                if self._clock() < self._adopt_at:
                    return None
                own = self.journal.spool.directory if self.journal is not None and self.journal.spool else ""
                self._adopting = adopt(self._parent, own, self._files)
            self._lost_of_others.clear()
            self._adopted = next(self._adopting, None)
            if self._adopted is None:
                self._adopting = None
                self._adopt_at = self._clock() + ADOPT_SECONDS
                return None
        reader = self._adopted
        try:
            wait = self._spool(reader, None)
            if wait is None:
                wait = self._last_of(reader)
        except OSError as error:  # a later look may find the disk well again; the other spools come first
            report("adopted spool", error)
            reader.close()
            self._adopted = None
            return 0.0
        if wait is None:
            reader.remove()
            self._adopted = None
            return 0.0
        return wait

    def _last_of(self, reader: SpoolReader) -> float | None:
        """A dead process's calls that never ended, what it gave up, and a torn end."""
        settings = self._about(reader)
        items: list[Item] = []
        for number in sorted(reader.opens):
            frame = reader.request_of(number)
            made = self._make(reader.producer, frame, None, settings) if frame is not None else None
            if frame is not None and made is not None:
                items.append(Item(number, made[0], made[1]))
        items += [Item(gap.number, gap.record(settings, reader.producer), None) for gap in reader.gaps()]
        if reader.torn:
            items.append(Item(0, torn_record(settings, reader.producer, _born(reader.producer)), None))
        self.idle = False
        for at in range(0, len(items), ENDS_PER_BATCH):
            wait = self.courier.send(reader.producer, items[at : at + ENDS_PER_BATCH])
            if wait is not None:
                return wait
        return self._refused_of(reader, settings)

    def _refused_of(self, reader: SpoolReader, settings: Settings) -> float | None:
        """A gap for what the API takes in no form. Of our own the journal makes one."""
        if not self._lost_of_others:
            return None
        numbers = sorted({number for number, _ in self._lost_of_others})
        ns = _born(reader.producer)
        gap = {
            "count": len(numbers),
            "reason": self._lost_of_others[0][1],
            "ranges": [[number, number] for number in numbers[:MAX_RANGES]],
            "ns": ns,
        }
        record = gap_record(settings, gap, derived_uuid7(ns, f"refused/{reader.producer}/{numbers}"))
        return self.courier.send(reader.producer, [Item(0, record, None)])

    # Records

    def _about(self, reader: SpoolReader) -> Settings:
        return self.settings if reader.live else reader.about(self.settings)

    def _item(self, reader: SpoolReader, frame: Frame) -> Item | None:
        if frame.kind in (OPEN, PROVISIONAL):
            return None
        request = reader.request_of(frame.number) if frame.kind == FINISH else None
        made = self._make(reader.producer, frame, request, self._about(reader))
        return None if made is None else Item(frame.number, made[0], made[1])

    def _make(
        self, producer: str, frame: Frame | MemoryFrame, opened: Frame | None, settings: Settings
    ) -> tuple[bytes, Callable[[], bytes] | None] | None:
        """A frame's record, and how to make it in the form that can't be refused."""
        payload = frame.payload
        if frame.kind in (RECORD, PROVISIONAL):
            return payload, None
        try:
            end = 4 + int.from_bytes(payload[:4], "big")
            meta: dict[str, Any] = scan(payload[4:end].decode(), 0)[0]
            request = response = b""
            if frame.kind == FINISH:
                response = payload[end:]
                if opened is not None:
                    request = opened.payload[4 + int.from_bytes(opened.payload[:4], "big") :]
            else:
                request, response = payload[end : end + meta["q"]], payload[end + meta["q"] :]
                if frame.kind == OPEN:
                    response = b""

            def remake() -> bytes:
                return map_call(settings, meta, request, response, safe=True)

            try:
                return map_call(settings, meta, request, response), remake
            except Exception as error:  # a body that nobody foresaw is still recorded, as a string
                report("mapping", error)
                return remake(), None
        except Exception as error:
            if (producer, frame.number) not in self._unreadable:  # it comes again with each try of its batch
                self._unreadable.add((producer, frame.number))
                report("frame", error)
                self.courier.refused += 1
                self._lost(producer, frame.number, "unreadable frame")
            return None

    def _lost(self, producer: str, number: int, reason: str) -> None:
        journal = self.journal
        if journal is not None and journal.producer == producer:
            lost(journal, [number], reason)
        elif number:
            self._lost_of_others.append((number, reason))

    def close(self) -> None:
        """Gives up the connection and an adopted spool's lock."""
        self.courier.transport.close()
        if self._adopted is not None:
            self._adopted.close()
            self._adopted = None
        self._adopting = None


def _born(producer: str) -> int:
    """The moment in a producer id, in nanoseconds."""
    try:
        return int(producer[2:10] + producer[11:15], 16) * 1_000_000
    except ValueError:
        return 0
