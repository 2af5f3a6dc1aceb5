"""Reads what lies in the spools on this machine, delivered or not, without disturbing their owners."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from audit_layer._config import Settings
from audit_layer._mapping import map_call, with_producer
from audit_layer._spool import CALL, FINISH, OPEN, PROVISIONAL
from audit_layer._spool_read import Frame, Position, SpoolReader, spools

__all__ = ["Cursor", "Stored", "read_all"]

Cursor = dict[str, Position]
"""For each spool how far it was read."""


class Stored(NamedTuple):
    """A record in a spool."""

    spool: str
    record: dict[str, Any]
    open: bool
    """The call was still under way when it was read."""


def namespaces(settings: Settings) -> list[str]:
    """The folders below the spool folder, one for each system and environment."""
    return spools(settings.spool_dir)


def read_all(settings: Settings, cursor: Cursor | None = None) -> Iterator[Stored]:
    """Yields every record that lies in a spool, in the order written; from `cursor` on, which it moves."""
    for parent in namespaces(settings):
        for directory in spools(parent):
            yield from _read(settings, directory, {} if cursor is None else cursor)


def _read(settings: Settings, directory: str, cursor: Cursor) -> Iterator[Stored]:
    reader = SpoolReader(directory, live=True)
    reader.position = cursor.get(directory, (0, 0))
    opened: dict[int, Frame] = {}
    about = reader.about(settings)
    while frames := reader.read(None, frames=200, size=1 << 22):
        for frame in frames:
            reader.position = cursor[directory] = frame.end
            if frame.kind in (OPEN, PROVISIONAL):
                opened[frame.number] = frame
                continue
            first = opened.pop(frame.number, None)
            if first is None and frame.kind == FINISH:
                first = reader.request_of(frame.number)
            yield Stored(directory, _record(about, reader.producer, frame, first), False)
    for number, frame in opened.items():
        reader.opens[number] = frame.position
        yield Stored(directory, _record(about, reader.producer, frame, None), True)


def _record(settings: Settings, producer: str, frame: Frame, opened: Frame | None) -> dict[str, Any]:
    payload = frame.payload
    if frame.kind in (CALL, OPEN, FINISH):
        end = 4 + int.from_bytes(payload[:4], "big")
        meta: dict[str, Any] = json.loads(payload[4:end])
        if frame.kind == FINISH:
            request = opened.payload[4 + int.from_bytes(opened.payload[:4], "big") :] if opened is not None else b""
            response = payload[end:]
        else:
            request, response = payload[end : end + meta["q"]], payload[end + meta["q"] :]
        payload = map_call(settings, meta, request, response)
    return cast("dict[str, Any]", json.loads(with_producer(payload, producer, frame.number)))


def spool_state(directory: str) -> dict[str, Any]:
    """What `spool ls` shows of a spool."""
    size = sum(os.stat(f"{directory}/{name}").st_size for name in os.listdir(directory) if name.endswith(".log"))
    reader = SpoolReader(directory, live=True)
    waiting = 0
    while frames := reader.read(None, frames=1000, size=1 << 24):
        for frame in frames:
            waiting += frame.kind not in (OPEN, PROVISIONAL)
            reader.position = frame.end
    return {
        "spool": directory,
        "bytes": size,
        "waiting": waiting,
        "open": len(reader.opens),
        "given_up": sum(gap.count for gap in reader.gaps()),
    }
