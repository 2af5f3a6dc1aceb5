"""Runs the providers' own test suites twice, stock and audited, and compares them test by test.

    python tests/providers/run.py                    # a short subset of the newest of each provider
    python tests/providers/run.py --whole            # everything but tests/api_resources, every major
    python tests/providers/run.py --whole --only anthropic==2.12.0

A test that passes with the stock clients has to pass with the audited ones, and each call that it made has to
be in the spool, exactly once. What can't is listed in `exceptions.json` with its reason; the list has to fit
exactly. Suites and environments are kept below `.local/providers`. `tests/api_resources` needs the providers'
mock server, which is not in the distributions.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1]
CACHE = HERE.parents[3] / ".local" / "providers"

SUITES = (
    "openai==3.54.0",
    "openai==2.54.0",
    "openai==1.109.1",
    "anthropic==2.12.0",
    "anthropic==1.17.0",
    "anthropic==0.125.0",
)
"""The newest of each supported major."""
NEWEST = ("openai==3.54.0", "anthropic==2.12.0")
TOOLS = (
    "aiohttp==3.14.5",
    "boto3==1.44.8",
    "cryptography==50.0.2",
    "dirty-equals==0.11",
    "google-auth==2.63.0",
    "http-snapshot==0.1.9",
    "inline-snapshot==0.36.1",
    "nest-asyncio==1.6.0",
    "opentelemetry-sdk==1.45.2",
    "packaging==26.3",
    "pytest==9.2.0",
    "pytest-asyncio==1.5.0",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    "requests==2.34.2",
    "respx==0.23.1",
    "rich==15.0.0",
    "time-machine==3.6.0",
    "websockets==17.4",
    "zstandard==0.25.0",
)
"""What the suites import."""
SUBSET = {
    "openai": (
        "tests/test_client.py", "tests/test_streaming.py", "tests/test_response.py", "tests/test_legacy_response.py",
        "tests/lib/chat", "tests/lib/responses/test_responses.py", "tests/lib/test_azure.py",
        "tests/lib/test_bedrock.py", "tests/lib/test_decisions_tool_runner.py",
    ),
    "anthropic": (
        "tests/test_client.py", "tests/test_streaming.py", "tests/test_response.py", "tests/test_middleware.py",
        "tests/lib/streaming", "tests/lib/tools/test_runners.py", "tests/lib/test_bedrock.py",
        "tests/lib/test_vertex.py", "tests/lib/test_client_copy.py",
    ),
}  # fmt: skip
"""Where clients, streams and tool runners are exercised most."""


@dataclass
class Run:
    """What one pass through a suite gave."""

    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    summaries: list[dict[str, Any]] = field(default_factory=list)

    def outcomes(self) -> dict[str, int]:
        """How many passed, failed and were skipped."""
        found: dict[str, int] = {}
        for test in self.tests.values():
            found[test["outcome"]] = found.get(test["outcome"], 0) + 1
        return found

    def total(self, name: str) -> int:
        """The sum of one count over the processes."""
        return sum(summary.get(name, 0) for summary in self.summaries)


class Suite:
    """One provider's suite in one version, in an environment of its own."""

    def __init__(self, requirement: str, python: str, paths: tuple[str, ...], jobs: int) -> None:
        self.requirement = requirement
        self.provider, _, self.version = requirement.partition("==")
        self.folder = CACHE / f"{self.provider}-{self.version}"
        self.python = CACHE / f"venv-{self.provider}-{self.version}" / "bin" / "python"
        self._base = python
        self._paths = paths
        self._jobs = jobs

    def prepare(self) -> None:
        """Fetches the suite and makes its environment, unless they are there."""
        CACHE.mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            subprocess.run([self._base, "-m", "venv", str(self.python.parents[1])], check=True)
            subprocess.run([self.python, "-m", "pip", "install", "-q", self.requirement, *TOOLS], check=True)
        if not self.folder.exists():
            self._download()

    def _download(self) -> None:
        archive = CACHE / f"{self.provider}-{self.version}.tar.gz"
        if not archive.exists():
            # The build backends have to be there already: pip asks them for the metadata.
            subprocess.run(
                [self.python, "-m", "pip", "install", "-q", "hatchling", "hatch-fancy-pypi-readme"], check=True
            )
            command = [self.python, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation"]
            subprocess.run([*command, "--no-binary", ":all:", "-d", str(CACHE), self.requirement], check=True)
        with tarfile.open(archive) as file:
            file.extractall(CACHE, filter="data")

    def run(self, mode: str, tests: list[str] | None = None) -> Run:
        """One pass: `stock` or `audited`, through the chosen paths or single tests."""
        out = CACHE / f"out-{self.provider}-{self.version}-{mode}{'-again' if tests else ''}"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AUDIT_")},
            "PYTHONPATH": f"{HERE}:{PACKAGE / 'src'}",
            "AUDIT_SUITE_PACKAGE": self.provider,
            "AUDIT_SUITE_MODE": mode,
            "AUDIT_SUITE_OUT": str(out),
        }
        paths = tests or ([path for path in self._paths if (self.folder / path).exists()] or ["tests"])
        options = ["-q", "--no-header", "--tb=short", "-p", "audited_clients", "-p", "no:cacheprovider"]
        options += ["-n", str(self._jobs if not tests else 0), "--timeout", "120", "--durations", "0"]
        options += ["--ignore", "tests/api_resources", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
        with open(out / "log", "wb") as log:
            subprocess.run(
                [self.python, "-m", "pytest", *options, *paths],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                check=False,
            )
        return self.told(out)

    def told(self, out: Path) -> Run:
        """What a pass has written down."""
        found = Run()
        for name in sorted(out.glob("*.jsonl")):
            for line in name.read_text().splitlines():
                row = json.loads(line)
                if "summary" in row:
                    found.summaries.append(row["summary"])
                else:
                    found.tests[row.pop("test")] = row
        if not found.tests:
            raise SystemExit(f"{self.requirement}: no test ran, see {out / 'log'}")
        return found


def listed(requirement: str) -> dict[str, str]:
    """The tests of a suite that can't pass audited, with their reasons."""
    provider, _, version = requirement.partition("==")
    found: dict[str, str] = {}
    for entry in exceptions():
        if entry["package"] == provider and version.split(".")[0] in entry["majors"]:
            found.update(dict.fromkeys(entry["tests"], entry["reason"]))
    return found


def exceptions() -> list[dict[str, Any]]:
    """`exceptions.json`, entry by entry."""
    loaded: list[dict[str, Any]] = json.loads((HERE / "exceptions.json").read_text())
    return loaded


def compare(suite: Suite, *, keep_stock: bool = False) -> bool:
    """Runs a suite both ways, prints what it gave, and says whether all is as it should be."""
    suite.prepare()
    before = CACHE / f"out-{suite.provider}-{suite.version}-stock"
    stock = suite.told(before) if keep_stock and before.exists() else suite.run("stock")
    audited = suite.run("audited")
    worse = [
        name
        for name, test in stock.tests.items()
        if test["outcome"] == "passed" and audited.tests.get(name, {}).get("outcome") != "passed"
    ]
    uncounted = [name for name, test in audited.tests.items() if test.get("calls") != test.get("recorded")]
    if worse:  # a test that fails now and then fails stock as well: each is asked once more, alone
        again = suite.run("stock", worse), suite.run("audited", worse)
        worse = [
            name
            for name in worse
            if again[0].tests.get(name, {}).get("outcome") == "passed"
            and again[1].tests.get(name, {}).get("outcome") != "passed"
        ]
        reasons = {name: again[1].tests.get(name, {}).get("why", "did not run") for name in worse}
    else:
        reasons = {}
    known = listed(suite.requirement)
    unlisted = sorted(set(worse) - set(known))
    ran = {name: reason for name, reason in known.items() if name in stock.tests}
    stale = sorted(name for name in ran if name not in worse)
    print(f"{suite.requirement}")
    print(f"  stock    {stock.outcomes()}")
    print(f"  audited  {audited.outcomes()}")
    made, stored, distinct = (audited.total(name) for name in ("calls", "stored", "distinct"))
    print(f"  calls    {made} made, {stored} in the spools, {distinct} different; open {audited.total('open')}")
    print(f"  listed   {len(ran)} of {len(known)} ran, {len(stale)} stale, {len(unlisted)} not listed")
    for name in unlisted:
        print(f"  NOT LISTED {name}\n    {reasons[name][-400:]}")
    for name in stale:
        print(f"  STALE {name}")
    for name in uncounted:
        test = audited.tests[name]
        print(f"  MISCOUNTED {name}: {test.get('calls')} made, {test.get('recorded')} recorded")
    causes: dict[str, int] = {}
    for summary in audited.summaries:
        for cause, times in summary.get("failures", {}).items():
            causes[cause] = causes.get(cause, 0) + times
    print(f"  our own failures: {causes or 'none'}")
    if len(stock.tests) > 400 and made < len(stock.tests) // 10:
        print(f"  too few calls for {len(stock.tests)} tests: the audited classes are not in place")
        return False
    return not (unlisted or stale or uncounted) and made == stored == distinct


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="every major, everything that runs without a mock server")
    parser.add_argument("--only", action="append", help="one suite, as `openai==3.54.0`; may be repeated")
    parser.add_argument("--path", action="append", help="of a suite only this file or folder; may be repeated")
    parser.add_argument("--python", default=sys.executable, help="the Python to run them with")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--keep-stock", action="store_true", help="take the stock pass of the last run for this one's")
    given = parser.parse_args()
    chosen = given.only or (SUITES if given.whole else NEWEST)
    good = True
    for requirement in chosen:
        paths = ("tests",) if given.whole else SUBSET[requirement.partition("==")[0]]
        paths = tuple(given.path) if given.path else paths
        good &= compare(Suite(requirement, given.python, paths, given.jobs), keep_stock=given.keep_stock)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
