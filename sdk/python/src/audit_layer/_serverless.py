"""The flush hook for platforms that freeze a process between two events, AWS Lambda first of all.

A frozen process sends nothing, and its disk goes with it: what is to be on record for sure is sent before the
handler returns.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from audit_layer import _control

__all__ = ["flush_after"]

_F = TypeVar("_F", bound=Callable[..., Any])
RESERVE_SECONDS = 0.2
"""What is left of the handler's own time limit for it to return in."""


@overload
def flush_after(handler: _F) -> _F: ...


@overload
def flush_after(*, timeout: float = 2.0) -> Callable[[_F], _F]: ...


def flush_after(handler: _F | None = None, *, timeout: float = 2.0) -> _F | Callable[[_F], _F]:
    """Decorates a handler, plain or asynchronous: after each run, whatever its end, waits for a flush.

    Never longer than `timeout`, nor than the platform's context says there is time. What is not accepted by
    then stays in the spool, and goes with the next event.
    """
    if handler is None:
        return functools.partial(_decorated, timeout=timeout)
    return _decorated(handler, timeout=timeout)


def _decorated(handler: _F, *, timeout: float) -> _F:
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            try:
                return await handler(*args, **kwargs)
            finally:
                await asyncio.to_thread(_control.flush, _time_for(args, timeout))

        return cast(_F, asynchronous)

    @functools.wraps(handler)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        finally:
            _control.flush(_time_for(args, timeout))

    return cast(_F, synchronous)


def _time_for(arguments: tuple[Any, ...], timeout: float) -> float:
    """`timeout`, or what Lambda's context object, the handler's last argument, leaves of it."""
    remaining = getattr(arguments[-1], "get_remaining_time_in_millis", None) if arguments else None
    if remaining is None:
        return timeout
    return max(0.0, min(timeout, float(remaining()) / 1000 - RESERVE_SECONDS))
