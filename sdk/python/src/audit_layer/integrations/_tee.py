"""Watches a response that the caller reads at its own pace, from the first byte to the end or whatever ends it.

The response's public `iter_bytes`, `iter_raw` and `close` are shadowed in place; nothing is read ahead.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from audit_layer._guard import report
from audit_layer._recorder import Call, How

__all__ = ["AsyncTee", "Tee"]

_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_frame: Any = getattr(sys, "_getframe")  # noqa: B009  (private to pyright, documented by CPython)
_SHADOWED = ("iter_bytes", "iter_raw", "close", "aiter_bytes", "aiter_raw", "aclose")


class Watch:
    """What the two tees share. It lives as long as the response that it watches, and ends the call with it."""

    def __init__(self, call: Call, response: Any) -> None:
        self.call = call
        self.response = response
        self.source: Any = None
        """The generator that the caller reads, once there is one."""
        self.over = False

    def finish(self, how: How, error: BaseException | None = None, *, quiet: bool = False) -> None:
        if self.over:
            return
        self.over = True
        try:
            self.call.recorder.finish(self.call, how, error, quiet=quiet)
        except Exception as ours:
            report("stream", ours)
        fields = self.response.__dict__
        for name in _SHADOWED:
            fields.pop(name, None)

    def closing(self, running: bool, caller: Any) -> None:
        """The response is being closed. While the tee runs, it will see itself how that came about."""
        if not running:
            # A generator that ends or is collected closes what it read from; a person calls `close`.
            dropped = caller is not None and caller.f_code.co_flags & _GENERATOR
            self.finish("dropped" if dropped else "closed", quiet=True)

    def __del__(self) -> None:
        if not self.over:
            self.over = True
            try:
                self.call.recorder.finish(self.call, "dropped", quiet=True)
            except Exception as error:
                report("collected", error)


class Tee(Watch):
    def __init__(self, call: Call, response: Any) -> None:
        super().__init__(call, response)
        self._bytes, self._raw, self._close = response.iter_bytes, response.iter_raw, response.close
        response.iter_bytes = self.iter_bytes
        response.iter_raw = self.iter_raw
        response.close = self.close

    def iter_bytes(self, *args: Any, **kwargs: Any) -> Any:
        if self.source is not None or self.over:
            return self._bytes(*args, **kwargs)
        self.source = self._read(self._bytes(*args, **kwargs))
        return self.source

    def iter_raw(self, *args: Any, **kwargs: Any) -> Any:
        if self.source is not None or self.over:
            return self._raw(*args, **kwargs)
        self.call.decoded = False
        self.source = self._read(self._raw(*args, **kwargs))
        return self.source

    def _read(self, inner: Any) -> Iterator[bytes]:
        add = self.call.add
        try:
            for chunk in inner:
                add(chunk)
                yield chunk
        except GeneratorExit:
            _end(inner)
            self.finish("dropped", quiet=True)
            raise
        except BaseException as error:
            self.finish("error", error)
            raise
        self.finish("end")

    def close(self) -> None:
        source = self.source
        caller = _frame(1)
        try:
            self._close()
        finally:
            self.closing(source is not None and source.gi_running, caller)


def _end(inner: Any) -> None:
    close = getattr(inner, "close", None)
    if close is not None:
        close()


class AsyncTee(Watch):
    def __init__(self, call: Call, response: Any) -> None:
        super().__init__(call, response)
        self._bytes, self._raw, self._close = response.aiter_bytes, response.aiter_raw, response.aclose
        response.aiter_bytes = self.aiter_bytes
        response.aiter_raw = self.aiter_raw
        response.aclose = self.aclose

    def aiter_bytes(self, *args: Any, **kwargs: Any) -> Any:
        if self.source is not None or self.over:
            return self._bytes(*args, **kwargs)
        self.source = self._read(self._bytes(*args, **kwargs))
        return self.source

    def aiter_raw(self, *args: Any, **kwargs: Any) -> Any:
        if self.source is not None or self.over:
            return self._raw(*args, **kwargs)
        self.call.decoded = False
        self.source = self._read(self._raw(*args, **kwargs))
        return self.source

    async def _read(self, inner: Any) -> AsyncIterator[bytes]:
        add = self.call.add
        try:
            async for chunk in inner:
                add(chunk)
                yield chunk
        except GeneratorExit:
            self.finish("dropped", quiet=True)
            close = getattr(inner, "aclose", None)
            # At the loop's end asyncio closes all generators at once, the inner one maybe before this.
            if close is not None and not getattr(inner, "ag_running", False):
                await close()
            raise
        except BaseException as error:
            self.finish("error", error)
            raise
        self.finish("end")

    async def aclose(self) -> None:
        source = self.source
        caller = _frame(1)
        try:
            await self._close()
        finally:
            self.closing(source is not None and source.ag_running, caller)
