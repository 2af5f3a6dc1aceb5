"""An OpenTelemetry span processor: GenAI spans of any instrumented framework become records.

A span of a call that an audited client made is left out, because the call is on record already, with the
bytes as they were; spans around it, of an agent or a tool say, are not.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from audit_layer import _control, _process
from audit_layer._content import bounded, content_of, redacted
from audit_layer._context import Fields, current
from audit_layer._events import envelope
from audit_layer._guard import report
from audit_layer._ids import derived_uuid7, rfc3339
from audit_layer._wire import fitted_attributes

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

__all__ = ["AuditSpanProcessor", "cover"]

_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call",
    "gen_ai.tool.definitions",
    "gen_ai.prompt.0",
    "gen_ai.completion.0",
    "gen_ai.completion",
    "gen_ai.content",
    "gen_ai.evaluation",
)
_NOT_CONTENT = ("gen_ai.tool.call.id",)
_ALIASES = {
    "gen_ai.system": "gen_ai.provider.name",
    "gen_ai.usage.prompt_tokens": "gen_ai.usage.input_tokens",
    "gen_ai.usage.completion_tokens": "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_creation.input_tokens": "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens": "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
}
"""Names of earlier conventions and of frameworks, where the record has another."""
_TYPES = {"execute_tool": "tool_call"}
_MODEL_CALLS = ("chat", "text_completion", "generate_content", "embeddings", "")
_REMEMBERED = 10_000

_covered: OrderedDict[int, None] = OrderedDict()
_lock = threading.Lock()


def cover() -> None:
    """An audited client is making a call within the span that is active now."""
    try:
        span_id = trace.get_current_span().get_span_context().span_id
        with _lock:
            _covered[span_id] = None
            while len(_covered) > _REMEMBERED:
                _covered.popitem(last=False)
    except Exception as error:
        report("opentelemetry", error)


class _Open(NamedTuple):
    span: ReadableSpan
    context: Fields | None
    """What held where the span began."""


class AuditSpanProcessor(SpanProcessor):
    """Records each span that has `gen_ai.*` attributes when it ends."""

    def __init__(self) -> None:
        """Has no settings of its own; those of `audit_layer.configure` hold."""
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Keeps what the span began in, by which those within it find it."""
        try:
            with self._lock:
                self._open[span.get_span_context().span_id] = _Open(span, current.get())
                while len(self._open) > _REMEMBERED:
                    self._open.popitem(last=False)
        except Exception as error:
            report("span", error)

    def on_end(self, span: ReadableSpan) -> None:
        """Records the span if it is a model's, an agent's or a tool's."""
        try:
            where = span.get_span_context()
            span_id = where.span_id if where is not None else 0
            with self._lock:
                begun = self._open.pop(span_id, None)
                parent = self._open.get(span.parent.span_id) if span.parent is not None else None
            with _lock:
                covered = span_id in _covered
                _covered.pop(span_id, None)
            attributes = _attributes(span)
            if not attributes or (covered and str(attributes.get("gen_ai.operation.name", "")) in _MODEL_CALLS):
                return
            if _process.current() is None:
                return
            record = _record(span, attributes, begun.context if begun is not None else current.get())
            if parent is not None and _attributes(parent.span):
                record.setdefault("parent_id", _id(parent.span))
            _process.put(bounded(record))
        except Exception as error:
            report("span", error)

    def shutdown(self) -> None:
        """What is recorded is on disk already."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Waits for delivery."""
        return _control.flush(timeout_millis / 1000)


def _attributes(span: ReadableSpan) -> Mapping[str, Any]:
    """A GenAI span's attributes; of another span, none."""
    found: Mapping[str, Any] = span.attributes or {}
    return found if any(name.startswith("gen_ai.") for name in found) else {}


def _id(span: ReadableSpan) -> str:
    """A record's id that follows from the span, so that a span within it can name it before it is written."""
    where = span.get_span_context()
    source = f"span/{where.trace_id:032x}/{where.span_id:016x}" if where is not None else repr(span)
    return derived_uuid7(span.start_time or 0, source)


def _record(span: ReadableSpan, attributes: Mapping[str, Any], context: Fields | None) -> dict[str, Any]:
    settings = _process.settings()
    operation = str(attributes.get("gen_ai.operation.name", ""))
    record = envelope(settings, _TYPES.get(operation, "llm_call"), span.start_time or 0, _id(span))
    record["ended_at"] = rfc3339(max(span.end_time or 0, span.start_time or 0))
    where = span.get_span_context()
    if where is not None:
        record["trace_id"] = f"{where.trace_id:032x}"
    fields = dict(context or {})
    found: dict[str, Any] = dict(fields.pop("attributes", {}))
    record.update(fields)
    for name, value in attributes.items():
        shown: Any = list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
        if name.startswith(_CONTENT) and name not in _NOT_CONTENT:
            found.update(content_of(settings, name, _parsed(shown)))
        elif _ALIASES.get(name, name) not in attributes or name not in _ALIASES:
            found[_ALIASES.get(name, name)] = shown
    events = [
        {"name": event.name, "attributes": {key: _parsed(value) for key, value in (event.attributes or {}).items()}}
        for event in span.events
        if event.name.startswith("gen_ai.")
    ]
    if events:
        found.update(content_of(settings, "audit.span.events", events))
    failed = span.status.status_code is trace.StatusCode.ERROR
    found["audit.call.completion"] = "error" if failed else "complete"
    if failed and "error.type" not in found:
        found["error.type"] = _error_type(span)
    found["audit.span.name"] = span.name if settings.redact is None else redacted(span.name, settings.redact)
    if span.instrumentation_scope is not None:
        found["audit.span.scope"] = span.instrumentation_scope.name
    record["attributes"] = fitted_attributes(found)
    return record


def _parsed(value: Any) -> Any:
    """A content attribute's own structure, where it is JSON in a string."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            pass
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value


def _error_type(span: ReadableSpan) -> str:
    for event in span.events:
        if event.name == "exception":
            return str((event.attributes or {}).get("exception.type", "_OTHER"))
    return "_OTHER"
