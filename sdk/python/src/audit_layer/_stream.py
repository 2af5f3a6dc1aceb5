"""Server-sent events to one answer, on the sender's thread, from the bytes that the caller saw.

Knows the streams of chat completions, completions, responses and messages, and keeps the events of any
other. `[DONE]` is no sign of completeness: what the events themselves say is.
"""

from __future__ import annotations

import json
from typing import Any, cast

__all__ = ["Assembled", "assemble", "objects"]

Object = dict[str, Any]


class Assembled:
    """What a stream amounted to."""

    __slots__ = ("answer", "complete", "text")

    def __init__(self, answer: Object, complete: bool, text: str = "") -> None:
        """`text` is the answer's own JSON, where one event carried it whole."""
        self.answer = answer
        self.complete = complete
        self.text = text


def objects(items: Any) -> list[Object]:
    """The objects in what should be a list of objects."""
    return (
        [cast(Object, item) for item in cast("list[Any]", items) if isinstance(item, dict)]
        if isinstance(items, list)
        else []
    )


def _object(value: object) -> Object:
    return cast(Object, value) if isinstance(value, dict) else {}


def _events(body: str) -> tuple[list[str], list[Object]]:
    """Each event's data as text and parsed. All are parsed in one go, and one by one only if that fails."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line[5:].lstrip(" ") for line in body.split("\n") if line[:5] == "data:"]
    lines = [line for line in lines if line[:1] == "{"]
    try:
        return lines, cast("list[Object]", json.loads("[" + ",".join(lines) + "]"))
    except ValueError:
        pass
    texts: list[str] = []
    parsed: list[Object] = []
    for event in body.split("\n\n"):
        text = "\n".join(line[5:].lstrip(" ") for line in event.split("\n") if line[:5] == "data:")
        try:
            value = json.loads(text) if text[:1] == "{" else None
        except ValueError:
            continue  # the stream broke off within it
        if isinstance(value, dict):
            texts.append(text)
            parsed.append(cast(Object, value))
    return texts, parsed


def assemble(body: str) -> Assembled:
    """The answer that a stream's bytes amount to, and whether its events say that it is whole."""
    texts, events = _events(body)
    if not events:
        return Assembled({}, False)
    first = events[0]
    if "choices" in first:
        return _choices(events)
    if first.get("type") == "message_start" or (first.get("type") == "ping" and "message_start" in body[:4096]):
        return _message(events)
    if str(first.get("type", "")).startswith("response."):
        return _response(texts, events)
    last = events[-1]
    kind = str(last.get("type", ""))
    done = kind.endswith((".completed", ".done", "_stop")) or last.get("stop_reason") is not None
    answer: Object = {"output": events}
    for name in ("usage", "error", "stop_reason"):
        if last.get(name):
            answer[name] = last[name]
    if isinstance(first.get("model"), str):
        answer["model"] = first["model"]
    return Assembled(answer, done)


def _choices(events: list[Object]) -> Assembled:
    answer: Object = {}
    choices: dict[int, Object] = {}
    parts: dict[tuple[int, str], list[str]] = {}
    for event in events:
        if "error" in event:
            answer["error"] = event["error"]
            continue
        for choice in objects(event.get("choices")):
            index = choice.get("index", 0)
            state = choices.get(index)
            if state is None:
                state = choices[index] = {"index": index, "message": {}, "finish_reason": None}
            delta = choice.get("delta")
            if delta:
                _delta(state["message"], delta, index, parts)
            elif isinstance(choice.get("text"), str):
                parts.setdefault((index, "text"), []).append(choice["text"])
            if choice.get("finish_reason"):
                state["finish_reason"] = choice["finish_reason"]
            if choice.get("logprobs"):
                state["logprobs"] = _added(_object(state.get("logprobs")), _object(choice["logprobs"]))
        if event.get("usage"):
            answer["usage"] = event["usage"]
    for key in ("id", "object", "created", "model", "service_tier", "system_fingerprint"):
        if events[0].get(key) is not None:
            answer[key] = events[0][key]
    for (index, name), texts in parts.items():
        if name == "text":
            choices[index]["text"] = "".join(texts)
            choices[index].pop("message", None)
        else:
            choices[index]["message"][name] = "".join(texts)
    answer["choices"] = [choices[index] for index in sorted(choices)]
    whole = bool(choices) and all(c["finish_reason"] for c in choices.values()) and "error" not in answer
    return Assembled(answer, whole)


