"""Streams of Bedrock: `application/vnd.amazon.eventstream` to server-sent events, on the sender's thread.

A message is: u32 its length, u32 its headers' length, u32 CRC of these; headers; payload; u32 CRC of all before
(AWS, "Event stream encoding"). The payload is JSON whose `bytes` hold the provider's own event in base64. The
checksums are not looked at: the caller's client did, and what it refused is on record all the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from typing import Any, cast

__all__ = ["MEDIA_TYPE", "as_events"]

MEDIA_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE = struct.Struct(">II")
_AROUND = 16
"""The prelude with its CRC, and the last CRC."""


def as_events(body: bytes) -> str:
    """The events of a body as server-sent events; those that broke off are left out."""
    found: list[str] = []
    at = 0
    while at + _AROUND <= len(body):
        total, headers = _PRELUDE.unpack_from(body, at)
        if total < _AROUND + headers or at + total > len(body):
            break
        data = _data(body[at + 12 + headers : at + total - 4])
        if data:
            found.append(f"data: {data}\n\n")
        at += total
    return "".join(found)


def _data(payload: bytes) -> str:
    try:
        loaded: Any = json.loads(payload)
        outer = cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
        if isinstance(outer.get("bytes"), str):
            return base64.b64decode(outer["bytes"]).decode("utf-8", "replace").replace("\n", " ")
        return json.dumps({"type": "error", "error": outer}, ensure_ascii=False) if outer else ""
    except (ValueError, binascii.Error):
        return ""
