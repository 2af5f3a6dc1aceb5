"""What of a call's content goes on record: capture mode, redaction, media as digests, and a record's size.

Attributes are JSON text throughout, so that what a provider wrote is copied and not encoded again.
"""

from __future__ import annotations

import hashlib
import json
import re
from itertools import chain
from typing import Any, cast

from audit_layer._config import Redactor, Settings
from audit_layer._events import encode
from audit_layer._guard import report
from audit_layer._json import one_line, text

__all__ = [
    "RECORD_LIMIT_BYTES",
    "SHORT_CHARS",
    "Attributes",
    "bounded",
    "content_of",
    "digest_of",
    "digested",
    "joined",
    "key_of",
    "redacted",
]

RECORD_LIMIT_BYTES = 2 * 1024 * 1024 - 4096
"""The ledger takes a record of 2 MiB; the rest is room for the producer."""
SHORT_CHARS = 1024
SHORT_ITEMS = 64
"""What may stay of each member in a record that would be too large otherwise."""
MEDIA_MIN_CHARS = 256
"""Shorter base64 is a name or a token, not a picture."""

_EMBEDDING_TEXT = re.compile(rb"\"embedding\"\s*:\s*\"")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\r\n-]+\Z")
_DATA_URL = re.compile(r"data:([A-Za-z0-9.+/-]*)[^,]*;base64,")

_keys: dict[str, bytes] = {}
MAX_KEYS = 1024


def key_of(name: str) -> bytes:
    """A name as it stands in JSON behind another member."""
    found = _keys.get(name)
    if found is None:
        if len(_keys) >= MAX_KEYS:
            _keys.clear()
        found = _keys[name] = f",{text(name)}:".encode("utf-8", "replace")
    return found


def joined(found: dict[bytes, bytes]) -> bytes:
    """The members, each behind a comma."""
    return b"".join(chain.from_iterable(found.items()))


class Attributes:
    """The attributes of one record, each as JSON text; content through the mode, redaction and media rules."""

    __slots__ = ("_settings", "found")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.found: dict[bytes, bytes] = {}
        """By the name as it stands in JSON behind another member."""

    def fact(self, name: str, value: Any) -> None:
        """What is kept in every mode."""
        self.found[key_of(name)] = text(value).encode("utf-8", "replace")

    def add(self, key: bytes, source: bytes) -> None:
        """Takes a content's JSON text, which is read only where something in it may have to go."""
        settings = self._settings
        if settings.capture == "metadata":
            return
        if settings.capture == "digest":
            self.found[key] = digest_of(source)
            return
        if settings.redact is not None or _may_hold_media(source):
            value = json.loads(source)
            kept = _without_media(value, "")
            if settings.redact is not None:
                kept = redacted(kept, settings.redact)
            if kept is not value:
                source = text(kept).encode("utf-8", "replace")
        self.found[key] = one_line(source)

    def digest(self, name: str, digest: dict[str, Any]) -> None:
        """Content that is known by its digest only."""
        if self._settings.capture != "metadata":
            self.found[key_of(name)] = text(digest).encode()

    def body(self, name: str, body: bytes, source: str | None, *, digest: bool = False, media: str = "") -> None:
        """A body that is not taken apart: as a string, or as digest and size."""
        if source and not digest:
            self.add(key_of(name), text(source).encode("utf-8", "replace"))
        elif self._settings.capture != "metadata":
            self.found[key_of(name)] = digest_of(body, media)


def content_of(settings: Settings, name: str, value: Any) -> dict[str, Any]:
    """One content attribute of a record of our own, through the same rules; empty where nothing may be kept."""
    from audit_layer._wire import plain

    attributes = Attributes(settings)
    source = text(plain(value)).encode("utf-8", "replace")
    if len(source) > settings.body_limit_bytes:
        attributes.digest(name, json.loads(digest_of(source)))
    else:
        attributes.add(key_of(name), source)
    found: dict[str, Any] = json.loads(b"{" + joined(attributes.found)[1:] + b"}")
    return found


