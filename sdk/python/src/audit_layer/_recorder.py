"""From a call's events to frames: begin, attempt, response or chunk*, finish or error.

Sans I/O: the bytes go to a `Journal`. Nothing is parsed or serialised again here in capture mode `full`;
in the other modes and under redaction the record is made before it reaches the spool.
"""

from __future__ import annotations

import os
import sys
import time
from json.encoder import JSONEncoder
from json.encoder import encode_basestring as _quoted
from typing import Any, Literal

from audit_layer._config import Settings
from audit_layer._context import current
from audit_layer._guard import report
from audit_layer._ids import uuid7
from audit_layer._journal import Journal
from audit_layer._spool import CALL, FINISH, OPEN, PROVISIONAL, RECORD

__all__ = ["Call", "How", "Recorder", "begins_work"]

How = Literal["end", "closed", "dropped", "exit", "error", "cancelled", "return"]
"""How a call's observation ended: its body was read to the end, the caller closed it, the caller let go of
it, the process ended, an exception, a cancellation, or the call returned with everything read."""

_MODEL_IN_BODY = ("openai", "anthropic")
"""Of whom the URL as sent tells nothing more."""

HARD_LIMIT_BYTES = 16 * 1024 * 1024
"""What is kept of one body in memory and spool; beyond it only the size is known."""

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_fixed: dict[tuple[str, str, str, str], str] = {}
"""Provider, method, path and host, which repeat, as the JSON that they become."""
MAX_FIXED = 256


class Call:
    """One logical call to a provider, whatever happens in it."""

    __slots__ = (
        "attempts",
        "body",
        "chunks",
        "client",
        "context",
        "cut",
        "decoded",
        "error",
        "fallback",
        "host",
        "http",
        "id",
        "kept",
        "method",
        "number",
        "options",
        "path",
        "provider",
        "recorder",
        "request_id",
        "size",
        "start_ns",
        "status",
        "stored",
        "streaming",
        "ticks",
        "type",
    )

    def __init__(self, recorder: Recorder, provider: str, method: str, path: str, host: str) -> None:
        """Begins the call now."""
        self.recorder = recorder
        self.provider = provider
        self.method = method
        self.path = path
        self.host = host
        self.start_ns = time.time_ns()
        self.ticks = time.monotonic_ns()
        self.id = uuid7(self.start_ns)
        self.context = current.get()
        self.attempts = 0
        self.http: Any = None
        """The provider library's own request object of the last attempt."""
        self.options: Any = None
        """The provider library's options, by which a nested request knows its own call."""
        self.client: Any = None
        self.status = 0
        self.type = ""
        """The response's content type."""
        self.decoded = True
        """False where the caller reads the bytes before their content encoding is undone."""
        self.request_id = ""
        self.body = b""
        """A response that was read at once."""
        self.chunks: list[bytes] = []
        self.size = 0
        self.kept = 0
        self.cut: Any = None
        """The running digest of a body that is too large to keep."""
        self.error = ""
        self.fallback = b""
        """A request's JSON, where the bytes as sent are out of reach."""
        self.streaming = False
        self.number = 0
        self.stored = False

    def add(self, chunk: bytes) -> None:
        """Takes a chunk of a response as it passes."""
        size = len(chunk)
        self.size += size
        if self.cut is None and self.kept + size <= HARD_LIMIT_BYTES:
            self.kept += size
            self.chunks.append(chunk)
        else:
            self._digest(chunk)

    def _digest(self, chunk: bytes) -> None:
        if self.cut is None:
            import hashlib

            self.cut = hashlib.sha256(b"".join(self.chunks))
            self.chunks = []
        self.cut.update(chunk)

    def request_bytes(self) -> bytes:
        """The body as sent. A multipart or streamed body is never read, so it has none here."""
        if self.http is None:
            return self.fallback
        try:
            body: bytes = self.http.content
        except Exception:
            return self.fallback
        return body

    def response_bytes(self) -> bytes:
        """The response's body as far as it is known."""
        return b"".join(self.chunks) if self.chunks else self.body


