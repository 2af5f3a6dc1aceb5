"""The thread that delivers, gathering what comes within a moment into one batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from audit_layer._answers import BACKOFF_CAP_SECONDS
from audit_layer._delivery import ADOPT_SECONDS, Delivery
from audit_layer._guard import report
from audit_layer._journal import Journal

__all__ = ["Sender"]

LOOK_SECONDS = 0.05
"""How often whoever waits looks by itself: what is pending may also change without the sender."""


class Sender(threading.Thread):
    """The thread that delivers. A daemon: a normal exit waits for it only as long as the settings say."""

    def __init__(self, delivery: Delivery, journal: Journal, heartbeat: Callable[[], None]) -> None:
        """Does not start yet."""
        super().__init__(name="audit-layer-sender", daemon=True)
        self.delivery = delivery
        self._journal = journal
        self._heartbeat = heartbeat
        self._stopping = False
        self._urgent = 0
        self._moved = threading.Condition()
        self._closing = False

    def run(self) -> None:
        """Sends until stopped; gathers for `linger_seconds` before a batch that would not be full."""
        journal = self._journal
        beat_at = time.monotonic() + self.delivery.settings.heartbeat_seconds
        while not self._stopping:
            try:
                wait = self.delivery.step()
                if self.delivery.idle and time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self.delivery.settings.heartbeat_seconds
                    self._heartbeat()
                    continue
            except Exception as error:
                report("sender", error)
                wait = BACKOFF_CAP_SECONDS
            with self._moved:
                self._moved.notify_all()
            if wait <= 0:
                continue
            if not self.delivery.idle:  # a failure: new records must not cut its pause short
                journal.gate.wait(wait) if self._urgent else self._pause(wait)
                continue
            journal.waiting = True
            if not self.delivery.pending() and journal.gate.wait(min(wait, ADOPT_SECONDS)) and not self._urgent:
                self._pause(self.delivery.settings.linger_seconds)
            journal.waiting = False
        self.delivery.close()
        if self._closing:
            journal.close()

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
