"""What the caller's thread does of a record itself: bodies too large to keep, and modes that hide content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from audit_layer import _recorder
from audit_layer._config import Settings
from audit_layer._guard import report
from audit_layer._mapping import map_call

__all__ = ["record_now", "without_bulk"]


def without_bulk(
    call: _recorder.Call, facts: dict[str, Any] | None, request: bytes, response: bytes
) -> tuple[dict[str, Any], bytes, bytes]:
    """The bodies that may be kept, and digest and size of those that are too large."""
    found = dict(facts or {})
    if len(request) > _recorder.HARD_LIMIT_BYTES:
        found["qcut"], request = _bulk(request), b""
    if call.cut is not None:
        found["cut"], response = {"sha256": call.cut.hexdigest(), "bytes": call.size}, b""
    elif len(response) > _recorder.HARD_LIMIT_BYTES:
        found["cut"], response = _bulk(response), b""
    return found, request, response


def _bulk(body: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}


def record_now(settings: Settings, meta: bytes, request: bytes, response: bytes) -> bytes:
    """A call's record, made before anything of it reaches the spool."""
    facts = json.loads(meta[4:])
    try:
        return map_call(settings, facts, request, response)
    except Exception as error:  # bodies that nobody foresaw, in a mode that hides content: what is certain stays
        report("mapping", error)
        return map_call(settings.changed(capture="metadata", redact=None), facts, b"", b"")
