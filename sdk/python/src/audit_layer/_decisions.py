"""Decisions, human reviews, and the context that ties model calls to them."""

from __future__ import annotations

import functools
import hashlib
import hmac
import inspect
import time
from collections.abc import Callable, Sequence
from contextvars import Token
from types import TracebackType
from typing import Any, Literal, TypeAlias, TypedDict, TypeVar, cast

from audit_layer import _process, _wire
from audit_layer._config import clip
from audit_layer._context import Fields, current, merged
from audit_layer._events import envelope
from audit_layer._guard import report
from audit_layer._ids import rfc3339, uuid7

__all__ = [
    "Decision",
    "Factor",
    "Oversight",
    "Reviewer",
    "context",
    "decision",
    "factor",
    "human_review",
    "oversight",
]

RiskLevel = Literal["minimal", "limited", "high", "critical"]
AiRole = Literal["advisory", "determinative"]
Direction = Literal["for", "against", "neutral"]
Method = Literal["model_reported", "logprob", "shap", "counterfactual", "rule", "user_supplied"]
Kind: TypeAlias = "type[BaseException] | None"
_F = TypeVar("_F", bound=Callable[..., Any])


class Factor(TypedDict, total=False):
    """Something that weighed in a decision."""

    name: str
    value: Any
    weight: float
    direction: str
    method: str


class Reviewer(TypedDict, total=False):
    """A person who reviewed, as a pseudonym."""

    id: str
    role: str


class Oversight(TypedDict, total=False):
    """What people had to do with a decision."""

    required: bool
    action: str
    reason: str
    at: str
    reviewers: list[Reviewer]


def factor(
    name: str,
    value: Any = None,
    *,
    weight: float | None = None,
    direction: Direction | None = None,
    method: Method | None = None,
) -> Factor:
    """Builds a factor; what is not given is not recorded."""
    found = {"name": name, "value": value, "weight": weight, "direction": direction, "method": method}
    return cast(Factor, {key: item for key, item in found.items() if item is not None})


def oversight(
    *,
    required: bool | None = None,
    action: str | None = None,
    reason: str | None = None,
    reviewers: Sequence[Reviewer] | None = None,
) -> Oversight:
    """Builds the oversight of a decision."""
    found = {
        "required": required,
        "action": action,
        "reason": reason,
        "reviewers": list(reviewers) if reviewers else None,
    }
    return cast(Oversight, {key: item for key, item in found.items() if item is not None})


