"""What the provider on loopback answers to each surface, by method and path."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

JSON = "application/json"
SSE = "text/event-stream"
PICTURE = base64.b64encode(bytes(range(256)) * 4).decode()


class Answer(NamedTuple):
    """What to send back; parts are sent one by one, and `None` among them breaks the connection."""

    status: int
    type: str
    body: bytes | Iterable[bytes | None]


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def data(value: Any) -> bytes:
    return b"data: " + encoded(value) + b"\n\n"


def event(value: dict[str, Any]) -> bytes:
    return f"event: {value['type']}\n".encode() + data(value)


# chat completions

USAGE = {
    "prompt_tokens": 30,
    "completion_tokens": 20,
    "total_tokens": 50,
    "prompt_tokens_details": {"cached_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
WEATHER = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}


def chat(request: dict[str, Any]) -> Answer:
    model = request.get("model", "")
    if request.get("stream"):
        return Answer(200, SSE, chat_stream(request))
    message: dict[str, Any] = {"role": "assistant", "content": "hello", "refusal": None}
    finish = "stop"
    if request.get("tools"):
        message, finish = {"role": "assistant", "content": None, "tool_calls": [WEATHER]}, "tool_calls"
    elif request.get("response_format"):
        message["content"] = '{"city":"Bern"}'
    if model == "refusal":
        message |= {"content": None, "refusal": "I will not."}
    choices = [
        {"index": index, "message": message, "finish_reason": finish, "logprobs": None}
        for index in range(request.get("n", 1))
    ]
    body = {"id": "chatcmpl_1", "object": "chat.completion", "created": 1, "model": "gpt-x-1", "choices": choices}
    return Answer(200, JSON, encoded({**body, "usage": USAGE}))


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": finish, **more}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x-1", "choices": [choice]}


def chat_stream(request: dict[str, Any]) -> list[bytes | None]:
    parts: list[bytes | None] = [data(chunk({"role": "assistant", "content": ""}))]
    if request.get("model") == "break":
        return [*parts, data(chunk({"content": "hel"})), None]
    for index in range(request.get("n", 1)):
        if request.get("tools"):
            parts.append(data(chunk({"tool_calls": [{"index": 0, **WEATHER}]}, index=index)))
            parts.append(data(chunk({}, "tool_calls", index)))
        elif request.get("response_format"):
            parts += [
                data(chunk({"content": '{"city":'})),
                data(chunk({"content": '"Bern"}'})),
                data(chunk({}, "stop")),
            ]
        else:
            parts += [data(chunk({"content": "hel"}, index=index)), data(chunk({"content": "lo"}, "stop", index))]
    if (request.get("stream_options") or {}).get("include_usage"):
        parts.append(data({**chunk({}), "choices": [], "usage": USAGE}))
    return [*parts, b"data: [DONE]\n\n"]


# responses

RESPONSE_USAGE = {
    "input_tokens": 30,
    "input_tokens_details": {"cached_tokens": 10},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 50,
}


def response_object(identifier: str, status: str, text: str = "hello") -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"id": "m_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
    done = status == "completed"
    return {
        "id": identifier,
        "object": "response",
        "created_at": 1,
        "model": "gpt-x-1",
        "status": status,
        "background": identifier.startswith("resp_bg"),
        "output": [message] if done else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "usage": RESPONSE_USAGE if done else None,
    }


def responses(request: dict[str, Any]) -> Answer:
    if request.get("stream"):
        return Answer(200, SSE, response_stream(request))
    if request.get("background"):
        return Answer(200, JSON, encoded(response_object("resp_bg1", "queued")))
    structured = (request.get("text") or {}).get("format", {}).get("type") == "json_schema"
    return Answer(
        200, JSON, encoded(response_object("resp_1", "completed", '{"city":"Bern"}' if structured else "hello"))
    )


def response_stream(request: dict[str, Any]) -> list[bytes | None]:
    identifier = "resp_bg2" if request.get("background") else "resp_1"
    started = response_object(identifier, "in_progress")
    whole = response_object(identifier, "completed")
    item = whole["output"][0]
    place = {"item_id": "m_1", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": started},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "content": [], "status": "in_progress"},
        },
        {
            "type": "response.content_part.added",
            **place,
            "part": {"type": "output_text", "text": "", "annotations": []},
        },
        {"type": "response.output_text.delta", **place, "delta": "hello", "logprobs": []},
        {"type": "response.output_text.done", **place, "text": "hello", "logprobs": []},
        {"type": "response.content_part.done", **place, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    sent: list[bytes | None] = [event({**one, "sequence_number": number}) for number, one in enumerate(events)]
    return [*sent[:4], None] if request.get("model") == "break" else sent


# messages

MESSAGE_USAGE = {
    "input_tokens": 20,
    "cache_read_input_tokens": 10,
    "cache_creation_input_tokens": 4,
    "output_tokens": 20,
}


def blocks(request: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """The content of an answer, and why it stopped."""
    results = any(
        isinstance(message.get("content"), list)
        and any(part.get("type") == "tool_result" for part in message["content"])
        for message in request.get("messages", [])
    )
    if request.get("tools") and not results:
        return [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}}], "tool_use"
    if request.get("thinking"):
        thought = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
        return [thought, {"type": "text", "text": "hello"}], "end_turn"
    if request.get("model") == "refusal":
        return [{"type": "text", "text": ""}], "refusal"
    structured = request.get("output_config") or request.get("output_format")
    return [{"type": "text", "text": '{"city":"Bern"}' if structured else "hello"}], "end_turn"


def messages(request: dict[str, Any]) -> Answer:
    if request.get("stream"):
        return Answer(200, SSE, message_stream(request))
    content, stop = blocks(request)
    return Answer(200, JSON, encoded(message_object(content, stop)))


def message_object(content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x-1",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": MESSAGE_USAGE,
    }


_EMPTY = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}
_DELTAS: dict[str, Callable[[dict[str, Any]], list[dict[str, Any]]]] = {
    "text": lambda block: [{"type": "text_delta", "text": block["text"]}],
    "thinking": lambda block: [
        {"type": "thinking_delta", "thinking": block["thinking"]},
        {"type": "signature_delta", "signature": block["signature"]},
    ],
    "tool_use": lambda block: [{"type": "input_json_delta", "partial_json": part} for part in ('{"city":', '"Bern"}')],
}


def message_events(request: dict[str, Any]) -> list[dict[str, Any]]:
    content, stop = blocks(request)
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message_object([], None)}]
    for index, block in enumerate(content):
        kind = block["type"]
        events.append({"type": "content_block_start", "index": index, "content_block": {**block, **_EMPTY[kind]}})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in _DELTAS[kind](block)]
        events.append({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": stop, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 20}})
    return [*events, {"type": "message_stop"}]


def message_stream(request: dict[str, Any]) -> list[bytes | None]:
    sent: list[bytes | None] = [event(one) for one in message_events(request)]
    return [*sent[:3], None] if request.get("model") == "break" else sent


def eventstream(events: Iterable[dict[str, Any]]) -> bytes:
    """`application/vnd.amazon.eventstream`, as Bedrock sends it."""
    return b"".join(_frame(encoded({"bytes": base64.b64encode(encoded(one)).decode()})) for one in events)


def _frame(payload: bytes) -> bytes:
    headers = b"".join(
        bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value
        for name, value in (
            (b":event-type", b"chunk"),
            (b":message-type", b"event"),
            (b":content-type", b"application/json"),
        )
    )
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    start = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return start + struct.pack(">I", zlib.crc32(start))


# the rest

BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "input_file_id": "file-in",
    "completion_window": "24h",
    "created_at": 1,
    "status": "validating",
}
BATCH_RESULTS = (
    encoded({"custom_id": "a", "response": {"status_code": 200, "body": {"id": "chatcmpl_9"}}}) + b"\n"
    + encoded({"custom_id": "b", "response": {"status_code": 200, "body": {"id": "chatcmpl_8"}}}) + b"\n"
)  # fmt: skip
MESSAGE_BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "ended",
    "request_counts": {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0},
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": "2026-01-02T00:00:00Z",
    "ended_at": "2026-01-01T01:00:00Z",
    "cancel_initiated_at": None,
    "archived_at": None,
    "results_url": "/v1/messages/batches/msgbatch_1/results",
}
DECISION = {
    "answers": [{"type": "choice", "name": "fits", "choice": "yes", "confidence": 0.9, "probabilities": []}],
    "model": "gpt-6-luna",
    "object": "decision",
    "usage": {
        **RESPONSE_USAGE,
        "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 4},
    },
}
MODERATION = {
    "id": "modr_1",
    "model": "moderation-x",
    "results": [{"flagged": False, "categories": {}, "category_scores": {}}],
}
EMBEDDING = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "model": "embed-x",
    "usage": {"prompt_tokens": 30, "total_tokens": 30},
}
IMAGE = {
    "created": 1,
    "data": [{"b64_json": PICTURE}],
    "usage": {"input_tokens": 30, "output_tokens": 20, "total_tokens": 50},
}
TEXT_COMPLETION = {
    "id": "cmpl_1",
    "object": "text_completion",
    "created": 1,
    "model": "instruct-x",
    "choices": [{"index": 0, "text": "hello", "finish_reason": "stop", "logprobs": None}],
    "usage": USAGE,
}
FILE = {
    "object": "file",
    "bytes": 3,
    "created_at": 1,
    "filename": "in.jsonl",
    "purpose": "batch",
    "status": "processed",
}
OLD_COMPLETION = {
    "id": "compl_1",
    "type": "completion",
    "completion": "hello",
    "stop_reason": "stop_sequence",
    "model": "claude-2",
}


def text_completion(request: dict[str, Any]) -> Answer:
    if request.get("stream"):
        first = {**TEXT_COMPLETION, "choices": [{"index": 0, "text": "hel", "finish_reason": None, "logprobs": None}]}
        last = {**TEXT_COMPLETION, "choices": [{"index": 0, "text": "lo", "finish_reason": "stop", "logprobs": None}]}
        return Answer(200, SSE, [data(first), data(last), b"data: [DONE]\n\n"])
    return Answer(200, JSON, encoded(TEXT_COMPLETION))


def transcription(request: dict[str, Any]) -> Answer:
    usage = {"type": "tokens", "input_tokens": 30, "output_tokens": 20, "total_tokens": 50}
    return Answer(200, JSON, encoded({"text": "hello", "usage": usage}))


def fixed(value: Any) -> Callable[[dict[str, Any]], Answer]:
    return lambda request: Answer(200, JSON, encoded(value))


ROUTES: list[tuple[str, str, Callable[[dict[str, Any]], Answer]]] = [
    ("POST", r"/chat/completions$", chat),
    ("POST", r"/messages$", messages),
    ("POST", r"/messages\?beta=true$", messages),
    ("POST", r"/(v1beta/)?messages/count_tokens", fixed({"input_tokens": 30})),
    ("POST", r"/responses/input_tokens$", fixed({"object": "response.input_tokens", "input_tokens": 30})),
    ("POST", r"/responses/resp_\w+/cancel$", fixed(response_object("resp_bg1", "cancelled"))),
    ("POST", r"/responses$", responses),
    ("GET", r"/responses/resp_bg\d", fixed(response_object("resp_bg1", "completed"))),
    ("GET", r"/responses/\w+$", fixed(response_object("resp_1", "completed"))),
    ("POST", r"/decisions$", fixed(DECISION)),
    ("POST", r"/embeddings$", fixed(EMBEDDING)),
    ("POST", r"/completions$", text_completion),
    ("POST", r"/images/(generations|edits|variations)$", fixed(IMAGE)),
    ("POST", r"/audio/speech$", lambda request: Answer(200, "audio/mpeg", b"\xff\xfb" * 64)),
    ("POST", r"/audio/(transcriptions|translations)$", transcription),
    ("POST", r"/moderations$", fixed(MODERATION)),
    ("POST", r"/messages/batches(\?beta=true)?$", fixed({**MESSAGE_BATCH, "processing_status": "in_progress", "results_url": None})),
    ("GET", r"/messages/batches/\w+(\?beta=true)?$", fixed(MESSAGE_BATCH)),
    ("GET", r"/messages/batches/\w+/results", lambda request: Answer(200, "application/x-jsonl", message_results())),
    ("POST", r"/batches$", fixed(BATCH)),
    ("GET", r"/batches/\w+$", fixed({**BATCH, "status": "completed", "output_file_id": "file-out"})),
    ("GET", r"/files/[\w-]+/content$", lambda request: Answer(200, "application/octet-stream", BATCH_RESULTS)),
    ("POST", r"/files$", fixed({**FILE, "id": "file-in"})),
    ("POST", r"/complete$", fixed(OLD_COMPLETION)),
    ("POST", r"/model/[^/]+/invoke$", messages),
    (
        "POST",
        r"/model/[^/]+/invoke-with-response-stream$",
        lambda request: Answer(200, "application/vnd.amazon.eventstream", eventstream(message_events(request))),
    ),
    ("POST", r":rawPredict$", messages),
    ("POST", r":streamRawPredict$", lambda request: messages({**request, "stream": True})),
    ("GET", r"/models(\?.*)?$", fixed({"object": "list", "data": [], "has_more": False})),
]  # fmt: skip


def message_results() -> bytes:
    content, stop = blocks({})
    return (
        encoded({"custom_id": "a", "result": {"type": "succeeded", "message": message_object(content, stop)}}) + b"\n"
    )


REFUSED = encoded({"type": "error", "error": {"message": "no", "type": "invalid_request_error"}})
