"""Every model call and every decision on record: one line, never in the way, never loses a record.

    from audit_layer import AuditOpenAI

    client = AuditOpenAI()          # in place of openai.OpenAI()

Providers' packages are imported only when one of their clients is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit_layer._config import CaptureMode, OnDrop, OnFull, Redactor, Settings
from audit_layer._version import __version__

if TYPE_CHECKING:
    from audit_layer._control import Health, configure, flush, health, shutdown
    from audit_layer._decisions import (
        Decision,
        Factor,
        Oversight,
        Reviewer,
        context,
        decision,
        factor,
        human_review,
        oversight,
    )
    from audit_layer._redact import detectors, redactor
    from audit_layer._serverless import flush_after
    from audit_layer._wrapping import is_wrapped, unwrap, wrap
    from audit_layer.integrations.anthropic import AsyncAuditAnthropic, AuditAnthropic
    from audit_layer.integrations.openai import (
        AsyncAuditAzureOpenAI,
        AsyncAuditOpenAI,
        AuditAzureOpenAI,
        AuditOpenAI,
    )
    from audit_layer.integrations.otel import AuditSpanProcessor

__all__ = [
    "AsyncAuditAnthropic",
    "AsyncAuditAzureOpenAI",
    "AsyncAuditOpenAI",
    "AuditAnthropic",
    "AuditAzureOpenAI",
    "AuditOpenAI",
    "AuditSpanProcessor",
    "CaptureMode",
    "Decision",
    "Factor",
    "Health",
    "OnDrop",
    "OnFull",
    "Oversight",
    "Redactor",
    "Reviewer",
    "Settings",
    "__version__",
    "configure",
    "context",
    "decision",
    "detectors",
    "factor",
    "flush",
    "flush_after",
    "health",
    "human_review",
    "is_wrapped",
    "oversight",
    "redactor",
    "shutdown",
    "unwrap",
    "wrap",
]

_HOMES: dict[str, str] = {
    "AuditOpenAI": "integrations.openai",
    "AsyncAuditOpenAI": "integrations.openai",
    "AuditAzureOpenAI": "integrations.openai",
    "AsyncAuditAzureOpenAI": "integrations.openai",
    "AuditAnthropic": "integrations.anthropic",
    "AsyncAuditAnthropic": "integrations.anthropic",
    "AuditSpanProcessor": "integrations.otel",
    "flush_after": "_serverless",
    **dict.fromkeys(("detectors", "redactor"), "_redact"),
    **dict.fromkeys(("Health", "configure", "flush", "health", "shutdown"), "_control"),
    **dict.fromkeys(("is_wrapped", "unwrap", "wrap"), "_wrapping"),
    **dict.fromkeys(("Decision", "Factor", "Oversight", "Reviewer", "context", "decision"), "_decisions"),
    **dict.fromkeys(("factor", "human_review", "oversight"), "_decisions"),
}


def __getattr__(name: str) -> Any:
    """Loads what is asked for, and a provider's package only with its client."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
