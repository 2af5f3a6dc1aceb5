"""What a caller gets of a stream, and what its record says however it ended."""

from __future__ import annotations

import asyncio
import gc
import gzip
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import AsyncAuditAnthropic, AsyncAuditOpenAI, AuditAnthropic, AuditOpenAI
from audit_layer import _guard as guard
from audit_layer._config import Settings
from audit_layer._local import read_all
from audit_layer._recorder import Recorder
from audit_layer.integrations import _seam
from conftest import Api, recorded
from fake_answers import SSE, Answer, chunk, data
from fake_provider import FakeProvider
from surface_cases import ASK

pytestmark = pytest.mark.usefixtures("recording")

RESPONSES = hasattr(openai.OpenAI(api_key="k"), "responses")


class Kind:
    """A streaming surface in both its forms."""

    def __init__(self, name: str, sync: Any, asynchronous: Any, stock: Any, method: str, arguments: Any) -> None:
        self.name = name
        self.sync = sync
        self.asynchronous = asynchronous
        self.stock = stock
        self.method = method
        self.arguments = arguments

    def open(self, client: Any, model: str) -> Any:
        for part in self.method.split("."):
            client = getattr(client, part)
        return client.create(model=model, stream=True, **self.arguments)


KINDS = [
    Kind("chat", AuditOpenAI, AsyncAuditOpenAI, openai.OpenAI, "chat.completions", {"messages": ASK}),
    Kind(
        "messages", AuditAnthropic, AsyncAuditAnthropic, anthropic.Anthropic, "messages",
        {"messages": ASK, "max_tokens": 9},
    ),
]  # fmt: skip
if RESPONSES:
    KINDS.append(Kind("responses", AuditOpenAI, AsyncAuditOpenAI, openai.OpenAI, "responses", {"input": "hi"}))

of_all_kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def completion(record: dict[str, Any]) -> str:
    found: str = record["attributes"]["audit.call.completion"]
    return found


def client_of(kind: Kind, provider: FakeProvider) -> Any:
    return kind.sync(api_key="k", base_url=provider.url, max_retries=0)


def aclient_of(kind: Kind, provider: FakeProvider) -> Any:
    return kind.asynchronous(api_key="k", base_url=provider.url, max_retries=0)


@of_all_kinds
def the_caller_gets_what_the_stock_client_gives_and_sends_what_it_sends(
    kind: Kind, api: Api, provider: FakeProvider
) -> None:
    with client_of(kind, provider) as ours, kind.stock(api_key="k", base_url=provider.url) as theirs:
        assert list(kind.open(ours, "gpt-x")) == list(kind.open(theirs, "gpt-x"))
    mine, stock = provider.seen
    assert mine.body == stock.body
    names = ("x-stainless-retry-count", "accept", "content-type", "authorization", "x-api-key", "user-agent")
    assert {name: mine.headers.get(name) for name in names} == {
        name: stock.headers.get(name) if name != "user-agent" else mine.headers["user-agent"] for name in names
    }
    (record,) = recorded(api)
    assert completion(record) == "complete"


@of_all_kinds
def no_part_is_read_ahead_and_the_first_is_not_held_up(kind: Kind, api: Api, provider: FakeProvider) -> None:
    with client_of(kind, provider) as client:
        stream = kind.open(client, "hold")  # the provider sends the second part only once it is released
        assert next(stream) is not None
        assert provider.sent == 1
        provider.release.set()
        assert list(stream)
    assert completion(recorded(api)[0]) == "complete"


@of_all_kinds
def an_opening_frame_is_on_disk_before_the_stream_is_returned(
    kind: Kind, provider: FakeProvider, recording: Settings
) -> None:
    with client_of(kind, provider) as client:
        stream = kind.open(client, "hold")
        (stored,) = read_all(recording)
        assert stored.open
        attributes = stored.record["attributes"]
        assert attributes["gen_ai.request.model"] == "hold"
        assert attributes["gen_ai.input.messages"] in (ASK, "hi")
        provider.release.set()
        list(stream)


@of_all_kinds
def a_stream_closed_early_is_cancelled_and_keeps_what_came(kind: Kind, api: Api, provider: FakeProvider) -> None:
    with client_of(kind, provider) as client:
        stream = kind.open(client, "hold")
        next(stream)
        stream.close()
        stream.close()
    (record,) = recorded(api)
    assert completion(record) == "cancelled"
    assert record["attributes"]["gen_ai.response.model"].endswith("x-1")


