"""The sender: frames to records, batches, retries; this process's spool first, then dead processes'.

`Delivery.step` does one unit of work and says how long to wait before the next, so that a simulation can
drive it with its own clock; `Sender` is the thread that does so in earnest. A batch is settled only when
each of its records is accepted, or refused in a form that can't be refused again. All else is sent again
under the same ids.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from audit_layer._config import Settings
from audit_layer._events import gap_record, torn_record
from audit_layer._guard import log, report
from audit_layer._ids import derived_uuid7
from audit_layer._journal import Journal, MemoryFrame
from audit_layer._mapping import map_call, with_producer
from audit_layer._spool import FINISH, OPEN, PROVISIONAL, RECORD
from audit_layer._spool_read import Frame, SpoolReader, adopt
from audit_layer._transport import Answer, Transport, Unreachable

__all__ = ["Delivery", "Outcome", "Sender", "retry_after_seconds"]

BATCH_RECORDS = 100
BATCH_BYTES = 3_500_000
"""A request may have 4 MiB as sent; frames grow a little on their way to records."""
PACKED_BATCH_BYTES = 12_000_000
"""16 MiB unpacked is the API's limit for a compressed one."""
BODY_LIMIT_BYTES = 4 * 1024 * 1024
BACKOFF_FIRST_SECONDS = 0.25
BACKOFF_CAP_SECONDS = 30.0
RETRY_AFTER_CAP_SECONDS = 300.0
IDENTITY_SECONDS = 600.0
"""How long a 415 is remembered."""
ADOPT_SECONDS = 30.0
COMPRESS_MIN_BYTES = 512
REFUSED_LIMIT_BYTES = 64 * 1024 * 1024


class Outcome(NamedTuple):
    """What became of a batch, record by record."""

    again: list[int]
    """Indexes to send again later."""
    refused: list[int]
    """Indexes that the API refused for what they say."""


class _Item(NamedTuple):
    frame: Frame | MemoryFrame
    number: int
    record: bytes
    remake: Callable[[], bytes] | None
    """Makes the record in the form that can't be refused."""


