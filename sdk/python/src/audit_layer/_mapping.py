"""From a call's bytes to the record that the ledger takes; runs on the sender's thread.

In capture modes other than `full`, and under a redaction hook, it runs on the caller's before the spool.
The provider's JSON text is copied, not encoded again, unless something in it has to go.
"""

from __future__ import annotations

import functools
import gzip
import re
import zlib
from typing import Any, cast

from audit_layer._config import Settings, clip
from audit_layer._content import RECORD_LIMIT_BYTES, SHORT_CHARS, Attributes, digest_of, joined, key_of, redacted
from audit_layer._eventstream import MEDIA_TYPE, as_events
from audit_layer._ids import rfc3339
from audit_layer._json import Member, Members, members, text, true_value
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

__all__ = ["map_call", "with_producer"]


_MODEL_IN_PATH = re.compile(r"/model/([^/]+)/invoke|/models/([^/:]+):|/deployments/([^/]+)/")
"""Where Bedrock, Vertex and Azure put the model."""
_JSON_LINES = ("application/jsonl", "application/x-jsonl", "application/x-ndjson", "application/x-jsonlines")
_TEXTUAL = ("text/", "application/json", "application/xml", *_JSON_LINES)


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
    type_, fixed = _fixed_facts(meta["m"], meta["u"], meta["p"], meta.get("h", ""))
    attributes = Attributes(settings)
    attributes.found.update(fixed)
    background = _request(settings, attributes, meta, request, safe)
    completion = _response(settings, attributes, meta, _decode(response, meta) if "raw" in meta else response, safe)
    if completion == "complete" and background:
        completion = "background_pending"
    found = attributes.found
    found[b',"audit.call.completion":'] = b'"%b"' % completion.encode()
    found[b',"audit.call.attempts":'] = b"%d" % meta["a"]
    if "s" in meta:
        found[b',"http.response.status_code":'] = b"%d" % meta["s"]
    for key, attribute in _META:
        if key in meta:
            attributes.fact(attribute, meta[key])
    return _join(settings, meta, type_, attributes.found)


@functools.lru_cache(maxsize=256)
def _fixed_facts(method: str, path: str, provider: str, host: str) -> tuple[str, dict[bytes, bytes]]:
    """The record's type, and the facts that every call of the kind has."""
    type_, name = operation(method, path)
    facts = {"gen_ai.operation.name": name, "gen_ai.provider.name": provider}
    if host:
        facts["server.address"] = host
    return type_, {key_of(key): text(value).encode("utf-8", "replace") for key, value in facts.items()}


_META = (
    ("r", "audit.call.provider_request_id"),
    ("x", "error.type"),
    ("st", "audit.call.streamed"),
    ("ref", "audit.call.refers_to"),
)
_LINKS = (("otid", "trace_id"), ("tid", "trace_id"), ("of", "parent_id"), ("odid", "decision_id"))
_CLIPPED = ("trace_id", "parent_id", "decision_id")


@functools.lru_cache(maxsize=64)
def _whose(system: str, environment: str) -> str:
    return text({"system": system, "environment": environment} if environment else {"system": system})[1:-1]


def _join(settings: Settings, meta: dict[str, Any], type_: str, found: dict[bytes, bytes]) -> bytes:
    system, environment = settings.system, settings.environment
    more: dict[str, Any] = {key: meta[name] for name, key in _LINKS if name in meta}
    if "ctx" in meta:
        more.update(meta["ctx"])
        given = more.pop("attributes", None)
        if given:
            kept = redacted(given, settings.redact) if settings.redact is not None else given
            found = {**{key_of(name): text(value).encode("utf-8", "replace") for name, value in kept.items()}, **found}
    whose = ""
    if more:
        system = clip(str(more.pop("system", system)))
        environment = clip(str(more.pop("environment", environment)))
        for key in _CLIPPED:
            if key in more:
                more[key] = clip(str(more[key]))
        whose = f",{text(more)[1:-1]}" if more else ""
    head = (
        f'{{"id":"{meta["id"]}","type":"{type_}","occurred_at":"{rfc3339(meta["t"])}"'
        f',"ended_at":"{rfc3339(meta["e"])}",{_whose(system, environment)}{whose},"attributes":{{'
    ).encode("utf-8", "replace")
    record = b"%b%b}}" % (head, joined(found)[1:])
    if len(record) > RECORD_LIMIT_BYTES:
        short = {key: s if len(s) <= SHORT_CHARS else digest_of(s) for key, s in found.items()}
        record = b"%b%b}}" % (head, joined(short)[1:])
    return record


def with_producer(record: bytes, producer: str, number: int) -> bytes:
    """The record as it is sent: with the number that makes a missing one show."""
    tail = f',"producer":{{"id":"{producer}","seq":{number},"sdk":"audit-layer-python/{__version__}"}}}}'
    return record[:-1] + tail.encode()


