"""What the sender does with each answer of the API; no socket, no clock but the test's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from audit_layer import _courier, _delivery
from audit_layer._answers import Backoff, names_records, read_outcome, retry_after_seconds
from audit_layer._config import Settings
from audit_layer._delivery import Delivery
from audit_layer._encoding import IDENTITY_SECONDS, Encoder
from audit_layer._journal import Journal
from audit_layer._spool import CALL, FINISH, OPEN, PROVISIONAL, RECORD
from audit_layer._transport import Answer
from fake_api import FakeApi, answer
from faulty_disk import FaultyDisk


class Rig:
    """A journal and a delivery before a fake API."""

    def __init__(self, folder: Path, fault: Callable[..., Any] = lambda records: None, **settings: Any) -> None:
        self.now = 100.0
        self.api = FakeApi(fault)
        self.disk = FaultyDisk()
        self.settings = Settings(url="http://a", spool_dir=str(folder), system="t", **settings).completed()
        self.journal = Journal(self.settings, files=self.disk)
        self.delivery = self.deliver(self.journal)
        self.serial = 0

    def deliver(self, journal: Journal | None) -> Delivery:
        return Delivery(
            self.settings,
            journal,
            self.api,
            files=self.disk,
            clock=lambda: self.now,
            wall=lambda: self.now,
            chance=lambda: 0.5,
        )

    def write(self, count: int = 1, pad: int = 0) -> None:
        for _ in range(count):
            self.serial += 1
            record = {"id": f"r{self.serial}", "type": "decision", "attributes": {}, "pad": "x" * pad}
            self.journal.append(RECORD, (json.dumps(record).encode(),))

    def steps(self, delivery: Delivery | None = None) -> Delivery:
        delivery = delivery or self.delivery
        while not delivery.idle:
            delivery.step()
        return delivery

    def ids(self) -> list[str]:
        return sorted(self.api.accepted)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def head(meta: dict[str, Any], request: bytes) -> bytes:
    full = {
        "id": "c1",
        "t": 1,
        "e": 2,
        "p": "openai",
        "m": "POST",
        "u": "/chat/completions",
        "a": 1,
        "c": "end",
        **meta,
    }
    text = json.dumps({"q": len(request), **full}).encode()
    return len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", 0),
        ("7", 7),
        ("99999", 300),
        ("-1", 0),
        ("²", 0),
        ("soon", 0),
        (formatdate(130.0, usegmt=True), 30),
        (formatdate(50.0, usegmt=True), 0),
    ],
)
def it_reads_both_forms_of_retry_after(value: str, seconds: float) -> None:
    assert retry_after_seconds(value, lambda: 100.0) == seconds


def it_backs_off_with_full_jitter_below_a_capped_exponential() -> None:
    backoff = Backoff(lambda: 1.0, lambda: 0.0)
    assert [backoff.failed("") for _ in range(9)] == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.failed("5") == 35
    backoff.succeeded()
    assert backoff.failed("") == 0.25
    assert Backoff(lambda: 0.0, lambda: 0.0).failed("") == 0.01


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (answer(202, {"results": [{"index": 0, "status": "accepted"}, {"index": 1, "status": "rejected"}]}), ([], [1])),
        (
            answer(202, {"results": [{"index": 1, "status": "unavailable"}, {"index": 0, "status": "accepted"}]}),
            ([1], []),
        ),
        (answer(202, {"results": [{"index": 0, "status": "accepted"}]}), None),
        (answer(202, {"results": [{"index": 0, "status": "accepted"}, {"index": 1, "status": "perhaps"}]}), None),
        (answer(202, {"results": [{"status": "accepted"}] * 2}), None),
        (answer(202, b"[]"), None),
        (answer(202, b"\xff"), None),
        (answer(200, {"results": []}), None),
        (answer(400, {"error": {"code": "invalid_request"}}), ([], [0, 1])),
        (answer(400, {"error": {"code": "else"}}), None),
        (answer(503, {"error": {"code": "unavailable"}}), None),
    ],
)
def it_relies_only_on_an_answer_that_speaks_of_every_record(found: Answer, outcome: Any) -> None:
    assert read_outcome(found, 2) == outcome


def it_knows_a_400_that_names_no_record() -> None:
    assert not names_records(answer(400, {"error": {"details": [{"field": "body"}]}}))
    assert names_records(answer(400, {"error": {"details": [{"index": 0}]}}))
    assert names_records(answer(400, b"<html>"))


def it_compresses_until_the_api_answers_415_and_again_later() -> None:
    now = [0.0]
    encoder = Encoder(lambda: now[0])
    assert encoder.name == "zstd"
    assert encoder.encode(b"short") == (b"short", "")
    encoder._zstd = None
    packed, name = encoder.encode(b"x" * 1000)
    assert name == "gzip"
    assert len(packed) < 100
    encoder.refused()
    assert encoder.encode(b"x" * 1000) == (b"x" * 1000, "")
    now[0] = IDENTITY_SECONDS
    assert encoder.name == "gzip"


def it_goes_without_zstd_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    assert Encoder(lambda: 0.0).name == "gzip"


def it_sends_identity_from_the_415_on(rig: Rig) -> None:
    rig.api.codings = {""}
    rig.write(3, pad=600)
    rig.steps()
    rig.write(3, pad=600)
    rig.delivery.idle = False
    rig.steps()
    assert rig.api.posts == [(-1, "zstd"), (3, ""), (3, "")]


def it_halves_what_is_too_large_as_identity(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_courier, "BODY_LIMIT_BYTES", 3000)
    rig.api.codings = {""}
    rig.write(4, pad=1000)
    rig.steps()
    assert rig.ids() == ["r1", "r2", "r3", "r4"]
    assert rig.api.posts == [(-1, "zstd"), (2, ""), (2, "")]


def it_halves_what_is_too_large_even_packed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_courier, "BODY_LIMIT_BYTES", 100)
    rig.write(4)
    rig.steps()
    assert [count for count, _ in rig.api.posts] == [1, 1, 1, 1]


def it_tries_less_at_once_after_a_413_and_slowly_more_again(rig: Rig) -> None:
    rig.api.fault = lambda records: answer(413) if len(records) > 30 else None
    rig.write(100)
    rig.steps()
    assert len(rig.ids()) == 100
    share = rig.delivery.courier.limits()[0]
    assert share < 100
    rig.api.fault = lambda records: None
    rig.write(300)
    rig.delivery.idle = False
    rig.steps()
    assert rig.delivery.courier.limits()[0] > share


def it_finds_the_one_record_that_spoils_a_batch(rig: Rig) -> None:
    def fault(records: list[dict[str, Any]]) -> Answer | None:
        spoilt = any(record["id"] == "r3" for record in records)
        details = [{"index": 0}] if len(records) == 1 else []
        return answer(400, {"error": {"code": "invalid_request", "details": details}}) if spoilt else None

    rig.api.fault = fault
    rig.write(5)
    rig.steps()
    gap = [r for r in rig.api.accepted.values() if r["type"] == "gap"]
    assert [i for i in rig.ids() if i[0] == "r"] == ["r1", "r2", "r4", "r5"]
    assert rig.delivery.refused == 1
    assert gap[0]["attributes"] | {"audit.gap.ranges": [[3, 3]], "audit.gap.count": 1} == gap[0]["attributes"]
    with open(f"{rig.settings.spool_dir}/refused.ndjson") as file:
        assert [json.loads(line)["id"] for line in file] == ["r3"]


def it_says_so_where_even_the_refused_can_t_be_kept(rig: Rig) -> None:
    os.mkdir(f"{rig.settings.spool_dir}/refused.ndjson")
    rig.api.fault = lambda records: answer(413) if records[0]["id"] == "r1" else None
    rig.write(1)
    rig.steps()
    assert rig.delivery.refused == 1


def it_sends_only_what_is_left_after_a_partial_answer(rig: Rig) -> None:
    def fault(records: list[dict[str, Any]]) -> Answer | None:
        if len(rig.api.posts) > 1:
            return None
        states = ["accepted", "unavailable", "accepted"]
        rig.api._take([records[0], records[2]])
        return answer(202, {"results": [{"index": i, "status": state} for i, state in enumerate(states)]}, "4")

    rig.api.fault = fault
    rig.write(3)
    assert rig.delivery.step() == 4 + 0.125
    assert rig.delivery.problem == "unavailable"
    assert rig.delivery.pending() == 3
    rig.steps()
    assert [count for count, _ in rig.api.posts] == [3, 1]
    assert (rig.delivery.delivered, rig.delivery.problem, rig.delivery.pending()) == (3, "", 0)


def it_waits_where_it_gets_no_answer_and_names_the_trouble(rig: Rig) -> None:
    rig.api.fault = lambda records: "unreachable"
    rig.write(1)
    assert [rig.delivery.step() for _ in range(3)] == [0.125, 0.25, 0.5]
    assert rig.delivery.problem == "ConnectionRefusedError"
    rig.api.fault = lambda records: answer(401)
    rig.delivery.step()
    assert rig.delivery.problem == "HTTP 401"


def it_gathers_where_a_batch_is_not_full_and_goes_on_at_once_where_it_is(rig: Rig) -> None:
    rig.write(_courier.BATCH_RECORDS + 1)
    assert rig.delivery.step() == 0
    assert rig.delivery.step() == rig.settings.linger_seconds


def it_sends_a_call_that_no_mapping_foresaw_as_text(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real = _delivery.map_call

    def fragile(*arguments: Any, safe: bool = False) -> bytes:
        if not safe:
            raise KeyError("unforeseen")
        return real(*arguments, safe=True)

    monkeypatch.setattr(_delivery, "map_call", fragile)
    rig.journal.append(CALL, (head({}, b'{"model":"m"}'), b'{"model":"m"}', b'{"id":"x"}'))
    rig.steps()
    assert "audit.response.body" in rig.api.accepted["c1"]["attributes"]


@pytest.mark.parametrize("own", [True, False])
def it_counts_a_frame_that_can_t_be_read(own: bool, rig: Rig) -> None:
    rig.journal.append(CALL, (b"\0\0\0\2{}",))
    rig.write(1)
    delivery = rig.delivery
    if not own:
        rig.journal.close()
        delivery = rig.deliver(None)
    rig.steps(delivery)
    assert delivery.refused == 1
    (gap,) = [r["attributes"] for r in rig.api.accepted.values() if r["type"] == "gap"]
    assert (gap["audit.gap.count"], gap["audit.gap.ranges"]) == (1, [[1, 1]])


def it_finishes_an_opened_call_once_whoever_does_it(rig: Rig) -> None:
    request, response = b'{"model":"m"}', b'{"id":"x"}'
    number, stored = rig.journal.append(OPEN, (head({}, request), request))
    assert stored
    rig.disk.fault = lambda call: "fail" if call == "writev" else ""
    whole = (head({}, request), request, response)
    assert not rig.journal.append(FINISH, (head({}, request), response), number, whole)[1]
    rig.steps()
    assert rig.api.accepted["c1"]["attributes"]["gen_ai.response.id"] == "x"
    rig.journal.close()
    rig.disk.fault = lambda call: ""
    rig.steps(rig.deliver(None))
    assert not rig.api.conflicts


def it_ends_what_a_dead_process_left_open(rig: Rig) -> None:
    request = b'{"model":"m"}'
    rig.journal.append(OPEN, (head({"c": "exit"}, request), request))
    rig.journal.append(PROVISIONAL, (b'{"id":"p1","type":"llm_call"}',))
    rig.journal.append(PROVISIONAL, (b'{"id":"p2","type":"llm_call"}',), number := 9)
    rig.journal.append(RECORD, (b'{"id":"p2","type":"llm_call","whole":true}',), number)
    rig.journal.close()
    rig.steps(rig.deliver(None))
    assert rig.ids() == ["c1", "p1", "p2"]
    assert rig.api.accepted["c1"]["attributes"]["audit.call.completion"] == "abandoned"
    assert rig.api.accepted["p2"]["whole"]


def it_resumes_where_the_process_before_stopped(rig: Rig) -> None:
    rig.write(_courier.BATCH_RECORDS)
    rig.delivery.step()
    rig.write(2)
    rig.journal.close()
    rig.steps(rig.deliver(None))
    assert [count for count, _ in rig.api.posts] == [_courier.BATCH_RECORDS, 2]


def it_keeps_an_adopted_spool_until_all_of_it_is_taken(rig: Rig) -> None:
    rig.write(2)
    rig.journal.close()
    rig.api.fault = lambda records: answer(503)
    delivery = rig.deliver(None)
    delivery.step()
    assert not delivery.idle
    delivery.close()
    assert rig.api.closed
    rig.api.fault = lambda records: None
    rig.steps(rig.deliver(None))
    assert rig.ids() == ["r1", "r2"]


def it_waits_with_a_dead_process_s_last_words_too(rig: Rig) -> None:
    request = b'{"model":"m"}'
    rig.journal.append(OPEN, (head({"c": "exit"}, request), request))
    rig.journal.close()
    delivery = rig.deliver(None)
    rig.api.fault = lambda records: answer(503)
    assert delivery.step() == 0  # the opening alone is no record
    assert delivery.step() > 0
    assert delivery.problem == "HTTP 503"
    rig.api.fault = lambda records: None
    rig.steps(delivery)
    assert rig.ids() == ["c1"]


def it_looks_for_dead_processes_only_now_and_then(rig: Rig) -> None:
    rig.steps()
    other = Journal(rig.settings)
    other.append(RECORD, (b'{"id":"o","type":"decision"}',))
    other.close()
    rig.delivery.step()
    assert rig.ids() == []
    rig.now += _delivery.ADOPT_SECONDS
    rig.delivery.step()
    assert rig.ids() == ["o"]


def it_goes_on_with_the_next_spool_where_one_can_t_be_read(rig: Rig) -> None:
    for name in ("a", "b"):
        other = Journal(rig.settings)
        other.append(RECORD, (json.dumps({"id": name, "type": "decision"}).encode(),))
        other.close()
    reads = [0]

    def first_fails(call: str) -> str:
        reads[0] += call == "read"
        return "fail" if call == "read" and reads[0] in (1, 5) else ""

    rig.disk.fault = first_fails
    rig.steps()
    rig.disk.fault = lambda call: ""
    rig.now += _delivery.ADOPT_SECONDS
    rig.delivery.idle = False
    rig.steps()
    assert rig.ids() == ["a", "b"]


def it_counts_what_a_deleted_spool_held_and_begins_another(rig: Rig) -> None:
    rig.write(2)
    rig.delivery.step()
    rig.write(3)
    spool = rig.journal.spool
    assert spool is not None
    for name in os.listdir(spool.directory):
        os.unlink(f"{spool.directory}/{name}")
    rig.steps()
    rig.write(1)
    rig.delivery.idle = False
    rig.steps()
    (gap,) = [r["attributes"] for r in rig.api.accepted.values() if r["type"] == "gap"]
    assert (gap["audit.gap.count"], gap["audit.gap.reason"]) == (3, "spool deleted")
    assert "r6" in rig.ids()
    assert {r["producer"]["id"] for r in rig.api.accepted.values()} == {rig.journal.producer}


def it_sends_from_memory_what_no_disk_takes(rig: Rig) -> None:
    rig.disk.fault = lambda call: "fail"
    rig.write(3)
    rig.journal.append(CALL, (b"\0\0\0\2{}",))
    assert rig.delivery.pending() == 4
    rig.api.fault = lambda records: answer(500)
    assert rig.delivery.step() > 0
    rig.api.fault = lambda records: None
    rig.steps()
    assert [i for i in rig.ids() if i[0] == "r"] == ["r1", "r2", "r3"]
    assert rig.delivery.pending() == 0
    assert rig.journal.memory_bytes == 0
    assert [r["attributes"]["audit.gap.count"] for r in rig.api.accepted.values() if r["type"] == "gap"] == [1]


def it_keeps_the_order_between_disk_and_memory(rig: Rig) -> None:
    rig.write(1)
    rig.disk.fault = lambda call: "fail" if call == "writev" else ""
    rig.write(1)
    rig.api.fault = lambda records: answer(500)
    rig.delivery.step()
    assert rig.api.posts == [(1, "")]
    rig.api.fault = lambda records: None
    rig.steps()
    assert rig.ids() == ["r1", "r2"]
