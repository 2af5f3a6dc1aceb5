"""The seams of an asynchronous client: those of `_seam`, awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audit_layer.integrations._seam import above, attempt, begin, current_call, failed, response, returned

__all__ = ["async_seams"]


def async_seams(kind: Any) -> dict[str, Callable[..., Any]]:
    async def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        call = begin(self, options)
        if call is None:
            return await above(kind, self).request(cast_to, options, *args, **kwargs)
        token = current_call.set(call)
        try:
            result = await above(kind, self).request(cast_to, options, *args, **kwargs)
        except BaseException as error:
            failed(call, error)
            raise
        finally:
            current_call.reset(token)
        returned(call, result, True)
        return result

    async def prepare(self: Any, request: Any) -> Any:
        attempt(request)
        return await above(kind, self)._prepare_request(request)

    async def process(self: Any, *args: Any, **kwargs: Any) -> Any:
        response(kwargs, True)
        return await above(kind, self)._process_response(*args, **kwargs)

    return {"request": request, "_prepare_request": prepare, "_process_response": process}
