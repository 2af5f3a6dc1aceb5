"""The command `audit-layer`, besides `coverage`: local mode is read with it, and what is left is sent by it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit_layer import _cli
from audit_layer._config import Settings
from audit_layer._journal import Journal
from audit_layer._overflow import give_up
from audit_layer._spool import CALL, FINISH, OPEN, RECORD
from conftest import Api

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(Settings(spool_dir=str(tmp_path), system="t", memory_limit_bytes=0).completed())


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in [name for name in os.environ if name.startswith("AUDIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AUDIT_SYSTEM", "t")

    def called(*arguments: str) -> tuple[int, str, str]:
        code = _cli.main(["--spool-dir", str(tmp_path), *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def decide(journal: Journal, identity: str, **members: Any) -> None:
    record = {"id": identity, "type": "decision", "occurred_at": "2026-01-01T00:00:00.000Z", **members}
    journal.append(RECORD, (json.dumps(record).encode(),))


def call(journal: Journal, identity: str, *, end: bool = True, streamed: bool = False) -> None:
    request, response = b'{"model":"gpt-x"}', b'{"id":"a","usage":{"prompt_tokens":3,"completion_tokens":2}}'
    meta = {"id": identity, "t": 1, "e": 2, "p": "openai", "m": "POST", "u": "/chat/completions", "a": 1, "c": "end"}
    text = json.dumps({**meta, "q": len(request)}).encode()
    head = len(text).to_bytes(4, "big") + text
    if not streamed:
        journal.append(CALL, (head, request, response))
        return
    number, _ = journal.append(OPEN, (head, request))
    if end:
        journal.append(FINISH, (head, response), number)


def the_command_tail_shows_a_line_for_each_record(journal: Journal, run: Run) -> None:
    decide(journal, "r1", decision={"outcome": "denied"}, attributes={"audit.decision.type": "loan"})
    call(journal, "r2")
    call(journal, "r3", streamed=True)
    call(journal, "r4", streamed=True, end=False)
    code, out, _ = run("tail")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["2026-01-01T00:00:00.000Z", "r1", "decision", "loan", "denied"]
    assert lines[1].split()[1:] == ["r2", "llm_call", "chat", "gpt-x", "complete", "3/2"]
    assert lines[2].split()[1] == "r3"
    assert lines[3].split()[-1] == "open"
    assert len(run("tail", "-n", "2")[1].splitlines()) == 2
    assert run("tail", "-n", "0")[1] == ""
    assert json.loads(run("tail", "-n", "1", "--json")[1])["producer"]["seq"] == 4


def the_command_tail_follows_what_comes(journal: Journal, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(journal, "r1")
    naps = [0]

    def nap(seconds: float) -> None:
        naps[0] += 1
        if naps[0] > 2:
            raise KeyboardInterrupt
        decide(journal, f"r{naps[0] + 1}")

    monkeypatch.setattr("audit_layer._cli.time.sleep", nap)
    code, out, _ = run("tail", "--follow")
    assert code == 130
    assert [line.split()[1] for line in out.splitlines()] == ["r1", "r2", "r3"]


def the_command_show_shows_one_record_whole(journal: Journal, run: Run) -> None:
    decide(journal, "abc-1", note="x")
    decide(journal, "abc-2")
    assert json.loads(run("show", "abc-1")[1])["note"] == "x"
    assert run("show", "abc")[::2] == (1, "2 records begin with abc\n")
    assert run("show", "z")[::2] == (1, "no record z here\n")


def the_command_spool_lists_verifies_and_sends(
    journal: Journal, run: Run, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(journal, "r1", attributes={})
    call(journal, "r2", streamed=True, end=False)
    assert "  alive  1 waiting  " in run("spool", "ls")[1]
    give_up(journal, [7], "test")
    journal.close()
    assert run("spool", "ls")[1].rstrip().endswith("gave up 1")
    assert run("spool", "verify")[1].endswith("1 spools, 0 with a problem\n")
    assert run("spool", "send")[::2] == (2, "AUDIT_URL is not set\n")
    monkeypatch.setenv("AUDIT_URL", api.url)
    api.mode = "500"
    assert run("spool", "send", "--timeout", "0.01")[:2] == (1, "0 records sent, 0 refused; stopped by: HTTP 500\n")
    api.mode = "up"
    assert run("spool", "send")[:2] == (0, "3 records sent, 0 refused\n")
    assert run("spool", "ls")[1] == ""


def the_command_spool_verify_names_a_torn_spool(journal: Journal, run: Run) -> None:
    decide(journal, "r1")
    spool = journal.spool
    assert spool is not None
    os.truncate(f"{spool.directory}/00000001.log", spool.position[1] - 1)
    code, out, _ = run("spool", "verify")
    assert (code, "torn" in out) == (1, True)


def the_command_doctor_says_what_is_set_and_works(run: Run, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("doctor")
    assert code == 0
    assert "local only" in out
    assert "every seam found" in out
    assert "zstd" in out
    monkeypatch.setenv("AUDIT_URL", api.url)
    assert "the key is not known" in doctor_against(run, api, "401")
    assert "no such API there" in doctor_against(run, api, "404")
    assert "HTTP 500" in doctor_against(run, api, "500")
    assert "the key may write" in doctor_against(run, api, "400")
    monkeypatch.setenv("AUDIT_URL", "http://127.0.0.1:9")
    assert "FAIL" in run("doctor")[1]


def doctor_against(run: Run, api: Api, mode: str) -> str:
    api.mode = mode
    return run("doctor")[1]


def the_command_doctor_says_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import openai

    monkeypatch.setenv("AUDIT_DISABLED", "1")
    monkeypatch.delattr(openai.OpenAI, "_prepare_request", raising=False)
    monkeypatch.setattr(openai._base_client.SyncAPIClient, "_prepare_request", None)
    monkeypatch.setitem(sys.modules, "anthropic", None)
    (tmp_path / "file").touch()
    code = _cli.main(["--spool-dir", str(tmp_path / "file"), "doctor"])
    assert code == 1


def it_stops_quietly_where_nobody_reads(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("audit_layer._local.read_all", broken)
    assert run("tail")[0] == 130