class Delivery:
    """Everything about sending but the thread and the socket."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal | None,
        transport: Transport,
        *,
        parent: str = "",
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`journal` is this process's own, or None to deliver only what others left below `parent`."""
        self.settings = settings
        self.journal = journal
        self.transport = transport
        self.delivered = 0
        self.refused = 0
        self.failures = 0
        self.problem = ""
        self.idle = False
        """Nothing was left to send when last looked."""
        self._parent = parent or f"{settings.spool_dir}/{settings.namespace}"
        self._clock = clock
        self._chance = chance
        self._settled: set[tuple[str, int]] = set()
        """Producer and number of what is accepted of the batch under way, so that a retry sends the rest only."""
        self._attempt = 0
        self._identity_until = -1.0
        self._own: SpoolReader | None = None
        self._adopted: SpoolReader | None = None
        self._adopting: Iterator[SpoolReader] | None = None
        self._adopt_at = -1.0
        self._share = 1.0
        """The part of a full batch that is tried after the API called one too large."""

    # Sources

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

    def _own_spool(self, journal: Journal) -> float | None:
        spool = journal.spool
        if spool is None:
            return None
        until = spool.position
        if self._own is None or self._own.directory != spool.directory:
            self._own = SpoolReader(spool.directory, live=True)
        if self._own.position == until:
            return None
        wait = self._spool(self._own, until)
        journal.acked = self._own.position
        return wait

    def _limits(self) -> tuple[int, int]:
        size = BATCH_BYTES if self._identity() else PACKED_BATCH_BYTES
        return max(1, int(BATCH_RECORDS * self._share)), max(1, int(size * self._share))

    def _spool(self, reader: SpoolReader, until: tuple[int, int] | None) -> float | None:
        count, size = self._limits()
        frames = reader.read(until, frames=count, size=size)
        if not frames:
            return None
        self.idle = False
        items: list[_Item] = []
        opened = dict(reader.opens)
        for frame in frames:
            item = self._item(reader, frame)
            reader.note(frame)
            if item is not None:
                items.append(item)
        wait = self._send(reader.producer, items, self._about(reader))
        if wait is None:
            self._settled.clear()
            reader.settle(frames[-1])
            full = not reader.live or len(frames) >= count or sum(len(f.payload) for f in frames) >= size
            return 0.0 if full else self.settings.linger_seconds
        reader.opens = opened
        return wait

    def pending(self) -> bool:
        """Whether this process has frames that are not delivered."""
        journal = self.journal
        if journal is None:
            return False
        if journal.memory or journal.queued():
            return True
        spool = journal.spool
        return spool is not None and (self._own is None or self._own.position != spool.position)

    def _memory(self, journal: Journal) -> float | None:
        journal.take_gap()
        position = self._own.position if self._own is not None else (0, 0)
        items: list[_Item] = []
        size = 0
        count, limit = self._limits()
        for frame in list(journal.memory)[:count]:
            if (frame.after is not None and frame.after > position) or size >= limit:
                break
            size += len(frame.payload)
            record = self._make(frame, None, self.settings)
            if record is not None:
                items.append(_Item(frame, frame.number, record[0], record[1]))
        if not items:
            return None
        self.idle = False
        wait = self._send(journal.producer, items, self.settings)
        if wait is None:
            self._settled.clear()
            for item in items:
                journal.forget(cast(MemoryFrame, item.frame))
            return 0.0
        return wait

    def _others(self) -> float | None:
        if self._adopted is None:
            if self._adopting is None:
                if self._clock() < self._adopt_at:
                    return None
                own = self.journal.spool.directory if self.journal is not None and self.journal.spool else ""
                self._adopting = adopt(self._parent, own)
            self._adopted = next(self._adopting, None)
            if self._adopted is None:
                self._adopting = None
                self._adopt_at = self._clock() + ADOPT_SECONDS
                return None
        reader = self._adopted
        wait = self._spool(reader, None)
        if wait is None:
            wait = self._last_of(reader)
        if wait is None:
            reader.remove()
            self._adopted = None
            return 0.0
        return wait

    def _last_of(self, reader: SpoolReader) -> float | None:
        """A dead process's calls that never ended, what it gave up, and a torn end."""
        settings = self._about(reader)
        items: list[_Item] = []
        for number in sorted(reader.opens):
            frame = reader.request_of(number)
            made = self._make(frame, None, settings) if frame is not None else None
            if frame is not None and made is not None:
                items.append(_Item(frame, number, made[0], made[1]))
        gap = reader.gap()
        if gap is not None:
            record = gap_record(settings, gap, derived_uuid7(gap["ns"], f"gap/{reader.producer}/{gap['ns']}"))
            items.append(_Item(MemoryFrame(RECORD, 0, record, None), 0, record, None))
        if reader.torn:
            record = torn_record(settings, reader.producer, _born(reader.producer))
            items.append(_Item(MemoryFrame(RECORD, 0, record, None), 0, record, None))
        self.idle = False
        for at in range(0, len(items), BATCH_RECORDS):
            wait = self._send(reader.producer, items[at : at + BATCH_RECORDS], settings)
            if wait is not None:
                return wait
        self._settled.clear()
        return None

    def _about(self, reader: SpoolReader) -> Settings:
        return self.settings if reader.live else reader.about(self.settings)

    def _item(self, reader: SpoolReader, frame: Frame) -> _Item | None:
        if frame.kind in (OPEN, PROVISIONAL):
            return None
        request = reader.request_of(frame.number) if frame.kind == FINISH else None
        made = self._make(frame, request, self._about(reader))
        return None if made is None else _Item(frame, frame.number, made[0], made[1])

    def _make(
        self, frame: Frame | MemoryFrame, opened: Frame | None, settings: Settings
    ) -> tuple[bytes, Callable[[], bytes] | None] | None:
        """A frame's record, and how to make it in the form that can't be refused."""
        payload = frame.payload
        if frame.kind in (RECORD, PROVISIONAL):
            return payload, None
        try:
            end = 4 + int.from_bytes(payload[:4], "big")
            meta: dict[str, Any] = json.loads(payload[4:end])
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
            report("frame", error)
            self.refused += 1
            return None

    # Sending

    def _identity(self) -> bool:
        return self._clock() < self._identity_until

    def _send(self, producer: str, items: list[_Item], settings: Settings) -> float | None:
        """Sends until every item is settled: None. Else the seconds to wait before trying the rest again."""
        left = [item for item in items if (producer, item.number) not in self._settled]
        if not left:
            return None
        records = [self._wire(producer, item, item.record) for item in left]
        body = b"\n".join(records) + b"\n"
        packed, encoding = self._pack(body)
        if len(packed) > BODY_LIMIT_BYTES and len(left) > 1:
            return self._halves(producer, left, settings)
        try:
            answer = self.transport.post(packed, encoding)
            if answer.status == 415 and encoding:
                self._identity_until = self._clock() + IDENTITY_SECONDS
                if len(body) > BODY_LIMIT_BYTES and len(left) > 1:
                    return self._halves(producer, left, settings)
                answer = self.transport.post(body, "")
        except Unreachable as error:
            return self._failed(str(error), "")
        if answer.status == 413 or (answer.status == 400 and len(left) > 1 and not _named(answer)):
            if len(left) > 1:
                if answer.status == 413:
                    self._share = max(self._share / 2, 0.01)
                return self._halves(producer, left, settings)
            self._refuse(producer, left[0], str(answer.status))
            return None
        outcome = self._read(answer, len(left))
        if outcome is None:
            return self._failed(f"HTTP {answer.status}", answer.retry_after)
        return self._take(producer, left, outcome, answer, settings)

    def _take(
        self, producer: str, left: list[_Item], outcome: Outcome, answer: Answer, settings: Settings
    ) -> float | None:
        """Acts on what the API said of each record."""
        refused = [left[index] for index in outcome.refused]
        elsewhere = {*outcome.again, *outcome.refused}
        for index, item in enumerate(left):
            if index not in elsewhere:
                self._settle(producer, item)
                self.delivered += 1
        for item in refused:
            if item.remake is None:
                self._refuse(producer, item, "refused")
        again = [item._replace(record=item.remake(), remake=None) for item in refused if item.remake is not None]
        if outcome.again:
            # What was refused comes back with the rest, and in its other form then.
            return self._failed("unavailable", answer.retry_after)
        self._attempt = 0
        self.problem = ""
        self._share = min(1.0, self._share * 1.1)
        return self._send(producer, again, settings) if again else None

    def _halves(self, producer: str, items: list[_Item], settings: Settings) -> float | None:
        half = len(items) // 2
        wait = self._send(producer, items[:half], settings)
        return wait if wait is not None else self._send(producer, items[half:], settings)

    def _wire(self, producer: str, item: _Item, record: bytes) -> bytes:
        return with_producer(record, producer, item.number) if item.number else record

    def _settle(self, producer: str, item: _Item) -> None:
        if item.number:
            self._settled.add((producer, item.number))

    def _pack(self, body: bytes) -> tuple[bytes, str]:
        if self._identity() or len(body) < COMPRESS_MIN_BYTES:
            return body, ""
        return compress(body)

    def _read(self, answer: Answer, count: int) -> Outcome | None:
        """What the API says of each record; None where it says nothing that can be relied on."""
        try:
            body = json.loads(answer.body)
            if answer.status == 202:
                again: list[int] = []
                refused: list[int] = []
                seen: set[int] = set()
                for result in body["results"]:
                    index = result["index"]
                    seen.add(index)
                    if result["status"] == "unavailable":
                        again.append(index)
                    elif result["status"] == "rejected":
                        refused.append(index)
                    elif result["status"] != "accepted":
                        return None
                return Outcome(again, refused) if seen == set(range(count)) else None
            if answer.status == 400 and body["error"]["code"] == "invalid_request":
                return Outcome([], list(range(count)))  # only when none was good is the whole request refused
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        return None

    def _refuse(self, producer: str, item: _Item, reason: str) -> None:
        """A record that the API refuses in every form is kept beside the spools, counted, and said aloud."""
        self.refused += 1
        self._settle(producer, item)
        log.error("audit_layer: the API refuses a record in every form (%s)", reason)
        try:
            path = f"{self.settings.spool_dir}/refused.ndjson"
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
            try:
                if os.fstat(fd).st_size < REFUSED_LIMIT_BYTES:
                    os.write(fd, self._wire(producer, item, item.record) + b"\n")
            finally:
                os.close(fd)
        except OSError as error:
            report("refused", error)
        journal = self.journal
        if journal is not None and journal.producer == producer:
            journal.lost([item.number], f"refused: {reason}")

    def _failed(self, problem: str, retry_after: str) -> float:
        """Full jitter below a capped exponential; `Retry-After` is a floor."""
        self.failures += 1
        if self.problem != problem:
            log.info("audit_layer: delivery waits: %s", problem)
        self.problem = problem
        ceiling = min(BACKOFF_CAP_SECONDS, BACKOFF_FIRST_SECONDS * float(1 << min(self._attempt, 10)))
        self._attempt += 1
        floor = retry_after_seconds(retry_after)
        return floor + max(0.01, self._chance() * ceiling)

    def close(self) -> None:
        """Gives up the connection and an adopted spool's lock."""
        self.transport.close()
        if self._adopted is not None:
            self._adopted.close()
            self._adopted = None
        self._adopting = None


