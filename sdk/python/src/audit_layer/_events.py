"""Records that this library makes of its own accord: gaps and heartbeats.

Not here: records of calls (`_mapping`) and of decisions (`_decisions`).
"""

from __future__ import annotations

import json
import time
from typing import Any

from audit_layer._config import Settings
from audit_layer._ids import derived_uuid7, rfc3339, uuid7

__all__ = ["encode", "envelope", "gap_record", "heartbeat_record", "torn_record"]


def encode(record: dict[str, Any]) -> bytes:
    """A record's JSON, compact, in UTF-8; a lone surrogate becomes `?`, because the ledger refuses it."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def envelope(settings: Settings, type_: str, ns: int, record_id: str = "") -> dict[str, Any]:
    """The members that every record has."""
    record: dict[str, Any] = {
        "id": record_id or uuid7(ns),
        "type": type_,
        "occurred_at": rfc3339(ns),
        "system": settings.system,
    }
    if settings.environment:
        record["environment"] = settings.environment
    return record


def gap_record(settings: Settings, gap: dict[str, Any], record_id: str = "") -> bytes:
    """Says how many records were given up, which numbers they had, since when and why."""
    record = envelope(settings, "gap", gap.get("ns") or time.time_ns(), record_id)
    record["attributes"] = {
        "audit.gap.count": gap["count"],
        "audit.gap.reason": gap["reason"],
        "audit.gap.ranges": gap["ranges"],
    }
    return encode(record)


def torn_record(settings: Settings, spool: str, ns: int) -> bytes:
    """Says that a spool ended in a torn frame. Whoever adopts the spool again arrives at the same id."""
    gap: dict[str, Any] = {"count": 1, "reason": "torn frame", "ranges": [], "ns": ns}
    return gap_record(settings, gap, derived_uuid7(ns, f"torn/{spool}"))


def heartbeat_record(settings: Settings, state: str, counts: dict[str, int]) -> bytes:
    """Says that this producer lives, or stops of its own accord, and how much it has recorded."""
    record = envelope(settings, "heartbeat", time.time_ns())
    record["attributes"] = {
        "audit.producer.state": state,
        **{f"audit.producer.{k}": v for k, v in counts.items()},
    }
    return encode(record)
