"""The matrix of failures in short form: processes of their own, exact counts, none lost, none doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from audit_layer import _spool_read
from audit_layer._config import Settings
from audit_layer._delivery import Delivery
from audit_layer._journal import Journal
from audit_layer._spool import RECORD, Files
from audit_layer._transport import HttpTransport
from conftest import Api

BODY = """
import os, signal, sys, time
import audit_layer
def record(n):
    for i in range(n):
        audit_layer.decision(type="t", outcome=str(i))
"""


def run(api: Api, folder: Path, script: str, *, url: str = "") -> tuple[int, float]:
    env = {**os.environ, "AUDIT_URL": url or api.url, "AUDIT_API_KEY": "k", "AUDIT_SPOOL_DIR": str(folder)}
    env["AUDIT_SYSTEM"] = "chaos"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", BODY + textwrap.dedent(script)], env=env, timeout=60, check=False)
    return done.returncode, time.monotonic() - began


def deliver(api: Api, folder: Path) -> None:
    """What a later process does."""
    settings = Settings(url=api.url, api_key="k", spool_dir=str(folder), system="chaos").completed()
    delivery = Delivery(settings, None, HttpTransport(api.url, "k"))
    while not delivery.idle:
        delivery.step()
        assert not delivery.problem, delivery.problem
    delivery.close()


def outcomes(api: Api) -> list[int]:
    return sorted(int(r["decision"]["outcome"]) for r in api.records.values() if r["type"] == "decision")


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("pass", 0),
        ("os._exit(3)", 3),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
def no_record_is_lost_however_a_process_ends(ending: str, code: int, api: Api, tmp_path: Path) -> None:
    assert run(api, tmp_path, f"record(50)\n{ending}")[0] == code
    deliver(api, tmp_path)
    assert outcomes(api) == list(range(50))
    assert not _spool_read.spools(f"{tmp_path}/{os.listdir(tmp_path)[0]}")


@pytest.mark.parametrize("mode", ["500", "429", "garbage", "401"])
def an_outage_costs_nothing_and_an_exit_in_it_is_quick(mode: str, api: Api, tmp_path: Path) -> None:
    api.mode = mode
    assert run(api, tmp_path, "record(3000)")[0] == 0
    assert not api.records
    api.mode = "up"
    deliver(api, tmp_path)
    assert outcomes(api) == list(range(3000))


def an_unreachable_api_costs_nothing(api: Api, tmp_path: Path) -> None:
    assert run(api, tmp_path, "record(100)", url="http://127.0.0.1:9")[0] == 0
    deliver(api, tmp_path)
    assert outcomes(api) == list(range(100))


def each_forked_child_has_a_spool_and_numbers_of_its_own(api: Api, tmp_path: Path) -> None:
    script = """
    record(1)
    children = []
    for i in range(4):
        child = os.fork()
        if not child:
            record(10)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    """
    assert run(api, tmp_path, script)[0] == 0
    deliver(api, tmp_path)
    assert len(outcomes(api)) == 41
    producers: dict[str, list[int]] = {}
    for record in api.records.values():
        producers.setdefault(record["producer"]["id"], []).append(record["producer"]["seq"])
    assert len(producers) == 5
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in producers.values())


class FullDisk(Files):
    """Takes frames until it is full, and tears the one that fills it."""

    full = False

    def writev(self, fd, parts):  # type: ignore[no-untyped-def]
        if self.full:
            os.writev(fd, [parts[0][:7]])
            return 7
        return super().writev(fd, parts)


def a_full_disk_ends_in_a_counted_gap(api: Api, tmp_path: Path) -> None:
    settings = Settings(url=api.url, spool_dir=str(tmp_path), system="chaos", memory_limit_bytes=0).completed()
    files = FullDisk()
    journal = Journal(settings, files=files)
    record = json.dumps({"id": "x", "type": "decision", "decision": {"outcome": "1"}, "attributes": {}}).encode()
    journal.append(RECORD, (record,))
    files.full = True
    for _ in range(7):
        journal.append(RECORD, (record,))
    files.full = False
    journal.append(RECORD, (record.replace(b'"x"', b'"y"'),))
    journal.close()
    assert journal.dropped == 7
    deliver(api, tmp_path)
    (gap,) = [r for r in api.records.values() if r["type"] == "gap"]
    assert gap["attributes"]["audit.gap.count"] == 7
    assert gap["attributes"]["audit.gap.ranges"] == [[2, 2], [4, 9]]  # the gap itself is number 3
    assert {"x", "y"} < set(api.records)


def a_torn_frame_is_recognised_and_counted(api: Api, tmp_path: Path) -> None:
    run(api, tmp_path, "record(5)\nos._exit(0)", url="http://127.0.0.1:9")
    (parent,) = (f"{tmp_path}/{name}" for name in os.listdir(tmp_path))
    (spool,) = _spool_read.spools(parent)
    path = f"{spool}/00000001.log"
    os.truncate(path, os.path.getsize(path) - 3)
    assert "torn" in _spool_read.verify(spool).problem
    deliver(api, tmp_path)
    assert outcomes(api) == [0, 1, 2, 3]
    assert [r["attributes"]["audit.gap.reason"] for r in api.records.values() if r["type"] == "gap"] == ["torn frame"]
