"""The provider's own JSON text, member by member, without encoding it again.

`members` says where each top-level member of a body stands and gives its value, using the scanner of the
standard library's decoder, so that finding the text costs no more than parsing it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json import encoder as _encoders
from typing import Any, cast

__all__ = ["Member", "Members", "members", "one_line", "text", "true_value"]


Member = tuple[Any, bytes]
"""A member's value as scanned, where texts that are not ASCII stand byte by byte, and the value's own text."""
Members = dict[str, Member]
"""By name, in order. A name stands as in the source, between its quotes."""


def true_value(member: Member) -> Any:
    """A member's value with its texts as they are."""
    value, source = member
    return value if source.isascii() else json.loads(source)


scan: Any = cast(Any, json.JSONDecoder()).scan_once
"""The standard library's scanner: text and place to value and end."""
# One match where a scanner by hand would look at each token's white space by itself.
_SPACE = r"[ \t\n\r]*"
_NAME = rf'"((?:[^"\\\x00-\x1f]|\\.)*)"{_SPACE}:{_SPACE}'
_open = re.compile(rf"{_SPACE}\{{{_SPACE}(?:{_NAME}|\}}{_SPACE}\Z)").match
_next = re.compile(rf"{_SPACE}(?:,{_SPACE}{_NAME}|\}}{_SPACE}\Z)").match
_follows: dict[str, tuple[str, str | None, int]] = {}
"""What stood last behind what stands before a value: text, the name in it, length. Layouts repeat from call to call,
and to compare costs a fraction of to match."""
MAX_FOLLOWS = 4096
MAX_FOLLOWING_CHARS = 256


def members(source: bytes) -> Members | None:
    """The top-level members of a JSON object in UTF-8, or None where `source` is none.

    Of a name that comes twice the last wins; the ledger would refuse both.
    """
    try:
        if not source.isascii():
            source.decode()  # refuses what is no UTF-8
    except ValueError:
        return None
    # A character for each byte, so that a place in the one is the same place in the other.
    shown = source.decode("latin-1")
    found = _members(source, shown, _follows)
    return found if found is not None else _members(source, shown, {})  # a layout may begin as another does


def _members(source: bytes, shown: str, follows: dict[str, tuple[str, str | None, int]]) -> Members | None:
    found: Members = {}
    match, at, before = _open, 0, shown[:4]
    try:
        while True:
            guess = follows.get(before)
            if guess is not None and shown.startswith(guess[0], at):
                before, name, size = guess
                at += size
            else:
                mark = match(shown, at)
                if mark is None:
                    return None
                name, start, at = mark[1], at, mark.end()
                if at - start <= MAX_FOLLOWING_CHARS:
                    if len(follows) >= MAX_FOLLOWS:
                        follows.clear()
                    follows[before] = shown[start:at], name, at - start
                before = shown[start:at]
            if name is None:
                return found if at == len(shown) else None
            value, end = scan(shown, at)
            found[name] = value, source[at:end]
            match, at = _next, end
    except (ValueError, StopIteration, RecursionError):
        return None


def one_line(source: bytes) -> bytes:
    """JSON text without line breaks, which in JSON can only stand between tokens."""
    # `find`, because `in` first takes the bytes for a number, which fails slowly.
    if source.find(b"\n") < 0 and source.find(b"\r") < 0:
        return source
    return source.replace(b"\r", b" ").replace(b"\n", b" ")


def _compact() -> Callable[[Any], str]:
    """The standard library's encoder, built once: `JSONEncoder.encode` builds one for each call."""
    quoted: Any = _encoders.encode_basestring
    make: Any = getattr(_encoders, "c_make_encoder", None)
    default: Any = json.JSONEncoder().default
    if make is None:  # another Python than CPython
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    encode: Any = make(None, default, quoted, None, ":", ",", False, False, True)
    return lambda value: "".join(encode(value, 0))


text: Callable[[Any], str] = _compact()
"""Compact JSON. Only for what can't hold itself."""
