"""The clients of the `openai` package, each with every call on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from audit_layer.integrations._seam import audited_class

__all__ = ["AsyncAuditAzureOpenAI", "AsyncAuditOpenAI", "AuditAzureOpenAI", "AuditOpenAI"]

if TYPE_CHECKING:

    class AuditOpenAI(openai.OpenAI):  # audit-layer: ignore
        """`openai.OpenAI` with every call on record."""

    class AsyncAuditOpenAI(openai.AsyncOpenAI):  # audit-layer: ignore
        """`openai.AsyncOpenAI` with every call on record."""

    class AuditAzureOpenAI(openai.AzureOpenAI):  # audit-layer: ignore
        """`openai.AzureOpenAI` with every call on record."""

    class AsyncAuditAzureOpenAI(openai.AsyncAzureOpenAI):  # audit-layer: ignore
        """`openai.AsyncAzureOpenAI` with every call on record."""


_STOCK = {
    "AuditOpenAI": "OpenAI",
    "AsyncAuditOpenAI": "AsyncOpenAI",
    "AuditAzureOpenAI": "AzureOpenAI",
    "AsyncAuditAzureOpenAI": "AsyncAzureOpenAI",
}


def __getattr__(name: str) -> Any:
    """Builds a class when it is asked for."""
    if name not in _STOCK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = audited_class(getattr(openai, _STOCK[name]), name)
    return found