class Recorder:
    """Turns calls into frames of one journal."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        """Binds the settings that hold for every call begun from now on."""
        self.settings = settings
        self.journal = journal
        self.opened: dict[str, Call] = {}
        """Calls whose response is still being read. Removing one is the right to finish it."""
        self.raw = settings.capture == "full" and settings.redact is None

    def begin(self, provider: str, method: str, path: str, host: str) -> Call:
        """Begins a call."""
        return Call(self, provider, method, path, host)

    def open(self, call: Call) -> None:
        """Puts a call on disk whose response the caller is about to read at its own pace."""
        call.streaming = True
        self.opened[call.id] = call
        request = call.request_bytes()
        facts: dict[str, Any] | None = None
        if len(request) > HARD_LIMIT_BYTES:
            from audit_layer._bulk import without_bulk

            facts, request, _ = without_bulk(call, None, request, b"")
        meta = self._meta(call, request, "exit", facts)
        if self.raw:
            call.number, call.stored = self.journal.append(OPEN, (meta, request))
        else:
            call.number, call.stored = self.journal.append(PROVISIONAL, (self._record(meta, request, b""),))

    def finish(self, call: Call, how: How, error: BaseException | None = None, *, quiet: bool = False) -> None:
        """Ends a call, exactly once. `quiet` where it may be a finalizer that calls."""
        if call.streaming and self.opened.pop(call.id, None) is None:
            return
        if os.getpid() != self.journal.pid:
            return  # a forked child's copy of a call that the parent will finish
        if error is not None:
            call.error = type(error).__name__
            how = "cancelled" if call.error in _CANCELLATIONS else "error"
        request, response = call.request_bytes(), call.response_bytes()
        facts: dict[str, Any] | None = None
        if begins_work(call.method, call.path, request):
            from audit_layer._links import linked

            facts = linked(call.id, call.context, call.method, call.path, request, response)
        if call.cut is not None or len(request) + len(response) > HARD_LIMIT_BYTES:
            from audit_layer._bulk import without_bulk

            facts, request, response = without_bulk(call, facts, request, response)
        meta = self._meta(call, request, how, facts)
        parts: tuple[bytes, ...]
        whole: tuple[bytes, ...] | None
        if not self.raw:
            kind, parts, whole = RECORD, (self._record(meta, request, response),), None
        elif call.streaming and call.stored:
            kind, parts, whole = FINISH, (meta, response), (meta, request, response)
        else:
            kind, parts, whole = CALL, (meta, request, response), None
        if quiet and call.number:
            self.journal.enqueue(kind, parts, call.number, whole)
        else:
            self.journal.append(kind, parts, call.number, whole)
        call.chunks = []
        call.body = b""
        call.http = call.options = call.client = None

    def finish_all(self) -> None:
        """At exit: what is still being read is recorded as far as it came."""
        for call in list(self.opened.values()):
            try:
                self.finish(call, "exit")
            except Exception as error:
                report("exit", error)

    def _meta(self, call: Call, request: bytes, how: How, facts: dict[str, Any] | None = None) -> bytes:
        now = call.start_ns + time.monotonic_ns() - call.ticks  # a clock that jumps can't make it end early
        # Written by hand: an encoder on a dictionary costs as much as all the rest of the caller's part.
        where = (call.provider, call.method, call.path, call.host)
        fixed = _fixed.get(where)
        if fixed is None:
            if len(_fixed) >= MAX_FIXED:
                _fixed.clear()
            fixed = _fixed[where] = "".join(f',"{k}":{_quoted(str(v))}' for k, v in zip("pmuh", where, strict=True))
        text = (
            f'{{"id":"{call.id}","t":{call.start_ns},"e":{now}{fixed}'
            f',"a":{call.attempts},"c":"{how}","q":{len(request)}'
        )
        if call.status:
            text += f',"s":{call.status}'
        if call.request_id:
            text += f',"r":{_quoted(call.request_id)}'
        if call.type:
            text += f',"ct":{_quoted(call.type)}'
        if call.http is not None and call.provider not in _MODEL_IN_BODY:
            text += f',"w":{_quoted(str(call.http.url.path))}'
        if not call.decoded:
            text += ',"raw":true'
        if call.error:
            text += f',"x":{_quoted(call.error)}'
        if facts:
            text += "," + _encode(facts)[1:-1]
        if call.streaming:
            text += ',"st":true'
        context = call.context
        if context is not None:
            text += f',"ctx":{_encode(context)}'
        if (context is None or "trace_id" not in context) and "opentelemetry.trace" in sys.modules:
            from audit_layer._trace import active_trace

            trace_id = active_trace()
            if trace_id:
                text += f',"tid":"{trace_id}"'
        data = (text + "}").encode("utf-8", "replace")
        return len(data).to_bytes(4, "big") + data

    def _record(self, meta: bytes, request: bytes, response: bytes) -> bytes:
        from audit_layer._bulk import record_now

        return record_now(self.settings, meta, request, response)


def begins_work(method: str, path: str, request: bytes) -> bool:
    """Whether a request begins, asks for or belongs to work that outlasts its call. Cheap: every call asks."""
    if path.endswith("/responses"):
        return method == "POST" and b'"background"' in request
    return "/responses/" in path or "/batches" in path or "/files" in path or "/videos" in path


_CANCELLATIONS = frozenset(("CancelledError", "KeyboardInterrupt", "GeneratorExit", "SystemExit"))