def _named(answer: Answer) -> bool:
    """Whether a 400 says which records it means, or is not the API's at all."""
    try:
        body = json.loads(answer.body)
        return any(isinstance(detail.get("index"), int) for detail in body["error"]["details"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def compress(body: bytes) -> tuple[bytes, str]:
    """The body in the best encoding that is to be had, and its name."""
    if _zstd is not None:
        return _zstd(body), "zstd"
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush(), "gzip"


def _find_zstd() -> Callable[[bytes], bytes] | None:
    try:
        import zstandard
    except ImportError:
        return None
    return zstandard.ZstdCompressor(level=3).compress


_zstd = _find_zstd()


def retry_after_seconds(value: str) -> float:
    """`Retry-After` in seconds, either form of RFC 9110 section 10.2.3, capped; 0 where there is none."""
    if not value:
        return 0.0
    if value.isdigit():
        return min(float(value), RETRY_AFTER_CAP_SECONDS)
    from email.utils import parsedate_to_datetime

    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - time.time()), RETRY_AFTER_CAP_SECONDS)
    except (ValueError, TypeError, IndexError):
        return 0.0


def _born(producer: str) -> int:
    """The moment in a producer id, in nanoseconds."""
    try:
        return int(producer[2:10] + producer[11:15], 16) * 1_000_000
    except ValueError:
        return 0


