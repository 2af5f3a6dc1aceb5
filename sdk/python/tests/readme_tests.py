"""The README's examples run, and the wheel installs into an empty environment."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import audit_layer
from conftest import Api, Loopback

SDK = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)


@pytest.mark.usefixtures("recording")
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def every_example_runs(number: int, api: Api, models: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", models.url)
    started: list[Any] = []
    monkeypatch.setattr(subprocess, "Popen", started.append)
    names: dict[str, Any] = {}
    exec(EXAMPLES[number], names)
    if "child_exit" in names:
        names["child_exit"](None, None)
        assert started == [["audit-layer", "spool", "send"]]
        return
    if "handler" in names:
        responses = SimpleNamespace(create=lambda **asked: SimpleNamespace(output_text=asked["input"].upper()))
        names["client"] = SimpleNamespace(responses=responses)
        assert names["handler"]({"question": "hello"}, None) == "HELLO"
        return
    assert audit_layer.flush(60)
    kinds = {record["type"] for record in api.calls()}
    assert kinds in ({"llm_call"}, {"decision", "human_review"})


def the_wheel_installs_into_an_empty_environment(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(SDK)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("audit_layer-*.whl")
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", str(wheel)]
    subprocess.run(pip, check=True)
    script = (
        "import sys, audit_layer; audit_layer.decision(type='t', outcome='yes'); "
        "sys.exit(any(name in sys.modules for name in ('openai', 'anthropic', 'zstandard')))"
    )
    environment = {"AUDIT_SPOOL_DIR": str(tmp_path / "spool"), "AUDIT_SYSTEM": "t", "PATH": ""}
    subprocess.run([python, "-c", script], check=True, env=environment)
    command = [python.parent / "audit-layer", "tail"]
    shown = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
    assert "decision" in shown
