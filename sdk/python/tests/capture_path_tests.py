"""What an audited call loads: little, and nothing of the sender's before there is something to send."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import Loopback

LIMIT_BYTES = 40 * 1024
CAPTURE_PATH = {
    "audit_layer",
    "audit_layer._config",
    "audit_layer._context",
    "audit_layer._guard",
    "audit_layer._ids",
    "audit_layer._journal",
    "audit_layer._process",
    "audit_layer._recorder",
    "audit_layer._spool",
    "audit_layer._version",
    "audit_layer.integrations",
    "audit_layer.integrations._provider",
    "audit_layer.integrations._seam",
    "audit_layer.integrations.openai",
}
SCRIPT = """
import json, os, sys
import openai, httpx2
before = set(sys.modules)
import audit_layer
client = audit_layer.AuditOpenAI(api_key="k", base_url=sys.argv[1])
client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
found = {name: getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before}
print(json.dumps(found), flush=True)
os._exit(0)
"""


def loaded(models: Loopback, folder: Path) -> dict[str, str]:
    environment = {"AUDIT_SPOOL_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, models.url], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def code_of(path: str) -> int:
    """How many bytes of a module run: comments, docstrings, layout and what only type checkers read are free."""
    tree: Any = ast.parse(Path(path).read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body, node.orelse = [ast.Pass()], node.orelse
        elif isinstance(body, list):
            node.body = [line for line in body if not _prose(line)] or [ast.Pass()]
    return len(ast.unparse(tree))


def _prose(line: Any) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def a_call_loads_the_capture_path_and_nothing_else(models: Loopback, tmp_path: Path) -> None:
    found = {name: path for name, path in loaded(models, tmp_path).items() if name.startswith("audit_layer")}
    assert set(found) == CAPTURE_PATH
    assert sum(map(code_of, found.values())) <= LIMIT_BYTES


def a_call_loads_no_heavy_module_that_the_provider_does_without(models: Loopback, tmp_path: Path) -> None:
    heavy = {"asyncio", "dataclasses", "http.client", "inspect", "ssl", "urllib.request", "zstandard"}
    assert not heavy & loaded(models, tmp_path).keys()
