"""From bytes to the record: what a call's frames amount to, whatever the bytes are."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest

from audit_layer._config import Settings
from audit_layer._content import RECORD_LIMIT_BYTES
from audit_layer._eventstream import as_events
from audit_layer._json import members, one_line
from audit_layer._mapping import map_call
from audit_layer._semconv import operation
from audit_layer._stream import assemble
from audit_layer._wire import fitted_attributes, is_rfc3339, number
from fake_answers import data, encoded, eventstream, message_events

SETTINGS = Settings(system="s", spool_dir="/nowhere")


def meta(**changes: Any) -> dict[str, Any]:
    found = {
        "id": "i",
        "t": 0,
        "e": 1,
        "p": "openai",
        "m": "POST",
        "u": "/chat/completions",
        "h": "h",
        "a": 1,
        "c": "return",
    }
    return {**found, "s": 200, "ct": "application/json", **changes}


def mapped(request: Any = b"", response: Any = b"", settings: Settings = SETTINGS, **changes: Any) -> dict[str, Any]:
    def sent(body: Any) -> bytes:
        return body if isinstance(body, bytes) else encoded(body)

    safe = changes.pop("safe", False)
    record: dict[str, Any] = json.loads(map_call(settings, meta(**changes), sent(request), sent(response), safe=safe))
    return record


def attributes(request: Any = b"", response: Any = b"", **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = mapped(request, response, **changes)["attributes"]
    return found


OPERATIONS = [
    ("POST", "/chat/completions", "llm_call", "chat"),
    ("POST", "/v1/messages?beta=true", "llm_call", "chat"),
    ("POST", "https://host/v1/messages", "llm_call", "chat"),
    ("POST", "/openai/deployments/d/embeddings", "llm_call", "embeddings"),
    ("POST", "responses", "llm_call", "chat"),
    ("POST", "/decisions", "llm_call", "decision"),
    ("POST", "/model/m/invoke-with-response-stream", "llm_call", "chat"),
    ("POST", "/projects/p/models/m:streamRawPredict", "llm_call", "chat"),
    ("GET", "/chat/completions", "access", "read_chat"),
    ("DELETE", "/files/x", "config_change", "delete_files"),
    ("PATCH", "/", "config_change", "write_root"),
]


@pytest.mark.parametrize(("method", "path", "type_", "name"), OPERATIONS)
def each_path_is_an_operation(method: str, path: str, type_: str, name: str) -> None:
    assert operation(method, path) == (type_, name)


ENDS: list[tuple[dict[str, Any], bytes, str]] = [
    ({"c": "return"}, b"", "complete"),
    ({"c": "end"}, b"", "complete"),
    ({"c": "closed"}, b"", "cancelled"),
    ({"c": "dropped"}, b"", "abandoned"),
    ({"c": "exit"}, b"", "abandoned"),
    ({"c": "error", "x": "E"}, b"", "error"),
    ({"c": "cancelled", "x": "C"}, b"", "cancelled"),
    ({"c": "closed"}, b"not json", "cancelled"),
    ({"c": "dropped"}, b'{"id":"x"}', "complete"),
    ({"c": "error"}, b'{"id":"x"}', "error"),
    ({"c": "return", "u": "/responses"}, b'{"status":"queued"}', "background_pending"),
    ({"c": "return", "u": "/responses/r", "m": "GET"}, b'{"status":"queued"}', "complete"),
    ({"c": "return", "u": "/responses/r", "m": "GET"}, b'{"status":"queued","background":true}', "background_pending"),
    ({"c": "end", "ct": "text/event-stream"}, b"", "complete"),
    ({"c": "end", "ct": "text/event-stream"}, b": comment\n\n", "partial"),
    ({"c": "exit", "ct": "text/event-stream"}, data({"choices": []}), "abandoned"),
    ({"c": "end", "st": True, "ct": "x/y"}, b'data: {"choices":[{"finish_reason":"stop"}]}\n\n', "complete"),
]


@pytest.mark.parametrize(("changes", "response", "expected"), ENDS)
def each_end_has_its_completion(changes: dict[str, Any], response: bytes, expected: str) -> None:
    assert attributes(b"", response, **changes)["audit.call.completion"] == expected


def the_providers_own_text_is_copied() -> None:
    request = b'{"model": "m",\n "messages": [ {"role" : "user", "content": "h\\u00e9" , "n": 1.0 } ]}'
    record = map_call(SETTINGS, meta(), request, b"")
    assert b'[ {"role" : "user", "content": "h\\u00e9" , "n": 1.0 } ]' in record


def a_number_or_type_that_the_ledger_refuses_is_no_fact() -> None:
    request = (
        b'{"model": 5, "temperature": NaN, "seed": 99999999999999999999, "top_p": 0.5, "n": true, "max_tokens": null}'
    )
    response = b'{"id": 7, "model": [], "usage": {"prompt_tokens": -1, "completion_tokens": 1.5, "input_tokens": 9007199254740993}}'
    found = attributes(request, response)
    assert found["gen_ai.request.temperature"] == "nan"
    assert found["gen_ai.request.seed"] == "99999999999999999999"
    assert found["gen_ai.request.top_p"] == 0.5
    assert not {"gen_ai.request.model", "gen_ai.response.id", "gen_ai.response.model"} & found.keys()
    assert not [name for name in found if name.startswith("gen_ai.usage")]


def the_second_form_holds_the_bodies_as_text() -> None:
    request, response = {"model": "m", "messages": [1]}, {"id": "r", "choices": []}
    found = attributes(request, response, safe=True)
    assert json.loads(found["audit.request.body"]) == request
    assert json.loads(found["audit.response.body"]) == response
    assert json.loads(attributes(b"", {"error": {"a": 1}}, safe=True, c="error")["audit.error.body"]) == {
        "error": {"a": 1}
    }
    streamed = data({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]})
    assert "x" in attributes(b"", streamed, safe=True, ct="text/event-stream")["audit.response.body"]


def a_conversation_and_a_prompt_are_named() -> None:
    found = attributes({"conversation": {"id": "c"}, "prompt": {"id": "p", "version": "2", "variables": {}}})
    assert (found["gen_ai.conversation.id"], found["gen_ai.prompt.name"], found["gen_ai.prompt.version"]) == (
        "c",
        "p",
        "2",
    )
    assert attributes({"conversation": "c"})["gen_ai.conversation.id"] == "c"
    assert attributes({"background": True}, {"id": "r"})["audit.call.completion"] == "background_pending"


def a_context_never_overrides_what_is_known_nor_doubles_a_name() -> None:
    context = {
        "attributes": {"gen_ai.request.model": "lie", "gen_ai.input.messages": "lie", "own": 1},
        "trace_id": "t" * 999,
    }
    body = map_call(SETTINGS, meta(ctx=context), b'{"model":"m","messages":[]}', b"")
    record = json.loads(body)
    assert record["attributes"]["gen_ai.request.model"] == "m"
    assert record["attributes"]["gen_ai.input.messages"] == []
    assert record["attributes"]["own"] == 1
    assert body.count(b'"gen_ai.input.messages"') == 1
    assert record["trace_id"] == "t" * 256


def a_record_beyond_the_ledgers_limit_keeps_digests() -> None:
    settings = Settings(system="s", body_limit_bytes=1 << 30)
    request = {"model": "m", "messages": "x" * RECORD_LIMIT_BYTES}
    found = mapped(request, b"", settings)["attributes"]
    assert found["gen_ai.input.messages"]["bytes"] > RECORD_LIMIT_BYTES
    assert found["gen_ai.request.model"] == "m"


def a_body_that_is_no_text_is_digest_and_media_type() -> None:
    found = attributes(b"\xff\xfe", b"\x00\xff", ct="audio/mpeg")
    assert found["audit.request.body"]["bytes"] == 2
    assert found["audit.response.body"] == {
        "sha256": found["audit.response.body"]["sha256"],
        "bytes": 2,
        "media_type": "audio/mpeg",
    }
    bare = mapped(b"x", b"\x00", Settings(system="s", capture="metadata"), ct="audio/mpeg", h="")["attributes"]
    assert not {"audit.request.body", "audit.response.body", "server.address"} & bare.keys()


def no_bytes_whatever_break_the_mapping() -> None:
    whole = encoded({"id": "x", "choices": [{"message": {"content": "é" * 9}}], "usage": {"prompt_tokens": 1}})
    seeds = [whole, data({"choices": [{"delta": {"content": "x"}}]}) * 3, eventstream(message_events({})), b"[" * 5000]
    chance = random.Random(7)
    for turn in range(600):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        cut = bytes(body[: chance.randrange(len(body) + 1)])
        kind = chance.choice(
            ["application/json", "text/event-stream", "application/vnd.amazon.eventstream", "", "text/plain"]
        )
        how = chance.choice(["return", "end", "closed", "dropped", "exit", "error", "cancelled"])
        settings = Settings(system="s", capture=chance.choice(["full", "digest", "metadata"]))
        record = map_call(settings, meta(ct=kind, c=how, raw=turn % 2 == 0, st=True), cut, cut, safe=turn % 3 == 0)
        json.loads(record)


JSON_TEXTS: list[tuple[str, Any]] = [
    ('{"a": 1, "b" : [2]}', {"a": (1, "1"), "b": ([2], "[2]")}),
    (" {} ", {}),
    ('{"a": 1} x', None),
    ("{} {}", None),
    ('{"a": 1}\n{"b": 2}', None),
    ("[1]", None),
    ("", None),
    ("{", None),
    ('{"a"}', None),
    ('{"a" 1}', None),
    ('{"a": 1 "b"}', None),
    ("{1: 2}", None),
    ('{"a": }', None),
    ('{"a": 1,', None),
    ('{"a": ' + "[" * 100_000, None),
]


@pytest.mark.parametrize(("source", "expected"), JSON_TEXTS, ids=range(len(JSON_TEXTS)))
def the_members_of_an_object_come_with_their_text(source: str, expected: Any) -> None:
    found = members(source.encode())
    assert (found and {name: (value, text.decode()) for name, (value, text) in found.items()}) == expected


def a_line_break_between_tokens_is_a_blank() -> None:
    assert one_line(b"[1,\r\n2]") == b"[1,  2]"
    assert one_line(b"[1]") == b"[1]"


def sse(*events: dict[str, Any]) -> str:
    return b"".join(data(event) for event in events).decode()


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": finish, **more}]}


def it_joins_the_parts_of_tool_calls() -> None:
    first = {"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a"'}}
    rest = {"index": 0, "function": {"arguments": ":1}"}}
    other = {"index": 1, "id": "t2", "function": {"name": "g", "arguments": "{}"}}
    body = sse(chunk({"tool_calls": [first]}), chunk({"tool_calls": [rest, other]}), chunk({}, "tool_calls"))
    calls = assemble(body).answer["choices"][0]["message"]["tool_calls"]
    assert [c["function"] for c in calls] == [{"name": "f", "arguments": '{"a":1}'}, {"name": "g", "arguments": "{}"}]


def it_joins_everything_else_that_comes_in_parts() -> None:
    def spoken(**part: Any) -> dict[str, Any]:
        return chunk({"audio": part})

    def logged(token: str) -> dict[str, Any]:
        return chunk({"content": token}, logprobs={"content": [{"token": token}], "refusal": None})

    body = sse(
        chunk({"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{"}}),
        chunk({"function_call": {"arguments": "}"}, "refusal": None}),
        spoken(id="a1", data="AAAA", transcript="he"),
        spoken(data="BBBB", transcript="llo", expires_at=5),
        logged("x"), logged("y"),
        chunk({"annotations": [1]}), chunk({"annotations": [2]}, "stop"),
    )  # fmt: skip
    (choice,) = assemble(body).answer["choices"]
    message = choice["message"]
    assert message["function_call"] == {"name": "f", "arguments": "{}"}
    assert message["audio"] == {"id": "a1", "data": "AAAABBBB", "transcript": "hello", "expires_at": 5}
    assert message["content"] == "xy"
    assert message["annotations"] == [1, 2]
    assert [one["token"] for one in choice["logprobs"]["content"]] == ["x", "y"]
    assert message["role"] == "assistant"


def it_takes_done_for_no_sign_of_completeness() -> None:
    assert not assemble(sse(chunk({"content": "a"})) + "data: [DONE]\n\n").complete
    assert not assemble(sse(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, None, 1))).complete
    assert assemble(sse(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, "stop", 1))).complete


def it_keeps_what_came_of_a_stream_that_broke_off_within_an_event() -> None:
    found = assemble(sse(chunk({"content": "a"})) + 'data: {"choices": [{"ind')
    assert found.answer["choices"][0]["message"]["content"] == "a"
    assert not found.complete


def it_reads_every_line_ending_and_events_of_several_lines() -> None:
    lines = 'event: x\r\ndata: {"choices": [{"finish_reason": "stop",\r\ndata: "delta": {"content": "a"}}]}\r\n\r\n'
    found = assemble(lines)
    assert found.complete
    assert found.answer["choices"][0]["message"]["content"] == "a"


def an_error_within_a_stream_is_kept() -> None:
    chat = assemble(sse(chunk({"content": "a"}, "stop"), {"error": {"message": "x"}, "choices": []}))
    assert (chat.answer["error"], chat.complete) == ({"message": "x"}, False)
    events = [*message_events({})[:3], {"type": "error", "error": {"type": "overloaded_error"}}]
    found = assemble(sse(*events))
    assert (found.answer["error"], found.complete) == ({"type": "overloaded_error"}, False)
    failed = assemble(
        sse({"type": "response.created", "response": {"id": "r"}}, {"type": "error", "code": "c", "message": "m"})
    )
    assert failed.answer["error"] == {"code": "c", "message": "m", "param": None}
    assert attributes(b"", data({"error": {"message": "x"}, "choices": []}), ct="text/event-stream")["audit.error.body"]


def a_messages_blocks_are_put_together() -> None:
    events: list[dict[str, Any]] = [
        {"type": "ping"},
        *message_events({"thinking": 1})[:-2],
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "citations_delta", "citation": {"cited_text": "c"}},
        },
        {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "input": {}}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '{"a'}},
        {"type": "content_block_start", "index": 3, "content_block": {"type": "tool_use", "input": {}}},
        {"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": ""}},
        {"type": "unknown"},
    ]
    content = assemble(sse(*events)).answer["content"]
    assert content[0] == {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    assert content[1]["citations"] == [{"cited_text": "c"}]
    assert [block["input"] for block in content[2:]] == ['{"a', {}]


def a_response_that_broke_off_keeps_its_items_and_deltas() -> None:
    done = {"type": "message", "status": "completed", "id": "m0"}
    found = assemble(
        sse(
            {"type": "response.created", "response": {"id": "r", "model": "m"}},
            {"type": "response.output_item.done", "output_index": 0, "item": done},
            {"type": "response.output_text.delta", "output_index": 0, "delta": "never"},
            {"type": "response.output_text.delta", "output_index": 1, "delta": "hel"},
            {"type": "response.output_text.delta", "output_index": 1, "delta": "lo"},
        )
    )
    assert found.answer == {"id": "r", "model": "m", "output": [done, {"partial": "hello"}]}
    assert not found.complete


def a_responses_own_text_is_copied() -> None:
    body = 'data: {"type":"response.created","response":{}}\n\n'
    body += 'data: {"type":"response.completed","response":{"id": "r"}}\n\n'
    found = assemble(body)
    assert (found.text, found.complete) == ('{"id": "r"}', True)


OTHERS: list[tuple[list[dict[str, Any]], bool, dict[str, Any]]] = [
    ([{"type": "transcript.text.delta", "delta": "a"}, {"type": "transcript.text.done", "usage": {"input_tokens": 1}}], True,
     {"usage": {"input_tokens": 1}}),
    ([{"type": "speech.audio.delta", "audio": "AA"}], False, {}),
    ([{"type": "completion", "completion": "a", "stop_reason": None, "model": "c2"},
      {"type": "completion", "completion": "b", "stop_reason": "stop_sequence"}], True, {"model": "c2", "stop_reason": "stop_sequence"}),
    ([{"type": "image_generation.completed", "b64_json": "AA"}], True, {}),
]  # fmt: skip


@pytest.mark.parametrize(("events", "complete", "expected"), OTHERS)
def every_other_stream_is_kept_event_by_event(
    events: list[dict[str, Any]], complete: bool, expected: dict[str, Any]
) -> None:
    found = assemble(sse(*events))
    assert found.answer == {"output": events, **expected}
    assert found.complete is complete


def a_stream_of_nothing_is_nothing() -> None:
    assert assemble("").answer == {}
    assert assemble("data: [DONE]\n\n").answer == {}


def an_eventstream_is_read_as_far_as_it_goes() -> None:
    events = message_events({})
    body = eventstream(events)
    whole = as_events(body)
    assert assemble(whole).complete
    assert assemble(as_events(body[:-3])).complete is False
    assert as_events(b"\0" * 8) == as_events(b"\0" * 64) == as_events(b"") == ""


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"{}", ""), (b"nonsense", ""), (b"[]", ""), (b'{"bytes":"A"}', ""), (b'{"message":"throttled"}', "throttled")],
)
def a_frame_without_an_event_is_left_out_and_an_error_kept(payload: bytes, expected: str) -> None:
    from fake_answers import _frame

    found = as_events(_frame(payload))
    assert (expected in found) if expected else found == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, True),
        (0.5, True),
        (True, False),
        (math.nan, False),
        (-math.inf, False),
        (2**53, False),
        (1e300, False),
        ("1", False),
    ],
)
def it_knows_the_ledgers_numbers(value: Any, expected: bool) -> None:
    assert number(value) is expected


def an_attribute_of_a_wrong_type_is_kept_beside() -> None:
    found = fitted_attributes(
        {"gen_ai.usage.input_tokens": 1.5, "gen_ai.response.finish_reasons": "stop", "error.type": 5, "x": None}
    )
    assert found == {
        "audit.unfit.gen_ai.usage.input_tokens": "1.5",
        "audit.unfit.gen_ai.response.finish_reasons": "stop",
        "error.type": "5",
        "x": None,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", True),
        ("2026-01-02t03:04:05.123+02:00", True),
        ("2026-01-02", False),
        ("1969-01-01T00:00:00Z", False),
        ("x", False),
    ],
)
def it_knows_a_time(text: str, expected: bool) -> None:
    assert is_rfc3339(text) is expected
