"""Ties what comes later to the call that asked for it: background answers, batches, their files, webhooks.

A provider names such work by an id of its own. This process remembers, for each, the record of the call that
began it; what is found is written into the frame, so that whoever maps the frame later arrives at the same
record. Another process knows the provider's id only: `audit.call.refers_to` carries it in each record of the
work, and where nothing else sets a trace it is the trace, so that all of them are found together.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from typing import Any, NamedTuple, cast

__all__ = ["clear", "linked", "of_webhook"]

REMEMBERED = 10_000
"""Some 3 MB at most; work that lies further back is linked by the provider's id alone."""
PROVIDER_ID_MAX_CHARS = 128

_ID = re.compile(r"(?:resp|batch|msgbatch|file|video|vid)[_-][A-Za-z0-9_-]+\Z")
_STREAMED_ID = re.compile(rb'"id"\s*:\s*"(resp_[A-Za-z0-9_-]+)"')
_FILES = ("output_file_id", "error_file_id")


class Origin(NamedTuple):
    """The call that began a piece of work."""

    record_id: str
    trace_id: str
    decision_id: str


_origins: OrderedDict[str, Origin] = OrderedDict()
_lock = threading.Lock()


def clear() -> None:
    """Forgets everything."""
    with _lock:
        _origins.clear()


def _remember(provider_id: object, origin: Origin) -> None:
    if isinstance(provider_id, str) and 0 < len(provider_id) <= PROVIDER_ID_MAX_CHARS:
        with _lock:
            _origins[provider_id] = origin
            while len(_origins) > REMEMBERED:
                _origins.popitem(last=False)


def linked(
    record_id: str, context: dict[str, Any] | None, method: str, path: str, request: bytes, response: bytes
) -> dict[str, Any]:
    """What a frame says about the work that its call belongs to: `ref`, `of`, `otid`, `odid`, where there are any."""
    path = path.partition("?")[0]
    named = next((part for part in reversed(path.split("/")) if _ID.match(part)), "")
    body = _object(response)
    if method == "POST" and not named:
        named = _text(body.get("id")) or _streamed_id(response)
        found = _origins.get(_text(_object(request).get("input_file_id")))
        trace = _text((context or {}).get("trace_id"))
        decision = _text((context or {}).get("decision_id"))
        own = Origin(record_id, trace or (found.trace_id if found else "") or named, decision)
        _remember(named, own)
        return _facts(named, found or Origin("", own.trace_id, ""))
    origin = _origins.get(named) or Origin("", named, "")
    for name in _FILES:
        if origin.record_id:
            _remember(body.get(name), origin)
    return _facts(named, origin)


def of_webhook(event: dict[str, Any]) -> dict[str, Any]:
    """The same for an event that a provider delivered."""
    data = event.get("data")
    named = _text(cast("dict[str, Any]", data).get("id")) if isinstance(data, dict) else ""
    return _facts(named, _origins.get(named) or Origin("", named, ""))


def _facts(named: str, origin: Origin) -> dict[str, Any]:
    pairs = {"ref": named, "of": origin.record_id, "otid": origin.trace_id, "odid": origin.decision_id}
    return {key: value for key, value in pairs.items() if value}


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= PROVIDER_ID_MAX_CHARS else ""


def _object(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object; of another, or of a file's content, nothing."""
    if body[:1] != b"{" or b"\n{" in body[:65536]:
        return {}
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _streamed_id(body: bytes) -> str:
    found = _STREAMED_ID.search(body, 0, 8192)
    return found.group(1).decode() if found else ""
