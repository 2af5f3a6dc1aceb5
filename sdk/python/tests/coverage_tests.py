"""Where a code base can call a model off the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit_layer._cli import main
from audit_layer._coverage import scan

FOUND: list[tuple[str, list[tuple[int, str]]]] = [
    ("import openai\nopenai.OpenAI()", [(2, "audit_layer.AuditOpenAI")]),
    ("import openai as o\nc = o.AsyncOpenAI(api_key='k')", [(2, "audit_layer.AsyncAuditOpenAI")]),
    ("from openai import AzureOpenAI as A\nA()", [(2, "audit_layer.AuditAzureOpenAI")]),
    ("from anthropic import Anthropic, AsyncAnthropic\nAnthropic()\nAsyncAnthropic()",
     [(2, "audit_layer.AuditAnthropic"), (3, "audit_layer.AsyncAuditAnthropic")]),
    ("from anthropic import AnthropicBedrock\nimport audit_layer\naudit_layer.wrap(AnthropicBedrock())", []),
    ("from anthropic import AnthropicVertex\nAnthropicVertex()", [(2, "audit_layer.wrap(...)")]),
    ("from audit_layer import wrap\nimport openai\nc = wrap(openai.OpenAI(), actor='a')", []),
    ("from audit_layer import AuditOpenAI\nAuditOpenAI()", []),
    ("import openai\nopenai.chat.completions.create(model='x')", [(2, "audited client")]),
    ("import openai\nc = d = openai.OpenAI\nc()", [(3, "audit_layer.AuditOpenAI")]),
    ("import openai\nclass C(openai.OpenAI):\n    pass", [(2, "derive it from audit_layer.AuditOpenAI")]),
    ("import functools, openai\nf = functools.partial(openai.OpenAI, api_key='k')", [(2, "audit_layer.AuditOpenAI")]),
    ("import openai\nopenai.OpenAI()  # audit-layer: ignore (a test)", []),
    ("import openai\nisinstance(x, openai.OpenAI)", []),
    ("import openai\na.b, c = openai.OpenAI, 1", []),
    ("from langchain_openai import ChatOpenAI\nChatOpenAI()", [(2, "AuditSpanProcessor")]),
    ("import litellm\nlitellm.completion(model='x')", [(2, "AuditSpanProcessor")]),
    ("import boto3\nboto3.client('bedrock-runtime')\nboto3.client('s3')\nboto3.client(name)", [(2, "AuditSpanProcessor")]),
    ("import requests\nrequests.post('https://api.openai.com/v1/x')", [(2, "audited client")]),
    ("import httpx\nhttpx.post(url=f'https://api.anthropic.com/{x}')", [(2, "audited client")]),
    ("import httpx\nhttpx.post(url=f'https://example.org/{x}')", []),
    ("def f(): return g()()\nx.y()\n(lambda: 1)()", []),
    ("def broken(:", [(1, "SyntaxError")]),
    ("import os.path\nos.path.join('a')", []),
    ("from . import OpenAI\nOpenAI()", []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FOUND)
def each_place_is_found(source: str, expected: list[tuple[int, str]], tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(source)
    found, count = scan(str(file))
    assert count == 1
    assert [finding.line for finding in found] == [line for line, _ in expected]
    assert all(remedy in finding.remedy for finding, (_, remedy) in zip(found, expected, strict=True))


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.py").write_text("import openai\nopenai.OpenAI()\n")
    (tmp_path / "a.py").write_text("print(1)\n")
    (tmp_path / "notes.txt").write_text("openai.OpenAI()")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "x.py").write_text("import openai\nopenai.OpenAI()\n")
    return tmp_path


def the_command_lists_them_and_fails(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", str(code)]) == 1
    out = capsys.readouterr().out
    assert f"{code}/b/one.py:2: openai.OpenAI(...); use audit_layer.AuditOpenAI" in out
    assert out.endswith("2 files read, 1 places unaudited\n")


def the_command_passes_where_there_is_none(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", str(code / "a.py"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": 1, "findings": []}


def a_file_that_can_not_be_read_is_a_finding(tmp_path: Path) -> None:
    found, count = scan(str(tmp_path / "missing.py"))
    assert (found, count) == ([], 0)
    (tmp_path / "link.py").symlink_to(tmp_path / "nowhere.py")
    found, count = scan(str(tmp_path))
    assert [(finding.what, finding.remedy) for finding in found] == [("unreadable", "FileNotFoundError")]
    assert count == 1


def the_package_itself_is_clean() -> None:
    package = Path(__file__).parents[1] / "src"
    found, count = scan(str(package))
    assert count > 20
    assert found == []
