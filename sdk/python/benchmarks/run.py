"""Measures every subject beside the others: `python run.py [ROUNDS]`; `docs/PERFORMANCE.md` says in which environment.

Each measurement is a process of its own, in rounds, so that a busy machine is as unfair to one as to the other;
the table shows the least of the rounds. Instructions are counted where the machine has valgrind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SUBJECTS = ("bare", "audit-zstd", "audit-gzip", "audit-redact", "audit-digest", "langfuse", "openinference", "posthog")
COLUMNS = ("call_us", "caller_us", "sender_us", "wire_bytes")
CALLS = "1000"


def measure(spool: str, *arguments: str) -> dict[str, float]:
    """One measurement; empty where the subject is not installed or fails."""
    environment = {**os.environ, "BENCH_SPOOL": spool, "PYTHONHASHSEED": "0"}
    command = [sys.executable, str(HERE / "measure.py"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return dict(json.loads(lines[-1])) if done.returncode == 0 and lines else {}


def table(url: str, spool: str, kind: str, rounds: int) -> None:
    """Calls of one kind of text."""
    print(f"\n{kind}: per call, least of {rounds} rounds of {CALLS}")
    print(f"{'':15}" + "".join(f"{name:>12}" for name in COLUMNS))
    for subject in SUBJECTS:
        found = [run for _ in range(rounds) if (run := measure(spool, "calls", subject, url, kind, CALLS))]
        cells = [f"{min(run[name] for run in found):12.1f}" if found else f"{'-':>12}" for name in COLUMNS]
        print(f"{subject:15}" + "".join(cells), flush=True)


def main(rounds: int) -> None:
    """Runs everything."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "loopback.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    spool = tempfile.mkdtemp()
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        for kind in ("natural", "repetitive", "distinct"):
            table(url, spool, kind, rounds)
        print("\nper chunk of a stream of 1,000:", measure(spool, "stream", "audit-zstd", url, "1000", "20"))
        print("per MB of a body:", measure(spool, "bodies", "audit-zstd", url, "900000", "20"))
        print("import and init:", measure(spool, "start", "audit-zstd", url))
        print("3,000 calls in an outage:", measure(spool, "outage", "audit-zstd", url, "500", "3000"))
    finally:
        server.communicate()
        shutil.rmtree(spool)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
