"""The one mechanism by which a provider's client is audited, for every client built like openai's.

A single-base subclass overrides `request` (one logical call, whatever happens in it), `_prepare_request`
(attempts, and the bytes as sent) and `_process_response` (the bytes as they came). A response that is not
read yet has its public `iter_bytes`, `iter_raw` and `close` shadowed in place. No transport is hooked, no
parameter declared again, neither `httpx` nor `httpx2` imported. A seam that a version lacks is left out,
counted, and the call recorded from its parsed result.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import Any, cast

from audit_layer import _process
from audit_layer._guard import failures, report
from audit_layer._recorder import Call, How

__all__ = ["audited_class", "is_audited", "missing_seams", "unwrapped", "wrapped"]

_MARK = "_audit_base"
_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_call: ContextVar[Call | None] = ContextVar("audit_layer_call", default=None)

_above: Any = super
"""`super` with its arguments; untyped, because the classes are known only when they are used."""
_frame: Any = getattr(sys, "_getframe")  # noqa: B009  (private to pyright, documented by CPython)

SEAMS = ("request", "_prepare_request", "_process_response")


def missing_seams(base: type[Any]) -> list[str]:
    """The seams that a client class lacks."""
    return [name for name in SEAMS if not callable(getattr(base, name, None))]


def is_audited(client: Any) -> bool:
    """Whether a client's calls are recorded."""
    return hasattr(client.__class__, _MARK)


def _begin(client: Any, options: Any) -> Call | None:
    """A new call, or None where recording is off or this request is part of the call under way."""
    try:
        recorder = _process.current()
        if recorder is None:
            return None
        outer = _call.get()
        if outer is not None and outer.client is client and outer.options is options:
            return None
        url = client.base_url
        cached: tuple[Any, str] | None = client.__dict__.get("_audit_host")
        if cached is None or cached[0] is not url:
            host = str(getattr(url, "host", ""))
            client.__dict__["_audit_host"] = cached = (url, host)
        path = options.url
        if "?" in path or path[:1] != "/":
            path = _path(path)
        call = recorder.begin(provider_of(client.__class__), options.method.upper(), path, cached[1])
        call.client = client
        call.options = options
        extra = client.__dict__.get("_audit_context")
        if extra:
            from audit_layer._context import merged

            call.context = merged(extra, call.context or {})
        return call
    except Exception as error:
        report("begin", error)
        return None


def _path(url: str) -> str:
    """A path without host, credentials and query, any of which may hold a key."""
    path = url.partition("?")[0].partition("#")[0]
    _, absolute, rest = path.partition("://")
    return "/" + (rest.partition("/")[2] if absolute else path.lstrip("/"))


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


def _seen(call: Call, response: Any) -> bool:
    """Takes what a response says before its body; True when the body is read already."""
    call.status = response.status_code
    headers = response.headers
    call.request_id = headers.get("x-request-id") or headers.get("request-id") or ""
    kind = headers.get("content-type") or ""
    call.type = kind.partition(";")[0].strip().lower()
    try:
        call.body = response.content
        return True
    except Exception:  # each library names "not read yet" its own way
        return False


def _failed(call: Call, error: BaseException) -> None:
    """Records the exception that is on its way to the caller."""
    try:
        if call.http is None or getattr(call.options, "files", None):
            _from_options(call)
        response = getattr(error, "response", None)
        if response is not None and not call.chunks:
            _seen(call, response)
    except Exception as ours:
        report("error", ours)
    try:
        call.recorder.finish(call, "error", error)
    except Exception as ours:
        report("error", ours)


def _returned(call: Call, result: Any, tee: type[_Watch]) -> None:
    """Records a call that returned, unless its response is still to be read."""
    try:
        if call.streaming:
            return
        if call.http is None or getattr(call.options, "files", None):
            _from_options(call)
        if not call.status:
            _from_result(call, result, tee)
        if not call.streaming:
            call.recorder.finish(call, "return")
    except Exception as error:
        report("result", error)


def _from_result(call: Call, result: Any, tee: type[_Watch]) -> None:
    """For a result that came past the seams, from a cache in a middleware say: what it says of itself."""
    response = getattr(result, "http_response", None)
    if response is not None:
        if not _seen(call, response):
            _shadow(call, response, tee)
        return
    failures["seam: recorded from the parsed result"] = failures.get("seam: recorded from the parsed result", 0) + 1
    dump = getattr(result, "model_dump_json", None)
    if dump is not None:
        call.body = dump().encode()
        call.type = "application/json"


def _from_options(call: Call) -> None:
    """For a request whose bytes can't be had: one that was never built, or a multipart one, which is never read."""
    from audit_layer.integrations._form import form

    call.fallback = form(getattr(call.options, "json_data", None), getattr(call.options, "files", None))


def _shadow(call: Call, response: Any, tee: type[_Watch]) -> None:
    """Watches a response that is not read yet, from the first byte that the caller asks for."""
    if getattr(call.options, "files", None):
        _from_options(call)
    call.recorder.open(call)
    tee(call, response)


_SHADOWED = ("iter_bytes", "iter_raw", "close", "aiter_bytes", "aiter_raw", "aclose")


class _Watch:
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


class _Tee(_Watch):
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


class _AsyncTee(_Watch):
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


def audited_class(base: type[Any], name: str = "") -> type[Any]:
    """The audited subclass of a provider's client class, one for each; of an audited class, itself."""
    found = _classes.get(base)
    if found is None or name:
        found = _classes[base] = _audited_class(base, name)
    return found


