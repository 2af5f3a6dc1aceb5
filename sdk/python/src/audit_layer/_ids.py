"""Identifiers and times in the forms that the wire asks for.

UUIDv7 after RFC 9562 section 5.7; times after RFC 3339 with milliseconds and an upper-case T and Z.
"""

from __future__ import annotations

import hashlib
import os
import re
import time

__all__ = ["derived_uuid7", "is_rfc3339", "rfc3339", "uuid7"]

_CLEAR = ~((0xF << 76) | (0x3 << 62))
_MARKS = (0x7 << 76) | (0x2 << 62)


def _uuid(ms: int, random: bytes) -> str:
    number = ((ms << 80) | int.from_bytes(random, "big")) & _CLEAR | _MARKS
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7(ns: int) -> str:
    """Mints a UUIDv7 for the moment `ns` (nanoseconds since the epoch)."""
    return _uuid(ns // 1_000_000, os.urandom(10))


def derived_uuid7(ns: int, source: str) -> str:
    """Derives a UUIDv7 from `source`, so that whoever repeats the work arrives at the same id."""
    return _uuid(ns // 1_000_000, hashlib.sha256(source.encode()).digest()[:10])


def rfc3339(ns: int) -> str:
    """Formats `ns` as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    seconds, rest = divmod(ns, 1_000_000_000)
    t = time.gmtime(seconds)
    return (
        f"{t.tm_year:04d}-{t.tm_mon:02d}-{t.tm_mday:02d}T"
        f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}.{rest // 1_000_000:03d}Z"
    )


_RFC3339 = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt]"
    r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)


def is_rfc3339(text: str) -> bool:
    """Whether `text` looks like a time of RFC 3339 from 1970 on."""
    return _RFC3339.fullmatch(text) is not None and text >= "1970"
