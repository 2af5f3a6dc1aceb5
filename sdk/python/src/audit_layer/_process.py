"""This process's one recorder and sender: started when first used, renewed after a fork, ended at exit."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING

from audit_layer._config import Settings
from audit_layer._guard import log, report
from audit_layer._journal import Journal
from audit_layer._recorder import Recorder
from audit_layer._spool import RECORD

if TYPE_CHECKING:
    from audit_layer._sender import Sender

__all__ = ["State", "current", "put", "settings", "state"]


class State:
    """What there is one of in a process."""

    def __init__(self) -> None:
        """Nothing is started."""
        self.lock = threading.Lock()
        self.settings: Settings | None = None
        self.recorder: Recorder | None = None
        self.sender: Sender | None = None
        self.pid = 0
        self.told = False
        self.ended = False


state = State()


def settings() -> Settings:
    """The settings in force."""
    found = state.settings
    if found is None:
        found = state.settings = Settings.from_env()
    return found


def current() -> Recorder | None:
    """This process's recorder, started on the first call; None when recording is switched off."""
    recorder = state.recorder
    if recorder is not None and state.pid == os.getpid():
        return recorder
    return _start()


def _start() -> Recorder | None:
    found = settings()
    if not found.enabled:
        return None
    with state.lock:
        if state.recorder is not None:
            if state.pid == os.getpid():
                return state.recorder
            state.recorder.journal.abandon_in_child()  # a fork that ran no hooks
        journal = Journal(found)
        state.recorder = Recorder(found, journal)
        state.pid = os.getpid()
        if state.ended:
            return state.recorder  # a call after the exit hooks goes to the spool, for a later process
        if found.url:
            from audit_layer._sender import started

            state.sender = started(found, journal)
        elif not state.told:
            state.told = True
            log.warning("audit_layer: no AUDIT_URL, recording to %s; read it with `audit-layer tail`", found.spool_dir)
        return state.recorder


def put(record: bytes, journal: Journal | None = None) -> None:
    """Records something that is a record already."""
    if journal is None:
        recorder = current()
        if recorder is None:
            return
        journal = recorder.journal
    journal.append(RECORD, (record,))


def _after_fork_in_child() -> None:
    """The child gets a producer, a spool and a sender of its own, once it records something."""
    recorder = state.recorder
    state.lock = threading.Lock()
    state.recorder = state.sender = None
    state.ended = False
    if recorder is not None:
        recorder.journal.abandon_in_child()


def _at_exit() -> None:
    try:
        from audit_layer._control import shutdown

        shutdown()
    except Exception as error:
        report("exit", error)


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