_classes: dict[type[Any], type[Any]] = {}


def _audited_class(base: type[Any], name: str) -> type[Any]:
    if hasattr(base, _MARK):
        return base
    asynchronous = inspect.iscoroutinefunction(getattr(base, "request", None))
    body: dict[str, Any] = {
        _MARK: base,
        "__module__": base.__module__ if not name else "audit_layer",
        "__qualname__": name or base.__qualname__,
        "__doc__": f"`{base.__name__}` with every call on record.",
    }
    lacking = missing_seams(base)
    for seam in lacking:
        failures[f"seam: {base.__name__} has no {seam}"] = 1
    build = _async_seams if asynchronous else _sync_seams
    kind: Any = type(name or base.__name__, (base,), body)
    for seam, function in {**build(kind), **_copies(kind, base), "__init__": _constructor(kind, base)}.items():
        original = getattr(base, seam, None)
        if callable(original):
            setattr(kind, seam, functools.wraps(original)(function))
    if hasattr(base, "webhooks"):
        from audit_layer.integrations._webhooks import recorded

        kind.webhooks = recorded(base.webhooks)
    return cast(type, kind)


def _sync_seams(kind: Any) -> dict[str, Callable[..., Any]]:
    def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        call = _begin(self, options)
        if call is None:
            return _above(kind, self).request(cast_to, options, *args, **kwargs)
        token = _call.set(call)
        try:
            result = _above(kind, self).request(cast_to, options, *args, **kwargs)
        except BaseException as error:
            _failed(call, error)
            raise
        finally:
            _call.reset(token)
        _returned(call, result, _Tee)
        return result

    def prepare(self: Any, request: Any) -> Any:
        _attempt(request)
        return _above(kind, self)._prepare_request(request)

    def process(self: Any, *args: Any, **kwargs: Any) -> Any:
        _response(kwargs, _Tee)
        return _above(kind, self)._process_response(*args, **kwargs)

    return {"request": request, "_prepare_request": prepare, "_process_response": process}


def _async_seams(kind: Any) -> dict[str, Callable[..., Any]]:
    async def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        call = _begin(self, options)
        if call is None:
            return await _above(kind, self).request(cast_to, options, *args, **kwargs)
        token = _call.set(call)
        try:
            result = await _above(kind, self).request(cast_to, options, *args, **kwargs)
        except BaseException as error:
            _failed(call, error)
            raise
        finally:
            _call.reset(token)
        _returned(call, result, _AsyncTee)
        return result

    async def prepare(self: Any, request: Any) -> Any:
        _attempt(request)
        return await _above(kind, self)._prepare_request(request)

    async def process(self: Any, *args: Any, **kwargs: Any) -> Any:
        _response(kwargs, _AsyncTee)
        return await _above(kind, self)._process_response(*args, **kwargs)

    return {"request": request, "_prepare_request": prepare, "_process_response": process}


def _constructor(kind: Any, base: Any) -> Callable[..., None]:
    """Builds the client as what it stands for.

    The providers ask in places for the exact class: anthropic looks for credentials only where `type(self)` is
    its own. Nobody else has the object yet, so its class may wait until it is built.
    """

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.__class__ is not kind:  # a subclass of the application's: the providers tell those apart too
            _above(kind, self).__init__(*args, **kwargs)
            return
        self.__class__ = base
        try:
            self.__init__(*args, **kwargs)
        finally:
            self.__class__ = kind

    return __init__


def _copies(kind: Any, base: Any) -> dict[str, Callable[..., Any]]:
    def copy(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.__class__ is kind:
            # An object of the exact stock class with the very same members, for the reason above. The client
            # itself may be in use on other threads, whose calls have to be recorded meanwhile.
            twin = object.__new__(base)
            twin.__dict__ = self.__dict__
            new = twin.copy(*args, **kwargs)
            if new.__class__ is base:
                new.__class__ = kind
        else:
            new = _above(kind, self).copy(*args, **kwargs)
        extra = self.__dict__.get("_audit_context")
        if extra:
            new.__dict__["_audit_context"] = extra
        return new

    return {"copy": copy, "with_options": copy}


def _attempt(request: Any) -> None:
    call = _call.get()
    if call is not None:
        call.attempts += 1
        call.http = request
        spans = sys.modules.get("audit_layer.integrations.otel")
        if spans is not None:
            spans.cover()


def _response(arguments: dict[str, Any], tee: type[_Watch]) -> None:
    call = _call.get()
    response = arguments.get("response")
    if call is None or response is None or call.streaming:
        return
    try:
        if not _seen(call, response):
            _shadow(call, response, tee)
    except Exception as error:
        report("response", error)


def wrapped(client: Any, context: dict[str, Any] | None = None) -> Any:
    """Makes a client that exists record its calls: the same object, its class replaced by the audited one."""
    if not is_audited(client):
        lacking = missing_seams(client.__class__)
        if "request" in lacking:
            raise TypeError(f"{client.__class__.__name__} is no client that can be audited: it has no `request`")
        client.__class__ = audited_class(client.__class__)
    if context:
        client.__dict__["_audit_context"] = context
    return client


def unwrapped(client: Any) -> Any:
    """Takes the auditing off a client again."""
    base = client.__class__.__dict__.get(_MARK)
    if base is not None:
        client.__class__ = base
        client.__dict__.pop("_audit_context", None)
        client.__dict__.pop("_audit_host", None)
    return client
