"""Each surface of both providers' clients, against a provider on loopback and the audit API after its contract."""

from __future__ import annotations

import gc
import json
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import AsyncAuditAnthropic, AsyncAuditOpenAI, AuditAnthropic, AuditAzureOpenAI, AuditOpenAI
from audit_layer._config import Settings
from conftest import Api, Loopback

ASK: Any = [{"role": "user", "content": "héllo"}]
pytestmark = pytest.mark.usefixtures("recording")


def completion(api: Api) -> list[str]:
    assert audit_layer.flush(5)
    found = sorted(api.calls(), key=lambda r: r["producer"]["seq"])
    return [r["attributes"].get("audit.call.completion", r["type"]) for r in found]


def it_records_a_chat_completion_with_the_providers_own_text(api: Api, models: Loopback) -> None:
    with AuditOpenAI(api_key="secret", base_url=models.url) as client:
        answer = client.chat.completions.create(model="gpt-x", messages=ASK)
    assert answer.choices[0].message.content == "hello"
    assert completion(api) == ["complete"]
    (record,) = api.calls()
    attributes = record["attributes"]
    assert record["type"] == "llm_call"
    assert attributes["gen_ai.input.messages"] == ASK
    assert attributes["gen_ai.output.messages"][0]["message"]["content"] == "hello"
    assert attributes["gen_ai.usage.cache_read.input_tokens"] == 1
    assert attributes["audit.call.provider_request_id"] == "req_1"
    assert attributes["audit.call.attempts"] == 1
    assert record["producer"]["seq"] == 1
    assert "secret" not in str(record)


def it_says_how_each_stream_ended(api: Api, models: Loopback) -> None:
    with AuditOpenAI(api_key="k", base_url=models.url) as client:

        def stream() -> Any:
            return client.chat.completions.create(model="gpt-x", messages=ASK, stream=True)

        assert "".join(c.choices[0].delta.content or "" for c in stream()) == "hello"
        closed = stream()
        next(closed)
        closed.close()
        dropped = stream()
        next(dropped)
        del dropped
        unread = stream()
        del unread
        gc.collect()
    # The provider sends everything at once, so that what was read may hold the end already.
    assert completion(api)[0] == "complete"
    assert len(completion(api)) == 4
    assert set(completion(api)[1:]) <= {"complete", "cancelled", "abandoned"}
    assert completion(api)[3] == "abandoned"


def it_hands_the_same_exception_on(api: Api, models: Loopback) -> None:
    with AuditOpenAI(api_key="k", base_url=models.url, max_retries=0) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="fail", messages=ASK)
    assert caught.value.status_code == 400
    assert completion(api) == ["error"]
    (record,) = api.calls()
    assert record["attributes"]["error.type"] == "BadRequestError"
    assert record["attributes"]["audit.error.body"]["error"]["message"] == "no"


def it_records_raw_streaming_and_generic_calls(api: Api, models: Loopback) -> None:
    with AuditOpenAI(api_key="k", base_url=models.url) as client:
        raw = client.chat.completions.with_raw_response.create(model="gpt-x", messages=ASK)
        assert raw.parse().id == "chatcmpl-1"
        with client.chat.completions.with_streaming_response.create(model="gpt-x", messages=ASK) as response:
            assert response.read()
        client.embeddings.create(model="e", input="x", encoding_format="float")
        client.models.list()
        assert client.post("/chat/completions", cast_to=object, body={"model": "gpt-x"})
        client.with_options(max_retries=1).chat.completions.create(model="gpt-x", messages=ASK)
    assert completion(api) == ["complete"] * 6


def it_records_messages_and_their_streams(api: Api, models: Loopback) -> None:
    with AuditAnthropic(api_key="k", base_url=models.url) as client:
        assert client.messages.create(model="claude-x", max_tokens=9, messages=ASK).id == "msg_1"
        with client.messages.stream(model="claude-x", max_tokens=9, messages=ASK) as stream:
            assert stream.get_final_text() == "hello"
    assert completion(api) == ["complete", "complete"]
    assert all(r["attributes"]["gen_ai.provider.name"] == "anthropic" for r in api.calls())
    assert all(r["attributes"]["gen_ai.output.messages"][0]["text"] == "hello" for r in api.calls())
    assert all(r["attributes"]["gen_ai.response.finish_reasons"] == ["end_turn"] for r in api.calls())


