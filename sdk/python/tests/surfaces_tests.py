"""Every surface of both providers' clients, sync and async, against a provider on loopback."""

from __future__ import annotations

import inspect
import json
from typing import Any

import anthropic
import openai
import pytest

import audit_layer
from audit_layer import AsyncAuditAnthropic, AsyncAuditOpenAI, AuditAnthropic, AuditOpenAI
from conftest import Api, recorded
from fake_answers import PICTURE
from fake_provider import FakeProvider
from surface_cases import ANTHROPIC, CLAUDE, OPENAI, Case

pytestmark = [
    pytest.mark.usefixtures("recording"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of surfaces that their providers give up
]

Made = tuple[Any, Any]
CLIENTS: dict[str, Made] = {
    "openai": (AuditOpenAI, AsyncAuditOpenAI),
    "anthropic": (AuditAnthropic, AsyncAuditAnthropic),
}
STOCK: dict[str, Any] = {"openai": openai.OpenAI(api_key="k"), "anthropic": anthropic.Anthropic(api_key="k")}


def has(client: Any, path: str) -> bool:
    for name in path.split("."):
        client = getattr(client, name, None)
        if client is None:
            return False
    return True


def cases() -> list[Any]:
    """Those that the installed versions have; the newest have all but what they dropped."""
    return [
        pytest.param(provider, case, id=f"{provider} {case.name}")
        for provider, listed in (("openai", OPENAI), ("anthropic", ANTHROPIC))
        for case in listed
        if has(STOCK[provider], case.needs)
    ]


def drain(result: Any) -> None:
    """Does with a result what an application does: enters it, iterates it, reads it."""
    if hasattr(result, "__enter__") and not hasattr(result, "__next__"):
        with result as inner:
            drain_inner(inner)
    else:
        drain_inner(result)


def drain_inner(result: Any) -> None:
    if hasattr(result, "parse") and hasattr(result, "http_request"):
        parsed = result.parse()
        if hasattr(parsed, "__next__"):
            list(parsed)
    elif hasattr(result, "__next__") or (hasattr(result, "__iter__") and hasattr(result, "until_done")):
        list(result)


async def adrain(result: Any) -> None:
    if hasattr(result, "__aenter__") and not hasattr(result, "__anext__"):
        async with result as inner:
            await adrain_inner(inner)
    else:
        await adrain_inner(result)


async def adrain_inner(result: Any) -> None:
    if hasattr(result, "parse") and hasattr(result, "http_request"):
        parsed = result.parse()
        if inspect.isawaitable(parsed):
            parsed = await parsed
        if hasattr(parsed, "__anext__"):
            [part async for part in parsed]
    elif hasattr(result, "__anext__"):
        [part async for part in result]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def check(case: Case, api: Api, provider: FakeProvider, name: str) -> None:
    assert len(provider.seen) == case.requests
    (record,) = recorded(api)
    attributes = record["attributes"]
    assert record["type"] == case.type
    assert attributes["gen_ai.operation.name"] == case.operation
    assert attributes["gen_ai.provider.name"] == name
    assert attributes["audit.call.completion"] == case.completion
    assert attributes["audit.call.provider_request_id"] == "req_1"
    assert attributes["audit.call.attempts"] == case.requests
    assert attributes["http.response.status_code"] == 200
    for attribute, wanted in case.expected.items():
        if isinstance(wanted, tuple):
            assert at(attributes[attribute], wanted[0]) == wanted[1], attribute
        elif wanted is None:
            assert attribute in attributes
        else:
            assert attributes[attribute] == wanted, attribute
    assert PICTURE not in json.dumps(record)
    assert "k-SECRET" not in json.dumps(record)


@pytest.mark.parametrize(("name", "case"), cases())
def each_surface_is_recorded_once(name: str, case: Case, api: Api, provider: FakeProvider) -> None:
    with CLIENTS[name][0](api_key="k-SECRET", base_url=provider.url) as client:
        drain(case.call(client))
    check(case, api, provider, name)


@pytest.mark.parametrize(("name", "case"), cases())
async def each_asynchronous_surface_is_recorded_once(name: str, case: Case, api: Api, provider: FakeProvider) -> None:
    async with CLIENTS[name][1](api_key="k-SECRET", base_url=provider.url) as client:
        result = case.call(client)
        await adrain(await result if inspect.isawaitable(result) and not hasattr(result, "__aenter__") else result)
    check(case, api, provider, name)


def the_newest_providers_have_every_surface_but_those_they_dropped() -> None:
    if (openai.VERSION if hasattr(openai, "VERSION") else openai.__version__) < "3" or anthropic.__version__ < "2":
        return
    lacking = {case.needs for case in OPENAI if not has(STOCK["openai"], case.needs)}
    lacking |= {case.needs for case in ANTHROPIC if not has(STOCK["anthropic"], case.needs)}
    assert lacking == {"completions.create"}  # anthropic's, gone since 1.0


def a_tool_runner_is_recorded_call_by_call(api: Api, provider: FakeProvider) -> None:
    if not has(STOCK["anthropic"], "beta.messages.tool_runner"):
        return

    @anthropic.beta_tool
    def weather(city: str) -> str:
        """Tells the weather.

        Args:
            city: where
        """
        return f"sun in {city}"

    with AuditAnthropic(api_key="k", base_url=provider.url) as client, audit_layer.context(conversation_id="c1"):
        runner = client.beta.messages.tool_runner(tools=[weather], **CLAUDE)
        assert [message.stop_reason for message in runner] == ["tool_use", "end_turn"]
    first, second = recorded(api)
    assert first["attributes"]["gen_ai.response.finish_reasons"] == ["tool_use"]
    assert second["attributes"]["gen_ai.input.messages"][-1]["content"][0]["content"] == "sun in Bern"
    assert {record["attributes"]["gen_ai.conversation.id"] for record in (first, second)} == {"c1"}


def it_keeps_the_stock_signatures() -> None:
    for ours, theirs in (
        (AuditOpenAI, openai.OpenAI),
        (AsyncAuditOpenAI, openai.AsyncOpenAI),
        (AuditAnthropic, anthropic.Anthropic),
        (AsyncAuditAnthropic, anthropic.AsyncAnthropic),
    ):
        for name in ("__init__", "copy", "with_options", "request"):
            assert inspect.signature(getattr(ours, name)) == inspect.signature(getattr(theirs, name))
        assert issubclass(ours, theirs)
