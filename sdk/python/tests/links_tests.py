"""What comes later is tied to the call that asked for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import AsyncAuditOpenAI, AuditAnthropic, AuditOpenAI
from audit_layer import _guard as guard
from audit_layer import _links as links
from audit_layer._recorder import begins_work
from conftest import Api, recorded
from fake_provider import FakeProvider
from surface_cases import ASK, CLAUDE

pytestmark = pytest.mark.usefixtures("recording")

SECRET = "whsec_" + base64.b64encode(b"0" * 32).decode()


def has(client: Any, *names: str) -> bool:
    return all(hasattr(client, name) for name in names)


OPENAI = openai.OpenAI(api_key="k")


def operations(records: list[dict[str, Any]]) -> list[str]:
    return [record["attributes"]["gen_ai.operation.name"] for record in records]


def a_background_answer_belongs_to_its_call_and_decision(api: Api, provider: FakeProvider) -> None:
    if not has(OPENAI, "responses"):
        return
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        with audit_layer.decision(type="loan") as decided:
            begun = client.responses.create(model="gpt-x", input="hi", background=True)
        client.responses.retrieve(begun.id)
        if hasattr(client.responses, "cancel"):
            client.responses.cancel(begun.id)
    call, _, *later = recorded(api)
    assert call["attributes"]["audit.call.completion"] == "background_pending"
    for record in later:
        assert record["parent_id"] == call["id"]
        assert record["decision_id"] == decided.id
        assert record["trace_id"] == call["trace_id"]
        assert record["attributes"]["audit.call.refers_to"] == "resp_bg1"


async def a_streamed_background_answer_can_be_taken_up_again(api: Api, provider: FakeProvider) -> None:
    if not has(OPENAI, "responses"):
        return
    async with AsyncAuditOpenAI(api_key="k", base_url=provider.url) as client:
        stream = await client.responses.create(model="gpt-x", input="hi", background=True, stream=True)
        assert [event async for event in stream]
        await client.responses.retrieve("resp_bg2")
    call, later = recorded(api)
    assert later["parent_id"] == call["id"]
    assert call["trace_id"] == later["trace_id"] == "resp_bg2"


def it_lets_another_process_find_the_work_by_the_providers_id(api: Api, provider: FakeProvider) -> None:
    if not has(OPENAI, "responses"):
        return
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.responses.create(model="gpt-x", input="hi", background=True)
        links.clear()
        client.responses.retrieve("resp_bg1")
    call, later = recorded(api)
    assert "parent_id" not in later
    assert call["trace_id"] == later["trace_id"] == "resp_bg1"


def a_batch_and_its_files_belong_together(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client, audit_layer.context(trace_id="t1"):
        file = client.files.create(file=("in.jsonl", b"{}\n"), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        done = client.batches.retrieve(batch.id)
        assert done.output_file_id is not None
        assert client.files.content(done.output_file_id).text
    upload, created, polled, results = recorded(api)
    assert operations([upload, created, polled, results]) == ["write_files", "batch", "read_batches", "read_files"]
    assert created["parent_id"] == upload["id"]
    assert polled["parent_id"] == results["parent_id"] == created["id"]
    assert "chatcmpl_9" in results["attributes"]["gen_ai.output.messages"]
    assert {record["trace_id"] for record in (upload, created, polled, results)} == {"t1"}


def a_message_batch_and_its_results_belong_together(api: Api, provider: FakeProvider) -> None:
    if not has(anthropic.Anthropic(api_key="k").beta.messages, "batches"):
        return
    with AuditAnthropic(api_key="k", base_url=provider.url) as client:
        batches = client.beta.messages.batches
        made = batches.create(requests=[{"custom_id": "a", "params": CLAUDE}])  # type: ignore[typeddict-item]
        batches.retrieve(made.id)
        assert [line.custom_id for line in batches.results(made.id)] == ["a"]
    created, *later = recorded(api)
    assert created["trace_id"] == "msgbatch_1"
    assert later
    assert {record["parent_id"] for record in later} == {created["id"]}
    assert any("succeeded" in str(record["attributes"].get("gen_ai.output.messages")) for record in later)


def signed(payload: str) -> dict[str, str]:
    now = str(int(time.time()))
    content = f"wh_1.{now}.{payload}".encode()
    digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return {
        "webhook-id": "wh_1",
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def event(kind: str, named: str) -> str:
    return json.dumps({"id": "evt_1", "object": "event", "created_at": 1, "type": kind, "data": {"id": named}})


def a_webhooks_event_belongs_to_its_call(api: Api, provider: FakeProvider) -> None:
    if not has(OPENAI, "webhooks"):
        return
    payload = event("response.completed", "resp_bg1")
    with AuditOpenAI(api_key="k", base_url=provider.url, webhook_secret=SECRET) as client:
        client.responses.create(model="gpt-x", input="hi", background=True)
        with audit_layer.context(actor="hook"):
            found = client.webhooks.unwrap(payload, signed(payload))
        assert found.type == "response.completed"
        assert client.webhooks is client.webhooks
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(payload, {**signed(payload), "webhook-signature": "v1,AAAA"})
    call, hook = recorded(api)
    assert hook["type"] == "access"
    assert hook["parent_id"] == call["id"]
    assert hook["trace_id"] == "resp_bg1"
    assert hook["actor"] == {"id": "hook", "type": "user"}
    attributes = hook["attributes"]
    assert attributes["gen_ai.operation.name"] == "webhook"
    assert attributes["audit.webhook.type"] == "response.completed"
    assert attributes["audit.webhook.event"]["data"] == {"id": "resp_bg1"}
    assert SECRET not in str(hook)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [({"capture": "metadata"}, None), ({"capture": "digest"}, "sha256"), ({"body_limit_bytes": 10}, "sha256")],
)
def a_webhooks_event_goes_by_the_capture_mode(
    settings: dict[str, Any], shown: str | None, api: Api, provider: FakeProvider
) -> None:
    if not has(OPENAI, "webhooks"):
        return
    audit_layer.configure(**settings)
    payload = event("batch.completed", "batch_7")
    with openai.OpenAI(api_key="k", base_url=provider.url, webhook_secret=SECRET) as client:
        audit_layer.wrap(client).webhooks.unwrap(payload, signed(payload))
    (hook,) = recorded(api)
    assert hook["trace_id"] == "batch_7"
    found = hook["attributes"].get("audit.webhook.event")
    assert (shown in found) if shown else found is None


def a_webhook_is_handed_on_whatever_happens(api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has(OPENAI, "webhooks"):
        return
    payload = event("response.completed", "resp_1")
    with AuditOpenAI(api_key="k", base_url=provider.url, webhook_secret=SECRET) as client:
        monkeypatch.setattr("audit_layer.integrations._webhooks.of_webhook", lambda event: 1 / 0)
        assert client.webhooks.unwrap(payload, signed(payload)).type == "response.completed"
        assert guard.failures == {"webhook: ZeroDivisionError": 1}
        audit_layer.configure(enabled=False)
        assert client.webhooks.unwrap(payload, signed(payload)).type == "response.completed"
    assert not api.calls()


@pytest.mark.parametrize(
    ("method", "path", "request_", "expected"),
    [
        ("POST", "/responses", b'{"model":"x"}', False),
        ("POST", "/responses", b'{"background":true}', True),
        ("POST", "/chat/completions", b'{"background":true}', False),
        ("GET", "/responses/resp_1", b"", True),
        ("GET", "/v1/messages/batches/msgbatch_1", b"", True),
        ("GET", "/files/file-1/content", b"", True),
    ],
)
def it_knows_what_outlasts_its_call(method: str, path: str, request_: bytes, expected: bool) -> None:
    assert begins_work(method, path, request_) is expected


def it_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "REMEMBERED", 2)
    for number in range(4):
        body = json.dumps({"id": f"batch_{number}"}).encode()
        links.linked(f"r{number}", None, "POST", "/batches", b"{}", body)
    found = [links.linked("x", None, "GET", f"/batches/batch_{number}", b"", b"").get("of") for number in range(4)]
    assert found == [None, None, "r2", "r3"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"{}\n{}", b'{"id": 7}', b'{"id":"' + b"x" * 200 + b'"}'])
def a_body_that_names_nothing_links_nothing(body: bytes) -> None:
    assert links.linked("r", None, "POST", "/batches", body, body) == {}


def each_call_of_a_model_is_left_alone(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK)
    (record,) = recorded(api)
    assert not {"trace_id", "parent_id"} & record.keys()
    assert "audit.call.refers_to" not in record["attributes"]
