"""The command `audit-layer`: what is set and works, what lies in the spools, what is called unaudited."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from audit_layer._config import Settings
from audit_layer._version import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    settings = Settings.from_env()
    if given.spool_dir:
        settings = settings.changed(spool_dir=given.spool_dir)
    try:
        return int(given.run(settings, given))
    except (BrokenPipeError, KeyboardInterrupt):
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audit-layer", description="Every model call on record.")
    parser.add_argument("--version", action="version", version=f"audit-layer {__version__}")
    parser.add_argument("--spool-dir", help="where the spools lie (default: AUDIT_SPOOL_DIR, else the state folder)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="check settings, spool, providers' packages and the API")
    doctor.set_defaults(run=_doctor)
    tail = commands.add_parser("tail", help="show the records in the spools, a line each")
    tail.add_argument("-n", type=int, default=20, help="how many of the last")
    tail.add_argument("-f", "--follow", action="store_true", help="go on with new ones")
    tail.add_argument("--json", action="store_true", help="whole records, one a line")
    tail.set_defaults(run=_tail)
    show = commands.add_parser("show", help="show one record whole")
    show.add_argument("id", help="the record's id, or how it begins")
    show.set_defaults(run=_show)
    spool = commands.add_parser("spool", help="list, send or verify spools")
    inner = spool.add_subparsers(required=True, metavar="ACTION")
    inner.add_parser("ls", help="list the spools").set_defaults(run=_spool_ls)
    inner.add_parser("verify", help="check every frame's hash and number").set_defaults(run=_spool_verify)
    send = inner.add_parser("send", help="deliver what ended processes left")
    send.add_argument("--timeout", type=float, default=60.0, help="seconds to try")
    send.set_defaults(run=_spool_send)
    coverage = commands.add_parser("coverage", help="list where models are called unaudited; exit 1 if anywhere")
    coverage.add_argument("path", nargs="+")
    coverage.add_argument("--json", action="store_true")
    coverage.set_defaults(run=_coverage)
    return parser


def _line(record: dict[str, Any], open_: bool) -> str:
    attributes: dict[str, Any] = record.get("attributes") or {}
    decision: dict[str, Any] = record.get("decision") or {}
    what = attributes.get("gen_ai.request.model") or decision.get("outcome") or attributes.get("audit.gap.reason") or ""
    state = "open" if open_ else attributes.get("audit.call.completion", "")
    operation = attributes.get("gen_ai.operation.name") or attributes.get("audit.decision.type") or ""
    tokens = "/".join(
        str(attributes[name])
        for name in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
        if name in attributes
    )
    cells = (record["occurred_at"], record["id"], record["type"], operation, what, state, tokens)
    return "  ".join(str(cell) for cell in cells if cell != "")


def _tail(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._local import Cursor, read_all

    cursor: Cursor = {}
    stored = list(read_all(settings, cursor))
    stored.sort(key=lambda item: str(item.record["id"]))
    while True:
        for item in stored[-given.n :] if given.n else []:
            print(json.dumps(item.record, ensure_ascii=False) if given.json else _line(item.record, item.open))
        if not given.follow:
            return 0
        sys.stdout.flush()
        time.sleep(0.5)
        stored = [item for item in read_all(settings, cursor) if not item.open]
        given.n = len(stored)


def _show(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._local import read_all

    found = {item.record["id"]: item.record for item in read_all(settings) if item.record["id"].startswith(given.id)}
    if len(found) == 1:
        print(json.dumps(next(iter(found.values())), ensure_ascii=False, indent=2))
        return 0
    print(f"{len(found)} records begin with {given.id}" if found else f"no record {given.id} here", file=sys.stderr)
    return 1


def _spool_ls(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._local import namespaces, spool_state
    from audit_layer._spool import Lock
    from audit_layer._spool_read import spools

    for parent in namespaces(settings):
        for directory in spools(parent):
            state = spool_state(directory)
            try:
                Lock(f"{directory}/lock").close()
                alive = "ended"
            except OSError:
                alive = "alive"
            gap = f"  gave up {state['given_up']}" if state["given_up"] else ""
            print(f"{directory}  {alive}  {state['waiting']} waiting  {state['bytes']} bytes{gap}")
    return 0


def _spool_verify(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._local import namespaces
    from audit_layer._spool_read import spools, verify

    bad = total = 0
    for parent in namespaces(settings):
        for directory in spools(parent):
            verdict = verify(directory)
            total += 1
            bad += bool(verdict.problem)
            print(f"{directory}  {verdict.frames} frames  {verdict.problem or 'ok'}")
    print(f"{total} spools, {bad} with a problem")
    return 1 if bad else 0


def _spool_send(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._delivery import Delivery
    from audit_layer._local import namespaces
    from audit_layer._transport import HttpTransport

    if not settings.url:
        print("AUDIT_URL is not set", file=sys.stderr)
        return 2
    deadline = time.monotonic() + given.timeout
    sent = refused = 0
    problem = ""
    for parent in namespaces(settings):
        delivery = Delivery(settings, None, HttpTransport(settings.url, settings.api_key), parent=parent)
        while not delivery.idle:
            wait = delivery.step()
            left = deadline - time.monotonic()
            if not delivery.idle and left <= 0:
                problem = problem or delivery.problem or "no time left"
                break
            time.sleep(0.0 if delivery.idle else min(wait, left))
        sent += delivery.delivered
        refused += delivery.refused
        delivery.close()
    print(f"{sent} records sent, {refused} refused{f'; stopped by: {problem}' if problem else ''}")
    return 1 if problem or refused else 0


def _coverage(settings: Settings, given: argparse.Namespace) -> int:
    from audit_layer._coverage import scan

    count = 0
    everything: list[dict[str, Any]] = []
    for path in given.path:
        found, files = scan(path)
        count += files
        everything.extend(finding._asdict() for finding in found)
    if given.json:
        print(json.dumps({"files": count, "findings": everything}, indent=2))
    else:
        for finding in everything:
            print(f"{finding['path']}:{finding['line']}: {finding['what']}; {finding['remedy']}")
        print(f"{count} files read, {len(everything)} places unaudited")
    return 1 if everything else 0


def _doctor(settings: Settings, given: argparse.Namespace) -> int:
    checks = [
        _settings_check(settings),
        _spool_check(settings),
        *_provider_checks(),
        _zstd_check(),
        _api_check(settings),
    ]
    for state, name, text in checks:
        print(f"{state:5} {name}: {text}")
    return 1 if any(state == "FAIL" for state, _, _ in checks) else 0


def _settings_check(settings: Settings) -> tuple[str, str, str]:
    if not settings.enabled:
        return "WARN", "settings", "AUDIT_DISABLED is set: nothing is recorded"
    where = settings.url or "local only (no AUDIT_URL)"
    return "ok", "settings", f"system {settings.system!r}, capture {settings.capture}, to {where}"


def _spool_check(settings: Settings) -> tuple[str, str, str]:
    path = settings.spool_dir
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        probe = f"{path}/.probe-{os.getpid()}"
        with open(probe, "wb") as file:
            file.write(b"x")
        os.unlink(probe)
        room = os.statvfs(path)
    except OSError as error:
        return "FAIL", "spool", f"{path}: {error.strerror}: records are kept in memory only"
    return "ok", "spool", f"{path}, {room.f_bavail * room.f_frsize // 1_000_000} MB free"


def _provider_checks() -> list[tuple[str, str, str]]:
    from audit_layer.integrations._seam import missing_seams

    checks: list[tuple[str, str, str]] = []
    for package, names in (("openai", ("OpenAI", "AsyncOpenAI")), ("anthropic", ("Anthropic", "AsyncAnthropic"))):
        try:
            module = importlib.import_module(package)
            version = importlib.metadata.version(package)
        except ImportError:
            checks.append(("ok", package, "not installed"))
            continue
        lacking = {seam for name in names for seam in missing_seams(getattr(module, name))}
        if lacking:
            checks.append(
                ("WARN", package, f"{version}, without {', '.join(sorted(lacking))}: parsed results are recorded")
            )
        else:
            checks.append(("ok", package, f"{version}, every seam found"))
    return checks


def _zstd_check() -> tuple[str, str, str]:
    from audit_layer._encoding import Encoder

    return "ok", "compression", Encoder(time.monotonic).name


def _api_check(settings: Settings) -> tuple[str, str, str]:
    from audit_layer._transport import HttpTransport, Unreachable

    if not settings.url:
        return "ok", "API", "no AUDIT_URL"
    transport = HttpTransport(settings.url, settings.api_key, timeout=5.0)
    try:
        # A body that holds no record is refused after the key was looked at, and commits nothing.
        status = transport.post(b"{}\n", "").status
    except Unreachable as error:
        return "FAIL", "API", f"{settings.url}: {error}"
    finally:
        transport.close()
    if status == 400:
        return "ok", "API", f"{settings.url} answers, the key may write"
    meaning = {401: "the key is not known", 403: "the key may not write", 404: "no such API there"}
    return "FAIL", "API", f"{settings.url}: HTTP {status}{', ' + meaning[status] if status in meaning else ''}"
