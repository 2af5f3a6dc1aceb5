"""What the ledger takes: values and members of the application's own brought into the record's form.

The ledger refuses a record for one member of a wrong type. Here nothing is refused: what does not fit its
place is kept as text in an attribute beside it (`audit.unfit.…`), so that no record is lost over a typing error.
Not here: the providers' JSON, which is copied as it is (`_mapping`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from audit_layer._config import clip

__all__ = ["INTEGER_MAX", "actor", "fitted_attributes", "fitted_decision", "is_rfc3339", "number", "plain", "subject"]

INTEGER_MAX = 2**53 - 1
"""The ledger's numbers are IEEE 754 doubles; a larger integer would not survive."""
DEPTH = 24
"""The ledger takes 32 containers within each other; a record's own take some."""
PRINCIPAL_REASONS = 4

ACTOR_TYPES = ("user", "service", "model", "system")

Check = Callable[[Any], bool]
Object = dict[str, Any]


def number(value: Any) -> bool:
    """Whether the ledger takes a value as a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return abs(value) <= INTEGER_MAX


def plain(value: Any, depth: int = DEPTH) -> Any:
    """A value as JSON that the ledger takes; what has no such form, as text."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        return value if number(value) else str(value)
    if isinstance(value, Mapping) and depth:
        items = cast("Mapping[Any, Any]", value).items()
        return {str(key): plain(item, depth - 1) for key, item in items}
    if isinstance(value, (list, tuple, set, frozenset)) and depth:
        return [plain(item, depth - 1) for item in cast("list[Any]", value)]
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    other: object = cast(object, value)
    try:
        return str(other)
    except Exception:  # the application's own `__str__`
        return f"<{type(other).__name__}>"


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return number(value) and value >= 0 and value == int(value)


def _ratio(value: Any) -> bool:
    return number(value) and 0 <= value <= 1


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, cast("list[Any]", value)))


def _reasons(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, (str, dict)) for item in cast("list[Any]", value))


def _time(value: Any) -> bool:
    return isinstance(value, str) and is_rfc3339(value)


def _word(*words: str) -> Check:
    return lambda value: value in words


_ATTRIBUTES: dict[str, Check] = {
    **dict.fromkeys(
        (
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.conversation.id",
            "gen_ai.prompt.name",
            "gen_ai.prompt.version",
            "error.type",
            "server.address",
            "audit.call.provider_request_id",
        ),
        _text,
    ),
    **dict.fromkeys(
        (
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.reasoning.output_tokens",
            "audit.call.attempts",
        ),
        _count,
    ),
    "gen_ai.response.finish_reasons": _texts,
    "audit.call.completion": _word("complete", "partial", "cancelled", "abandoned", "error", "background_pending"),
    "audit.call.cost": lambda value: number(value) and value >= 0,
}
_POLICY: dict[str, Check] = {"id": _text, "version": _text}
_REVIEWER: dict[str, Check] = {"id": _text, "role": _text}
_FACTOR: dict[str, Check] = {
    "name": _text,
    "value": lambda value: True,
    "weight": number,
    "direction": _text,
    "method": _word("model_reported", "logprob", "shap", "counterfactual", "rule", "user_supplied"),
}
_OVERSIGHT: dict[str, Check] = {
    "required": _boolean,
    "action": _text,
    "reason": _text,
    "at": _time,
    "reviewers": _list,
}
_DECISION: dict[str, Check] = {
    "outcome": _text,
    "adverse": _boolean,
    "confidence": _ratio,
    "confidence_source": _text,
    "alternatives": _list,
    "risk_level": _word("minimal", "limited", "high", "critical"),
    "risk_reasons": _texts,
    "ai_role": _word("advisory", "determinative"),
    "solely_automated": _boolean,
    "policy": lambda value: isinstance(value, dict),
    "principal_reasons": _reasons,
    "factors": _list,
    "explanation": _text,
    "oversight": lambda value: isinstance(value, dict),
}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sorted_out(found: Object, checks: dict[str, Check], where: str, unfit: Object) -> Object:
    """The members that fit; the others go to `unfit`, a number or truth value where text belongs as text."""
    fitting: Object = {}
    for name, value in found.items():
        check = checks.get(name)
        if value is None:
            continue
        if check is not None and check(value):
            fitting[name] = value
        elif check is _text and isinstance(value, (int, float)):
            fitting[name] = _as_text(value)
        else:
            unfit[f"audit.unfit.{where}{name}"] = _as_text(value)
    return fitting


def _objects(items: Any, checks: dict[str, Check], where: str, unfit: Object, key: str) -> list[Object]:
    made: list[Object] = []
    for index, item in enumerate(cast("list[Any]", items)):
        shown: Object = cast(Object, item) if isinstance(item, dict) else {key: _as_text(item)}
        made.append(_sorted_out(shown, checks, f"{where}.{index}.", unfit))
    return made


def fitted_attributes(found: Mapping[str, Any]) -> Object:
    """Attributes in the types that the ledger asks of the names it knows."""
    made: Object = {}
    for name, value in found.items():
        value = plain(value)
        check = _ATTRIBUTES.get(name)
        if check is None or value is None or check(value):
            made[name] = value
        elif check is _text:
            made[name] = _as_text(value)
        else:
            made[f"audit.unfit.{name}"] = _as_text(value)
    return made


def fitted_decision(found: Mapping[str, Any]) -> tuple[Object, Object]:
    """A decision's members in the ledger's form, and attributes for those that have no place in it."""
    unfit: Object = {}
    members = _sorted_out(cast(Object, plain(dict(found))), _DECISION, "", unfit)
    if "policy" in members:
        members["policy"] = _sorted_out(members["policy"], _POLICY, "policy.", unfit)
    if "factors" in members:
        members["factors"] = _objects(members["factors"], _FACTOR, "factors", unfit, "name")
    if len(members.get("principal_reasons", ())) > PRINCIPAL_REASONS:
        members["principal_reasons"] = members["principal_reasons"][:PRINCIPAL_REASONS]
    if "oversight" in members:
        watched = members["oversight"] = _sorted_out(members["oversight"], _OVERSIGHT, "oversight.", unfit)
        if "reviewers" in watched:
            watched["reviewers"] = _objects(watched["reviewers"], _REVIEWER, "oversight.reviewers", unfit, "id")
    return members, unfit


def _party(given: Mapping[str, Any], where: str, checks: dict[str, Check]) -> tuple[Object, Object]:
    unfit: Object = {}
    made = _sorted_out(cast(Object, plain(dict(given))), checks, f"{where}.", unfit)
    if "id" in made:
        made["id"] = clip(made["id"])
        if not made["id"]:
            del made["id"]
    return made, unfit


def actor(given: Mapping[str, Any]) -> tuple[Object, Object]:
    """Who caused a record, and attributes for what has no place in it."""
    return _party(given, "actor", {"id": _text, "type": _word(*ACTOR_TYPES)})


def subject(given: Mapping[str, Any]) -> tuple[Object, Object]:
    """Whom a record is about, and attributes for what has no place in it."""
    return _party(given, "subject", {"id": _text, "category": _text})


_RFC3339 = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt]"
    r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)


def is_rfc3339(text: str) -> bool:
    """Whether `text` looks like a time of RFC 3339 from 1970 on."""
    return _RFC3339.fullmatch(text) is not None and text >= "1970"
