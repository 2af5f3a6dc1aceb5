"""From a call's bytes to the record that the ledger takes; runs on the sender's thread.

In capture modes other than `full`, and under a redaction hook, it runs on the caller's before the spool.
The provider's JSON text is copied, not encoded again, unless something in it has to go.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from typing import Any, cast

from audit_layer._config import Redactor, Settings, clip
from audit_layer._events import encode
from audit_layer._eventstream import MEDIA_TYPE, as_events
from audit_layer._guard import report
from audit_layer._ids import rfc3339
from audit_layer._json import Members, members, one_line, text
from audit_layer._semconv import (
    FINISH_REASONS,
    INPUT,
    INSTRUCTIONS,
    OUTPUT,
    REQUEST_SCALARS,
    USAGE,
    operation,
)
from audit_layer._stream import assemble, objects
from audit_layer._version import __version__
from audit_layer._wire import INTEGER_MAX, number

__all__ = ["RECORD_LIMIT_BYTES", "bounded", "content_of", "digested", "map_call", "redacted", "with_producer"]

RECORD_LIMIT_BYTES = 2 * 1024 * 1024 - 4096
"""The ledger takes a record of 2 MiB; the rest is room for the producer."""
SHORT_CHARS = 1024
SHORT_ITEMS = 64
"""What may stay of each member in a record that would be too large otherwise."""
MEDIA_MIN_CHARS = 256
"""Shorter base64 is a name or a token, not a picture."""

_EMBEDDING_TEXT = re.compile(r"\"embedding\"\s*:\s*\"")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\r\n-]+\Z")
_DATA_URL = re.compile(r"data:([A-Za-z0-9.+/-]*)[^,]*;base64,")
_MODEL_IN_PATH = re.compile(r"/model/([^/]+)/invoke|/models/([^/:]+):|/deployments/([^/]+)/")
"""Where Bedrock, Vertex and Azure put the model."""
_JSON_LINES = ("application/jsonl", "application/x-jsonl", "application/x-ndjson", "application/x-jsonlines")
_TEXTUAL = ("text/", "application/json", "application/xml", *_JSON_LINES)


class _Content:
    """The content attributes of one record, as JSON text, through the mode, redaction and media rules."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.found: dict[str, str] = {}

    def add(self, name: str, source: str, value: Any) -> None:
        settings = self._settings
        if settings.capture == "metadata":
            return
        if settings.capture == "digest":
            self.found[name] = digest_of(source.encode("utf-8", "replace"))
            return
        if _may_hold_media(source):
            without = _without_media(value, "")
            if without is not value:
                value, source = without, text(without)
        if settings.redact is not None:
            value = redacted(value, settings.redact)
            source = text(value)
        self.found[name] = one_line(source)

    def digest(self, name: str, digest: dict[str, Any]) -> None:
        """Content that is known by its digest only."""
        if self._settings.capture != "metadata":
            self.found[name] = text(digest)


def content_of(settings: Settings, name: str, value: Any) -> dict[str, Any]:
    """One content attribute of a record of our own, through the same rules; empty where nothing may be kept."""
    from audit_layer._wire import plain

    content = _Content(settings)
    shown = plain(value)
    source = text(shown)
    if len(source) > settings.body_limit_bytes:
        content.digest(name, json.loads(digest_of(source.encode("utf-8", "replace"))))
    else:
        content.add(name, source, shown)
    return {key: json.loads(found) for key, found in content.found.items()}


