"""The audit API as a sender's unit tests and the simulation see it: no socket, faults as asked, an exact memory."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

from audit_layer._transport import Answer, Unreachable


def answer(status: int, body: Any = None, retry_after: str = "") -> Answer:
    return Answer(status, retry_after, body if isinstance(body, bytes) else json.dumps(body or {}).encode())


class FakeApi:
    """Takes every record, unless `fault` says otherwise for a request."""

    def __init__(self, fault: Callable[[list[dict[str, Any]]], Answer | str | None] = lambda records: None) -> None:
        self.fault = fault
        self.accepted: dict[str, dict[str, Any]] = {}
        self.conflicts: list[str] = []
        self.posts: list[tuple[int, str]] = []
        self.closed = False
        self.codings = {"", "gzip", "zstd"}

    def post(self, body: bytes, encoding: str) -> Answer:
        if encoding not in self.codings:
            self.posts.append((-1, encoding))
            return answer(415, {"error": {"code": "unsupported_media_type", "details": []}})
        plain = gzip.decompress(body) if encoding == "gzip" else body
        if encoding == "zstd":
            import zstandard

            plain = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        records = [json.loads(line) for line in plain.splitlines()]
        self.posts.append((len(records), encoding))
        fault = self.fault(records)
        if isinstance(fault, Answer):
            return fault
        if fault == "unreachable":
            raise Unreachable("ConnectionRefusedError")
        self._take(records)
        if fault == "reply lost":
            raise Unreachable("timed out")
        return answer(202, {"results": [{"index": i, "status": "accepted"} for i in range(len(records))]})

    def _take(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            before = self.accepted.setdefault(record["id"], record)
            if before != record:
                self.conflicts.append(record["id"])

    def close(self) -> None:
        self.closed = True


def by_chance(rng: random.Random, api: FakeApi, rate: float) -> Callable[[list[dict[str, Any]]], Answer | str | None]:
    """Every way in which the API may fail a request, by the seed's choice."""

    def fault(records: list[dict[str, Any]]) -> Answer | str | None:
        if rng.random() >= rate:
            return None
        kind = rng.randrange(8)
        if kind == 0:
            return "unreachable"
        if kind == 1:
            return "reply lost"
        if kind == 2:
            return answer(rng.choice([500, 502, 503, 401, 404]), b"<html>")
        if kind == 3:
            return answer(429, {"error": {"code": "rate_limited"}}, str(rng.randrange(3)))
        if kind == 4 and len(records) > 1:
            return answer(413, {"error": {"code": "payload_too_large"}})
        if kind == 5 and len(records) > 1:
            return answer(400, {"error": {"code": "invalid_request", "details": []}})
        if kind == 6:
            return answer(202, b'{"results":')
        some = {index for index in range(len(records)) if rng.random() < 0.5}
        api._take([record for index, record in enumerate(records) if index not in some])
        states = ["unavailable" if index in some else "accepted" for index in range(len(records))]
        return answer(202, {"results": [{"index": i, "status": state} for i, state in enumerate(states)]})

    return fault