def pseudonym(identifier: str) -> str:
    """What stands in records for a person: a keyed hash where a key is set, else the text itself, clipped."""
    key = _process.settings().pseudonym_key
    if not key:
        return clip(identifier)
    return "ps_" + hmac.new(key, identifier.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _party(value: str | dict[str, Any], default: tuple[str, str] | None) -> dict[str, Any]:
    """An actor or subject in wire form. A service, model or system is nobody whose name needs hiding."""
    party: dict[str, Any] = dict(value) if isinstance(value, dict) else {"id": str(value)}
    if default is not None and default[0] not in party:
        party[default[0]] = default[1]
    if "id" in party and party.get("type") not in ("service", "model", "system"):
        party["id"] = pseudonym(str(party["id"]))
    return party


def context(
    *,
    actor: str | dict[str, Any] | None = None,
    subject: str | dict[str, Any] | None = None,
    system: str | None = None,
    environment: str | None = None,
    trace_id: str | None = None,
    parent_id: str | None = None,
    decision_id: str | None = None,
    conversation_id: str | None = None,
    prompt: tuple[str, str] | None = None,
    **attributes: Any,
) -> Scope:
    """A `with` block (or `async with`) within which records carry these members.

    `actor` and `subject` are ids or the wire's objects; `prompt` is name and version. Further keywords
    become attributes, a `__` in their names a dot.
    """
    fields: Fields = {}
    found: dict[str, Any] = {}
    if actor is not None:
        fields["actor"], unfit = _wire.actor(_party(actor, ("type", "user")))
        found.update(unfit)
    if subject is not None:
        fields["subject"], unfit = _wire.subject(_party(subject, None))
        found.update(unfit)
    named = {
        "system": system,
        "environment": environment,
        "trace_id": trace_id,
        "parent_id": parent_id,
        "decision_id": decision_id,
    }
    fields.update({key: clip(str(value)) for key, value in named.items() if value})
    found.update((key.replace("__", "."), value) for key, value in attributes.items())
    if conversation_id is not None:
        found["gen_ai.conversation.id"] = conversation_id
    if prompt is not None:
        found["gen_ai.prompt.name"], found["gen_ai.prompt.version"] = prompt
    if found:
        fields["attributes"] = _wire.fitted_attributes(found)
    return Scope(fields)


class Scope:
    """A context to be entered, once or again, by threads and tasks alike."""

    def __init__(self, fields: Fields) -> None:
        """Use `context()`."""
        self.fields = fields
        self._tokens: list[Token[Fields | None]] = []

    def __enter__(self) -> Scope:
        """Sets the context for this thread or task, and what they start by copying it."""
        self._tokens.append(current.set(merged(current.get(), self.fields)))
        return self

    def __exit__(self, kind: Kind, error: BaseException | None, trace: TracebackType | None) -> None:
        """Restores the context before."""
        token = self._tokens.pop()
        try:
            current.reset(token)
        except ValueError:  # left in another task than it was entered in: that task's context ends anyway
            pass

    async def __aenter__(self) -> Scope:
        """The same for `async with`."""
        return self.__enter__()

    async def __aexit__(self, kind: Kind, error: BaseException | None, trace: TracebackType | None) -> None:
        """The same for `async with`."""
        self.__exit__(kind, error, trace)


class Decision(Scope):
    """One decision. As a `with` block it ties the model calls within to itself; as a decorator, each run.

    Made by `decision(...)`. Its record is written when the block ends, or by `record()`, once.
    """

    def __init__(self, members: dict[str, Any], fields: Fields) -> None:
        """Use `decision()`."""
        now = time.time_ns()
        self.id = uuid7(now)
        self._members = members
        self._start = now
        self._outer = fields
        self._done = False
        outer = current.get() or {}
        trace = fields.get("trace_id") or outer.get("trace_id") or self.id
        super().__init__({**fields, "decision_id": self.id, "trace_id": trace})

    def update(self, **members: Any) -> Decision:
        """Sets members of the decision that are known only now: `outcome`, `factors`, `confidence`, …"""
        self._members.update({key: value for key, value in members.items() if value is not None})
        return self

    def record(self, error: BaseException | None = None) -> str:
        """Writes the record; returns its id. A second call does nothing."""
        if self._done:
            return self.id
        self._done = True
        try:
            members = dict(self._members)
            kind = members.pop("type", None)
            attributes = dict(members.pop("attributes", None) or {})
            if kind:
                attributes["audit.decision.type"] = kind
            if error is not None:
                members.setdefault("outcome", "error")
                attributes["error.type"] = type(error).__name__
            settings = _process.settings()
            record = envelope(settings, "decision", self._start, self.id)
            record["ended_at"] = rfc3339(max(self._start, time.time_ns()))
            fields = merged(current.get(), self.fields)
            decided, unfit = _wire.fitted_decision(members)
            attributes = {**fields.get("attributes", {}), **_wire.fitted_attributes({**attributes, **unfit})}
            record.update({key: value for key, value in fields.items() if key != "attributes"})
            if attributes:
                record["attributes"] = attributes
            if decided:
                record["decision"] = decided
            _put(record)
        except Exception as failure:
            report("decision", failure)
        return self.id

    def __exit__(self, kind: Kind, error: BaseException | None, trace: TracebackType | None) -> None:
        """Records the decision; an exception goes on its way and is named in the record."""
        self.record(error)
        super().__exit__(kind, error, trace)

    def __call__(self, function: _F) -> _F:
        """As a decorator: each call of the function is a decision with the same members.

        The function may take the decision as a keyword argument `decision` to fill in the outcome.
        """
        wants = "decision" in inspect.signature(function).parameters
        members, fields = self._members, self._outer
        self._done = True  # the pattern itself is no decision

        def fresh(keywords: dict[str, Any]) -> Decision:
            new = Decision(dict(members), dict(fields))
            if wants and "decision" not in keywords:
                keywords["decision"] = new
            return new

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                with fresh(kwargs):
                    return await function(*args, **kwargs)

            return cast(_F, asynchronous)

        @functools.wraps(function)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            with fresh(kwargs):
                return function(*args, **kwargs)

        return cast(_F, synchronous)


def _put(record: dict[str, Any]) -> None:
    if _process.current() is not None:
        from audit_layer._content import bounded

        _process.put(bounded(_shown(record)))


_FREE_TEXT = ("explanation", "risk_reasons", "principal_reasons", "alternatives")


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """The record under the capture mode and the redaction hook, which hold for decisions as for calls.

    What the ledger wants as text or as a list stays one: a digest then stands in it.
    """
    settings = _process.settings()
    if settings.capture == "full" and settings.redact is None:
        return record
    from audit_layer._content import digested, redacted

    def shown(value: Any) -> Any:
        if settings.redact is not None:
            return redacted(value, settings.redact)
        if isinstance(value, list):
            return [shown(item) for item in cast("list[Any]", value)]
        return f"sha256:{digested(value)['sha256']}" if isinstance(value, str) else digested(value)

    kept = settings.capture != "metadata"
    if settings.redact is not None and settings.capture == "digest":
        settings = settings.changed(redact=None)  # a digest gives nothing away that a hook would have to hide
    found = dict(record.get("decision") or {})
    for key in _FREE_TEXT:
        if key in found:
            value = found.pop(key)
            found.update({key: shown(value)} if kept else {})
    if "factors" in found:
        found["factors"] = [
            {key: shown(value) if key == "value" else value for key, value in item.items() if key != "value" or kept}
            for item in cast("list[Factor]", found["factors"])
        ]
    if "reason" in found.get("oversight", {}):
        watched = found["oversight"] = dict(found["oversight"])
        reason = watched.pop("reason")
        watched.update({"reason": shown(reason)} if kept else {})
    made = {**record, "decision": found} if found else record
    if settings.redact is not None and "attributes" in made:
        made["attributes"] = redacted(made["attributes"], settings.redact)
    return made


def decision(
    *,
    type: str | None = None,
    outcome: str | None = None,
    adverse: bool | None = None,
    confidence: float | None = None,
    confidence_source: str | None = None,
    alternatives: Sequence[Any] | None = None,
    risk_level: RiskLevel | None = None,
    risk_reasons: Sequence[str] | None = None,
    ai_role: AiRole | None = None,
    solely_automated: bool | None = None,
    policy: dict[str, Any] | None = None,
    principal_reasons: Sequence[str] | None = None,
    factors: Sequence[Factor] | None = None,
    explanation: str | None = None,
    oversight: Oversight | None = None,
    actor: str | dict[str, Any] | None = None,
    subject: str | dict[str, Any] | None = None,
    attributes: dict[str, Any] | None = None,
    **context_members: Any,
) -> Decision:
    """A decision. With an `outcome` given it is recorded at once; else by `with`, decorator or `record()`.

    At most four `principal_reasons` are kept, ranked. Further keywords are those of `context`.
    """
    given: dict[str, Any] = {
        "type": type,
        "outcome": outcome,
        "adverse": adverse,
        "confidence": confidence,
        "confidence_source": confidence_source,
        "alternatives": list(alternatives) if alternatives is not None else None,
        "risk_level": risk_level,
        "risk_reasons": list(risk_reasons) if risk_reasons is not None else None,
        "ai_role": ai_role,
        "solely_automated": solely_automated,
        "policy": policy,
        "principal_reasons": list(principal_reasons)[:4] if principal_reasons is not None else None,
        "factors": list(factors) if factors is not None else None,
        "explanation": explanation,
        "oversight": oversight,
        "attributes": attributes,
    }
    members = {key: value for key, value in given.items() if value is not None}
    made = Decision(members, context(actor=actor, subject=subject, **context_members).fields)
    if outcome is not None:
        made.record()
    return made


def human_review(
    decision_id: str | Decision,
    *,
    action: str,
    reviewer: str | Reviewer,
    reason: str | None = None,
    outcome: str | None = None,
    subject: str | dict[str, Any] | None = None,
    **context_members: Any,
) -> str:
    """Records that a person looked at a decision and what they did; returns the record's id."""
    now = time.time_ns()
    identifier = uuid7(now)
    try:
        about = decision_id.id if isinstance(decision_id, Decision) else decision_id
        person: dict[str, Any] = dict(reviewer) if isinstance(reviewer, dict) else {"id": str(reviewer)}
        if "id" in person:
            person["id"] = pseudonym(str(person["id"]))
        scope = context(subject=subject, decision_id=about, **context_members)
        record = envelope(_process.settings(), "human_review", now, identifier)
        fields = merged(current.get(), scope.fields)
        record.update(fields)
        record.setdefault("actor", {"id": person.get("id") or "unknown", "type": "user"})
        review: dict[str, Any] = {"action": action, "at": rfc3339(now), "reviewers": [person]}
        if reason is not None:
            review["reason"] = reason
        made: dict[str, Any] = {"oversight": review}
        if outcome is not None:
            made["outcome"] = outcome
        record["decision"], unfit = _wire.fitted_decision(made)
        if unfit:
            record["attributes"] = {**record.get("attributes", {}), **unfit}
        _put(record)
    except Exception as failure:
        report("human_review", failure)
    return identifier