class Sender(threading.Thread):
    """The thread that delivers. A daemon: a normal exit waits for it only as long as the settings say."""

    def __init__(self, delivery: Delivery, journal: Journal, heartbeat: Callable[[], None]) -> None:
        """Does not start yet."""
        super().__init__(name="audit-layer-sender", daemon=True)
        self.delivery = delivery
        self._journal = journal
        self._heartbeat = heartbeat
        self._stopping = False
        self._urgent = False

    def run(self) -> None:
        """Sends until stopped; gathers for `linger_seconds` before a batch that would not be full."""
        journal = self._journal
        beat_at = time.monotonic() + self.delivery.settings.heartbeat_seconds
        while not self._stopping:
            try:
                wait = self.delivery.step()
                if self.delivery.idle and time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self.delivery.settings.heartbeat_seconds
                    self._heartbeat()
                    continue
            except Exception as error:
                report("sender", error)
                wait = BACKOFF_CAP_SECONDS
            if wait <= 0:
                continue
            if not self.delivery.idle:  # a failure: new records must not cut its pause short
                journal.gate.wait(wait) if self._urgent else self._pause(wait)
                continue
            journal.waiting = True
            if not self.delivery.pending() and journal.gate.wait(min(wait, ADOPT_SECONDS)) and not self._urgent:
                self._pause(self.delivery.settings.linger_seconds)
            journal.waiting = False
        self.delivery.close()

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self._stopping or self._urgent) and (left := deadline - time.monotonic()) > 0:
            self._journal.gate.wait(left)

    def hurry(self) -> None:
        """Ends the pause under way: somebody waits for a flush."""
        self._urgent = True
        self._journal.gate.open()

    def relax(self) -> None:
        """Back to gathering."""
        self._urgent = False

    def stop(self) -> None:
        """Asks the thread to end after the request under way."""
        self._stopping = True
        self._journal.gate.open()