async def it_records_asynchronous_calls_and_streams(api: Api, models: Loopback) -> None:
    async with AsyncAuditOpenAI(api_key="k", base_url=models.url) as client:
        await client.chat.completions.create(model="gpt-x", messages=ASK)
        stream = await client.chat.completions.create(model="gpt-x", messages=ASK, stream=True)
        assert [c.choices[0].delta.content async for c in stream] == ["he", "llo"]
    async with AsyncAuditAnthropic(api_key="k", base_url=models.url) as other:
        async with other.messages.stream(model="claude-x", max_tokens=9, messages=ASK) as events:
            assert await events.get_final_text() == "hello"
    assert completion(api) == ["complete"] * 3


def it_wraps_a_client_idempotently_and_reversibly(api: Api, models: Loopback) -> None:
    with openai.OpenAI(api_key="k", base_url=models.url) as client:
        completions = client.chat.completions
        assert audit_layer.wrap(audit_layer.wrap(client, actor="u1")) is client
        assert isinstance(client, openai.OpenAI)
        assert audit_layer.is_wrapped(client)
        completions.create(model="gpt-x", messages=ASK)
        client.copy().chat.completions.create(model="gpt-x", messages=ASK)
        assert type(audit_layer.unwrap(client)) is openai.OpenAI
        completions.create(model="gpt-x", messages=ASK)
    assert completion(api) == ["complete", "complete"]
    assert [r["actor"] for r in api.calls()] == [{"id": "u1", "type": "user"}] * 2
    with pytest.raises(TypeError):
        audit_layer.wrap(object())


def it_audits_azure_whose_class_is_mixin_first(api: Api, models: Loopback) -> None:
    arguments: Any = {"api_key": "k", "azure_endpoint": models.url, "api_version": "v"}
    with AuditAzureOpenAI(**arguments) as client, openai.AzureOpenAI(**arguments) as stock:
        client.chat.completions.create(model="gpt-x", messages=ASK)
        audit_layer.wrap(stock).chat.completions.create(model="gpt-x", messages=ASK)
    assert completion(api) == ["complete", "complete"]
    assert {r["attributes"]["gen_ai.provider.name"] for r in api.calls()} == {"azure.ai.openai"}


def it_ties_calls_to_their_decision(api: Api, models: Loopback) -> None:
    with AuditOpenAI(api_key="k", base_url=models.url) as client:
        with audit_layer.decision(type="loan", subject="p1", risk_level="high") as made:
            client.chat.completions.create(model="gpt-x", messages=ASK)
            made.update(outcome="denied", factors=[audit_layer.factor("income", 1, direction="against")])
    review = audit_layer.human_review(made, action="overturned", reviewer="r1")
    assert audit_layer.flush(5)
    assert api.records[made.id]["decision"]["outcome"] == "denied"
    assert api.records[review]["decision_id"] == made.id
    (call,) = [r for r in api.calls() if r["type"] == "llm_call"]
    assert (call["decision_id"], call["subject"]) == (made.id, {"id": "p1"})


@pytest.mark.parametrize("mode", ["metadata", "digest"])
def it_keeps_content_off_the_disk(mode: str, api: Api, models: Loopback, recording: Settings) -> None:
    audit_layer.configure(capture=mode)
    with AuditOpenAI(api_key="k", base_url=models.url) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK)
    assert completion(api) == ["complete"]
    (record,) = api.calls()
    assert "héllo" not in str(record)
    assert record["attributes"]["gen_ai.usage.input_tokens"] == 3
    assert ("gen_ai.input.messages" in record["attributes"]) == (mode == "digest")


def it_redacts_before_the_spool(api: Api, models: Loopback) -> None:
    audit_layer.configure(redact=audit_layer.redactor("email"))
    with AuditOpenAI(api_key="k", base_url=models.url) as client:
        client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": "to a@b.example"}])
    assert completion(api) == ["complete"]
    assert api.calls()[0]["attributes"]["gen_ai.input.messages"][0]["content"] == "to [email]"


def it_sends_what_the_ledger_refuses_in_another_form(api: Api, models: Loopback) -> None:
    api.mode = "refuse-lists"
    with AuditOpenAI(api_key="k", base_url=models.url) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK)
    assert completion(api) == ["complete"]
    assert json.loads(api.calls()[0]["attributes"]["audit.request.body"])["messages"] == ASK


def it_keeps_the_stock_signatures() -> None:
    import inspect

    for ours, theirs in ((AuditOpenAI, openai.OpenAI), (AuditAnthropic, anthropic.Anthropic)):
        for name in ("__init__", "copy", "with_options", "request"):
            assert inspect.signature(getattr(ours, name)) == inspect.signature(getattr(theirs, name))
