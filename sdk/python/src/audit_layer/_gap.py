"""What had to be given up: an exact count, the numbers as far as there is room, and the record that says so.

A gap has a number and an id of its own from its beginning, so that whoever sends it, this process or one that
finds it in the spool's gap block, sends the same record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from audit_layer._config import Settings
from audit_layer._events import gap_record
from audit_layer._ids import derived_uuid7
from audit_layer._spool import GAP_BYTES

__all__ = ["Gap", "gap_of", "gaps_in", "packed"]

MAX_RANGES = 16


@dataclass
class Gap:
    """Records given up one after the other, until the count is on record."""

    ns: int
    number: int
    count: int = 0
    reason: str = ""
    ranges: list[list[int]] = field(default_factory=list[list[int]])

    def add(self, numbers: Sequence[int], reason: str, *, named: bool = True) -> None:
        """Counts further ones; their numbers stand in it unless nobody knows them any more."""
        self.count += len(numbers)
        self.reason = reason
        for number in numbers if named else ():
            if self.ranges and self.ranges[-1][1] == number - 1:
                self.ranges[-1][1] = number
            elif len(self.ranges) < MAX_RANGES:
                self.ranges.append([number, number])

    def join(self, other: Gap) -> None:
        """Takes over what another gap counted."""
        self.count += other.count
        self.reason = self.reason or other.reason
        self.ranges = (other.ranges + self.ranges)[:MAX_RANGES]

    def record(self, settings: Settings, producer: str) -> bytes:
        """The record, without its producer."""
        about = {"count": self.count, "reason": self.reason, "ranges": self.ranges, "ns": self.ns}
        return gap_record(settings, about, derived_uuid7(self.ns, f"gap/{producer}/{self.number}"))


def gap_of(record: bytes) -> Gap | None:
    """What a record counts, if it is a gap's own."""
    if b'"type":"gap"' not in record[:64]:
        return None
    found = json.loads(record)["attributes"]
    return Gap(0, 0, found["audit.gap.count"], found["audit.gap.reason"], found["audit.gap.ranges"])


def packed(gaps: Sequence[Gap]) -> bytes:
    """The gaps in the form of the spool's gap block; where they don't fit, without ranges, counts come first."""
    full = [[gap.ns, gap.number, gap.count, gap.reason, gap.ranges] for gap in gaps]
    for found in (full, [[*gap[:3], str(gap[3])[:40], []] for gap in full]):
        text = json.dumps(found, separators=(",", ":")).encode()
        if len(text) <= GAP_BYTES:
            return text
    return packed(gaps[1:])


def gaps_in(block: bytes) -> list[Gap]:
    """The gaps in a gap block; none where it was never written whole."""
    text = block.rstrip(b"\0")
    try:
        found = cast("list[list[Any]]", json.loads(text)) if text else []
        return [Gap(*gap) for gap in found]
    except (ValueError, TypeError):
        return []
