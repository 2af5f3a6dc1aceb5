"""Calls whose bytes are out of reach: recorded from what the provider's library made of them."""

from __future__ import annotations

from typing import Any

from audit_layer._guard import failures
from audit_layer._recorder import Call
from audit_layer.integrations._form import form
from audit_layer.integrations._seam import seen, shadow

__all__ = ["from_options", "from_result"]


def from_result(call: Call, result: Any, asynchronous: bool) -> None:
    """For a result that came past the seams, from a cache in a middleware say: what it says of itself."""
    response = getattr(result, "http_response", None)
    if response is not None:
        if not seen(call, response):
            shadow(call, response, asynchronous)
        return
    failures["seam: recorded from the parsed result"] = failures.get("seam: recorded from the parsed result", 0) + 1
    dump = getattr(result, "model_dump_json", None)
    if dump is not None:
        call.body = dump().encode()
        call.type = "application/json"


def from_options(call: Call) -> None:
    """For a request whose bytes can't be had: one that was never built, or a multipart one, which is never read."""
    call.fallback = form(getattr(call.options, "json_data", None), getattr(call.options, "files", None))
