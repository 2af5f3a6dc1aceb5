"""A pytest plugin for the providers' own suites: audited classes in place of the stock ones, a verdict per test.

`-p audited_clients`, with `AUDIT_SUITE_PACKAGE` (`openai` or `anthropic`), `AUDIT_SUITE_MODE` (`stock` or
`audited`) and `AUDIT_SUITE_OUT`, a folder for one file per process: a JSON line for each test, and at the end
one that says what lies in the spools. What a test did is counted below our seam, in the provider's own
`request`, so that a call which went past us shows.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

PACKAGE = os.environ["AUDIT_SUITE_PACKAGE"]
AUDITED = os.environ["AUDIT_SUITE_MODE"] == "audited"
OUT = os.environ["AUDIT_SUITE_OUT"]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["AUDIT_SPOOL_DIR"] = f"{OUT}/spool-{WORKER}"
os.environ["AUDIT_SYSTEM"] = "suite"

calls = 0
"""Requests that reached the provider's own `request`, from audited clients, nested ones aside."""
results: dict[str, dict[str, Any]] = {}


def _client_classes() -> Iterator[type[Any]]:
    base = importlib.import_module(f"{PACKAGE}._base_client")
    pending: list[type[Any]] = [base.SyncAPIClient, base.AsyncAPIClient]
    while pending:
        found = pending.pop()
        pending.extend(found.__subclasses__())
        if f"{found.__module__}.".startswith(f"{PACKAGE}.") and not found.__name__.startswith("_"):
            yield found


def _counted(base: type[Any]) -> None:
    """Counts what arrives at a base class's own `request`."""
    inner = base.request
    under_way: list[Any] = []

    def enter(client: Any, options: Any) -> bool:
        global calls
        if not hasattr(type(client), "_audit_base") or any(options is other for other in under_way):
            return False
        calls += 1
        under_way.append(options)
        return True

    def leave(options: Any) -> None:
        under_way[:] = [other for other in under_way if other is not options]

    if inspect.iscoroutinefunction(inner):

        @functools.wraps(inner)
        async def asynchronous(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
            outermost = enter(self, options)
            try:
                return await inner(self, cast_to, options, *args, **kwargs)
            finally:
                if outermost:
                    leave(options)

        base.request = asynchronous
    else:

        @functools.wraps(inner)
        def synchronous(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
            outermost = enter(self, options)
            try:
                return inner(self, cast_to, options, *args, **kwargs)
            finally:
                if outermost:
                    leave(options)

        base.request = synchronous


def _counted_events() -> None:
    """Counts the webhooks' events that an audited client unwraps, which are records too."""
    for name in ("resources.webhooks.webhooks", "resources.webhooks"):
        try:
            module = importlib.import_module(f"{PACKAGE}.{name}")
        except ImportError:
            continue
        for kind in (module.Webhooks, module.AsyncWebhooks):
            _counting_events(kind)
        return


def _counting_events(kind: Any) -> None:
    inner = kind.unwrap

    @functools.wraps(inner)
    def unwrap(self: Any, *args: Any, **kwargs: Any) -> Any:
        global calls
        event = inner(self, *args, **kwargs)
        calls += hasattr(type(self._client), "_audit_base")
        return event

    kind.unwrap = unwrap


def _put_in_place() -> None:
    """Every public name of a client class, in every module of the package, becomes the audited class."""
    from audit_layer.integrations._seam import audited_class

    importlib.import_module(PACKAGE)
    base = importlib.import_module(f"{PACKAGE}._base_client")
    stock = [kind for kind in _client_classes() if kind not in (base.SyncAPIClient, base.AsyncAPIClient)]
    for kind in (base.SyncAPIClient, base.AsyncAPIClient):
        _counted(kind)
    if PACKAGE == "openai":
        _counted_events()
    replaced = {kind: audited_class(kind) for kind in stock}
    for name, module in list(sys.modules.items()):
        if not _public(name):
            continue
        for attribute, value in list(vars(module).items()):
            if isinstance(value, type) and value in replaced:
                setattr(module, attribute, replaced[value])


def _public(module: str) -> bool:
    """A test imports from these; within the others the package tells its own classes apart by `isinstance`."""
    return module == PACKAGE or (module.startswith(f"{PACKAGE}.lib.") and "._" not in module)


if AUDITED:
    from audit_layer import _process

    _process.settings()  # read now: a test may empty the environment
    _put_in_place()


def _recorded() -> int:
    recorder = _process.state.recorder
    return recorder.journal.recorded if recorder is not None else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    before = calls, _recorded() if AUDITED else 0
    result = yield
    found = results.setdefault(item.nodeid, {"outcome": "passed"})
    if AUDITED:
        found.update(calls=calls - before[0], recorded=_recorded() - before[1])
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER") is None and hasattr(report, "node"):
        return  # the controller repeats what its workers have written down
    found = results.setdefault(report.nodeid, {"outcome": "passed"})
    if report.failed:
        found["outcome"] = "failed"
        found["why"] = str(report.longrepr)[-600:]
    elif report.skipped and found["outcome"] == "passed":
        found["outcome"] = "skipped"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if not results:
        return
    summary: dict[str, Any] = {"calls": calls}
    if AUDITED:
        from audit_layer import shutdown
        from audit_layer._guard import failures
        from audit_layer._local import read_all

        settings = _process.settings()
        shutdown()
        stored = [item for item in read_all(settings) if item.record["type"] != "heartbeat"]
        summary["stored"] = len(stored)
        summary["distinct"] = len({item.record["id"] for item in stored})
        summary["open"] = sum(item.open for item in stored)
        summary["failures"] = dict(failures)
    with open(f"{OUT}/{WORKER}.jsonl", "w", encoding="utf-8") as file:
        for name, found in results.items():
            file.write(json.dumps({"test": name, **found}) + "\n")
        file.write(json.dumps({"summary": summary}) + "\n")
