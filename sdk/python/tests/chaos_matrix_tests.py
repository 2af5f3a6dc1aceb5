"""The matrix of failures in full: real processes, real signals, an API that is really away. Counts are exact.

`cargo xtask chaos sdk`, or `check.py chaos`. With `AUDIT_URL` and `AUDIT_API_KEY` set the last one runs against
that stack, through a door that is shut and opened again.
"""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit_layer._spool_read import spools
from chaos_tests import deliver
from conftest import Api, Loopback
from outage import Door

pytestmark = pytest.mark.chaos

BODY = """
import os, resource, signal, sys, time
import audit_layer
def decide(first, last):
    for number in range(first, last):
        audit_layer.decision(type="t", outcome=str(number))
def ask(count, pause=0.0):
    client = audit_layer.AuditOpenAI(api_key="k", base_url=os.environ["MODELS"])
    for number in range(count):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
        print(number, flush=True)
        time.sleep(pause)
"""


@pytest.fixture
def door(api: Api) -> Iterator[Door]:
    found = Door(("127.0.0.1", api.server.server.server_port))
    yield found
    found.close()


class Program:
    """A process that records, and how long it took to end after its last word."""

    def __init__(self, script: str, folder: Path, url: str, **environment: str) -> None:
        env = {**os.environ, "AUDIT_URL": url, "AUDIT_API_KEY": "k", "AUDIT_SPOOL_DIR": str(folder)}
        env |= {"AUDIT_SYSTEM": "chaos", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-c", BODY + script], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def end(self) -> tuple[int, list[str]]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        out, err = self.process.stdout.read(), self.process.stderr.read()  # what was read ahead is in there too
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        assert "Traceback" not in err, err
        return self.process.returncode, out.split()


def decided(api: Api) -> list[int]:
    return sorted(int(r["decision"]["outcome"]) for r in list(api.records.values()) if r["type"] == "decision")


def asked(api: Api) -> int:
    return sum(r["type"] == "llm_call" for r in api.records.values())


def nothing_is_left(folder: Path) -> bool:
    return not any(spools(f"{folder}/{name}") for name in os.listdir(folder))


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("after", [1, 2, 3, 7, 25])
def no_call_is_lost_by_a_signal_after_any_of_them(
    kind: signal.Signals, after: int, api: Api, models: Loopback, tmp_path: Path
) -> None:
    program = Program("ask(1000)", tmp_path, api.url, MODELS=models.url)
    assert program.process.stdout is not None
    for _ in range(after):
        program.process.stdout.readline()
    program.process.send_signal(kind)
    rest = program.end()[1]
    deliver(api, tmp_path)
    # A call under way when the signal came may be on record without having returned.
    assert after + len(rest) <= asked(api) <= after + len(rest) + 1
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("seed", range(12))
def no_call_is_lost_by_a_kill_at_any_moment(seed: int, api: Api, models: Loopback, tmp_path: Path) -> None:
    program = Program("ask(100000)", tmp_path, api.url, MODELS=models.url)
    assert program.process.stdout is not None
    program.process.stdout.readline()
    time.sleep(random.Random(seed).random())
    program.process.kill()
    returned = 1 + len(program.end()[1])
    deliver(api, tmp_path)
    assert returned <= asked(api) <= returned + 1


@pytest.mark.parametrize(("mode", "seconds"), [("refusing", 60.0), ("hanging", 30.0)])
def an_api_that_is_away_and_comes_back_has_every_record(
    mode: Any, seconds: float, api: Api, door: Door, tmp_path: Path
) -> None:
    script = f"""
began = time.monotonic()
number = 0
while time.monotonic() < began + {seconds} + 10:
    decide(number, number + 1)
    number += 1
    time.sleep(0.02)
print(number, audit_layer.flush(120), audit_layer.health().dropped)
"""
    program = Program(script, tmp_path, door.url)
    time.sleep(3)
    door.set(mode)
    time.sleep(seconds)
    door.set("open")
    number, flushed, dropped = program.end()[1]
    assert (flushed, dropped) == ("True", "0")
    assert decided(api) == list(range(int(number)))


@pytest.mark.parametrize("mode", ["slow", "500", "429", "503", "401", "404", "garbage", "flapping"])
def an_api_that_misbehaves_loses_and_doubles_nothing(mode: str, api: Api, tmp_path: Path) -> None:
    api.mode = mode
    program = Program("decide(0, 500); time.sleep(2); decide(500, 600)", tmp_path, api.url)
    assert program.end()[0] == 0
    api.mode = "up"
    deliver(api, tmp_path)
    assert decided(api) == list(range(600))


@pytest.mark.parametrize("count", [3_000, 100_000])
def a_burst_while_the_api_is_away_is_kept_whole(count: int, api: Api, door: Door, tmp_path: Path) -> None:
    door.set("refusing")
    began = time.monotonic()
    program = Program(f"decide(0, {count}); print(audit_layer.health().in_memory)", tmp_path, door.url)
    assert program.end() == (0, ["0"])
    print(f"{count} in {time.monotonic() - began:.1f} s")
    door.set("open")
    deliver(api, tmp_path)
    assert decided(api) == list(range(count))


@pytest.mark.parametrize("state", ["open", "refusing", "hanging"])
def an_exit_is_not_held_up(state: Any, api: Api, door: Door, tmp_path: Path) -> None:
    door.set(state)
    program = Program("decide(0, 200); time.sleep(1); decide(200, 201); print(time.time())", tmp_path, door.url)
    (left_at,) = program.end()[1]
    print(f"{state}: {time.time() - float(left_at):.3f} s from the last line to the end of the process")
    door.set("open")
    deliver(api, tmp_path)
    assert decided(api) == list(range(201))


def a_storm_of_forks_keeps_every_record_of_every_process(api: Api, door: Door, tmp_path: Path) -> None:
    script = """
decide(0, 10)
children = []
for child in range(40):
    pid = os.fork()
    if not pid:
        decide(10 + child * 25, 10 + child * 25 + 25)
        if child % 4 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if child % 4 == 1:
            os._exit(0)
        sys.exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
"""
    program = Program(script, tmp_path, door.url)
    for mode in ("refusing", "open", "hanging", "open"):
        time.sleep(0.5)
        door.set(mode)  # type: ignore[arg-type]
    assert program.end()[0] == 0
    deliver(api, tmp_path)
    assert decided(api) == list(range(1010))
    numbers = collections.defaultdict[str, list[int]](list)
    for record in api.records.values():
        numbers[record["producer"]["id"]].append(record["producer"]["seq"])
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def a_disk_that_takes_no_more_ends_in_an_exact_count(api: Api, door: Door, tmp_path: Path) -> None:
    door.set("refusing")
    script = """
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
audit_layer.configure(memory_limit_bytes=50_000)
decide(0, 3000)
journal = audit_layer._process.state.recorder.journal
audit_layer.shutdown()
print(journal.dropped, len(journal.memory))
"""
    program = Program(script, tmp_path, door.url)
    dropped, in_memory = map(int, program.end()[1])
    assert dropped + in_memory > 0
    door.set("open")
    deliver(api, tmp_path)
    gaps = [r["attributes"]["audit.gap.count"] for r in api.records.values() if r["type"] == "gap"]
    found = decided(api)
    assert len(found) == len(set(found))
    beats = sum(r["type"] == "heartbeat" for r in api.records.values())
    assert len(found) + beats == 3001 - dropped - in_memory  # the last heartbeat counts as a record too
    assert sum(gaps) == dropped


def a_file_system_that_can_t_be_written_is_made_up_for_by_memory(api: Api, tmp_path: Path) -> None:
    script = """
audit_layer.configure(spool_dir="/proc/none")
decide(0, 100)
print(audit_layer.flush(60), audit_layer.health().in_memory)
"""
    assert Program(script, tmp_path, api.url).end() == (0, ["True", "0"])
    assert decided(api) == list(range(100))


@pytest.mark.parametrize("jump", [86_400, -86_400, 3_155_760_000])
def a_clock_that_jumps_costs_nothing(jump: int, api: Api, tmp_path: Path) -> None:
    script = f"""
real, shift = time.time_ns, 0
time.time_ns = lambda: real() + shift
for number in range(100):
    shift = {jump} * 10**9 * (number % 2)
    decide(number, number + 1)
print(audit_layer.flush(60))
"""
    assert Program(script, tmp_path, api.url).end() == (0, ["True"])
    assert decided(api) == list(range(100))


@pytest.mark.parametrize("url", [os.environ["AUDIT_URL"]] if os.environ.get("AUDIT_URL") else [])
def a_real_stack_that_is_away_in_between_has_every_call_once(url: str, tmp_path: Path) -> None:
    parts = urllib.parse.urlsplit(url)
    door = Door((parts.hostname or "127.0.0.1", parts.port or 80))
    key, system = os.environ["AUDIT_API_KEY"], f"chaos-{uuid.uuid4()}"
    script = """
for number in range(250):
    decide(number, number + 1)
    time.sleep(0.04)
print(audit_layer.flush(120), audit_layer.health().dropped)
"""
    programs = [Program(script, tmp_path, door.url, AUDIT_SYSTEM=system, AUDIT_API_KEY=key) for _ in range(4)]
    for mode, seconds in (("open", 3.0), ("refusing", 4.0), ("open", 1.0), ("hanging", 4.0), ("open", 0.0)):
        door.set(mode)  # type: ignore[arg-type]
        time.sleep(seconds)
    assert [program.end() for program in programs] == [(0, ["True", "0"])] * 4
    door.close()
    found: collections.Counter[str] = collections.Counter()
    deadline = time.monotonic() + 120
    while sum(found.values()) < 1000 and time.monotonic() < deadline:
        time.sleep(2)
        found = collections.Counter(_ids(url, key, system))
    assert len(found) == 1000
    assert set(found.values()) == {1}


def _ids(url: str, key: str, system: str) -> Iterator[str]:
    cursor = ""
    while True:
        query = {"system": system, "type": "decision", "limit": "500", **({"cursor": cursor} if cursor else {})}
        request = urllib.request.Request(
            f"{url}/api/v1/audit/logs?{urllib.parse.urlencode(query)}", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        yield from (record["id"] for record in page["records"])
        cursor = page["next_cursor"] or ""
        if not cursor:
            return
