"""The thread that delivers, gathering what comes within a moment into one batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from audit_layer._config import Settings
from audit_layer._guard import report
from audit_layer._journal import Journal
from audit_layer._spool import RECORD

if TYPE_CHECKING:
    from audit_layer._delivery import Delivery

__all__ = ["Sender", "beat", "started"]

ADOPT_SECONDS = 30.0
"""How often to look for spools whose processes are gone."""
FAILURE_PAUSE_SECONDS = 30.0

LOOK_SECONDS = 0.05
"""How often whoever waits looks by itself: what is pending may also change without the sender."""


class Sender(threading.Thread):
    """The thread that delivers. A daemon: a normal exit waits for it only as long as the settings say."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        """Does not start yet."""
        super().__init__(name="audit-layer-sender", daemon=True)
        self.delivery: Delivery | None = None
        """None until the thread has loaded what it needs, which the application's threads don't wait for."""
        self._settings = settings
        self._journal = journal
        self._stopping = False
        self._urgent = 0
        self._moved = threading.Condition()
        self._closing = False

    def run(self) -> None:
        """Sends until stopped; gathers for `linger_seconds` before a batch that would not be full."""
        try:
            self.delivery = delivery = _loaded(self._settings, self._journal)
        except Exception as error:
            report("sender", error)
            return
        journal = self._journal
        beat_at = time.monotonic() + self._settings.heartbeat_seconds
        while not self._stopping:
            try:
                wait = delivery.step()
                if delivery.idle and time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self._settings.heartbeat_seconds
                    beat(journal, "alive")
                    continue
            except Exception as error:
                report("sender", error)
                wait = FAILURE_PAUSE_SECONDS
            with self._moved:
                self._moved.notify_all()
            if wait <= 0:
                continue
            if not delivery.idle:  # a failure: new records must not cut its pause short
                journal.gate.wait(wait) if self._urgent else self._pause(wait)
                continue
            journal.waiting = True
            if not delivery.pending() and journal.gate.wait(min(wait, ADOPT_SECONDS)) and not self._urgent:
                self._pause(self._settings.linger_seconds)
            journal.waiting = False
        delivery.close()
        if self._closing:
            journal.close()

    def pending(self) -> int:
        """How many of this process's records are not delivered."""
        if self.delivery is None:
            return self._journal.kept + self._journal.waiting_elsewhere()
        return self.delivery.pending()

    @property
    def problem(self) -> str:
        """Why delivery waits; empty when it does not."""
        return "" if self.delivery is None else self.delivery.problem

    def wait_for(self, deadline: float, done: Callable[[], bool]) -> bool:
        """Waits, at most until `deadline`, for `done`, which is looked at after each step of the sender's."""
        self.hurry()
        try:
            with self._moved:
                while not done():
                    left = deadline - time.monotonic()
                    if left <= 0 or not self.is_alive():
                        return False
                    self._moved.wait(min(left, LOOK_SECONDS))
            return True
        finally:
            with self._moved:
                self._urgent -= 1

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self._stopping or self._urgent) and (left := deadline - time.monotonic()) > 0:
            self._journal.gate.wait(left)

    def hurry(self) -> None:
        """Ends the pause under way, and all gathering until somebody stops waiting for a flush."""
        with self._moved:
            self._urgent += 1
        self._journal.gate.open()

    def stop(self, *, close: bool = False) -> None:
        """Asks the thread to end after the request under way, and then to close the journal."""
        self._closing = close
        self._stopping = True
        self._journal.gate.open()


def _loaded(settings: Settings, journal: Journal) -> Delivery:
    from audit_layer._delivery import Delivery
    from audit_layer._transport import HttpTransport

    return Delivery(settings, journal, HttpTransport(settings.url, settings.api_key))


def started(settings: Settings, journal: Journal) -> Sender | None:
    """A sender at work; None where the system has no more threads, and the spool keeps everything."""
    sender = Sender(settings, journal)
    try:
        sender.start()
    except RuntimeError as error:
        report("sender", error)
        return None
    return sender


def beat(journal: Journal, state: str) -> None:
    """Records that this producer lives, or stops."""
    from audit_layer._events import heartbeat_record

    counts = {"recorded": journal.recorded, "dropped": journal.dropped}
    if journal.recorded:
        journal.append(RECORD, (heartbeat_record(journal.settings, state, counts),))
