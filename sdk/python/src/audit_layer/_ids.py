"""Identifiers and times in the forms that the wire asks for.

UUIDv7 after RFC 9562 section 5.7; times after RFC 3339 with milliseconds and an upper-case T and Z.
"""

from __future__ import annotations

import hashlib
import os
import time

__all__ = ["derived_uuid7", "rfc3339", "uuid7"]


def _uuid(ms: int, random: bytes) -> str:
    text = random.hex()
    return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{text[1:4]}-{'89ab'[random[2] >> 4 & 3]}{text[5:8]}-{text[8:]}"


def uuid7(ns: int) -> str:
    """Mints a UUIDv7 for the moment `ns` (nanoseconds since the epoch)."""
    return _uuid(ns // 1_000_000, os.urandom(10))


def derived_uuid7(ns: int, source: str) -> str:
    """Derives a UUIDv7 from `source`, so that whoever repeats the work arrives at the same id."""
    return _uuid(ns // 1_000_000, hashlib.sha256(source.encode()).digest()[:10])


_last_second: tuple[int, str] = (-1, "")
"""One second and its text: calls come many to a second."""


def rfc3339(ns: int) -> str:
    """Formats `ns` as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    global _last_second
    seconds, rest = divmod(ns, 1_000_000_000)
    known, text = _last_second
    if seconds != known:
        t = time.gmtime(seconds)
        text = f"{t.tm_year:04d}-{t.tm_mon:02d}-{t.tm_mday:02d}T{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}"
        _last_second = (seconds, text)
    return f"{text}.{rest // 1_000_000:03d}Z"
