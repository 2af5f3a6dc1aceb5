"""One measurement in a process of its own: `python measure.py WHAT SUBJECT URL ARGUMENT…` prints a line of JSON.

CPU times, not wall times: the caller's by its own thread's clock, the whole by the process's.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import texts
from subjects import SUBJECTS, bare

WARM_UP_CALLS = 60


def ask(client: Any, kind: str, seed: int, size: int = texts.ANSWER_CHARS) -> None:
    client.chat.completions.create(model=f"{kind}/{seed}/{size}", messages=texts.messages(kind, seed))


def stats(url: str) -> dict[str, list[int]]:
    with urllib.request.urlopen(f"{url}/stats") as answer:
        return dict(json.load(answer))


def tell(url: str, what: str) -> None:
    with urllib.request.urlopen(f"{url}/{what}") as answer:
        answer.read()


def rss_kb() -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def paired(subject: str, work: Callable[[Any, int], None], url: str, count: int) -> dict[str, float]:
    """Caller and sender, per call, over the provider's own client: both take turns where one process can hold both."""
    alone = subject in ("bare", "langfuse", "openinference")  # these change openai's own classes
    plain = None if alone else bare(url)[0]
    client, flush = SUBJECTS[subject](url)
    for seed in range(WARM_UP_CALLS):
        work(client, seed)
        if plain is not None:
            work(plain, seed)
    flush()
    stats(url)
    gc.collect()
    clock = time.thread_time_ns
    ours: list[int] = []
    theirs: list[int] = []
    process, thread = time.process_time_ns(), clock()
    for seed in range(count):
        began = clock()
        work(client, seed)
        between = clock()
        ours.append(between - began)
        if plain is not None:
            work(plain, seed)
            theirs.append(clock() - between)
    in_loop = clock() - thread
    flush()
    others = time.process_time_ns() - process - in_loop  # the flush waits, and what it costs is the sender's
    seen = stats(url)
    sent = sum(size for path, (_, size) in seen.items() if path != "records" and "completions" not in path)
    return {
        "call_us": statistics.fmean(ours) / 1000,
        "caller_us": (statistics.fmean(ours) - (statistics.fmean(theirs) if theirs else 0)) / 1000,
        "caller_median_us": (statistics.median(ours) - (statistics.median(theirs) if theirs else 0)) / 1000,
        "sender_us": others / count / 1000,
        "wire_bytes": sent / count,
        "record_bytes": seen.get("records", [0, 0])[1] / count,
    }


def calls(subject: str, url: str, kind: str, count: str) -> dict[str, float]:
    return paired(subject, lambda client, seed: ask(client, kind, seed), url, int(count))


def bodies(subject: str, url: str, size: str, count: str) -> dict[str, float]:
    found = paired(subject, lambda client, seed: ask(client, "natural", seed % 7, int(size)), url, int(count))
    return {name: value * 1e6 / int(size) for name, value in found.items()}


def stream(subject: str, url: str, chunks: str, count: str) -> dict[str, float]:
    def work(client: Any, seed: int) -> None:
        asked = texts.messages("natural", seed)
        for _ in client.chat.completions.create(model=chunks, messages=asked, stream=True):
            pass

    found = paired(subject, work, url, int(count))
    return {name: value / int(chunks) for name, value in found.items()}


def instructions(subject: str, url: str, kind: str, count: str) -> dict[str, float]:
    """Runs under callgrind: zero after the warm-up, a dump after the calls, the rest is the sending of them."""
    client, flush = SUBJECTS[subject](url)
    for seed in range(WARM_UP_CALLS):
        ask(client, kind, seed)
    flush()
    tell(url, f"zero?{os.getpid()}")
    for seed in range(int(count)):
        ask(client, kind, seed)
    tell(url, f"dump?{os.getpid()}")
    flush()
    os._exit(0)  # callgrind writes its counts; nothing of Python's own end shall be among them


def start(subject: str, url: str) -> dict[str, float]:
    """Import and init, over the provider's own, which is loaded and used before."""
    plain = bare(url)[0]
    ask(plain, "natural", 1)
    gc.collect()
    before, began = rss_kb(), time.perf_counter()
    cpu = time.process_time()
    client, flush = SUBJECTS[subject](url)
    ready, took, busy = rss_kb(), time.perf_counter() - began, time.process_time() - cpu
    ask(client, "natural", 2)
    first = time.perf_counter() - began - took
    flush()
    return {
        "ms": took * 1e3,
        "cpu_ms": busy * 1e3,
        "kb": ready - before,
        "first_ms": first * 1e3,
        "all_kb": rss_kb() - before,
    }


def outage(subject: str, url: str, mode: str, count: str) -> dict[str, float]:
    """Memory after `count` more calls that nothing could be sent of."""
    client, _ = SUBJECTS[subject](url)
    for seed in range(300):
        ask(client, "natural", seed)
    tell(url, f"sink?{mode}")
    for seed in range(500):
        ask(client, "natural", seed)
    gc.collect()
    before = rss_kb()
    for seed in range(int(count)):
        ask(client, "natural", seed)
    gc.collect()
    print(
        json.dumps({"kb": rss_kb() - before, "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True
    )
    os._exit(0)


def leave(subject: str, url: str, count: str) -> dict[str, float]:
    """A normal exit right after some calls; whoever started this takes the time."""
    client, _ = SUBJECTS[subject](url)
    for seed in range(int(count)):
        ask(client, "natural", seed)
    time.sleep(float(os.environ.get("BENCH_LINGER", "0")))
    return {"left_at": time.time()}


if __name__ == "__main__":
    what = {f.__name__: f for f in (calls, bodies, stream, instructions, start, outage, leave)}
    print(json.dumps(what[sys.argv[1]](*sys.argv[2:])), flush=True)