def _may_hold_media(source: str) -> bool:
    """A look at the text, which costs a fraction of a look at every value; an alternation of names costs more."""
    return (
        "64" in source  # base64, b64_json
        or "audio" in source
        or "file_data" in source
        or "image_generation_call" in source
        or ('"embedding"' in source and _EMBEDDING_TEXT.search(source) is not None)
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


def digest_of(data: bytes, media_type: str = "") -> str:
    """What stands in a record for content that is not in it, as JSON text."""
    found: dict[str, Any] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    if media_type:
        found["media_type"] = media_type
    return text(found)


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


def _media_digest(encoded: str, media_type: str) -> str:
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


def _decode(body: bytes, meta: dict[str, Any]) -> bytes:
    """Undoes the content encoding of a body that the caller read raw."""
    if not meta.get("raw"):
        return body
    try:
        if body[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(body)
    except (zlib.error, gzip.BadGzipFile):
        pass
    return body


def map_call(settings: Settings, meta: dict[str, Any], request: bytes, response: bytes, *, safe: bool = False) -> bytes:
    """The record of one call, without its producer.

    `safe` when the ledger refused the record made of the provider's own text: the bodies then stand in it
    as strings, which no rule on JSON numbers, names or depth can refuse.
    """
    facts: dict[str, Any] = {}
    content = _Content(settings)
    type_, name = operation(meta["m"], meta["u"])
    facts["gen_ai.operation.name"] = name
    facts["gen_ai.provider.name"] = meta["p"]
    if meta.get("h"):
        facts["server.address"] = meta["h"]
    background = _request(settings, facts, content, meta, request, safe)
    completion = _response(settings, facts, content, meta, _decode(response, meta), safe)
    if completion == "complete" and background:
        completion = "background_pending"
    facts["audit.call.completion"] = completion
    facts["audit.call.attempts"] = meta["a"]
    if meta.get("r"):
        facts["audit.call.provider_request_id"] = meta["r"]
    if meta.get("x"):
        facts["error.type"] = meta["x"]
    if meta.get("s"):
        facts["http.response.status_code"] = meta["s"]
    if meta.get("st"):
        facts["audit.call.streamed"] = True
    if meta.get("ref"):
        facts["audit.call.refers_to"] = meta["ref"]
    return _join(settings, meta, type_, facts, content)


def _join(settings: Settings, meta: dict[str, Any], type_: str, facts: dict[str, Any], content: _Content) -> bytes:
    context: dict[str, Any] = dict(meta.get("ctx") or {})
    given = context.pop("attributes", {})
    attributes = {**(redacted(given, settings.redact) if settings.redact is not None else given), **facts}
    attributes = {name: value for name, value in attributes.items() if name not in content.found}
    record: dict[str, Any] = {
        "id": meta["id"],
        "type": type_,
        "occurred_at": rfc3339(meta["t"]),
        "ended_at": rfc3339(meta["e"]),
        "system": settings.system,
    }
    if settings.environment:
        record["environment"] = settings.environment
    for name, key in (("otid", "trace_id"), ("tid", "trace_id"), ("of", "parent_id"), ("odid", "decision_id")):
        if meta.get(name):
            record[key] = meta[name]
    record.update(context)
    for key in ("trace_id", "parent_id", "decision_id", "system", "environment"):
        if key in record:
            record[key] = clip(str(record[key]))
    head = text(record)[:-1] + ',"attributes":' + text(attributes)
    parts = [f"{text(key)}:{value}" for key, value in content.found.items()]
    joined = _encoded(head, parts)
    if len(joined) > RECORD_LIMIT_BYTES:
        parts = [f"{text(k)}:{digest_of(v.encode('utf-8', 'replace'))}" for k, v in content.found.items()]
        joined = _encoded(head, parts)
    return joined


def _encoded(head: str, parts: list[str]) -> bytes:
    body = head[:-1] + "," + ",".join(parts) + "}}" if parts else head + "}"
    return body.encode("utf-8", "replace")


def with_producer(record: bytes, producer: str, number: int) -> bytes:
    """The record as it is sent: with the number that makes a missing one show."""
    tail = f',"producer":{{"id":"{producer}","seq":{number},"sdk":"audit-layer-python/{__version__}"}}}}'
    return record[:-1] + tail.encode()


def _text_of(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _request(
    settings: Settings,
    facts: dict[str, Any],
    content: _Content,
    meta: dict[str, Any],
    request: bytes,
    safe: bool,
) -> bool:
    """Fills in what the request says; True when it asks to be worked on in the background."""
    if meta.get("qcut"):
        content.digest("audit.request.body", meta["qcut"])
    if not request:
        return False
    source = _text_of(request)
    found = members(source) if source is not None else None
    if found is None or source is None:
        _body(content, "audit.request.body", request, "")
        return False
    limited = len(request) > settings.body_limit_bytes
    for name in [name for name in REQUEST_SCALARS if name in found]:
        attribute, value = REQUEST_SCALARS[name], found[name][0]
        if isinstance(value, str) or number(value):
            facts[attribute] = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            facts[attribute] = str(value)
    if "model" in found and not isinstance(found["model"][0], str):
        facts.pop("gen_ai.request.model", None)
    if "gen_ai.request.model" not in facts and meta.get("w"):
        placed = _MODEL_IN_PATH.search(meta["w"])
        if placed:
            facts["gen_ai.request.model"] = next(filter(None, placed.groups()))
    conversation = found["conversation"][0] if "conversation" in found else None
    if isinstance(conversation, dict):
        conversation = cast("dict[str, Any]", conversation).get("id")
    if isinstance(conversation, str):
        facts["gen_ai.conversation.id"] = conversation
    prompt = found["prompt"][0] if "prompt" in found else None
    if isinstance(prompt, dict):
        reference = cast("dict[str, Any]", prompt)
        for key, attribute in (("id", "gen_ai.prompt.name"), ("version", "gen_ai.prompt.version")):
            if isinstance(reference.get(key), str):
                facts[attribute] = reference[key]
    if safe or limited:
        _body(content, "audit.request.body", request, source, digest=limited)
    else:
        _spread(content, found, "request")
    return bool("background" in found and found["background"][0])


def _spread(content: _Content, found: Members, side: str) -> None:
    """Each content member under its OpenTelemetry name, and the rest together."""
    if side == "request":
        names = {"tools": "gen_ai.tool.definitions"}
        names.update((name, "gen_ai.system_instructions") for name in INSTRUCTIONS)
        inputs = [name for name in INPUT if name in found]
        names.update((name, "gen_ai.input.messages") for name in inputs[:1])
        known = REQUEST_SCALARS.keys() | names.keys()
    else:
        outputs = [name for name in OUTPUT if name in found][:1]
        names = dict.fromkeys(outputs, "gen_ai.output.messages")
        known = {"id", "model", "usage", *names}
    rest: list[str] = []
    for name, (value, source) in found.items():
        if name in names and value is not None:
            content.add(names[name], source, value)
        elif name not in known and value is not None:
            rest.append(f"{text(name)}:{source}")
    if rest:
        source = "{" + ",".join(rest) + "}"
        values = {name: value for name, (value, _) in found.items() if name not in known and value is not None}
        content.add(f"audit.{side}.parameters", source, values)


def _body(content: _Content, name: str, body: bytes, source: str, *, digest: bool = False, media: str = "") -> None:
    """A body that is not taken apart: as a string, or as digest and size."""
    if source and not digest:
        content.add(name, text(source.encode("utf-8", "replace").decode()), source)
    elif content_allowed(content):
        content.found[name] = digest_of(body, media)


def content_allowed(content: _Content) -> bool:
    """Whether so much as a digest of content may be kept."""
    return content._settings.capture != "metadata"  # pyright: ignore[reportPrivateUsage]


def _response(
    settings: Settings,
    facts: dict[str, Any],
    content: _Content,
    meta: dict[str, Any],
    body: bytes,
    safe: bool,
) -> str:
    """Fills in what the response says; returns the call's completion."""
    how: str = meta["c"]
    failed = "cancelled" if how == "cancelled" else "error" if how == "error" else ""
    ctype: str = meta.get("ct", "")
    streamed = bool(meta.get("st"))
    if meta.get("cut"):
        content.digest("audit.response.body", meta["cut"])
    if not body:
        return failed or ("complete" if how in ("return", "end") else "cancelled" if how == "closed" else "abandoned")
    if ctype == MEDIA_TYPE:
        return _streamed(settings, facts, content, how, failed, as_events(body), safe)
    limited = len(body) > settings.body_limit_bytes
    source = _text_of(body) if not ctype or ctype.startswith(_TEXTUAL) or body[:1] in b"{[" else None
    if source is not None and (
        ctype.startswith("text/event-stream") or (streamed and source.startswith(("data:", "event:")))
    ):
        return _streamed(settings, facts, content, how, failed, source, safe)
    ended = failed or {"closed": "cancelled", "dropped": "abandoned", "exit": "abandoned"}.get(how, "complete")
    lines = ctype in _JSON_LINES or meta["u"].endswith(("/content", "/results"))
    found = members(source) if source is not None and not lines else None
    if found is None:
        if source is None or limited:
            _body(content, "audit.response.body", body, "", digest=True, media=ctype)
        else:
            _body(content, "gen_ai.output.messages", body, source)
        return ended
    if failed or "error" in found:
        if safe or limited:
            _body(content, "audit.error.body", body, cast(str, source), digest=limited)
        else:
            content.add("audit.error.body", cast(str, source), json.loads(body))
    _answer(facts, {name: value for name, (value, _) in found.items()})
    if not failed:
        if safe or limited:
            _body(content, "audit.response.body", body, cast(str, source), digest=limited)
        else:
            _spread(content, found, "response")
    if ended != "complete" and not failed:
        return "complete"  # the object is whole, whatever the caller did with the rest
    if ended == "complete" and found.get("status", ("", ""))[0] in ("queued", "in_progress"):
        return "background_pending" if meta["m"].upper() == "POST" or "background" in found else ended
    return ended


def _streamed(
    settings: Settings,
    facts: dict[str, Any],
    content: _Content,
    how: str,
    failed: str,
    source: str,
    safe: bool,
) -> str:
    answer = assemble(source)
    found: Members | None = members(answer.text) if answer.text else None
    if found is None:
        found = {name: (value, text(value)) for name, value in answer.answer.items()}
    _answer(facts, answer.answer)
    if answer.answer.get("error"):
        content.add("audit.error.body", text(answer.answer["error"]), answer.answer["error"])
    size = sum(len(part) for _, part in found.values())
    if safe or size > settings.body_limit_bytes:
        whole = text(answer.answer)
        _body(content, "audit.response.body", whole.encode("utf-8", "replace"), whole, digest=not safe)
    else:
        _spread(content, found, "response")
    if failed:
        return failed
    if answer.complete:
        return "complete"
    if source[-64:].rstrip().endswith("[DONE]"):
        return "partial"  # the provider said that it was done, and the client then reads no further
    return {"closed": "cancelled", "dropped": "abandoned", "exit": "abandoned"}.get(how, "partial")


def _answer(facts: dict[str, Any], answer: dict[str, Any]) -> None:
    """Id, model, reasons for finishing and usage, wherever the provider puts them."""
    for key, attribute in (("id", "gen_ai.response.id"), ("model", "gen_ai.response.model")):
        if isinstance(answer.get(key), str):
            facts[attribute] = answer[key]
    reasons = [
        reason
        for item in (*objects(answer.get("choices")), answer)
        for key in FINISH_REASONS
        if isinstance(reason := item.get(key), str)
    ]
    if not reasons and isinstance(answer.get("status"), str) and answer.get("object") == "response":
        reasons = [answer["status"]]
    if reasons:
        facts["gen_ai.response.finish_reasons"] = reasons
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return
    counts = cast("dict[str, Any]", usage)
    for attribute, places in USAGE.items():
        for place in places:
            value = counts.get(place[0])
            if value is None:
                continue
            if len(place) > 1:
                value = cast("dict[str, Any]", value).get(place[1]) if isinstance(value, dict) else None
            if type(value) is int and 0 <= value <= INTEGER_MAX:
                facts[attribute] = value
                break
