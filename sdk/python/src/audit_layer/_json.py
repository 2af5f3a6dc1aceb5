"""The provider's own JSON text, member by member, without encoding it again.

`members` gives each top-level member's value together with the text it stood in, using the scanner of the
standard library's decoder, so that finding the text costs no more than parsing it.
"""

from __future__ import annotations

import json
import re
from json import decoder as _module
from typing import Any, cast

__all__ = ["Members", "members", "one_line", "text"]

Members = dict[str, tuple[Any, str]]
"""Name to parsed value and the text of it."""

_decoder: Any = json.JSONDecoder()
_scan: Any = _decoder.scan_once
_skip = re.compile(r"[ \t\n\r]*").match
_loads_string: Any = cast(Any, _module).scanstring


def _after(source: str, at: int) -> int:
    match = _skip(source, at)
    return match.end() if match else at


def members(source: str) -> Members | None:
    """The top-level members of a JSON object, or None where `source` is none.

    Of a name that comes twice the last wins; the ledger would refuse both.
    """
    try:
        at = _after(source, 0)
        if source[at] != "{":
            return None
        at = _after(source, at + 1)
        found: Members = {}
        if source[at] == "}":
            return found if _after(source, at + 1) == len(source) else None
        while True:
            if source[at] != '"':
                return None
            name, at = cast("tuple[str, int]", _loads_string(source, at + 1, True))
            at = _after(source, at)
            if source[at] != ":":
                return None
            start = _after(source, at + 1)
            value, at = cast("tuple[Any, int]", _scan(source, start))
            found[name] = (value, source[start:at])
            at = _after(source, at)
            if source[at] == "}":
                return found if _after(source, at + 1) == len(source) else None
            if source[at] != ",":
                return None
            at = _after(source, at + 1)
    except (IndexError, ValueError, StopIteration, RecursionError):
        return None


def one_line(source: str) -> str:
    """JSON text without line breaks, which in JSON can only stand between tokens."""
    if "\n" in source or "\r" in source:
        return source.replace("\r", " ").replace("\n", " ")
    return source


def text(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
