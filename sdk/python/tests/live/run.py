"""Both providers' clients against a mock server that was not written here, and every call found by the query API.

    AUDIT_URL=http://localhost:3000 AUDIT_API_KEY=aal_… python sdk/python/tests/live/run.py [--rounds N]

The mock is npm's `@copilotkit/aimock`, kept below `.local/aimock`; it counts on its own what reaches it. Each
round makes every kind of call once, each under a trace of its own, sync and async, whole and streamed, closed
early, dropped and refused; then each trace has to have exactly one record, which says how its call ended.
Without `AUDIT_URL` the spool is read instead. Exits with 1 where a call is missing, doubled or wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import openai

import audit_layer
from audit_layer import AsyncAuditAnthropic, AsyncAuditOpenAI, AuditAnthropic, AuditOpenAI, _process
from audit_layer._local import read_all

AIMOCK = "1.43.0"
HOME = Path(__file__).resolve().parents[4] / ".local" / "aimock"
FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "weather"}, "response": {"toolCalls": [{"name": "weather", "arguments": '{"city":"Bern"}'}]}},
        {"match": {"userMessage": "fail"}, "response": {"error": {"message": "no", "type": "invalid_request_error"}, "status": 400}},
        {"match": {"userMessage": "hello"}, "response": {"content": "Hello! " * 40}},
        {"match": {"inputText": "hello"}, "response": {"embedding": [0.25, 0.5]}},
    ]
}  # fmt: skip
VISIBLE_WITHIN_SECONDS = 120.0

Call = tuple[str, str, Callable[[Any], Any]]


def ask(text: str) -> Any:
    return [{"role": "user", "content": text}]


def chat(text: str = "hello", **more: Any) -> Callable[[Any], Any]:
    return lambda client: client.chat.completions.create(model="gpt-4o", messages=ask(text), **more)


def message(text: str = "hello", **more: Any) -> Callable[[Any], Any]:
    return lambda client: client.messages.create(model="claude-sonnet-4", max_tokens=64, messages=ask(text), **more)


TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {}}}

OPENAI: list[Call] = [
    ("whole", "complete", chat()),
    ("streamed", "complete", chat(stream=True)),
    ("closed", "cancelled", chat(stream=True)),
    ("dropped", "abandoned", chat(stream=True)),
    ("tools", "complete", chat("weather", tools=[TOOL])),
    ("tools streamed", "complete", chat("weather", tools=[TOOL], stream=True)),
    ("refused", "error", chat("fail")),
    ("embedding", "complete", lambda client: client.embeddings.create(model="text-embedding-3-small", input="hello")),
    ("response", "complete", lambda client: client.responses.create(model="gpt-4o", input="hello")),
    ("response streamed", "complete", lambda client: client.responses.create(model="gpt-4o", input="hello", stream=True)),
]  # fmt: skip
ANTHROPIC: list[Call] = [
    ("whole", "complete", message()),
    ("streamed", "complete", message(stream=True)),
    ("closed", "cancelled", message(stream=True)),
    ("dropped", "abandoned", message(stream=True)),
    ("tools", "complete", message("weather", tools=[CLAUDE_TOOL])),
    ("helper streamed", "complete",
     lambda client: client.messages.stream(model="claude-sonnet-4", max_tokens=64, messages=ask("hello"))),
    ("refused", "error", message("fail")),
]  # fmt: skip


@contextmanager
def aimock() -> Iterator[str]:
    """The mock server on a free port."""
    program = HOME / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    if not program.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", str(HOME), f"@copilotkit/aimock@{AIMOCK}"], check=True)
    fixtures = HOME / "fixtures.json"
    fixtures.write_text(json.dumps(FIXTURES))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-p", str(port), "-f", str(fixtures), "--log-level", "warn", "--journal-max", "0", "--latency", "1"]
    server = subprocess.Popen([str(shutil.which("node")), str(program), *options])
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()


def consume(kind: str, result: Any) -> None:
    """Does what the kind's name says with what a call gave."""
    if kind == "closed":
        next(result)
        result.close()
    elif kind == "dropped":
        next(result)
    elif "streamed" in kind:
        if hasattr(result, "__next__"):
            list(result)
        else:
            with result as stream:
                list(stream)


async def aconsume(kind: str, result: Any) -> None:
    if kind == "closed":
        await result.__anext__()
        await result.close()
    elif kind == "dropped":
        await result.__anext__()
        await result.response.aclose()  # without it the stock client, too, leaves its connection open
    elif "streamed" in kind:
        if hasattr(result, "__anext__"):
            [part async for part in result]
        else:
            async with result as stream:
                [part async for part in stream]


REFUSED = (openai.APIStatusError, anthropic.APIStatusError)


def make(client: Any, trace: str, kind: str, call: Callable[[Any], Any]) -> None:
    with audit_layer.context(trace_id=trace):
        try:
            consume(kind, call(client))
        except REFUSED:
            if kind != "refused":
                raise
    if kind == "dropped":
        gc.collect()


