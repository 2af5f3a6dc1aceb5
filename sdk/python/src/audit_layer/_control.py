"""What an application asks of its recording now and then: settings, waiting, counts, an end. The rest is `_process`."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from audit_layer._config import Settings
from audit_layer._guard import failures, log, report
from audit_layer._process import settings, state

if TYPE_CHECKING:
    from audit_layer._recorder import Recorder
    from audit_layer._sender import Sender

__all__ = ["Health", "configure", "flush", "health", "shutdown"]

JOIN_SECONDS = 0.02
"""What an exit grants a sender that is asked to end."""


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


def configure(**changes: Any) -> Settings:
    """Changes settings; see `Settings` for their names. What was recorded before keeps its own.

    Raises:
        TypeError: there is no setting of that name.
    """
    new = settings().changed(**changes)
    with state.lock:
        before = state.recorder, state.sender
        state.settings, state.recorder, state.sender = new, None, None
    if before[0] is not None:
        _close(before[0], before[1], new.exit_timeout_seconds)
    return new


def flush(timeout: float = 5.0) -> bool:
    """Waits until all that this process recorded is accepted by the API; False when that did not come.

    Without an address there is nothing to wait for: everything is in the spool when a call returns.
    """
    recorder, sender = state.recorder, state.sender
    if recorder is None or state.pid != os.getpid():
        return True
    recorder.journal.drain()
    if sender is None or not sender.is_alive():
        return not recorder.journal.memory and not recorder.settings.url
    return sender.wait_for(time.monotonic() + timeout, lambda: not sender.pending())


def health() -> Health:
    """How recording goes, with counts."""
    recorder, sender = state.recorder, state.sender
    if recorder is None or state.pid != os.getpid():
        return Health(0, 0, 0, 0, 0, 0, 0, "", "", dict(failures))
    journal = recorder.journal
    delivery = sender.delivery if sender is not None else None
    return Health(
        recorded=journal.recorded,
        delivered=delivery.delivered if delivery else 0,
        pending=sender.pending() if sender else journal.kept + journal.waiting_elsewhere(),
        dropped=journal.dropped,
        refused=delivery.refused if delivery else 0,
        in_memory=len(journal.memory),
        open_calls=len(recorder.opened),
        problem=(delivery.problem if delivery else "") or journal.problem,
        spool=journal.spool.directory if journal.spool else "",
        failures=dict(failures),
    )


def _close(recorder: Recorder, sender: Sender | None, timeout: float) -> None:
    from audit_layer._sender import beat

    journal = recorder.journal
    recorder.finish_all()
    journal.drain()
    beat(journal, "stopped")
    if sender is not None:
        deadline = time.monotonic() + timeout
        # Where the API has failed last, it gets no more of the application's time.
        sender.wait_for(deadline, lambda: bool(sender.problem) or not sender.pending())
        sender.stop(close=True)
        sender.join(max(0.0, min(JOIN_SECONDS, deadline - time.monotonic())))
    if journal.memory:
        log.error("audit_layer: %d records that no disk took are lost at exit", len(journal.memory))
    if sender is None:
        journal.close()  # else the sender does, once its request is over, or the kernel with the process


def shutdown() -> None:
    """Ends recording in this process as a normal exit does; what is not delivered stays in the spool."""
    recorder, sender = state.recorder, state.sender
    state.ended = True
    if recorder is None or state.pid != os.getpid():
        return
    state.recorder = state.sender = None
    try:
        _close(recorder, sender, recorder.settings.exit_timeout_seconds)
    except Exception as error:
        report("exit", error)
