"""Gets a batch of records accepted: posts, halves, changes form, and says how long to wait where it can't.

A batch is settled only when each of its records is accepted, or refused in a form that can't be refused
again. All else is sent again under the same ids, so that nothing is lost and nothing counts twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from audit_layer._answers import Backoff, Outcome, names_records, read_outcome
from audit_layer._encoding import Encoder
from audit_layer._guard import log, report
from audit_layer._mapping import with_producer
from audit_layer._transport import Answer, Transport, Unreachable

__all__ = ["Courier", "Item"]

BATCH_RECORDS = 100
BATCH_BYTES = 3_500_000
"""A request may have 4 MiB as sent; frames grow a little on their way to records."""
PACKED_BATCH_BYTES = 12_000_000
"""16 MiB unpacked is the API's limit for a compressed one."""
BODY_LIMIT_BYTES = 4 * 1024 * 1024
LEAST_SHARE = 0.01
REFUSED_LIMIT_BYTES = 64 * 1024 * 1024


class Item(NamedTuple):
    """A record to be sent."""

    number: int
    """The record's number; 0 for one that stands for a whole spool and has no producer."""
    record: bytes
    remake: Callable[[], bytes] | None
    """Makes the record in the form that can't be refused."""


class Courier:
    """Everything about a batch but where it comes from."""

    def __init__(
        self,
        transport: Transport,
        refused_path: str,
        lost: Callable[[str, int, str], None],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        """`lost` is told producer, number and reason of a record that the API takes in no form."""
        self.transport = transport
        self.delivered = 0
        self.refused = 0
        self.failures = 0
        self.problem = ""
        self.encoder = Encoder(clock)
        self._refused_path = refused_path
        self._lost = lost
        self._backoff = Backoff(chance, wall)
        self._settled: set[tuple[str, int]] = set()
        """Producer and number of what is accepted of the batch under way, so that a retry sends the rest only."""
        self._share = 1.0
        """The part of a full batch that is tried after the API called one too large."""

    def limits(self) -> tuple[int, int]:
        """How many records and bytes to put in the next batch."""
        size = PACKED_BATCH_BYTES if self.encoder.name else BATCH_BYTES
        return max(1, int(BATCH_RECORDS * self._share)), max(1, int(size * self._share))

    def send(self, producer: str, items: list[Item]) -> float | None:
        """Sends until every item is settled: None. Else the seconds to wait before trying the rest again."""
        wait = self._send(producer, items)
        if wait is None:
            self._settled.clear()
        return wait

    def _send(self, producer: str, items: list[Item]) -> float | None:
        left = [item for item in items if (producer, item.number) not in self._settled] if self._settled else items
        if not left:
            return None
        body = b"\n".join([_wire(producer, item) for item in left]) + b"\n"
        packed, encoding = self.encoder.encode(body)
        if len(packed) > BODY_LIMIT_BYTES and len(left) > 1:
            return self._halves(producer, left)
        try:
            answer = self.transport.post(packed, encoding)
            if answer.status == 415 and encoding:
                self.encoder.refused()
                if len(body) > BODY_LIMIT_BYTES and len(left) > 1:
                    return self._halves(producer, left)
                answer = self.transport.post(body, "")
        except Unreachable as error:
            return self._failed(str(error), "")
        return self._answered(producer, left, answer)

    def _answered(self, producer: str, left: list[Item], answer: Answer) -> float | None:
        if answer.status == 413 and len(left) > 1:
            self._share = max(self._share / 2, LEAST_SHARE)
            return self._halves(producer, left)
        if answer.status == 413:
            return self._take(producer, left, Outcome([], [0]), answer)
        if answer.status == 400 and len(left) > 1 and not names_records(answer):
            return self._halves(producer, left)
        outcome = read_outcome(answer, len(left))
        if outcome is None:
            return self._failed(f"HTTP {answer.status}", answer.retry_after)
        return self._take(producer, left, outcome, answer)

    def _take(self, producer: str, left: list[Item], outcome: Outcome, answer: Answer) -> float | None:
        """Acts on what the API said of each record."""
        elsewhere = {*outcome.again, *outcome.refused}
        accepted = [item for index, item in enumerate(left) if index not in elsewhere] if elsewhere else left
        self._settled.update([(producer, item.number) for item in accepted if item.number])
        self.delivered += len(accepted)
        again: list[Item] = []
        for item in [left[index] for index in outcome.refused]:
            if item.remake is None:
                self._refuse(producer, item)
            else:
                again.append(item._replace(record=item.remake(), remake=None))
        if outcome.again:
            # What was refused comes back with the rest, and in its other form then.
            return self._failed("unavailable", answer.retry_after)
        self._backoff.succeeded()
        self.problem = ""
        self._share = min(1.0, self._share * 1.1)
        return self._send(producer, again) if again else None

    def _halves(self, producer: str, items: list[Item]) -> float | None:
        half = len(items) // 2
        wait = self._send(producer, items[:half])
        return wait if wait is not None else self._send(producer, items[half:])

    def _settle(self, producer: str, item: Item) -> None:
        if item.number:
            self._settled.add((producer, item.number))

    def _refuse(self, producer: str, item: Item) -> None:
        """A record that the API refuses in every form is kept beside the spools, counted, and said aloud."""
        self.refused += 1
        self._settle(producer, item)
        log.error("audit_layer: the API refuses a record in every form; it is kept in %s", self._refused_path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        try:
            fd = os.open(self._refused_path, flags, 0o600)
            try:
                if os.fstat(fd).st_size < REFUSED_LIMIT_BYTES:
                    os.write(fd, _wire(producer, item) + b"\n")
            finally:
                os.close(fd)
        except OSError as error:
            report("refused", error)
        self._lost(producer, item.number, "refused")

    def _failed(self, problem: str, retry_after: str) -> float:
        self.failures += 1
        if self.problem != problem:
            log.info("audit_layer: delivery waits: %s", problem)
        self.problem = problem
        return self._backoff.failed(retry_after)


def _wire(producer: str, item: Item) -> bytes:
    return with_producer(item.record, producer, item.number) if item.number else item.record
