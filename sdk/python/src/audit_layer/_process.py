"""This process's one recorder and sender: started when first used, renewed after a fork, ended at exit."""

from __future__ import annotations

import atexit
import os
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from audit_layer._config import Settings
from audit_layer._guard import failures, log, report
from audit_layer._journal import Journal
from audit_layer._recorder import Recorder
from audit_layer._spool import RECORD

if TYPE_CHECKING:
    from audit_layer._sender import Sender

__all__ = ["Health", "configure", "current", "flush", "health", "put", "settings", "shutdown"]


@dataclass(frozen=True)
class Health:
    """How recording goes in this process."""

    recorded: int
    """Records begun since the process started, heartbeats and gaps included."""
    delivered: int
    """Accepted by the API, other processes' spools included."""
    pending: int
    """Records of this process that wait to be delivered."""
    dropped: int
    """Given up for want of space; each is counted in a `gap` record."""
    refused: int
    """Refused by the API in every form; kept in `refused.ndjson` beside the spools."""
    in_memory: int
    """Records that no disk took and that an exit would lose."""
    open_calls: int
    """Calls whose response is still being read."""
    problem: str
    """Why delivery or the spool waits; empty when all is well."""
    spool: str
    """Where this process's spool lies; empty when there is none."""
    failures: dict[str, int]
    """Failures of this library's own, by cause."""

    def as_dict(self) -> dict[str, Any]:
        """The same as a plain dictionary."""
        return asdict(self)


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.settings: Settings | None = None
        self.recorder: Recorder | None = None
        self.sender: Sender | None = None
        self.pid = 0
        self.told = False
        self.ended = False


_state = _State()
JOIN_SECONDS = 0.02
"""What an exit grants a sender that is asked to end."""


def settings() -> Settings:
    """The settings in force."""
    found = _state.settings
    if found is None:
        found = _state.settings = Settings.from_env()
    return found


def configure(**changes: Any) -> Settings:
    """Changes settings; see `Settings` for their names. What was recorded before keeps its own.

    Raises:
        TypeError: there is no setting of that name.
    """
    new = settings().changed(**changes)
    with _state.lock:
        before = _state.recorder, _state.sender
        _state.settings, _state.recorder, _state.sender = new, None, None
    if before[0] is not None:
        _close(before[0], before[1], new.exit_timeout_seconds)
    return new


def current() -> Recorder | None:
    """This process's recorder, started on the first call; None when recording is switched off."""
    recorder = _state.recorder
    if recorder is not None and _state.pid == os.getpid():
        return recorder
    return _start()


def _start() -> Recorder | None:
    found = settings()
    if not found.enabled:
        return None
    with _state.lock:
        if _state.recorder is not None:
            if _state.pid == os.getpid():
                return _state.recorder
            _state.recorder.journal.abandon_in_child()  # a fork that ran no hooks
        journal = Journal(found)
        _state.recorder = Recorder(found, journal)
        _state.pid = os.getpid()
        if _state.ended:
            return _state.recorder  # a call after the exit hooks goes to the spool, for a later process
        if found.url:
            _state.sender = _sender(found, journal)
        elif not _state.told:
            _state.told = True
            log.warning("audit_layer: no AUDIT_URL, recording to %s; read it with `audit-layer tail`", found.spool_dir)
        return _state.recorder


def _sender(found: Settings, journal: Journal) -> Sender | None:
    from audit_layer._delivery import Delivery
    from audit_layer._sender import Sender
    from audit_layer._transport import HttpTransport

    sender = Sender(
        Delivery(found, journal, HttpTransport(found.url, found.api_key)),
        journal,
        lambda: beat(journal, "alive"),
    )
    try:
        sender.start()
    except RuntimeError as error:  # no more threads: the spool keeps everything
        report("sender", error)
        return None
    return sender


def beat(journal: Journal, state: str) -> None:
    """Records that this producer lives, or stops."""
    from audit_layer._events import heartbeat_record

    counts = {"recorded": journal.recorded, "dropped": journal.dropped}
    if journal.recorded:
        put(heartbeat_record(journal.settings, state, counts), journal)


def put(record: bytes, journal: Journal | None = None) -> None:
    """Records something that is a record already."""
    if journal is None:
        recorder = current()
        if recorder is None:
            return
        journal = recorder.journal
    journal.append(RECORD, (record,))


def flush(timeout: float = 5.0) -> bool:
    """Waits until all that this process recorded is accepted by the API; False when that did not come.

    Without an address there is nothing to wait for: everything is in the spool when a call returns.
    """
    recorder, sender = _state.recorder, _state.sender
    if recorder is None or _state.pid != os.getpid():
        return True
    recorder.journal.drain()
    if sender is None or not sender.is_alive():
        return not recorder.journal.memory and not recorder.settings.url
    return sender.wait_for(time.monotonic() + timeout, lambda: not sender.delivery.pending())


def health() -> Health:
    """How recording goes, with counts."""
    recorder, sender = _state.recorder, _state.sender
    if recorder is None or _state.pid != os.getpid():
        return Health(0, 0, 0, 0, 0, 0, 0, "", "", dict(failures))
    journal = recorder.journal
    delivery = sender.delivery if sender is not None else None
    return Health(
        recorded=journal.recorded,
        delivered=delivery.delivered if delivery else 0,
        pending=delivery.pending() if delivery else journal.kept + journal.waiting_elsewhere(),
        dropped=journal.dropped,
        refused=delivery.refused if delivery else 0,
        in_memory=len(journal.memory),
        open_calls=len(recorder.opened),
        problem=(delivery.problem if delivery else "") or journal.problem,
        spool=journal.spool.directory if journal.spool else "",
        failures=dict(failures),
    )


def _close(recorder: Recorder, sender: Sender | None, timeout: float) -> None:
    journal = recorder.journal
    recorder.finish_all()
    journal.drain()
    beat(journal, "stopped")
    if sender is not None:
        deadline = time.monotonic() + timeout
        delivery = sender.delivery
        # Where the API has failed last, it gets no more of the application's time.
        sender.wait_for(deadline, lambda: bool(delivery.problem) or not delivery.pending())
        sender.stop(close=True)
        sender.join(max(0.0, min(JOIN_SECONDS, deadline - time.monotonic())))
    if journal.memory:
        log.error("audit_layer: %d records that no disk took are lost at exit", len(journal.memory))
    if sender is None:
        journal.close()  # else the sender does, once its request is over, or the kernel with the process


def shutdown() -> None:
    """Ends recording in this process as a normal exit does; what is not delivered stays in the spool."""
    recorder, sender = _state.recorder, _state.sender
    _state.ended = True
    if recorder is None or _state.pid != os.getpid():
        return
    _state.recorder = _state.sender = None
    try:
        _close(recorder, sender, recorder.settings.exit_timeout_seconds)
    except Exception as error:
        report("exit", error)


def _after_fork_in_child() -> None:
    """The child gets a producer, a spool and a sender of its own, once it records something."""
    recorder = _state.recorder
    _state.lock = threading.Lock()
    _state.recorder = _state.sender = None
    _state.ended = False
    if recorder is not None:
        recorder.journal.abandon_in_child()


atexit.register(shutdown)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