def _may_hold_media(source: bytes) -> bool:
    """A look at the text, which costs a fraction of a look at every value: first for anything as long as media."""
    at, last = 0, len(source) - MEDIA_MIN_CHARS
    while at <= last:
        at = source.rfind(b" ", at, at + MEDIA_MIN_CHARS) + 1
        if not at:
            break  # base64 has no blanks
    else:
        return source.find(b";base64,") >= 0
    return (
        b"64" in source  # base64, b64_json
        or b"audio" in source
        or b"file_data" in source
        or b"image_generation_call" in source
        or _EMBEDDING_TEXT.search(source) is not None
    )


def bounded(record: dict[str, Any]) -> bytes:
    """A record of our own as JSON that the ledger takes: where it is too large, what is long in it as digests."""
    encoded = encode(record)
    if len(encoded) <= RECORD_LIMIT_BYTES:
        return encoded
    made = dict(record)
    for place in ("attributes", "decision"):
        if place in made:
            made[place] = _short(made[place])
    return encode(made)


def _short(value: Any) -> Any:
    """`value` with its long texts as digests, and of long lists and objects the beginning."""
    if isinstance(value, str):
        if len(value) <= SHORT_CHARS:
            return value
        return f"sha256:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()}"
    if isinstance(value, list):
        return [_short(item) for item in cast("list[Any]", value)[:SHORT_ITEMS]]
    if isinstance(value, dict):
        items = list(cast("dict[str, Any]", value).items())[:SHORT_ITEMS]
        return {key: _short(item) for key, item in items}
    return value


def digest_of(data: bytes, media_type: str = "") -> bytes:
    """What stands in a record for content that is not in it, as JSON text."""
    found: dict[str, Any] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    if media_type:
        found["media_type"] = media_type
    return text(found).encode("utf-8", "replace")


def digested(value: Any) -> dict[str, Any]:
    """What stands for a value of our own under capture mode `digest`."""
    found: dict[str, Any] = json.loads(digest_of(text(value).encode("utf-8", "replace")))
    return found


def _without_media(value: Any, media_type: str) -> Any:
    """`value` with base64 media replaced by digests; the very same object where there is none."""
    if isinstance(value, str):
        url = _DATA_URL.match(value)
        if url:
            return json.loads(_media_digest(value[url.end() :], url.group(1)))
        if len(value) >= MEDIA_MIN_CHARS and _BASE64.match(value):
            return json.loads(_media_digest(value, media_type))
        return value
    if isinstance(value, list):
        items = cast("list[Any]", value)
        replaced = [_without_media(item, media_type) for item in items]
        return replaced if any(a is not b for a, b in zip(replaced, items, strict=True)) else items
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        kind = fields.get("media_type") or fields.get("format") or media_type
        kind = kind if isinstance(kind, str) else media_type
        changed = {key: _without_media(item, kind) for key, item in fields.items()}
        return changed if any(changed[key] is not fields[key] for key in fields) else fields
    return value


def _media_digest(encoded: str, media_type: str) -> bytes:
    import base64
    import binascii

    try:
        raw = base64.b64decode(encoded.translate({45: 43, 95: 47}) + "==")
    except (ValueError, binascii.Error):
        raw = encoded.encode("utf-8", "replace")
    return digest_of(raw, media_type)


def redacted(value: Any, redact: Redactor) -> Any:
    """`value` with every text in it, names of members aside, passed through `redact`."""
    if isinstance(value, str):
        try:
            return str(redact(value))
        except Exception as error:  # the application's own hook: without its word nothing is kept
            report("redact", error)
            return "[redaction failed]"
    if isinstance(value, list):
        return [redacted(item, redact) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: redacted(item, redact) for key, item in cast("dict[str, Any]", value).items()}
    return value
