"""The clients of the `openai` package, each with every call on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
else:
    AuditOpenAI = audited_class(openai.OpenAI, "AuditOpenAI")
    AsyncAuditOpenAI = audited_class(openai.AsyncOpenAI, "AsyncAuditOpenAI")
    AuditAzureOpenAI = audited_class(openai.AzureOpenAI, "AuditAzureOpenAI")
    AsyncAuditAzureOpenAI = audited_class(openai.AsyncAzureOpenAI, "AsyncAuditAzureOpenAI")
