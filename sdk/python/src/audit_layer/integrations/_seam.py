"""The one mechanism by which a provider's client is audited, for every client built like openai's.

A single-base subclass overrides `request` (one logical call, whatever happens in it), `_prepare_request`
(attempts, and the bytes as sent) and `_process_response` (the bytes as they came); a response that is not
read yet is watched (`_tee`). No transport is hooked, no
parameter declared again, neither `httpx` nor `httpx2` imported. A seam that a version lacks is left out,
counted, and the call recorded from its parsed result.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

from audit_layer import _process
from audit_layer._guard import failures, report
from audit_layer._recorder import Call
from audit_layer.integrations._provider import provider_of

__all__ = ["MARK", "audited_class", "missing_seams"]

MARK = "_audit_base"
current_call: ContextVar[Call | None] = ContextVar("audit_layer_call", default=None)

above: Any = super
"""`super` with its arguments; untyped, because the classes are known only when they are used."""
SEAMS = ("request", "_prepare_request", "_process_response")


def missing_seams(base: type[Any]) -> list[str]:
    """The seams that a client class lacks."""
    return [name for name in SEAMS if not callable(getattr(base, name, None))]


def begin(client: Any, options: Any) -> Call | None:
    """A new call, or None where recording is off or this request is part of the call under way."""
    try:
        recorder = _process.current()
        if recorder is None:
            return None
        outer = current_call.get()
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


def seen(call: Call, response: Any) -> bool:
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


def failed(call: Call, error: BaseException) -> None:
    """Records the exception that is on its way to the caller."""
    try:
        if call.http is None or getattr(call.options, "files", None):
            _parsed().from_options(call)
        response = getattr(error, "response", None)
        if response is not None and not call.chunks:
            seen(call, response)
    except Exception as ours:
        report("error", ours)
    try:
        call.recorder.finish(call, "error", error)
    except Exception as ours:
        report("error", ours)


def returned(call: Call, result: Any, asynchronous: bool) -> None:
    """Records a call that returned, unless its response is still to be read."""
    try:
        if call.streaming:
            return
        if call.http is None or getattr(call.options, "files", None):
            _parsed().from_options(call)
        if not call.status:
            _parsed().from_result(call, result, asynchronous)
        if not call.streaming:
            call.recorder.finish(call, "return")
    except Exception as error:
        report("result", error)


def _parsed() -> Any:
    from audit_layer.integrations import _parsed

    return _parsed


def shadow(call: Call, response: Any, asynchronous: bool) -> None:
    """Watches a response that is not read yet, from the first byte that the caller asks for."""
    from audit_layer.integrations._tee import AsyncTee, Tee

    if getattr(call.options, "files", None):
        _parsed().from_options(call)
    call.recorder.open(call)
    (AsyncTee if asynchronous else Tee)(call, response)


def audited_class(base: type[Any], name: str = "") -> type[Any]:
    """The audited subclass of a provider's client class, one for each; of an audited class, itself."""
    found = _classes.get(base)
    if found is None or name:
        found = _classes[base] = _audited_class(base, name)
    return found


_classes: dict[type[Any], type[Any]] = {}


def _audited_class(base: type[Any], name: str) -> type[Any]:
    if hasattr(base, MARK):
        return base
    asynchronous = inspect.iscoroutinefunction(getattr(base, "request", None))
    body: dict[str, Any] = {
        MARK: base,
        "__module__": base.__module__ if not name else "audit_layer",
        "__qualname__": name or base.__qualname__,
        "__doc__": f"`{base.__name__}` with every call on record.",
    }
    lacking = missing_seams(base)
    for seam in lacking:
        failures[f"seam: {base.__name__} has no {seam}"] = 1
    build = _sync_seams
    if asynchronous:
        from audit_layer.integrations._asynchronous import async_seams as build
    kind: Any = type(name or base.__name__, (base,), body)
    for seam, function in {**build(kind), **_copies(kind, base), "__init__": _constructor(kind, base)}.items():
        original = getattr(base, seam, None)
        if callable(original):
            setattr(kind, seam, functools.wraps(original)(function))
    if hasattr(base, "webhooks"):
        kind.webhooks = property(functools.partial(_webhooks, base.webhooks))
    return cast(type, kind)


def _webhooks(original: Any, client: Any) -> Any:
    from audit_layer.integrations._webhooks import recorded

    return recorded(original.__get__(client, type(client)), client)


def _sync_seams(kind: Any) -> dict[str, Callable[..., Any]]:
    def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        call = begin(self, options)
        if call is None:
            return above(kind, self).request(cast_to, options, *args, **kwargs)
        token = current_call.set(call)
        try:
            result = above(kind, self).request(cast_to, options, *args, **kwargs)
        except BaseException as error:
            failed(call, error)
            raise
        finally:
            current_call.reset(token)
        returned(call, result, False)
        return result

    def prepare(self: Any, request: Any) -> Any:
        attempt(request)
        return above(kind, self)._prepare_request(request)

    def process(self: Any, *args: Any, **kwargs: Any) -> Any:
        response(kwargs, False)
        return above(kind, self)._process_response(*args, **kwargs)

    return {"request": request, "_prepare_request": prepare, "_process_response": process}


def _constructor(kind: Any, base: Any) -> Callable[..., None]:
    """Builds the client as what it stands for.

    The providers ask in places for the exact class: anthropic looks for credentials only where `type(self)` is
    its own. Nobody else has the object yet, so its class may wait until it is built.
    """

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.__class__ is not kind:  # a subclass of the application's: the providers tell those apart too
            above(kind, self).__init__(*args, **kwargs)
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
            new = above(kind, self).copy(*args, **kwargs)
        extra = self.__dict__.get("_audit_context")
        if extra:
            new.__dict__["_audit_context"] = extra
        return new

    return {"copy": copy, "with_options": copy}


def attempt(request: Any) -> None:
    """Takes an attempt's request, the bytes as they will be sent."""
    call = current_call.get()
    if call is not None:
        call.attempts += 1
        call.http = request
        spans = sys.modules.get("audit_layer.integrations.otel")
        if spans is not None:
            spans.cover()


def response(arguments: dict[str, Any], asynchronous: bool) -> None:
    """Takes an attempt's response, from the arguments of `_process_response`."""
    call = current_call.get()
    came = arguments.get("response")
    if call is None or came is None or call.streaming:
        return
    try:
        if not seen(call, came):
            shadow(call, came, asynchronous)
    except Exception as error:
        report("response", error)
