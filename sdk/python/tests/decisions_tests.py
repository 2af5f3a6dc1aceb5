"""Decisions, reviews, and the context that ties records to them."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import audit_layer
from audit_layer import AsyncAuditOpenAI, AuditOpenAI
from audit_layer import _decisions as decisions
from audit_layer import _guard as guard
from conftest import Api, recorded
from fake_provider import FakeProvider
from surface_cases import GPT

pytestmark = pytest.mark.usefixtures("recording")


def only(api: Api) -> dict[str, Any]:
    (record,) = recorded(api)
    return record


def a_decision_with_an_outcome_is_recorded_at_once(api: Api) -> None:
    made = audit_layer.decision(
        type="loan",
        outcome="denied",
        adverse=True,
        confidence=0.75,
        confidence_source="logprob",
        alternatives=["approved", {"amount": 5}],
        risk_level="high",
        risk_reasons=["credit"],
        ai_role="advisory",
        solely_automated=False,
        policy={"id": "p", "version": "2"},
        principal_reasons=["a", "b", "c", "d", "e"],
        factors=[audit_layer.factor("income", 31_000, weight=-0.5, direction="against", method="shap")],
        explanation="too low",
        oversight=audit_layer.oversight(required=True, action="pending", reason="new", reviewers=[{"id": "r1"}]),
        actor={"id": "scoring", "type": "service"},
        subject={"id": "p1", "category": "applicant"},
        attributes={"branch": 7},
        conversation_id="c1",
        prompt=("scoring", "3"),
    )
    record = only(api)
    assert record["id"] == made.id == made.record()
    assert record["decision"] == {
        "outcome": "denied",
        "adverse": True,
        "confidence": 0.75,
        "confidence_source": "logprob",
        "alternatives": ["approved", {"amount": 5}],
        "risk_level": "high",
        "risk_reasons": ["credit"],
        "ai_role": "advisory",
        "solely_automated": False,
        "policy": {"id": "p", "version": "2"},
        "principal_reasons": ["a", "b", "c", "d"],
        "factors": [{"name": "income", "value": 31_000, "weight": -0.5, "direction": "against", "method": "shap"}],
        "explanation": "too low",
        "oversight": {"required": True, "action": "pending", "reason": "new", "reviewers": [{"id": "r1"}]},
    }
    assert record["actor"] == {"id": "scoring", "type": "service"}
    assert record["subject"] == {"id": "p1", "category": "applicant"}
    assert record["attributes"] == {
        "audit.decision.type": "loan",
        "branch": 7,
        "gen_ai.conversation.id": "c1",
        "gen_ai.prompt.name": "scoring",
        "gen_ai.prompt.version": "3",
    }


def calls_of(api: Api) -> list[dict[str, Any]]:
    return [record for record in recorded(api) if record["type"] == "llm_call"]


def a_block_ties_calls_in_threads_to_its_decision(api: Api, provider: FakeProvider) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:

        def call() -> None:
            client.chat.completions.create(**GPT)

        with audit_layer.decision(type="loan", subject="p1") as made:
            call()
            thread = threading.Thread(target=contextvars.copy_context().run, args=(call,))
            thread.start()
            thread.join()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(contextvars.copy_context().run, call).result()
            made.update(outcome="approved", confidence=None)
        call()
    *inside, outside = calls_of(api)
    assert {(r["decision_id"], r["trace_id"], r["subject"]["id"]) for r in inside} == {(made.id, made.id, "p1")}
    assert "decision_id" not in outside
    (record,) = [record for record in recorded(api) if record["type"] == "decision"]
    assert record["decision"] == {"outcome": "approved"}
    assert record["occurred_at"] <= inside[0]["occurred_at"] <= record["ended_at"]


async def the_tasks_of_one_loop_keep_their_decisions_apart(api: Api, provider: FakeProvider) -> None:
    async with AsyncAuditOpenAI(api_key="k", base_url=provider.url) as client:

        async def decide(name: str) -> str:
            async with audit_layer.decision(type=name) as made:
                await asyncio.gather(*(client.chat.completions.create(**GPT) for _ in range(2)))
                assert isinstance(made, audit_layer.Decision)
                made.update(outcome=name)
                return made.id

        first, second = await asyncio.gather(decide("a"), decide("b"))
    found = [record["decision_id"] for record in calls_of(api)]
    assert sorted(found) == sorted([first, first, second, second])


def a_decision_within_another_shares_its_trace(api: Api) -> None:
    with audit_layer.decision(type="outer") as outer, audit_layer.decision(type="inner") as inner:
        pass
    by_id = {record["id"]: record for record in recorded(api)}
    assert by_id[inner.id]["trace_id"] == by_id[outer.id]["trace_id"] == outer.id
    assert by_id[inner.id]["decision_id"] == inner.id


def an_exception_is_named_and_goes_on_its_way(api: Api) -> None:
    own = LookupError("x")
    with pytest.raises(LookupError) as caught, audit_layer.decision(type="t"):
        raise own
    assert caught.value is own
    record = only(api)
    assert record["decision"]["outcome"] == "error"
    assert record["attributes"]["error.type"] == "LookupError"


def a_decorated_function_is_a_decision_each_time(api: Api) -> None:
    @audit_layer.decision(type="loan", risk_level="high")
    def decide(amount: int, *, decision: Any = None) -> int:
        """Decides."""
        decision.update(outcome=str(amount))
        return amount

    @audit_layer.decision(type="plain")
    def plain() -> str:
        return "x"

    assert [decide(1), decide(2), plain()] == [1, 2, "x"]
    assert decide.__doc__ == "Decides."
    found = recorded(api)
    assert [record.get("decision", {}).get("outcome") for record in found] == ["1", "2", None]
    assert len({record["id"] for record in found}) == 3
    own = audit_layer.decision(type="mine")
    decide(3, decision=own)
    assert [record["decision"] for record in recorded(api)[3:]] == [{"risk_level": "high"}]


async def a_decorated_coroutine_function_too(api: Api) -> None:
    @audit_layer.decision(type="loan")
    async def decide(decision: Any = None) -> str:
        await asyncio.sleep(0)
        decision.update(outcome="approved")
        return "x"

    assert await asyncio.gather(decide(), decide()) == ["x", "x"]
    assert [record["decision"]["outcome"] for record in recorded(api)] == ["approved", "approved"]


def a_review_names_its_decision_and_its_reviewer(api: Api) -> None:
    made = audit_layer.decision(type="loan", outcome="denied")
    first = audit_layer.human_review(made, action="overturned", reviewer="r1", reason="misread", outcome="approved")
    second = audit_layer.human_review(
        made.id, action="upheld", reviewer={"id": "r2", "role": "lead"}, subject="p1", actor={"id": "x", "type": "user"}
    )
    third = audit_layer.human_review(made.id, action="looked", reviewer={"role": "lead"})
    by_id = {record["id"]: record for record in recorded(api)}
    one, two, three = by_id[first], by_id[second], by_id[third]
    assert one["type"] == "human_review"
    assert one["decision_id"] == two["decision_id"] == made.id
    assert one["actor"] == {"id": "r1", "type": "user"}
    assert one["decision"]["outcome"] == "approved"
    watched = one["decision"]["oversight"]
    assert (watched["action"], watched["reason"], watched["reviewers"]) == ("overturned", "misread", [{"id": "r1"}])
    assert watched["at"] == one["occurred_at"]
    assert two["decision"]["oversight"]["reviewers"] == [{"id": "r2", "role": "lead"}]
    assert (two["actor"]["id"], two["subject"]["id"]) == ("x", "p1")
    odd = audit_layer.human_review(made, action=7, reviewer=8, reason={"a": 1})  # type: ignore[arg-type]
    four = next(record for record in recorded(api) if record["id"] == odd)
    assert four["decision"]["oversight"]["action"] == "7"
    assert four["attributes"] == {"audit.unfit.oversight.reason": '{"a":1}'}
    assert three["actor"] == {"id": "unknown", "type": "user"}


UNFIT: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"outcome": 7}, {"outcome": "7"}, {}),
    ({"confidence": math.nan}, {}, {"audit.unfit.confidence": "nan"}),
    ({"confidence": 85}, {}, {"audit.unfit.confidence": "85"}),
    ({"confidence": True}, {}, {"audit.unfit.confidence": "true"}),
    ({"risk_level": "HIGH"}, {}, {"audit.unfit.risk_level": "HIGH"}),
    ({"adverse": "yes"}, {}, {"audit.unfit.adverse": "yes"}),
    ({"policy": "p1"}, {}, {"audit.unfit.policy": "p1"}),
    ({"policy": {"id": 1, "x": 2}}, {"policy": {"id": "1"}}, {"audit.unfit.policy.x": "2"}),
    ({"factors": ["income"]}, {"factors": [{"name": "income"}]}, {}),
    (
        {"factors": [{"name": "a", "weight": "much", "method": "magic", "value": {1: object}}]},
        {"factors": [{"name": "a", "value": {"1": str(object)}}]},
        {"audit.unfit.factors.0.weight": "much", "audit.unfit.factors.0.method": "magic"},
    ),
    ({"principal_reasons": [1]}, {}, {"audit.unfit.principal_reasons": "[1]"}),
    ({"oversight": {"at": "yesterday", "reviewers": ["r1"]}}, {"oversight": {"reviewers": [{"id": "r1"}]}},
     {"audit.unfit.oversight.at": "yesterday"}),
    ({"explanation": 2**70}, {"explanation": str(2**70)}, {}),
    ({"anything": b"abc"}, {}, {"audit.unfit.anything": "<3 bytes>"}),
]  # fmt: skip


@pytest.mark.parametrize(("members", "decided", "beside"), UNFIT)
def it_keeps_beside_what_the_ledger_would_refuse(
    members: dict[str, Any], decided: dict[str, Any], beside: dict[str, Any], api: Api
) -> None:
    with audit_layer.decision() as made:
        made.update(**members)
    record = only(api)
    assert record.get("decision", {}) == decided
    assert record.get("attributes", {}) == beside


def a_context_brings_its_members_into_the_ledgers_form(api: Api) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    with audit_layer.context(
        actor={"id": 7, "type": "robot", "team": "x"},
        subject={"id": "", "category": "c"},
        trace_id="t" * 300,
        system="s2",
        environment="e2",
        parent_id="pa",
        audit__call__cost=-1,
        gen_ai__request__model=5,
        big=2**60,
        inf=math.inf,
        deep=[[[1]]],
        odd=Odd(),
        blob=bytearray(3),
        many={1},
        nothing=None,
    ):
        audit_layer.decision(outcome="x")
    record = only(api)
    assert record["actor"] == {"id": "7"}
    assert record["subject"] == {"category": "c"}
    assert record["trace_id"] == "t" * 256
    assert (record["system"], record["environment"], record["parent_id"]) == ("s2", "e2", "pa")
    assert record["attributes"] == {
        "audit.unfit.actor.type": "robot",
        "audit.unfit.actor.team": "x",
        "audit.unfit.audit.call.cost": "-1",
        "gen_ai.request.model": "5",
        "big": str(2**60),
        "inf": "inf",
        "deep": [[[1]]],
        "odd": "<Odd>",
        "blob": "<3 bytes>",
        "many": [1],
        "nothing": None,
    }


def a_value_that_holds_itself_is_cut_off(api: Api) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with audit_layer.context(loop=loop):
        audit_layer.decision(outcome="x")
    assert isinstance(only(api)["attributes"]["loop"], list)
    assert not guard.failures


def the_contexts_add_up_and_can_be_entered_again(api: Api) -> None:
    scope = audit_layer.context(a=1, subject="s1")
    with scope, audit_layer.context(b=2, actor="u1"), scope:
        audit_layer.decision(outcome="x")
    audit_layer.decision(outcome="y")
    inside, outside = recorded(api)
    assert inside["attributes"] == {"a": 1, "b": 2}
    assert (inside["subject"]["id"], inside["actor"]["id"]) == ("s1", "u1")
    assert not {"attributes", "subject", "actor"} & outside.keys()


async def a_context_left_in_another_task_does_no_harm() -> None:
    scope = audit_layer.context(a=1)

    async def enter() -> None:
        await scope.__aenter__()

    await asyncio.create_task(enter())
    await scope.__aexit__(None, None, None)


def a_record_too_large_keeps_digests_of_what_is_long(api: Api) -> None:
    long = "x" * 3_000_000
    audit_layer.decision(
        outcome="denied", explanation=long, factors=[{"name": "n", "value": long}], risk_reasons=["r"] * 100,
        attributes={"long": long, "map": {str(n): n for n in range(100)}},
    )  # fmt: skip
    record = only(api)
    assert record["decision"]["outcome"] == "denied"
    assert record["decision"]["explanation"].startswith("sha256:")
    assert record["decision"]["factors"][0]["name"] == "n"
    assert record["attributes"]["long"].startswith("sha256:")
    assert len(record["attributes"]["map"]) == 64


def no_failure_of_ours_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(decisions, "_put", fail)
    assert audit_layer.decision(outcome="x").id
    assert audit_layer.human_review("d", action="a", reviewer="r")
    assert guard.failures == {"decision: RuntimeError": 1, "human_review: RuntimeError": 1}


def a_decision_while_switched_off_costs_nothing(api: Api) -> None:
    audit_layer.configure(enabled=False)
    with audit_layer.decision(type="t") as made:
        made.update(outcome="x")
    assert not api.calls()


@pytest.mark.parametrize("key", [b"", b"key"])
def every_person_is_a_pseudonym_where_a_key_is_set(key: bytes, api: Api) -> None:
    audit_layer.configure(pseudonym_key=key)
    audit_layer.decision(outcome="x", subject="anna@b.example", actor="bob", attributes={"a": 1})
    audit_layer.human_review("d", action="a", reviewer="carl", actor={"id": "svc", "type": "service"})
    decided, review = recorded(api)
    people = (decided["subject"]["id"], decided["actor"]["id"], review["decision"]["oversight"]["reviewers"][0]["id"])
    assert review["actor"] == {"id": "svc", "type": "service"}
    if key:
        assert all(name.startswith("ps_") and len(name) == 35 for name in people)
        assert people[0] == decisions.pseudonym("anna@b.example")
        assert "anna" not in str(decided)
    else:
        assert people == ("anna@b.example", "bob", "carl")
