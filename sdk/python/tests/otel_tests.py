"""GenAI spans of instrumented frameworks as records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.trace import Status, StatusCode

import audit_layer
from audit_layer import AuditOpenAI, AuditSpanProcessor
from audit_layer import _guard as guard
from audit_layer.integrations import otel
from conftest import Api, recorded
from fake_provider import FakeProvider
from surface_cases import GPT

pytestmark = pytest.mark.usefixtures("recording")

CHAT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "mistral_ai",
    "gen_ai.request.model": "mistral-x",
    "gen_ai.usage.input_tokens": 3,
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "to a@b.example"}]}]),
}


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    provider = TracerProvider()
    provider.add_span_processor(AuditSpanProcessor())
    yield provider.get_tracer("framework", "1")
    provider.shutdown()


def a_models_span_becomes_a_record(api: Api, tracer: Tracer) -> None:
    with tracer.start_as_current_span("chat mistral-x", attributes=CHAT) as span:
        trace_id = f"{span.get_span_context().trace_id:032x}"
    (record,) = recorded(api)
    assert record["type"] == "llm_call"
    assert record["trace_id"] == trace_id
    assert record["occurred_at"] <= record["ended_at"]
    attributes = record["attributes"]
    assert attributes["gen_ai.input.messages"][0]["role"] == "user"
    assert attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert attributes["audit.call.completion"] == "complete"
    assert (attributes["audit.span.name"], attributes["audit.span.scope"]) == ("chat mistral-x", "framework")


def it_leaves_other_spans_alone(api: Api, tracer: Tracer) -> None:
    with tracer.start_as_current_span("GET /", attributes={"http.request.method": "GET"}):
        pass
    assert not recorded(api)


def a_tools_and_an_agents_spans_hang_together(api: Api, tracer: Tracer) -> None:
    with tracer.start_as_current_span("invoke_agent", attributes={"gen_ai.operation.name": "invoke_agent"}):
        with tracer.start_as_current_span("http"):  # a span of no concern in between breaks no trace
            pass
        tool = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.call.arguments": '{"a": 1}',
            "gen_ai.tool.call.id": "t1",
        }
        with tracer.start_as_current_span("execute_tool f", attributes=tool):
            pass
    used, agent = recorded(api)
    assert (used["type"], agent["type"]) == ("tool_call", "llm_call")
    assert used["parent_id"] == agent["id"]
    assert used["trace_id"] == agent["trace_id"]
    assert used["attributes"]["gen_ai.tool.call.arguments"] == {"a": 1}
    assert used["attributes"]["gen_ai.tool.call.id"] == "t1"


def the_names_of_earlier_conventions_are_brought_up_to_date(api: Api, tracer: Tracer) -> None:
    old = {
        "gen_ai.system": "openai",
        "gen_ai.usage.prompt_tokens": 3,
        "gen_ai.usage.completion_tokens": 2,
        "gen_ai.prompt.0.content": "hi",
        "gen_ai.usage.cache_read_input_tokens": 1,
        "gen_ai.usage.cache_read.input_tokens": 1,
    }
    with tracer.start_as_current_span("openai.chat", attributes=old) as span:
        span.add_event("gen_ai.user.message", {"content": "hi", "n": (1, 2)})
        span.add_event("other", {})
    attributes = recorded(api)[0]["attributes"]
    assert attributes["gen_ai.provider.name"] == "openai"
    assert (attributes["gen_ai.usage.input_tokens"], attributes["gen_ai.usage.output_tokens"]) == (3, 2)
    assert attributes["gen_ai.prompt.0.content"] == "hi"
    assert attributes["audit.span.events"] == [
        {"name": "gen_ai.user.message", "attributes": {"content": "hi", "n": [1, 2]}}
    ]
    assert (
        not {"gen_ai.system", "gen_ai.usage.prompt_tokens", "gen_ai.usage.cache_read_input_tokens"} & attributes.keys()
    )


def a_failed_span_says_what_failed(api: Api, tracer: Tracer) -> None:
    with pytest.raises(LookupError), tracer.start_as_current_span("chat", attributes=CHAT):
        raise LookupError("x")
    with tracer.start_as_current_span("chat", attributes={**CHAT, "error.type": "timeout"}) as span:
        span.set_status(Status(StatusCode.ERROR))
    with tracer.start_as_current_span("chat", attributes=CHAT) as span:
        span.set_status(Status(StatusCode.ERROR))
    found = [record["attributes"] for record in recorded(api)]
    assert [one["error.type"] for one in found] == ["LookupError", "timeout", "_OTHER"]
    assert {one["audit.call.completion"] for one in found} == {"error"}


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"capture": "metadata"}, None),
        ({"capture": "digest"}, "sha256"),
        ({"redact": audit_layer.redactor("email")}, "to [email]"),
        ({"body_limit_bytes": 8}, "sha256"),
    ],
)
def the_content_goes_by_the_capture_mode(settings: dict[str, Any], shown: str | None, api: Api, tracer: Tracer) -> None:
    audit_layer.configure(**settings)
    with tracer.start_as_current_span("chat", attributes={**CHAT, "gen_ai.output.messages": "{broken"}):
        pass
    attributes = recorded(api)[0]["attributes"]
    found = str(attributes.get("gen_ai.input.messages"))
    assert "a@b.example" not in str(attributes)
    assert (shown in found) if shown else "gen_ai.input.messages" not in attributes
    assert attributes["gen_ai.request.model"] == "mistral-x"


def a_span_carries_the_context_it_began_in(api: Api, tracer: Tracer) -> None:
    with audit_layer.decision(type="t") as made, audit_layer.context(team="x"):
        span = tracer.start_span("chat", attributes=CHAT)
    span.end()
    call = next(record for record in recorded(api) if record["type"] == "llm_call")
    assert call["decision_id"] == made.id
    assert call["attributes"]["team"] == "x"


def a_call_of_an_audited_client_is_on_record_once(api: Api, tracer: Tracer, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        with tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent"}):
            with tracer.start_as_current_span("chat gpt-x", attributes=CHAT):
                client.chat.completions.create(**GPT)
            with tracer.start_as_current_span("chat gpt-x", attributes=CHAT):
                list(client.chat.completions.create(stream=True, **GPT))
    operations = sorted(record["attributes"]["gen_ai.operation.name"] for record in recorded(api))
    assert operations == ["chat", "chat", "invoke_agent"]
    assert len({record["trace_id"] for record in recorded(api)}) == 1


def it_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch, tracer: Tracer) -> None:
    monkeypatch.setattr(otel, "_REMEMBERED", 1)
    first = tracer.start_span("chat", attributes=CHAT)
    second = tracer.start_span("chat", attributes=CHAT)
    first.end()
    second.end()
    for _ in range(3):
        with tracer.start_as_current_span("x"):
            otel.cover()
    assert len(otel._covered) <= 1


def no_failure_of_ours_reaches_the_application(api: Api, tracer: Tracer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "_record", lambda *args: 1 / 0)
    monkeypatch.setattr(otel, "_Open", lambda *args: 1 / 0)
    with monkeypatch.context() as patch:
        patch.setattr(otel.trace, "get_current_span", lambda: 1 / 0)
        otel.cover()
    tracer.start_span("chat", attributes=CHAT).end()
    assert set(guard.failures) == {"span: ZeroDivisionError", "opentelemetry: ZeroDivisionError"}


def it_records_nothing_when_switched_off_and_flushes_on_demand(api: Api, tracer: Tracer) -> None:
    audit_layer.configure(enabled=False)
    tracer.start_span("chat", attributes=CHAT).end()
    assert AuditSpanProcessor().force_flush(100)
    assert not api.calls()
