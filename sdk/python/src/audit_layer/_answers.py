"""What an answer of the API means: record by record, and how long to wait before asking again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from audit_layer._transport import Answer

__all__ = ["Backoff", "Outcome", "names_records", "read_outcome", "retry_after_seconds"]

BACKOFF_FIRST_SECONDS = 0.25
BACKOFF_CAP_SECONDS = 30.0
BACKOFF_LEAST_SECONDS = 0.01
RETRY_AFTER_CAP_SECONDS = 300.0


class Outcome(NamedTuple):
    """What became of a batch. What is in neither list is accepted."""

    again: list[int]
    """Indexes to send again later."""
    refused: list[int]
    """Indexes that the API refused for what they say."""


def read_outcome(answer: Answer, count: int) -> Outcome | None:
    """What the API says of each of `count` records; None where it says nothing that can be relied on."""
    try:
        body: Any = json.loads(answer.body)
        if answer.status == 202:
            return _results(cast("list[dict[str, Any]]", body["results"]), count)
        if answer.status == 400 and body["error"]["code"] == "invalid_request":
            return Outcome([], list(range(count)))  # only when none was good is the whole request refused
    except (ValueError, KeyError, TypeError):
        pass
    return None


def _results(results: list[dict[str, Any]], count: int) -> Outcome | None:
    if [(result["index"], result["status"]) for result in results] == [(index, "accepted") for index in range(count)]:
        return Outcome([], [])
    again: list[int] = []
    refused: list[int] = []
    seen: set[int] = set()
    for result in results:
        index, status = result["index"], result["status"]
        seen.add(index)
        if status == "unavailable":
            again.append(index)
        elif status == "rejected":
            refused.append(index)
        elif status != "accepted":
            return None
    return Outcome(again, refused) if seen == set(range(count)) else None


def names_records(answer: Answer) -> bool:
    """Whether a 400 says which records it means. One that is not the API's own counts as if it did."""
    try:
        details = json.loads(answer.body)["error"]["details"]
        return any(isinstance(detail.get("index"), int) for detail in details)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


class Backoff:
    """Full jitter below a capped exponential; what the API asks for is a floor."""

    def __init__(self, chance: Callable[[], float], wall: Callable[[], float]) -> None:
        """`chance` gives numbers in [0, 1), `wall` the seconds since the epoch."""
        self._chance = chance
        self._wall = wall
        self._attempt = 0

    def succeeded(self) -> None:
        """The next failure starts from the beginning."""
        self._attempt = 0

    def failed(self, retry_after: str) -> float:
        """How long to wait after one more failure."""
        ceiling = min(BACKOFF_CAP_SECONDS, BACKOFF_FIRST_SECONDS * float(1 << min(self._attempt, 10)))
        self._attempt += 1
        floor = retry_after_seconds(retry_after, self._wall)
        return floor + max(BACKOFF_LEAST_SECONDS, self._chance() * ceiling)


def retry_after_seconds(value: str, wall: Callable[[], float]) -> float:
    """`Retry-After` in seconds, either form of RFC 9110 section 10.2.3, capped; 0 where there is none."""
    if not value:
        return 0.0
    if value.isascii() and value.isdigit():
        return min(float(value), RETRY_AFTER_CAP_SECONDS)
    from email.utils import parsedate_to_datetime

    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - wall()), RETRY_AFTER_CAP_SECONDS)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
