"""Corners of the mechanism: what is never read, what reads twice, what fails within us."""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import json
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import AsyncAuditOpenAI, AuditAnthropic, AuditOpenAI
from audit_layer import _guard as guard
from audit_layer import _recorder as recorder
from audit_layer.integrations import _seam
from audit_layer.integrations._form import form
from conftest import Api, recorded
from fake_provider import FakeProvider
from surface_cases import ASK, CLAUDE, GPT
from surfaces_tests import has

pytestmark = pytest.mark.usefixtures("recording")


class Dumped:
    def model_dump(self, mode: str) -> dict[str, str]:
        return {"mode": mode}


NAMED = io.BytesIO(b"abc")
NAMED.name = "/tmp/c.wav"

FORMS: list[tuple[Any, Any, Any]] = [
    (None, None, None),
    ({"a": 1}, None, {"a": 1}),
    ([1, {"a": b"x"}], None, [1, {"a": {"sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "bytes": 1}}]),
    ({"a": {1}, "b": Dumped(), "c": object()}, None, {"a": [1], "b": {"mode": "json"}, "c": "<object>"}),
    ({"m": "x"}, {"file": b"x"}, {"m": "x", "file": [{"sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "bytes": 1}]}),
    (None, [("image[]", ("a.png", NAMED, "image/png")), ("image[]", Path("/x/b.png"))],
     {"image": [{"filename": "a.png", "media_type": "image/png"}, {"filename": "b.png"}]}),
    ({}, [("file", NAMED)], {"file": [{"filename": "c.wav"}]}),
    ({"file": "taken"}, [("file", b"x")], {"file": "taken"}),
    ({}, [("file", ())], {"file": [{}]}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "files", "expected"), FORMS, ids=range(len(FORMS)))
def a_form_is_described_and_its_streams_are_left_alone(fields: Any, files: Any, expected: Any) -> None:
    made = form(fields, files)
    assert (json.loads(made) if made else None) == expected
    assert NAMED.tell() == 0


def a_form_that_holds_itself_is_named_unreadable() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert json.loads(form(loop, None)) == {"unreadable": "ValueError"}


def an_upload_that_is_streamed_back_or_refused_says_what_was_sent(api: Api, provider: FakeProvider) -> None:
    file = ("a.mp3", b"\xff\xfb", "audio/mpeg")
    with AuditOpenAI(api_key="k", base_url=provider.url, max_retries=0) as client:
        with client.audio.transcriptions.with_streaming_response.create(model="whisper", file=file) as response:
            response.read()
        with pytest.raises(openai.NotFoundError):
            client.post("/nowhere", cast_to=object, body={"model": "x"}, files=[("file", b"abc")],
                        options={"headers": {"Content-Type": "multipart/form-data"}})  # fmt: skip
    streamed, refused = recorded(api)
    assert streamed["attributes"]["gen_ai.request.model"] == "whisper"
    assert streamed["attributes"]["audit.request.parameters"]["file"][0]["bytes"] == 2
    assert refused["attributes"]["audit.request.parameters"]["file"][0]["bytes"] == 3
    assert refused["attributes"]["audit.call.completion"] == "error"


def a_middleware_that_keeps_responses_is_recorded_from_them(api: Api, provider: FakeProvider) -> None:
    if "middleware" not in inspect.signature(anthropic.Anthropic).parameters:
        return
    kept: list[Any] = []

    def cache(request: Any, call_next: Any) -> Any:
        if not kept:
            kept.append(call_next(request))
        return kept[0]

    with AuditAnthropic(api_key="k", base_url=provider.url, middleware=[cache]) as client:
        client.messages.with_raw_response.create(**CLAUDE)
        client.messages.with_raw_response.create(**CLAUDE)
    first, second = recorded(api)
    assert len(provider.seen) == 1
    assert first["attributes"]["gen_ai.response.id"] == second["attributes"]["gen_ai.response.id"] == "msg_1"


class Late:
    """A result that carries a response which nobody has read yet."""

    def __init__(self, response: Any) -> None:
        self.http_response = response


class Unread:
    def __init__(self) -> None:
        self.status_code = 200
        self.headers = {"content-type": "application/json"}

    @property
    def content(self) -> bytes:
        raise RuntimeError("not read")

    def iter_bytes(self) -> Any:
        yield b'{"id":"r"}'

    iter_raw = iter_bytes

    def close(self) -> None:
        pass


def a_result_whose_response_is_unread_is_watched(api: Api) -> None:
    class Client:
        base_url = "http://x"

        def request(self, cast_to: Any, options: Any) -> Any:
            return Late(Unread())

    class Options:
        method = "post"
        url = "/chat/completions"
        json_data = None

    result = audit_layer.wrap(Client()).request(None, Options())
    assert list(result.http_response.iter_bytes()) == [b'{"id":"r"}']
    (record,) = recorded(api)
    assert record["attributes"]["gen_ai.response.id"] == "r"


class AsyncUnread(Unread):
    async def aiter_bytes(self) -> Any:
        yield b"one"
        yield b"two"

    aiter_raw = aiter_bytes

    async def aclose(self) -> None:
        pass


def atee_of(response: Any) -> Any:
    found = audit_layer._process.current()
    assert found is not None
    call = found.begin("openai", "POST", "/chat/completions", "h")
    _seam.shadow(call, response, True)
    return call


async def it_does_not_record_again_what_is_read_again_asynchronously(api: Api) -> None:
    response = AsyncUnread()
    atee_of(response)
    reader = response.aiter_raw()
    assert await reader.__anext__() == b"one"
    assert [part async for part in response.aiter_bytes()] == [b"one", b"two"]
    assert [part async for part in response.aiter_raw()] == [b"one", b"two"]
    await reader.aclose()
    await response.aclose()
    (record,) = recorded(api)
    assert record["attributes"]["audit.call.completion"] == "abandoned"


async def an_iterator_without_aclose_is_let_go_of(api: Api) -> None:
    class Plain:
        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> bytes:
            await asyncio.sleep(0)
            return b"x"

    class Odd(AsyncUnread):
        def aiter_bytes(self) -> Any:
            return Plain()

        aiter_raw = aiter_bytes

    response = Odd()
    atee_of(response)
    reader = response.aiter_bytes()
    assert await reader.__anext__() == b"x"
    await reader.aclose()
    (record,) = recorded(api)
    assert record["attributes"]["audit.call.completion"] == "abandoned"


def an_iterator_without_close_is_let_go_of(api: Api) -> None:
    class Odd(Unread):
        def iter_bytes(self) -> Any:
            return iter((b"x", b"y"))

        iter_raw = iter_bytes

    response = Odd()
    found = audit_layer._process.current()
    assert found is not None
    _seam.shadow(found.begin("openai", "POST", "/x", "h"), response, False)
    reader = response.iter_bytes()
    next(reader)
    reader.close()
    (record,) = recorded(api)
    assert record["attributes"]["audit.call.completion"] == "abandoned"


def a_finalizer_that_fails_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    response = Unread()
    found = audit_layer._process.current()
    assert found is not None
    _seam.shadow(found.begin("openai", "POST", "/x", "h"), response, False)
    monkeypatch.setattr(recorder.Recorder, "finish", lambda *args, **kwargs: 1 / 0)
    del response
    gc.collect()
    assert guard.failures == {"collected: ZeroDivisionError": 1}


@pytest.mark.parametrize("broken", ["seen", "_parsed", "shadow"])
def no_failure_within_a_seam_costs_the_call(
    broken: str, api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_seam, broken, lambda *args: 1 / 0)
    with AuditOpenAI(api_key="k", base_url=provider.url, max_retries=0) as client:
        assert client.chat.completions.create(**GPT).choices
        assert list(client.chat.completions.create(stream=True, **GPT))
        assert client.audio.transcriptions.create(model="w", file=("a.mp3", b"x", "audio/mpeg")).text
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="fail", messages=ASK)
    assert len(recorded(api)) >= 1


async def a_context_of_the_client_is_under_that_of_the_call(api: Api, provider: FakeProvider) -> None:
    async with AsyncAuditOpenAI(api_key="k", base_url=provider.url) as client:
        audit_layer.wrap(client, actor="client", team="a")
        with audit_layer.context(actor="call", desk="b"):
            await client.chat.completions.create(**GPT)
    (record,) = recorded(api)
    assert record["actor"]["id"] == "call"
    assert record["attributes"]["team"] == "a"
    assert record["attributes"]["desk"] == "b"


def a_mapping_that_fails_before_the_spool_keeps_what_is_certain(
    api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit_layer import _mapping

    audit_layer.configure(capture="digest")
    monkeypatch.setattr(_mapping, "assemble", lambda source: 1 / 0)
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        list(client.chat.completions.create(stream=True, **GPT))
    (record,) = recorded(api)
    assert record["attributes"]["gen_ai.operation.name"] == "chat"
    assert guard.failures == {"mapping: ZeroDivisionError": 1}


def a_forked_childs_copy_of_an_open_call_is_the_parents(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = audit_layer._process.current()
    assert found is not None
    call = found.begin("openai", "POST", "/x", "h")
    with monkeypatch.context() as patch:
        patch.setattr(recorder.os, "getpid", lambda: 1)
        before = found.journal.recorded
        found.finish(call, "return")
        assert found.journal.recorded == before
    assert has(AuditOpenAI(api_key="k"), "chat.completions")
