"""The clients of the `anthropic` package, each with every call on record.

Those for Bedrock and Vertex need further packages; `audit_layer.wrap(client)` audits them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic

from audit_layer.integrations._seam import audited_class

__all__ = ["AsyncAuditAnthropic", "AuditAnthropic"]

if TYPE_CHECKING:

    class AuditAnthropic(anthropic.Anthropic):  # audit-layer: ignore
        """`anthropic.Anthropic` with every call on record."""

    class AsyncAuditAnthropic(anthropic.AsyncAnthropic):  # audit-layer: ignore
        """`anthropic.AsyncAnthropic` with every call on record."""


_STOCK = {"AuditAnthropic": "Anthropic", "AsyncAuditAnthropic": "AsyncAnthropic"}


def __getattr__(name: str) -> Any:
    """Builds a class when it is asked for."""
    if name not in _STOCK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = audited_class(getattr(anthropic, _STOCK[name]), name)
    return found
