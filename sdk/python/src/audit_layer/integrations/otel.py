"""An OpenTelemetry span processor: GenAI spans of any instrumented framework become records.

For calls that one of the audited clients makes, use that alone: the same call would be on record twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from audit_layer import _process
from audit_layer._events import encode, envelope
from audit_layer._guard import report
from audit_layer._ids import rfc3339
from audit_layer._mapping import digested, redacted

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

__all__ = ["AuditSpanProcessor"]

_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call",
    "gen_ai.tool.definitions",
    "gen_ai.prompt.0",
    "gen_ai.completion.0",
)
_TYPES = {"execute_tool": "tool_call"}


class AuditSpanProcessor(SpanProcessor):
    """Records each span that has `gen_ai.*` attributes when it ends."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing is known yet."""

    def on_end(self, span: ReadableSpan) -> None:
        """Records the span if it is a model's or a tool's."""
        try:
            attributes: Mapping[str, Any] = span.attributes or {}
            if any(name.startswith("gen_ai.") for name in attributes):
                _process.put(encode(_record(span, attributes)))
        except Exception as error:
            report("span", error)

    def shutdown(self) -> None:
        """What is recorded is on disk already."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Waits for delivery."""
        return _process.flush(timeout_millis / 1000)


def _record(span: ReadableSpan, attributes: Mapping[str, Any]) -> dict[str, Any]:
    settings = _process.settings()
    operation = str(attributes.get("gen_ai.operation.name", ""))
    record = envelope(settings, _TYPES.get(operation, "llm_call"), span.start_time or 0)
    record["ended_at"] = rfc3339(span.end_time or span.start_time or 0)
    where = span.get_span_context()
    if where is not None:
        record["trace_id"] = f"{where.trace_id:032x}"
    found: dict[str, Any] = {}
    for name, value in attributes.items():
        shown: Any = list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
        if not name.startswith(_CONTENT):
            found[name] = shown
            continue
        if settings.capture == "metadata":
            continue
        if settings.capture == "digest":
            found[name] = digested(shown)
            continue
        try:
            shown = json.loads(shown) if isinstance(shown, str) else shown
        except ValueError:
            pass
        found[name] = redacted(shown, settings.redact) if settings.redact is not None else shown
    failed = not span.status.is_ok and span.status.status_code.name == "ERROR"
    found["audit.call.completion"] = "error" if failed else "complete"
    found["audit.span.name"] = span.name
    if span.instrumentation_scope is not None:
        found["audit.span.scope"] = span.instrumentation_scope.name
    record["attributes"] = found
    return record
