"""This process's recorder and sender: flush, health, forks, exits, and a serverless handler."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import audit_layer
from audit_layer import _process
from audit_layer._config import Settings
from audit_layer._sender import Sender
from conftest import Api

pytestmark = pytest.mark.usefixtures("recording")


def decide(outcome: str = "yes") -> str:
    return audit_layer.decision(type="t", outcome=outcome).id


def it_flushes_and_says_how_it_goes(api: Api) -> None:
    assert audit_layer.flush(1)
    assert audit_layer.health().as_dict()["recorded"] == 0
    first = decide()
    assert audit_layer.flush(30)
    health = audit_layer.health()
    assert first in api.records
    assert (health.recorded, health.delivered, health.pending, health.problem) == (1, 1, 0, "")
    assert os.path.isdir(health.spool)


def it_returns_from_a_flush_in_time_in_an_outage(api: Api) -> None:
    api.mode = "500"
    decide()
    assert not audit_layer.flush(0.05)
    health = audit_layer.health()
    assert (health.pending, health.dropped) == (1, 0)
    api.mode = "up"
    flushes: list[bool] = []
    threads = [threading.Thread(target=lambda: flushes.append(audit_layer.flush(30))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flushes == [True] * 3


def it_flushes_after_each_run_of_a_handler(api: Api) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 30_000

    @audit_layer.flush_after(timeout=30)
    def handler(event: Any, context: Any) -> str:
        return decide(event)

    identity = handler("a", Context())
    assert identity in api.records
    assert handler("b", None) in api.records

    @audit_layer.flush_after
    def failing(event: Any, context: Any) -> None:
        decide(event)
        raise ValueError

    with pytest.raises(ValueError):
        failing("c", None)
    assert len(api.records) == 3


async def it_flushes_after_an_asynchronous_handler(api: Api) -> None:
    @audit_layer.flush_after(timeout=30)
    async def handler() -> str:
        await asyncio.sleep(0)
        return decide()

    assert await handler() in api.records


def it_goes_on_under_new_settings_and_sends_what_was_before(api: Api, tmp_path: Path) -> None:
    audit_layer.configure(url="")
    before = decide()
    assert audit_layer.flush(1)
    assert (audit_layer.health().pending, api.records) == (1, {})
    audit_layer.configure(url=api.url)
    after = decide()
    assert audit_layer.flush(30)
    sender = _process.state.sender
    assert sender is not None
    assert sender.wait_for(time.monotonic() + 30, lambda: before in api.records)
    assert after in api.records
    with pytest.raises(TypeError):
        audit_layer.configure(colour="red")


def it_says_once_that_it_records_here_only(caplog: pytest.LogCaptureFixture) -> None:
    _process.state.told = False
    with caplog.at_level(logging.WARNING, "audit_layer"):
        for _ in range(2):
            audit_layer.configure(url="")
            decide()
    assert [record.message.partition(",")[0] for record in caplog.records] == ["audit_layer: no AUDIT_URL"]


def it_records_nothing_when_switched_off(api: Api) -> None:
    audit_layer.configure(enabled=False)
    decide()
    assert audit_layer.flush(1)
    assert audit_layer.health().spool == ""
    assert not api.records


def it_spools_without_a_sender_where_no_thread_can_be_had(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Sender) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Sender, "start", refuse)
    decide()
    assert not audit_layer.flush(1)
    assert audit_layer.health().pending == 1
    assert audit_layer.health().failures == {"sender: RuntimeError": 1}


def it_spools_what_comes_after_the_exit(api: Api) -> None:
    decide("early")
    audit_layer.shutdown()
    audit_layer.shutdown()
    late = decide("late")
    assert _process.state.sender is None
    assert audit_layer.health().pending == 1
    assert late not in api.records


def it_tells_that_it_stops_with_its_counts(api: Api) -> None:
    decide()
    assert audit_layer.flush(30)
    audit_layer.configure(exit_timeout_seconds=30.0)
    (beat,) = [r["attributes"] for r in api.records.values() if r["type"] == "heartbeat"]
    assert (beat["audit.producer.state"], beat["audit.producer.recorded"]) == ("stopped", 1)


def it_says_what_an_exit_loses_where_no_disk_took_it(
    api: Api, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    api.mode = "500"
    audit_layer.configure(spool_dir=str(tmp_path / "file"))
    decide()
    assert audit_layer.health().in_memory == 1
    audit_layer.shutdown()
    assert "lost at exit" in caplog.text


def a_child_has_a_recorder_of_its_own(api: Api, recording: Settings) -> None:
    parent = decide("parent")
    recorder = _process.state.recorder
    assert recorder is not None
    directory = audit_layer.health().spool
    child = os.fork()
    if not child:
        decide("child")
        os._exit(0 if audit_layer.flush(30) and audit_layer.health().spool != directory else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert audit_layer.flush(30)
    outcomes = {r["decision"]["outcome"]: r["producer"]["id"] for r in api.records.values() if "decision" in r}
    assert set(outcomes) == {"parent", "child"}
    assert len(set(outcomes.values())) == 2
    assert parent in api.records


def a_fork_that_runs_no_hooks_is_noticed(api: Api) -> None:
    decide("parent")
    before = _process.state.recorder
    assert before is not None
    assert audit_layer.flush(30)
    sender = _process.state.sender
    _process.state.pid = -1
    try:
        assert audit_layer.flush(1)
        assert audit_layer.health().recorded == 0
        decide("child")
        assert before.journal.spool is None
        assert _process.state.recorder is not before
    finally:
        if sender is not None:
            sender.stop()


def a_sender_survives_an_error_of_its_own(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    decide()
    assert audit_layer.flush(30)
    sender = _process.state.sender
    assert sender is not None
    real = sender.delivery.step
    fails = [True]

    def step() -> float:
        if fails:
            fails.pop()
            raise ValueError
        return real()

    monkeypatch.setattr(sender.delivery, "step", step)
    late = decide("late")
    assert audit_layer.flush(60)
    assert late in api.records
    assert audit_layer.health().failures["sender: ValueError"] == 1


def a_sender_tells_that_it_lives(api: Api) -> None:
    audit_layer.configure(heartbeat_seconds=0.0)
    decide()
    sender = _process.state.sender
    assert sender is not None

    def seen() -> bool:
        return any(r["type"] == "heartbeat" for r in api.records.values())

    assert sender.wait_for(time.monotonic() + 60, seen)
    sender.stop()
    sender.join()
    assert not sender.wait_for(time.monotonic() + 1, lambda: False)
