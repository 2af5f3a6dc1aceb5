"""Where failures of our own end: a log line once per cause, a count each time, never the application."""

from __future__ import annotations

import logging

__all__ = ["failures", "log", "report"]

log = logging.getLogger("audit_layer")

failures: dict[str, int] = {}
"""How often each cause occurred, for `health()` and `doctor`."""


def report(where: str, error: BaseException) -> None:
    """Counts a failure and logs the first of its kind. The message names types only, never content."""
    cause = f"{where}: {type(error).__name__}"
    failures[cause] = failures.get(cause, 0) + 1
    if failures[cause] == 1:
        try:
            log.warning("audit_layer: %s (further ones are counted, not logged)", cause)
        except Exception:  # a handler of the application's may do anything
            pass
