"""A provider on loopback that answers every surface the SDK is tested on, and whose streams obey the test.

What it answers goes by method and path, and by the request's `model` where a test wants something else:
`fail` is refused with 400, `flaky` fails once with 500, `break` breaks a stream off after its first part,
`hold` sends a stream's first part and then waits for `release`.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from fake_answers import JSON, REFUSED, ROUTES, Answer, encoded
from loopback import LoopbackServer


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class FakeProvider:
    """The server. `seen` holds the requests in the order in which they came."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.release = threading.Event()
        self.sent = 0
        """Parts of streams that were sent."""
        self.custom: dict[str, Answer] = {}
        """Answers of a test's own, by path."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *arguments: object) -> None:
                pass

            def handle_any(self) -> None:
                outer.handle(self)

            do_GET = do_POST = do_DELETE = handle_any

        self.server = LoopbackServer(Handler)
        self.url = self.server.url

    def close(self) -> None:
        self.release.set()
        self.server.close()

    def answer(self, seen: Seen) -> tuple[Answer, str]:
        request: dict[str, Any] = json.loads(seen.body) if seen.body[:1] == b"{" else {}
        model = str(request.get("model", ""))
        path = seen.path.partition("?")[0]
        if path in self.custom:
            return self.custom[path], model
        if model == "fail":
            return Answer(400, JSON, REFUSED), model
        if model == "flaky" and sum(one.path == seen.path for one in self.seen) == 1:
            return Answer(500, JSON, REFUSED), model
        for method, pattern, make in ROUTES:
            if method == seen.method and (re.search(pattern, path) or re.search(pattern, seen.path)):
                return make(request), model
        return Answer(404, JSON, encoded({"error": {"message": f"no route {seen.method} {seen.path}"}})), model

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        seen = Seen(handler.command, handler.path, {k.lower(): v for k, v in handler.headers.items()}, body)
        self.seen.append(seen)
        answer, model = self.answer(seen)
        try:
            handler.send_response(answer.status)
            handler.send_header("content-type", answer.type)
            handler.send_header("x-request-id", "req_1")
            handler.send_header("request-id", "req_1")
            handler.send_header("retry-after-ms", "1")
            handler.send_header("set-cookie", "session=COOKIE-SECRET")
            if isinstance(answer.body, bytes):
                handler.send_header("content-length", str(len(answer.body)))
                handler.end_headers()
                handler.wfile.write(answer.body)
                return
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            self._parts(handler, iter(answer.body), model)
        except OSError:
            handler.close_connection = True

    def _parts(self, handler: BaseHTTPRequestHandler, parts: Iterator[bytes | None], model: str) -> None:
        for number, part in enumerate(parts):
            if model == "hold" and number:
                self.release.wait(300)  # a test that fails must not hang for ever
            if part is None:
                handler.close_connection = True
                return  # without the last chunk, which tells the client that something is missing
            self.sent += 1  # before it is, so that whoever has the part finds it counted
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            handler.wfile.flush()
        handler.wfile.write(b"0\r\n\r\n")