@of_all_kinds
def a_stream_that_is_let_go_of_is_abandoned(kind: Kind, api: Api, provider: FakeProvider) -> None:
    with client_of(kind, provider) as client:
        stream = kind.open(client, "hold")
        next(stream)
        del stream
        unread = kind.open(client, "hold")
        del unread
        gc.collect()
        assert audit_layer.health().open_calls == 0
    assert [completion(record) for record in recorded(api)] == ["abandoned", "abandoned"]


@of_all_kinds
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def a_stream_that_breaks_off_raises_the_stock_error_and_keeps_the_partial_output(
    kind: Kind, api: Api, provider: FakeProvider
) -> None:
    def failure(client: Any) -> BaseException:
        got = 0
        with client, pytest.raises(Exception) as caught:
            for _ in kind.open(client, "break"):
                got += 1
        assert got
        return caught.value

    ours = failure(client_of(kind, provider))
    theirs = failure(kind.stock(api_key="k", base_url=provider.url, max_retries=0))
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))
    (record,) = recorded(api)
    assert completion(record) == "error"
    assert record["attributes"]["error.type"]
    assert record["attributes"]["gen_ai.response.model"].endswith("x-1")


@of_all_kinds
def an_exception_of_the_applications_own_ends_the_stream_and_reaches_it(
    kind: Kind, api: Api, provider: FakeProvider
) -> None:
    own = LookupError("mine")
    with client_of(kind, provider) as client, pytest.raises(LookupError) as caught:
        with kind.open(client, "hold") as stream:
            next(stream)
            raise own
    assert caught.value is own
    assert completion(recorded(api)[0]) == "cancelled"


@of_all_kinds
async def an_asynchronous_stream_gives_everything(kind: Kind, api: Api, provider: FakeProvider) -> None:
    async with aclient_of(kind, provider) as client:
        stream = await kind.open(client, "hold")
        assert await stream.__anext__() is not None
        assert provider.sent == 1
        provider.release.set()
        assert [part async for part in stream]
    assert completion(recorded(api)[0]) == "complete"


@of_all_kinds
async def an_asynchronous_stream_closed_early_is_cancelled(kind: Kind, api: Api, provider: FakeProvider) -> None:
    async with aclient_of(kind, provider) as client:
        stream = await kind.open(client, "hold")
        await stream.__anext__()
        await stream.close()
    assert completion(recorded(api)[0]) == "cancelled"


@of_all_kinds
async def a_cancelled_task_cancels_its_stream(kind: Kind, api: Api, provider: FakeProvider) -> None:
    started = asyncio.Event()

    async def consume(client: Any) -> None:
        async for _ in await kind.open(client, "hold"):
            started.set()

    async with aclient_of(kind, provider) as client:
        task = asyncio.create_task(consume(client))
        await started.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        gc.collect()
    (record,) = recorded(api)
    assert completion(record) == "cancelled"


async def a_task_cancelled_before_the_answer_is_cancelled(api: Api, provider: FakeProvider) -> None:
    async with AsyncAuditOpenAI(api_key="k", base_url=provider.url) as client:
        coroutine = client.chat.completions.create(model="gpt-x", messages=ASK)
        task = asyncio.create_task(coroutine)
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (record,) = recorded(api)
    assert completion(record) == "cancelled"
    assert record["attributes"]["error.type"] == "CancelledError"


@of_all_kinds
async def an_asynchronous_stream_that_is_let_go_of_is_abandoned(kind: Kind, api: Api, provider: FakeProvider) -> None:
    async with aclient_of(kind, provider) as client:
        unread = await kind.open(client, "hold")
        await unread.response.aclose()
        del unread
        gc.collect()
    assert completion(recorded(api)[0]) in ("abandoned", "cancelled")


@of_all_kinds
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def an_asynchronous_stream_that_breaks_off_is_an_error(kind: Kind, api: Api, provider: FakeProvider) -> None:
    async with aclient_of(kind, provider) as client:
        with pytest.raises(Exception):  # noqa: B017  (whatever the stock client raises)
            async for _ in await kind.open(client, "break"):
                pass
    assert completion(recorded(api)[0]) == "error"