async def amake(client: Any, trace: str, kind: str, call: Callable[[Any], Any]) -> None:
    with audit_layer.context(trace_id=trace):
        try:
            result = call(client)
            await aconsume(kind, await result if isinstance(result, Awaitable) else result)
        except REFUSED:
            if kind != "refused":
                raise


def run(url: str, rounds: int, prefix: str) -> dict[str, str]:
    """Makes the calls; returns for each trace the completion that its record must have."""
    expected: dict[str, str] = {}
    clients = [
        ("openai", OPENAI, AuditOpenAI, AsyncAuditOpenAI, f"{url}/v1"),
        ("anthropic", ANTHROPIC, AuditAnthropic, AsyncAuditAnthropic, url),
    ]

    async def asynchronously() -> None:
        for name, calls, _, make_client, base in clients:
            async with make_client(api_key="k", base_url=base, max_retries=0) as client:
                traces = [
                    f"{prefix}-{name}-async-{kind.replace(' ', '-')}-{n}" for n in range(rounds) for kind, _, _ in calls
                ]
                wanted = [completion for _ in range(rounds) for _, completion, _ in calls]
                jobs = [(kind, call) for _ in range(rounds) for kind, _, call in calls]
                expected.update(zip(traces, wanted, strict=True))
                await asyncio.gather(*(amake(client, trace, *job) for trace, job in zip(traces, jobs, strict=True)))

    for name, calls, make_client, _, base in clients:
        with make_client(api_key="k", base_url=base, max_retries=0) as client:
            for number in range(rounds):
                for kind, completion, call in calls:
                    trace = f"{prefix}-{name}-{kind.replace(' ', '-')}-{number}"
                    expected[trace] = completion
                    make(client, trace, kind, call)
    asyncio.run(asynchronously())
    gc.collect()
    return expected


def fetched(path: str, **query: str) -> Any:
    """One answer of the query API."""
    settings = _process.settings()
    request = urllib.request.Request(
        f"{settings.url}{path}?{urllib.parse.urlencode(query)}" if query else f"{settings.url}{path}",
        headers={"Authorization": f"Bearer {settings.api_key}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def from_ledger(system: str, count: int) -> list[dict[str, Any]]:
    """The records of this run, once there are as many as there should be, whole."""
    deadline = time.monotonic() + VISIBLE_WITHIN_SECONDS
    while True:
        found: list[dict[str, Any]] = []
        query = {"system": system, "type": "llm_call", "limit": "500"}
        while True:
            page = fetched("/api/v1/audit/logs", **query)
            found.extend(page["records"])
            if not page["next_cursor"]:
                break
            query["cursor"] = page["next_cursor"]
        if len(found) >= count or time.monotonic() > deadline:
            break
        time.sleep(1)
    return [fetched(f"/api/v1/audit/logs/{summary['id']}")["record"] for summary in found]


def from_spool() -> list[dict[str, Any]]:
    return [item.record for item in read_all(_process.settings()) if item.record["type"] == "llm_call"]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    system = f"live-{int(time.time())}"
    with tempfile.TemporaryDirectory() as spool, aimock() as url:
        settings = audit_layer.configure(system=system, spool_dir=os.environ.get("AUDIT_SPOOL_DIR", spool))
        expected = run(url, given.rounds, system)
        with urllib.request.urlopen(f"{url}/__aimock/journal?limit=1") as journal:
            reached = int(journal.headers["X-Total-Count"])
        delivered = audit_layer.flush(60)
        records = from_ledger(system, len(expected)) if settings.url else from_spool()
        health = audit_layer.health()
    by_trace: dict[str, list[str]] = {trace: [] for trace in expected}
    for record in records:
        by_trace.setdefault(record["trace_id"], []).append(record["attributes"]["audit.call.completion"])
    wrong = {
        trace: found
        for trace, found in by_trace.items()
        # What is closed or dropped early may have come whole all the same: the mock is fast.
        if len(found) != 1
        or (found[0] != expected.get(trace) and expected.get(trace) not in ("cancelled", "abandoned"))
    }
    where = settings.url or "the spool"
    print(
        f"{len(expected)} calls, {reached} requests at the mock, {len(records)} records in {where}, {len(wrong)} wrong"
    )
    print(f"delivered: {delivered}; completions: {dict(Counter(one for found in by_trace.values() for one in found))}")
    print(f"our own failures: {health.failures or 'none'}; dropped {health.dropped}, refused {health.refused}")
    for trace, found in list(wrong.items())[:20]:
        print(f"  {trace}: expected {expected.get(trace)}, found {found}")
    return 1 if wrong or reached != len(expected) or health.failures or not (delivered or not settings.url) else 0


if __name__ == "__main__":
    sys.exit(main())
