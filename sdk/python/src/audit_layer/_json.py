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
_loads_string: Any = cast(Any, _module).scanstring
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# One match where a scanner by hand would look at each token's white space by itself.
_open = re.compile(r"[ \t\n\r]*\{[ \t\n\r]*").match
_colon = re.compile(r"[ \t\n\r]*:[ \t\n\r]*").match
_next = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*").match


def members(source: str) -> Members | None:
    """The top-level members of a JSON object, or None where `source` is none.

    Of a name that comes twice the last wins; the ledger would refuse both.
    """
    try:
        found: Members = {}
        mark = _open(source)
        if mark is None:
            return None
        at = mark.end()
        if source[at] == "}":
            return found if not source[at + 1 :].strip(" \t\n\r") else None
        while source[at] == '"':
            name, at = cast("tuple[str, int]", _loads_string(source, at + 1, True))
            mark = _colon(source, at)
            if mark is None:
                return None
            start = mark.end()
            value, at = cast("tuple[Any, int]", _scan(source, start))
            found[name] = (value, source[start:at])
            mark = _next(source, at)
            if mark is None:
                return None
            at = mark.end()
            if mark.group(1) == "}":
                return found if at == len(source) else None
    except (IndexError, ValueError, StopIteration, RecursionError):
        pass
    return None


def one_line(source: str) -> str:
    """JSON text without line breaks, which in JSON can only stand between tokens."""
    if "\n" in source or "\r" in source:
        return source.replace("\r", " ").replace("\n", " ")
    return source


def text(value: Any) -> str:
    """Compact JSON."""
    return _encode(value)