def a_stream_ends_on_record_at_exit(tmp_path: Path, provider: FakeProvider) -> None:
    for ending, open_ in (("pass", False), ("os._exit(0)", True)):
        folder = tmp_path / str(open_)
        script = f"""
        import os
        from audit_layer import AuditOpenAI
        client = AuditOpenAI(api_key="k", base_url={provider.url!r})
        stream = client.chat.completions.create(model="hold", messages=[], stream=True)
        next(stream)
        {ending}
        """
        env = {**os.environ, "AUDIT_SPOOL_DIR": str(folder), "AUDIT_SYSTEM": "exit", "AUDIT_URL": ""}
        # CPython 3.13.0 crashes here when it ends, with the stock client too; by then all is on record.
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], env=env, check=False, timeout=300
        )
        stored = [
            item
            for item in read_all(Settings(spool_dir=str(folder), system="exit").completed())
            if item.record["type"] == "llm_call"
        ]
        assert [(item.open, completion(item.record)) for item in stored] == [(open_, "abandoned")]


class Response:
    """As much of a provider library's response as a tee touches."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.closed = 0

    def iter_bytes(self, size: int | None = None) -> Any:
        yield b"one"
        if self.error is not None:
            raise self.error
        yield b"two"

    iter_raw = iter_bytes

    def close(self) -> None:
        self.closed += 1


def tee_of(response: Any) -> Any:
    recorder = audit_layer._process.current()
    assert recorder is not None
    call = recorder.begin("openai", "POST", "/chat/completions", "h")
    _seam.shadow(call, response, False)
    return call


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), asyncio.CancelledError()])
def the_very_exception_object_passes_through(error: BaseException, api: Api) -> None:
    response = Response(error)
    tee_of(response)
    with pytest.raises(type(error)) as caught:
        list(response.iter_bytes())
    assert caught.value is error
    wanted = "error" if isinstance(error, ValueError) else "cancelled"
    assert completion(recorded(api)[0]) == wanted


def it_does_not_record_again_what_is_read_again(api: Api) -> None:
    response = Response()
    tee_of(response)
    reader = response.iter_raw()
    assert next(reader) == b"one"
    assert list(response.iter_bytes()) == [b"one", b"two"]
    assert list(response.iter_raw()) == [b"one", b"two"]
    reader.close()
    response.close()
    assert response.closed == 1
    assert completion(recorded(api)[0]) == "abandoned"


def a_raw_body_is_recorded_decoded(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        with client.chat.completions.with_streaming_response.create(model="gpt-x", messages=ASK) as response:
            assert b"".join(response.http_response.iter_raw())
    (record,) = recorded(api)
    assert record["attributes"]["gen_ai.output.messages"][0]["message"]["content"] == "hello"


@pytest.mark.parametrize("method", ["read", "text", "json", "iter_bytes", "iter_text", "iter_lines"])
def each_way_to_read_a_streaming_response_is_recorded(method: str, api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        with client.chat.completions.with_streaming_response.create(model="gpt-x", messages=ASK) as response:
            found = getattr(response, method)()
            assert list(found) if method.startswith("iter") else found
    (record,) = recorded(api)
    assert completion(record) == "complete"
    assert record["attributes"]["gen_ai.output.messages"][0]["message"]["content"] == "hello"


def a_compressed_raw_body_is_unpacked_in_the_record() -> None:
    from audit_layer._mapping import _decode

    assert _decode(gzip.compress(b"{}"), {"raw": True}) == b"{}"
    assert _decode(b"\x1f\x8bbroken", {"raw": True}) == b"\x1f\x8bbroken"
    assert _decode(b"{}", {"raw": True}) == b"{}"
    assert _decode(gzip.compress(b"{}"), {}) == gzip.compress(b"{}")


@pytest.mark.parametrize("broken", ["begin", "open", "finish", "_meta"])
def no_failure_of_ours_reaches_the_caller(broken: str, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(Recorder, broken, fail)
    with AuditOpenAI(api_key="k", base_url=provider.url, max_retries=0) as client:
        assert client.chat.completions.create(model="gpt-x", messages=ASK).choices
        assert list(client.chat.completions.create(model="gpt-x", messages=ASK, stream=True))
        closed = client.chat.completions.create(model="hold", messages=ASK, stream=True)
        next(closed)
        closed.close()
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="fail", messages=ASK)
    assert any("RuntimeError" in cause for cause in guard.failures) or broken == "open"


def a_stream_that_only_says_done_is_partial(api: Api, provider: FakeProvider) -> None:
    provider.custom["/chat/completions"] = Answer(200, SSE, [data(chunk({"content": "hel"})), b"data: [DONE]\n\n"])
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        list(client.chat.completions.create(model="gpt-x", messages=ASK, stream=True))
    (record,) = recorded(api)
    assert completion(record) == "partial"
    assert record["attributes"]["gen_ai.output.messages"][0]["message"]["content"] == "hel"
