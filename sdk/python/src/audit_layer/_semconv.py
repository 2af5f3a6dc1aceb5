"""The providers' spellings, mapped once to the names of the OpenTelemetry GenAI conventions.

Nothing here does anything; `_mapping` reads these tables.
"""

from __future__ import annotations

import functools
import re

__all__ = [
    "FINISH_REASONS",
    "INPUT",
    "INSTRUCTIONS",
    "LLM_OPERATIONS",
    "OUTPUT",
    "REQUEST_SCALARS",
    "USAGE",
    "operation",
]

LLM_OPERATIONS: dict[str, str] = {
    "/chat/completions": "chat",
    "/responses": "chat",
    "/responses/compact": "chat",
    "/messages": "chat",
    "/completions": "text_completion",
    "/complete": "text_completion",
    "/embeddings": "embeddings",
    "/decisions": "decision",
    "/moderations": "moderation",
    "/images/generations": "image_generation",
    "/images/edits": "image_edit",
    "/images/variations": "image_variation",
    "/audio/speech": "speech",
    "/audio/transcriptions": "transcription",
    "/audio/translations": "translation",
    "/videos": "video_generation",
    "/batches": "batch",
    "/messages/batches": "batch",
    "/messages/count_tokens": "count_tokens",
    "/responses/input_tokens": "count_tokens",
}
"""POST to one of these runs a model. The path is the resource's own, without base URL and version."""

REQUEST_SCALARS: dict[str, str] = {
    "model": "gen_ai.request.model",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
}

INSTRUCTIONS = ("instructions", "system")
INPUT = ("messages", "input", "prompt")
OUTPUT = ("choices", "output", "content", "data", "completion", "results", "answers", "text", "input_tokens")
FINISH_REASONS = ("finish_reason", "stop_reason")

USAGE: dict[str, tuple[tuple[str, ...], ...]] = {
    "gen_ai.usage.input_tokens": (("prompt_tokens",), ("input_tokens",)),
    "gen_ai.usage.output_tokens": (("completion_tokens",), ("output_tokens",)),
    "gen_ai.usage.cache_read.input_tokens": (
        ("prompt_tokens_details", "cached_tokens"),
        ("input_tokens_details", "cached_tokens"),
        ("cache_read_input_tokens",),
    ),
    "gen_ai.usage.cache_write.input_tokens": (
        ("cache_creation_input_tokens",),
        ("prompt_tokens_details", "cache_write_tokens"),
        ("input_tokens_details", "cache_write_tokens"),
    ),
    "gen_ai.usage.reasoning.output_tokens": (
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
    ),
}
"""For each of our names the places, in order, where a provider's `usage` may hold it."""

_PREFIX = re.compile(r"^(?:https?://[^/]+)?(?:/v\d+(?:beta)?)?(?=/)")
_DEPLOYMENT = re.compile(r"^/(?:openai/)?deployments/[^/]+(?=/)")


@functools.lru_cache(maxsize=512)
def operation(method: str, path: str) -> tuple[str, str]:
    """The record type and operation name of a request."""
    path = path.partition("?")[0]
    if path[:1] != "/":
        path = "/" + path if "://" not in path else path
    path = _DEPLOYMENT.sub("", _PREFIX.sub("", path, count=1), count=1).rstrip("/")
    found = LLM_OPERATIONS.get(path) if method.upper() == "POST" else None
    if found:
        return "llm_call", found
    if "/invoke" in path or "rawPredict" in path or "RawPredict" in path:
        return "llm_call", "chat"
    verb = {"GET": "read", "POST": "write", "DELETE": "delete"}.get(method.upper(), "write")
    noun = re.sub(r"[^A-Za-z0-9_]+", "_", path.strip("/").partition("/")[0]) or "root"
    return ("access" if verb == "read" else "config_change"), f"{verb}_{noun}"
