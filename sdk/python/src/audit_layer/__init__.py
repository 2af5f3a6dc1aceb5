"""Every model call and every decision on record: one line, never in the way, never loses a record.

    from audit_layer import AuditOpenAI

    client = AuditOpenAI()          # in place of openai.OpenAI()

Providers' packages are imported only when one of their clients is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from audit_layer._config import CaptureMode, OnDrop, OnFull, Redactor, Settings
from audit_layer._process import Health, configure, flush, health, shutdown
from audit_layer._version import __version__

if TYPE_CHECKING:
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

_T = TypeVar("_T")

_HOMES: dict[str, str] = {
    "AuditOpenAI": "integrations.openai",
    "AsyncAuditOpenAI": "integrations.openai",
    "AuditAzureOpenAI": "integrations.openai",
    "AsyncAuditAzureOpenAI": "integrations.openai",
    "AuditAnthropic": "integrations.anthropic",
    "AsyncAuditAnthropic": "integrations.anthropic",
    "AuditSpanProcessor": "integrations.otel",
    "detectors": "_redact",
    "flush_after": "_serverless",
    "redactor": "_redact",
    **dict.fromkeys(
        (
            "Decision",
            "Factor",
            "Oversight",
            "Reviewer",
            "context",
            "decision",
            "factor",
            "human_review",
            "oversight",
        ),
        "_decisions",
    ),
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


def wrap(client: _T, **context_members: Any) -> _T:
    """Makes a client that exists record its calls: openai's and anthropic's, Azure, Bedrock and Vertex too.

    The same object is returned, its class replaced by an audited subclass of it, so that `isinstance` and
    what was derived from it before keep working. Wrapping twice changes nothing; `unwrap` undoes it.
    Keywords are those of `context` and hold for this client and copies of it.

    Raises:
        TypeError: the client is of another kind.
    """
    from audit_layer.integrations._seam import wrapped

    fields = None
    if context_members:
        from audit_layer._decisions import context

        fields = context(**context_members).fields
    wrapped(client, fields)
    return client


def unwrap(client: _T) -> _T:
    """Takes the auditing off a client again, and returns it."""
    from audit_layer.integrations._seam import unwrapped

    unwrapped(client)
    return client


def is_wrapped(client: object) -> bool:
    """Whether a client's calls are recorded."""
    from audit_layer.integrations._seam import is_audited

    return is_audited(client)
