"""Clients that exist already, copies of clients, platforms, and what is kept of the stock class."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import (
    AsyncAuditAzureOpenAI,
    AsyncAuditOpenAI,
    AuditAnthropic,
    AuditAzureOpenAI,
    AuditOpenAI,
)
from audit_layer import _guard as guard
from audit_layer.integrations import _seam
from conftest import Api, recorded
from fake_answers import JSON, Answer, chat, encoded
from fake_provider import FakeProvider
from surface_cases import ASK, CLAUDE, GPT

pytestmark = pytest.mark.usefixtures("recording")


def providers(api: Api) -> list[str]:
    return [record["attributes"]["gen_ai.provider.name"] for record in recorded(api)]


def it_wraps_a_client_idempotently_and_reversibly(api: Api, provider: FakeProvider) -> None:
    with openai.OpenAI(api_key="k", base_url=provider.url) as client:
        completions = client.chat.completions
        before = dict(client.__dict__)
        assert audit_layer.wrap(audit_layer.wrap(client, actor="u1")) is client
        assert isinstance(client, openai.OpenAI)
        assert audit_layer.is_wrapped(client)
        completions.create(**GPT)
        client.copy().chat.completions.create(**GPT)
        assert type(audit_layer.unwrap(client)) is openai.OpenAI
        assert audit_layer.unwrap(client) is client
        assert not audit_layer.is_wrapped(client)
        assert {name: client.__dict__[name] for name in before} == before
        assert not [name for name in client.__dict__ if name.startswith("_audit")]
        completions.create(**GPT)
    assert [record["actor"] for record in recorded(api)] == [{"id": "u1", "type": "user"}] * 2
    assert len(provider.seen) == 3


async def it_wraps_an_asynchronous_client(api: Api, provider: FakeProvider) -> None:
    async with openai.AsyncOpenAI(api_key="k", base_url=provider.url) as client:
        await audit_layer.wrap(client).chat.completions.create(**GPT)
    assert providers(api) == ["openai"]


@pytest.mark.parametrize("nothing", [object(), 3, None, "client"])
def it_refuses_what_is_no_client(nothing: Any) -> None:
    with pytest.raises(TypeError, match="no `request`"):
        audit_layer.wrap(nothing)
    assert audit_layer.unwrap(nothing) is nothing


def it_leaves_a_reused_http_client_alone(api: Api, provider: FakeProvider) -> None:
    with openai.OpenAI(api_key="k", base_url=provider.url) as stock:
        shared = stock._client
        methods = {name: getattr(shared, name) for name in ("send", "request", "stream")}
        ours = AuditOpenAI(api_key="k", base_url=provider.url, http_client=shared)
        also = audit_layer.wrap(openai.OpenAI(api_key="k", base_url=provider.url, http_client=shared))
        for client in (ours, also, stock):
            client.chat.completions.create(**GPT)
        assert {name: getattr(shared, name) for name in methods} == methods
    assert providers(api) == ["openai", "openai"]
    assert len(provider.seen) == 3


def a_copy_of_any_kind_is_audited_with_its_context(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        audit_layer.wrap(client, subject="s1")
        for made in (client.copy(), client.with_options(timeout=500), copy.copy(client)):
            assert type(made) is AuditOpenAI
            made.chat.completions.create(**GPT)
    assert [record["subject"] for record in recorded(api)] == [{"id": "s1"}] * 3


def a_copy_keeps_every_option(provider: FakeProvider) -> None:
    options: dict[str, Any] = {"max_retries": 7, "timeout": 3.0, "default_headers": {"x-a": "1"}}
    with AuditOpenAI(api_key="k", base_url=provider.url, organization="o", **options) as client:
        made = client.with_options(default_query={"q": "1"})
        assert (made.max_retries, made.timeout, made.organization) == (7, 3.0, "o")
        assert made.default_headers["x-a"] == "1"
        assert made._client is client._client


def the_applications_own_subclass_is_audited_and_copied_as_itself(api: Api, provider: FakeProvider) -> None:
    class Mine(AuditOpenAI):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.mine = True

    with Mine(api_key="k", base_url=provider.url) as client:
        assert client.mine
        made = client.copy()
        assert type(made) is Mine
        assert made.mine
        made.chat.completions.create(**GPT)
    assert providers(api) == ["openai"]


def an_audited_client_looks_for_credentials_where_the_stock_one_does(
    api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anthropic does so only where `type(self)` is its very own class."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    if "credentials" not in inspect.signature(anthropic.Anthropic).parameters:
        return
    from anthropic.lib.credentials import AccessToken

    with AuditAnthropic(credentials=lambda **_: AccessToken("t-SECRET", None), base_url=provider.url) as client:
        client.copy().messages.create(**CLAUDE)
    assert provider.seen[0].headers["authorization"] == "Bearer t-SECRET"
    (record,) = recorded(api)
    assert "t-SECRET" not in str(record)


def the_azure_client_is_audited_though_its_class_is_mixin_first(api: Api, provider: FakeProvider) -> None:
    arguments: Any = {"api_key": "k", "azure_endpoint": provider.url, "api_version": "v"}
    with AuditAzureOpenAI(**arguments) as client, openai.AzureOpenAI(**arguments) as stock:
        assert isinstance(client, openai.AzureOpenAI)
        client.chat.completions.create(**GPT)
        audit_layer.wrap(stock).chat.completions.create(stream=True, **GPT).close()
        client.embeddings.create(model="e", input="x", encoding_format="float")
    assert provider.seen[0].path.startswith("/openai/deployments/gpt-x/chat/completions")
    assert providers(api) == ["azure.ai.openai"] * 3
    assert [r["attributes"]["gen_ai.operation.name"] for r in recorded(api)] == ["chat", "chat", "embeddings"]


async def the_asynchronous_azure_client_too(api: Api, provider: FakeProvider) -> None:
    arguments: Any = {"api_key": "k", "azure_endpoint": provider.url, "api_version": "v"}
    async with AsyncAuditAzureOpenAI(**arguments) as client:
        await client.chat.completions.create(**GPT)
    assert providers(api) == ["azure.ai.openai"]


def bedrock(provider: FakeProvider) -> Any:
    if "api_key" in inspect.signature(anthropic.AnthropicBedrock).parameters:
        return anthropic.AnthropicBedrock(api_key="b-SECRET", aws_region="eu-west-1", base_url=provider.url)

    class Unsigned(anthropic.AnthropicBedrock):  # older ones sign with boto3, which is not at hand
        def _prepare_request(self, request: Any) -> None:
            request.headers["authorization"] = "b-SECRET"

    return Unsigned(aws_access_key="a", aws_secret_key="s", aws_region="eu-west-1", base_url=provider.url)


def the_bedrock_client_is_audited_by_wrap(api: Api, provider: FakeProvider) -> None:
    with audit_layer.wrap(bedrock(provider)) as client:
        assert client.messages.create(**CLAUDE).content[0].text == "hello"
        with client.messages.with_streaming_response.create(stream=True, **CLAUDE) as response:
            assert b"".join(response.http_response.iter_raw())
    whole, streamed = recorded(api)
    for record in (whole, streamed):
        attributes = record["attributes"]
        assert attributes["gen_ai.provider.name"] == "aws.bedrock"
        assert attributes["gen_ai.request.model"] == "claude-x"
        assert attributes["gen_ai.operation.name"] == "chat"
        assert attributes["gen_ai.output.messages"] == [{"type": "text", "text": "hello"}]
        assert attributes["gen_ai.usage.output_tokens"] == 20
        assert attributes["audit.call.completion"] == "complete"
        assert "b-SECRET" not in str(record)


def the_vertex_client_is_audited_by_wrap(api: Api, provider: FakeProvider) -> None:
    client = anthropic.AnthropicVertex(
        access_token="v-SECRET", region="europe-west1", project_id="p", base_url=provider.url
    )
    with audit_layer.wrap(client):
        assert client.messages.create(**CLAUDE).content[0].text == "hello"
        with client.messages.stream(**CLAUDE) as stream:
            assert stream.get_final_text() == "hello"
    for record in recorded(api):
        attributes = record["attributes"]
        assert attributes["gen_ai.provider.name"] == "gcp.vertex_ai"
        assert attributes["gen_ai.request.model"] == "claude-x"
        assert attributes["gen_ai.output.messages"] == [{"type": "text", "text": "hello"}]
        assert "v-SECRET" not in str(record)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OpenAI", "openai"),
        ("AsyncAzureOpenAI", "azure.ai.openai"),
        ("BedrockOpenAI", "aws.bedrock"),
        ("AnthropicFoundry", "azure.ai.inference"),
        ("AnthropicAWS", "aws.bedrock"),
        ("AnthropicGoogleCloud", "gcp.vertex_ai"),
        ("AsyncAnthropic", "anthropic"),
    ],
)
def each_platform_has_its_name(name: str, expected: str) -> None:
    assert _seam.provider_of(type(name, (), {})) == expected


def a_nested_call_with_the_same_options_is_one_record(api: Api, provider: FakeProvider) -> None:
    class Nested(openai.OpenAI):
        def request(self, cast_to: Any, options: Any, **kwargs: Any) -> Any:  # type: ignore[override]
            if getattr(self, "again", False):
                return super().request(cast_to, options, **kwargs)
            self.again = True
            return self.request(cast_to, options, **kwargs)

    with audit_layer.wrap(Nested(api_key="k", base_url=provider.url)) as client:
        client.chat.completions.create(**GPT)
    assert providers(api) == ["openai"]


def the_very_exception_object_of_a_call_reaches_the_caller(api: Api, provider: FakeProvider) -> None:
    own = RuntimeError("mine")

    class Failing(openai.OpenAI):
        def request(self, *args: Any, **kwargs: Any) -> Any:
            raise own

    with audit_layer.wrap(Failing(api_key="k", base_url=provider.url)) as client, pytest.raises(RuntimeError) as caught:
        client.chat.completions.create(**GPT)
    assert caught.value is own
    (record,) = recorded(api)
    assert record["attributes"]["audit.call.completion"] == "error"
    assert record["attributes"]["error.type"] == "RuntimeError"
    assert record["attributes"]["gen_ai.request.model"] == "gpt-x"


def a_refused_call_keeps_the_providers_words(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="fail", messages=ASK)
    assert caught.value.status_code == 400
    (record,) = recorded(api)
    assert record["attributes"]["error.type"] == "BadRequestError"
    assert record["attributes"]["http.response.status_code"] == 400
    assert record["attributes"]["audit.error.body"]["error"]["message"] == "no"
    assert record["attributes"]["audit.call.provider_request_id"] == "req_1"


def a_provider_out_of_reach_is_on_record(api: Api) -> None:
    with AuditOpenAI(api_key="k", base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(openai.APIConnectionError):
            client.chat.completions.create(**GPT)
    (record,) = recorded(api)
    assert record["attributes"]["error.type"] == "APIConnectionError"
    assert record["attributes"]["gen_ai.input.messages"] == ASK


def a_request_that_can_not_be_sent_is_on_record(api: Api, provider: FakeProvider) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with AuditOpenAI(api_key="k", base_url=provider.url, max_retries=0) as client:
        for content in (loop, object()):
            with pytest.raises((TypeError, ValueError, RecursionError)):
                client.post("/chat/completions", cast_to=object, body={"model": "gpt-x", "x": content})
    assert len(recorded(api)) == 2


class Base:
    """A client of the same build that lacks seams."""

    base_url = "http://x"

    def request(self, cast_to: Any, options: Any, **kwargs: Any) -> Any:
        return cast_to


class Options:
    method = "post"
    url = "/chat/completions"

    def __init__(self) -> None:
        self.json_data: Any = {"model": "gpt-x", "messages": ASK}


class Model:
    def model_dump_json(self) -> str:
        return '{"id":"chatcmpl_1","choices":[{"finish_reason":"stop"}]}'


def a_client_without_the_inner_seams_is_recorded_from_the_parsed_result(api: Api) -> None:
    client = audit_layer.wrap(Base())
    assert client.request(Model(), Options()) is not None
    assert client.request(3, Options()) == 3
    first, second = recorded(api)
    assert first["attributes"]["gen_ai.response.id"] == "chatcmpl_1"
    assert first["attributes"]["gen_ai.request.model"] == "gpt-x"
    assert second["attributes"]["audit.call.completion"] == "complete"
    assert guard.failures["seam: Base has no _prepare_request"] == 1
    assert guard.failures["seam: recorded from the parsed result"] == 2


def a_middleware_that_answers_from_a_cache_is_recorded(api: Api, provider: FakeProvider) -> None:
    if "middleware" not in inspect.signature(anthropic.Anthropic).parameters:
        return
    kept: list[Any] = []

    def cache(request: Any, call_next: Any) -> Any:
        if not kept:
            kept.append(call_next(request).parse())
        return kept[0]

    with AuditAnthropic(api_key="k", base_url=provider.url, middleware=[cache]) as client:
        assert client.messages.create(**CLAUDE).id == client.messages.create(**CLAUDE).id == "msg_1"
    first, second = recorded(api)
    assert len(provider.seen) == 1
    assert first["attributes"]["audit.call.attempts"] == 1
    assert second["attributes"]["audit.call.attempts"] == 0
    assert second["attributes"]["gen_ai.response.id"] == "msg_1"
    assert second["attributes"]["gen_ai.input.messages"] == ASK


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/chat/completions", "/chat/completions"),
        ("/x?key=SECRET", "/x"),
        ("https://user:SECRET@host/v1/messages?a=1#f", "/v1/messages"),
        ("https://host", "/"),
        ("models", "/models"),
    ],
)
def no_host_credentials_or_query_is_kept_of_a_url(url: str, path: str) -> None:
    assert _seam._path(url) == path


def it_can_be_switched_off(api: Api, provider: FakeProvider) -> None:
    audit_layer.configure(enabled=False)
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        assert client.chat.completions.create(**GPT).choices
        assert list(client.chat.completions.create(stream=True, **GPT))
    assert not api.calls()


async def it_can_be_switched_off_for_asynchronous_calls(api: Api, provider: FakeProvider) -> None:
    audit_layer.configure(enabled=False)
    async with AsyncAuditOpenAI(api_key="k", base_url=provider.url) as client:
        assert (await client.chat.completions.create(**GPT)).choices
    assert not api.calls()


def a_text_answer_is_recorded_as_text(api: Api, provider: FakeProvider) -> None:
    provider.custom["/audio/transcriptions"] = Answer(200, "text/plain", "grüezi".encode())
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        file = ("a.mp3", b"\xff", "audio/mpeg")
        assert "r" in client.audio.transcriptions.create(model="whisper", file=file, response_format="text")
    (record,) = recorded(api)
    assert record["attributes"]["gen_ai.output.messages"] == "grüezi"


def an_answer_without_json_is_recorded_too(api: Api, provider: FakeProvider) -> None:
    provider.custom["/chat/completions"] = Answer(200, JSON, b"[1, 2]")
    answer = chat({"model": "gpt-x"})
    assert answer.status == 200
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.post("/chat/completions", cast_to=object, body={"model": "gpt-x"})
    (record,) = recorded(api)
    assert record["attributes"]["gen_ai.output.messages"] == "[1, 2]"
    assert encoded([1, 2]) == b"[1, 2]"
