"""A provider and an audit API on loopback, and a recorder of their own for each test."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import audit_layer
from audit_layer import _guard, _links, _process
from audit_layer._config import Settings
from fake_provider import FakeProvider
from loopback import LoopbackServer

CHAT = (
    b'{\n  "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x",\n'
    b'  "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],\n'
    b'  "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5,'
    b' "prompt_tokens_details": {"cached_tokens": 1}}\n}'
)
MESSAGE = (
    b'{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","stop_reason":"end_turn",'
    b'"stop_sequence":null,"content":[{"type":"text","text":"hello"}],"usage":{"input_tokens":3,"output_tokens":2}}'
)


def chat_chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": [choice]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


CHAT_STREAM = [chat_chunk("he"), chat_chunk("llo", "stop"), b"data: [DONE]\n\n"]


def event(body: dict[str, Any]) -> bytes:
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


MESSAGE_STREAM = [
    event({"type": "message_start", "message": {**json.loads(MESSAGE), "content": [], "stop_reason": None}}),
    event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}}),
    event({"type": "content_block_stop", "index": 0}),
    event(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 2},
        }
    ),
    event({"type": "message_stop"}),
]


class Loopback:
    """A server whose answer to each POST a test can replace."""

    def __init__(self, answer: Callable[[str, dict[str, str], bytes], tuple[int, dict[str, str], Any]]) -> None:
        self.answer = answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *arguments: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, headers, data = outer.answer(self.path, dict(self.headers), body)
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    if isinstance(data, bytes):
                        self.send_header("content-length", str(len(data)))
                        self.end_headers()
                        self.wfile.write(data)
                        return
                    self.send_header("connection", "close")
                    self.end_headers()
                    for part in data:
                        self.wfile.write(part)
                    self.close_connection = True
                except OSError:
                    self.close_connection = True

            do_GET = do_POST
            do_DELETE = do_POST

        self.server = LoopbackServer(Handler)
        self.url = self.server.url

    def close(self) -> None:
        self.server.close()


class Api:
    """The audit API after its contract, as far as a producer sees it; without content encodings, like first light."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.posts = 0
        self.mode = "up"
        self.encodings: list[str] = []
        self.gzip = False
        self.server = Loopback(self.answer)
        self.url = self.server.url

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.posts += 1
        assert path == "/api/v1/audit/logs"
        assert headers["Content-Type"] == "application/x-ndjson"
        encoding = headers.get("Content-Encoding", "")
        self.encodings.append(encoding)
        if self.mode == "garbage":
            return 202, {}, b"<html>"
        if self.mode == "slow":
            time.sleep(1.5)
        if self.mode == "flapping" and self.posts % 2:
            return 503, {}, b"<html>"
        if self.mode.isdigit():
            return int(self.mode), {"Retry-After": "0"}, b'{"error":{"code":"unavailable"}}'
        if encoding == "gzip" and self.gzip:
            body = gzip.decompress(body)
        elif encoding:
            return 415, {}, b'{"error":{"code":"unsupported_media_type","message":"","details":[]}}'
        results: list[dict[str, Any]] = []
        for index, line in enumerate(body.splitlines()):
            record = json.loads(line)
            if self.mode == "refuse-lists" and isinstance(record["attributes"].get("gen_ai.input.messages"), list):
                results.append({"index": index, "status": "rejected", "errors": []})
                continue
            self.records.setdefault(record["id"], record)
            results.append({"index": index, "id": record["id"], "status": "accepted"})
        return 202, {}, json.dumps({"results": results}).encode()

    def calls(self) -> list[dict[str, Any]]:
        return [r for r in self.records.values() if r["type"] != "heartbeat"]


def models_answer(path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
    request: dict[str, Any] = json.loads(body) if body[:1] == b"{" else {}
    json_type = {"content-type": "application/json", "x-request-id": "req_1"}
    if request.get("model") == "fail":
        return 400, json_type, b'{"error":{"message":"no","type":"invalid_request_error"}}'
    if path.endswith("/chat/completions"):
        return _either(request, CHAT, CHAT_STREAM)
    if path.endswith("/messages"):
        return _either(request, MESSAGE, MESSAGE_STREAM)
    if path.endswith("/embeddings"):
        return (
            200,
            json_type,
            b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"e"}',
        )
    return 200, json_type, b'{"object":"list","data":[]}'


def _either(request: dict[str, Any], whole: bytes, parts: list[bytes]) -> tuple[int, dict[str, str], Any]:
    if request.get("stream"):
        return 200, {"content-type": "text/event-stream", "x-request-id": "req_1"}, parts
    return 200, {"content-type": "application/json", "x-request-id": "req_1"}, whole


@pytest.fixture
def api() -> Iterator[Api]:
    found = Api()
    yield found
    found.server.close()


@pytest.fixture
def models() -> Iterator[Loopback]:
    found = Loopback(models_answer)
    yield found
    found.close()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    found = FakeProvider()
    yield found
    found.close()


def recorded(api: Api) -> list[dict[str, Any]]:
    """The records that arrived, in the order in which they were begun."""
    assert audit_layer.flush(120)
    return sorted(api.calls(), key=lambda record: record["producer"]["seq"])


@pytest.fixture
def recording(api: Api, tmp_path: Path) -> Iterator[Settings]:
    audit_layer.configure(
        url=api.url, api_key="k", spool_dir=str(tmp_path), system="test", linger_seconds=0.01, environment=""
    )
    _process.state.ended = False
    yield _process.settings()
    audit_layer.shutdown()
    _process.state.ended = False
    _process.state.settings = None
    _guard.failures.clear()
    _links.clear()
