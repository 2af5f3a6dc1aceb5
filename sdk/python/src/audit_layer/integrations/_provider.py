"""Who runs the model, told from a client's class."""

from __future__ import annotations

from typing import Any

__all__ = ["provider_of"]

_providers: dict[type, str] = {}


def provider_of(kind: type[Any]) -> str:
    """The OpenTelemetry name of who runs the model, told from the client's class."""
    found = _providers.get(kind)
    if found is None:
        found = _providers[kind] = _provider(kind)
    return found


def _provider(kind: type[Any]) -> str:
    names = " ".join(base.__name__.lower() for base in kind.__mro__)
    if "azure" in names or "foundry" in names:
        return "azure.ai.openai" if "openai" in names else "azure.ai.inference"
    if "bedrock" in names or "anthropicaws" in names:
        return "aws.bedrock"
    if "vertex" in names or "googlecloud" in names:
        return "gcp.vertex_ai"
    return "anthropic" if "anthropic" in names else "openai"
