"""The trace of the span that is active in the application, where it uses OpenTelemetry."""

from __future__ import annotations

import sys

from audit_layer._guard import report

__all__ = ["active_trace"]


def active_trace() -> str:
    """The active span's trace; empty where there is none."""
    try:
        context = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
        return f"{context.trace_id:032x}" if context.is_valid else ""
    except Exception as error:
        report("opentelemetry", error)
        return ""
