"""What a stream's events amount to."""

from __future__ import annotations

import json

from audit_layer._stream import assemble


def sse(*events: dict[str, object]) -> str:
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events)


def chunk(delta: dict[str, object], finish: str | None = None, index: int = 0) -> dict[str, object]:
    return {"id": "c", "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def it_joins_the_parts_of_tool_calls() -> None:
    first = {"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a"'}}
    rest = {"index": 0, "function": {"arguments": ":1}"}}
    other = {"index": 1, "id": "t2", "function": {"name": "g", "arguments": "{}"}}
    body = sse(chunk({"tool_calls": [first]}), chunk({"tool_calls": [rest, other]}), chunk({}, "tool_calls"))
    found = assemble(body)
    calls = found.answer["choices"][0]["message"]["tool_calls"]
    assert [c["function"] for c in calls] == [{"name": "f", "arguments": '{"a":1}'}, {"name": "g", "arguments": "{}"}]
    assert found.complete


def it_takes_done_for_no_sign_of_completeness() -> None:
    assert not assemble(sse(chunk({"content": "a"})) + "data: [DONE]\n\n").complete
    assert not assemble(sse(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, None, 1))).complete
    assert assemble(sse(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, "stop", 1))).complete


def it_keeps_what_came_of_a_stream_that_broke_off_within_an_event() -> None:
    found = assemble(sse(chunk({"content": "a"})) + 'data: {"choices": [{"ind')
    assert found.answer["choices"][0]["message"]["content"] == "a"
    assert not found.complete


def it_copies_a_responses_own_text() -> None:
    body = 'data: {"type":"response.created","response":{}}\n\n'
    body += 'data: {"type":"response.completed","response":{"id": "r"}}\n\n'
    found = assemble(body)
    assert (found.text, found.complete) == ('{"id": "r"}', True)