def _text_of(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


Plan = tuple[list[tuple[str, bytes]], list[tuple[str, bytes]], list[tuple[str, bytes]]]
"""Which members of a body are facts, and under what name; which are content, and under what name; and the rest.

Names of our own as in `Attributes`, of the rest as in the source."""
_plans: dict[tuple[str, ...], Plan] = {}
"""By the names of a body's members, which repeat from call to call, behind the side."""
MAX_PLANS = 512


def _planned(side: str, found: Members) -> Plan:
    """Each member under its OpenTelemetry name, and which of them have none."""
    names = (side, *found)
    plan = _plans.get(names)
    if plan is None:
        if len(_plans) >= MAX_PLANS:
            _plans.clear()
        plan = _plans[names] = _plan(side, found)
    return plan


def _plan(side: str, found: Members) -> Plan:
    if side == "request":
        places: list[tuple[tuple[str, ...], str]] = [
            (("tools",), "gen_ai.tool.definitions"),
            (INSTRUCTIONS, "gen_ai.system_instructions"),
            (INPUT, "gen_ai.input.messages"),
        ]
        facts = [(name, key_of(attribute)) for name, attribute in REQUEST_SCALARS.items() if name in found]
        left_out = set[str]()
    else:
        places = [(OUTPUT, "gen_ai.output.messages")]
        facts = []
        left_out = {"id", "model", "usage"}
    content: list[tuple[str, bytes]] = []
    for candidates, attribute in places:
        content += [(name, key_of(attribute)) for name in candidates if name in found][:1]
    known = left_out.union(name for name, _ in (*facts, *content))
    return facts, content, [(name, b',"%b":' % name.encode("latin-1")) for name in found if name not in known]


def _spread(attributes: Attributes, found: Members, side: str) -> None:
    """Each member in its place, and together under one name those that have none or don't fit it."""
    scalars, contents, others = _planned(side, found)
    rest: list[bytes] = []
    for name, key in scalars:
        value, source = found[name]
        kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
        if kind is str or ((kind is int or kind is float) and name != "model" and number(value)):
            attributes.found[key] = source
        elif (kind is int or kind is float) and name != "model":
            attributes.found[key] = text(str(value)).encode()
        elif value is not None:
            rest += b',"%b":' % name.encode(), source
    for name, key in contents:
        value, source = found[name]
        if value is not None:
            attributes.add(key, source)
    for name, key in others:
        value, source = found[name]
        if value is not None:
            rest += key, source
    if rest:
        attributes.add(_PARAMETERS[side], b"{%b}" % b"".join(rest)[1:])


_PARAMETERS = {"request": key_of("audit.request.parameters"), "response": key_of("audit.response.parameters")}


def _request(
    settings: Settings,
    attributes: Attributes,
    meta: dict[str, Any],
    request: bytes,
    safe: bool,
) -> bool:
    """Fills in what the request says; True when it asks to be worked on in the background."""
    if meta.get("qcut"):
        attributes.digest("audit.request.body", meta["qcut"])
    if not request:
        return False
    found = members(request)
    if found is None:
        attributes.body("audit.request.body", request, None)
        return False
    limited = len(request) > settings.body_limit_bytes
    whole = safe or limited
    facts = Attributes(_NOTHING) if whole else attributes
    _spread(facts, found, "request")
    if whole:
        attributes.found.update(facts.found)
        attributes.body("audit.request.body", request, _text_of(request), digest=limited)
    if "w" in meta and (not isinstance(found.get("model", _NO_MEMBER)[0], str)):
        placed = _MODEL_IN_PATH.search(meta["w"])
        if placed:
            attributes.fact("gen_ai.request.model", next(filter(None, placed.groups())))
    if "conversation" in found:
        conversation = true_value(found["conversation"])
        if isinstance(conversation, dict):
            conversation = cast("dict[str, Any]", conversation).get("id")
        if isinstance(conversation, str):
            attributes.fact("gen_ai.conversation.id", conversation)
    if "prompt" in found and isinstance(found["prompt"][0], dict):
        reference = cast("dict[str, Any]", true_value(found["prompt"]))
        for key, attribute in (("id", "gen_ai.prompt.name"), ("version", "gen_ai.prompt.version")):
            if isinstance(reference.get(key), str):
                attributes.fact(attribute, reference[key])
    return bool("background" in found and found["background"][0])


_NOTHING = Settings(capture="metadata")
"""For a body whose members are facts only, because it stands in the record as a whole."""


def _response(
    settings: Settings,
    attributes: Attributes,
    meta: dict[str, Any],
    body: bytes,
    safe: bool,
) -> str:
    """Fills in what the response says; returns the call's completion."""
    how: str = meta["c"]
    failed = how if how in ("cancelled", "error") else ""
    ctype: str = meta.get("ct", "")
    if meta.get("cut"):
        attributes.digest("audit.response.body", meta["cut"])
    if not body:
        return failed or ("complete" if how in ("return", "end") else "cancelled" if how == "closed" else "abandoned")
    if ctype == MEDIA_TYPE:
        return _streamed(settings, attributes, how, failed, as_events(body), safe)
    if ctype.startswith("text/event-stream") or (meta.get("st") and body.startswith((b"data:", b"event:"))):
        events = _text_of(body)
        if events is not None:
            return _streamed(settings, attributes, how, failed, events, safe)
    ended = failed or _LEFT.get(how, "complete")
    limited = len(body) > settings.body_limit_bytes
    lines = ctype in _JSON_LINES or meta["u"].endswith(("/content", "/results"))
    found = None if lines or body[0] not in b"{ \t\r\n" else members(body)
    if found is None:
        textual = not ctype or ctype.startswith(_TEXTUAL) or body[:1] in b"{["
        source = _text_of(body) if textual and not limited else None
        if source is None:
            attributes.body("audit.response.body", body, None, media=ctype)
        else:
            attributes.body("gen_ai.output.messages", body, source)
        return ended
    whole = safe or limited
    if failed or "error" in found:
        if whole:
            attributes.body("audit.error.body", body, _text_of(body), digest=limited)
        else:
            attributes.add(key_of("audit.error.body"), body)
    _answer(attributes, found)
    if not failed:
        if whole:
            attributes.body("audit.response.body", body, _text_of(body), digest=limited)
        else:
            _spread(attributes, found, "response")
    if ended != "complete" and not failed:
        return "complete"  # the object is whole, whatever the caller did with the rest
    if ended == "complete" and "status" in found and found["status"][0] in ("queued", "in_progress"):
        return "background_pending" if meta["m"].upper() == "POST" or "background" in found else ended
    return ended


_LEFT = {"closed": "cancelled", "dropped": "abandoned", "exit": "abandoned"}


def _streamed(
    settings: Settings,
    attributes: Attributes,
    how: str,
    failed: str,
    source: str,
    safe: bool,
) -> str:
    answer = assemble(source)
    found: Members | None = members(answer.text.encode("utf-8", "replace")) if answer.text else None
    if found is None:
        found = {name: (value, text(value).encode("utf-8", "replace")) for name, value in answer.answer.items()}
    _answer(attributes, found)
    if answer.answer.get("error"):
        attributes.add(key_of("audit.error.body"), text(answer.answer["error"]).encode("utf-8", "replace"))
    size = sum(len(part) for _, part in found.values())
    if safe or size > settings.body_limit_bytes:
        whole = text(answer.answer)
        attributes.body("audit.response.body", whole.encode("utf-8", "replace"), whole, digest=not safe)
    else:
        _spread(attributes, found, "response")
    if failed:
        return failed
    if answer.complete:
        return "complete"
    if source[-64:].rstrip().endswith("[DONE]"):
        return "partial"  # the provider said that it was done, and the client then reads no further
    return _LEFT.get(how, "partial")


def _answer(attributes: Attributes, found: Members) -> None:
    """Id, model, reasons for finishing and usage, wherever the provider puts them."""
    facts = attributes.found
    for name, key in _ANSWER:
        if name in found and type(found[name][0]) is str:
            facts[key] = found[name][1]
    reasons: list[str] = []
    if "choices" in found:
        reasons = _reasons(found["choices"][0])
        if not "".join(reasons).isascii():
            reasons = _reasons(true_value(found["choices"]))
    for name in FINISH_REASONS:
        if name in found and isinstance(found[name][0], str):
            reasons.append(true_value(found[name]))
    if not reasons and "status" in found and found.get("object", _NO_MEMBER)[0] == "response":
        reasons = [true_value(found["status"])] if isinstance(found["status"][0], str) else []
    if reasons:
        facts[_REASONS] = _ONE_REASON.get(reasons[0], b"") if len(reasons) == 1 else b""
        if not facts[_REASONS]:
            facts[_REASONS] = text(reasons).encode("utf-8", "replace")
    if "usage" in found and isinstance(found["usage"][0], dict):
        _usage(facts, cast("dict[str, Any]", found["usage"][0]))


_NO_MEMBER: Member = (None, b"")
_REASONS = key_of("gen_ai.response.finish_reasons")
_ONE_REASON = {
    reason: b'["%b"]' % reason.encode() for reason in ("stop", "length", "tool_calls", "end_turn", "tool_use")
}
_ANSWER = (("id", key_of("gen_ai.response.id")), ("model", key_of("gen_ai.response.model")))


def _reasons(choices: Any) -> list[str]:
    return [reason for item in objects(choices) for key in FINISH_REASONS if isinstance(reason := item.get(key), str)]


_usages: dict[tuple[str, ...], list[tuple[bytes, str, str]]] = {}
"""Our names and where the value may be found, the likeliest place last, by the names that a `usage` has."""


def _usage(facts: dict[bytes, bytes], counts: dict[str, Any]) -> None:
    names = tuple(counts)
    places = _usages.get(names)
    if places is None:
        if len(_usages) >= MAX_PLANS:
            _usages.clear()
        places = [(key_of(ours), p[0], p[1] if len(p) > 1 else "") for ours, ps in USAGE.items() for p in reversed(ps)]
        places = _usages[names] = [place for place in places if place[1] in counts]
    for key, name, inner in places:
        value = counts[name]
        if inner:
            value = cast("Any", value).get(inner) if type(value) is dict else None
        if type(value) is int and 0 <= value <= INTEGER_MAX:
            facts[key] = b"%d" % value