def _delta(message: Object, delta: Object, index: int, parts: dict[tuple[int, str], list[str]]) -> None:
    for name, value in delta.items():
        if value is None:
            continue
        if name == "tool_calls":
            message["tool_calls"] = _tool_calls(objects(message.get("tool_calls")), objects(value))
        elif name == "role":
            message["role"] = value
        elif isinstance(value, str):
            parts.setdefault((index, name), []).append(value)
        elif isinstance(value, dict):
            message[name] = _added(_object(message.get(name)), cast(Object, value))
        elif isinstance(value, list) and isinstance(message.get(name), list):
            message[name] = [*message[name], *cast("list[Any]", value)]
        else:
            message[name] = value


def _added(whole: Object, part: Object) -> Object:
    """An object that comes in parts: texts and lists grow, all else is replaced."""
    made = dict(whole)
    for name, value in part.items():
        before = made.get(name)
        if isinstance(before, str) and isinstance(value, str) and name not in ("id", "name"):
            made[name] = before + value
        elif isinstance(before, list) and isinstance(value, list):
            made[name] = [*cast("list[Any]", before), *cast("list[Any]", value)]
        elif value is not None or name not in made:
            made[name] = value
    return made


def _tool_calls(calls: list[Object], parts: list[Object]) -> list[Object]:
    """The tool calls so far with a chunk's parts of them added."""
    for part in parts:
        position = int(part.get("index", len(calls)))
        while len(calls) <= position:
            calls.append({"function": {"name": "", "arguments": ""}})
        call = calls[position]
        for key in ("id", "type"):
            if part.get(key):
                call[key] = part[key]
        function = _object(call["function"])
        for key, text in _object(part.get("function")).items():
            if isinstance(text, str):
                function[key] = function.get(key, "") + text
    return calls


def _message(events: list[Object]) -> Assembled:
    answer: Object = {}
    blocks: dict[int, Object] = {}
    parts: dict[tuple[int, str], list[str]] = {}
    whole = False
    for event in events:
        kind = event.get("type")
        if kind == "content_block_delta":
            delta = _object(event.get("delta"))
            index = event.get("index", 0)
            for name, value in delta.items():
                if name == "type":
                    continue
                if isinstance(value, str):
                    parts.setdefault((index, name), []).append(value)
                elif name == "citation":
                    blocks.setdefault(index, {}).setdefault("citations", []).append(value)
        elif kind == "content_block_start":
            blocks[event.get("index", 0)] = dict(_object(event.get("content_block")))
        elif kind == "message_start":
            answer = dict(_object(event.get("message")))
        elif kind == "message_delta":
            for key, value in _object(event.get("delta")).items():
                answer[key] = value
            answer["usage"] = {**_object(answer.get("usage")), **_object(event.get("usage"))}
        elif kind == "message_stop":
            whole = True
        elif kind == "error":
            answer["error"] = event.get("error")
            whole = False
    for (index, name), texts in parts.items():
        block = blocks.setdefault(index, {})
        text = "".join(texts)
        if name == "partial_json":
            try:
                block["input"] = json.loads(text) if text else block.get("input", {})
            except ValueError:
                block["input"] = text
        else:
            first = block.get(name)
            block[name] = (first if isinstance(first, str) else "") + text
    answer["content"] = [blocks[index] for index in sorted(blocks)]
    return Assembled(answer, whole)


_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def _response(texts: list[str], events: list[Object]) -> Assembled:
    for text, event in zip(reversed(texts), reversed(events), strict=True):
        if event.get("type") in _ENDS and isinstance(event.get("response"), dict):
            from audit_layer._json import members

            spans = members(text.encode("utf-8", "replace"))
            return Assembled(event["response"], True, spans["response"][1].decode() if spans else "")
    answer: Object = {}
    items: dict[int, Object] = {}
    parts: dict[int, list[str]] = {}
    for event in events:
        index = event.get("output_index", 0)
        if isinstance(event.get("response"), dict):
            answer = dict(event["response"])
        elif isinstance(event.get("item"), dict):
            items[index] = event["item"]
        elif isinstance(event.get("delta"), str):
            parts.setdefault(index, []).append(event["delta"])
        elif event.get("type") == "error":
            answer["error"] = {k: event.get(k) for k in ("code", "message", "param")}
    for index, deltas in parts.items():
        if items.get(index, {}).get("status") != "completed":
            items.setdefault(index, {})["partial"] = "".join(deltas)
    answer["output"] = [items[index] for index in sorted(items)]
    return Assembled(answer, False)
