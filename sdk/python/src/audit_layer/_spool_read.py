"""The spool's read side: frames in order, what was delivered, and the adoption of dead processes' spools.

A reader never writes to segments. Its only state is a checksum line and JSON
`{"count", "segment", "offset", "digest", "opens": {record number: [segment, offset]}}`, written in place to `ack.0`
and `ack.1` in turn: one that is torn leaves the one before, and the segments that go with it. Then a batch is sent
again, which the ledger knows by its ids.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from audit_layer._config import Settings
from audit_layer._gap import Gap, gaps_in
from audit_layer._guard import report
from audit_layer._spool import (
    DIGEST_BYTES,
    FRAME_HEADER,
    FRAME_MAGIC,
    FRAME_OVERHEAD,
    OPEN,
    PROVISIONAL,
    SEGMENT_HEADER,
    SEGMENT_MAGIC,
    Files,
    Lock,
    frame_digest,
    segment_numbers,
    segment_path,
)

__all__ = ["Frame", "Position", "SpoolReader", "Verdict", "adopt", "spools", "verify"]

Position = tuple[int, int]
"""Segment number and offset in it."""

START: Position = (0, 0)
STALE_HIDDEN_SECONDS = 60
"""A hidden folder that old belongs to a process that died between making and naming it."""


class Frame(NamedTuple):
    """One frame as it was written."""

    kind: int
    sequence: int
    number: int
    payload: bytes
    position: Position
    end: Position
    digest: bytes


def _frames(
    directory: str, number: int, offset: int, previous: bytes | None, stop: int | None, files: Files
) -> Iterator[Frame]:
    """Yields a segment's whole frames from `offset`; checks digests where `previous` is given."""
    with files.read(segment_path(directory, number)) as file:
        if offset == 0:
            header = file.read(SEGMENT_HEADER.size)
            if len(header) < SEGMENT_HEADER.size or header[:8] != SEGMENT_MAGIC:
                return
            offset = SEGMENT_HEADER.size
            if previous is not None:
                previous = SEGMENT_HEADER.unpack(header)[2]
        else:
            file.seek(offset)
        while stop is None or offset < stop:
            header = file.read(FRAME_OVERHEAD)
            if len(header) < FRAME_OVERHEAD or header[:4] != FRAME_MAGIC:
                return
            _, kind, sequence, record, length = FRAME_HEADER.unpack_from(header)
            payload = file.read(length)
            if len(payload) < length:
                return
            if previous is not None:
                previous = frame_digest(previous, header[: FRAME_HEADER.size], (payload,), length)
                if previous != header[-DIGEST_BYTES:]:
                    return
            end = offset + FRAME_OVERHEAD + length
            yield Frame(kind, sequence, record, payload, (number, offset), (number, end), header[-DIGEST_BYTES:])
            offset = end


class SpoolReader:
    """Reads one spool for delivery and remembers how far it came."""

    def __init__(self, directory: str, *, live: bool, lock: Lock | None = None, files: Files | None = None) -> None:
        """Opens a spool; `live` when its writer is in this process, so that only its position bounds us."""
        self.directory = directory
        self.producer = os.path.basename(directory).partition(".")[0]
        self._files = files or Files()
        self.lock = lock
        self.live = live
        self.torn = False
        self.opens: dict[int, Position] = {}
        self.position: Position = START
        self.digest = b""
        self._settings: Settings | None = None
        self._count = 0
        self._keep = 0
        """The oldest segment that the state saved last still needs."""
        state = max(filter(None, map(self._load, (0, 1))), key=lambda found: found["count"], default=None)
        if state is not None:
            self._count = state["count"]
            self.position = (state["segment"], state["offset"])
            self.digest = bytes.fromhex(state["digest"])
            self.opens = {int(k): (v[0], v[1]) for k, v in state["opens"].items()}
            self._keep = self._needed()

    def _load(self, which: int) -> dict[str, Any] | None:
        try:
            with self._files.read(f"{self.directory}/ack.{which}") as file:
                check, _, text = file.read().partition(b"\n")
        except FileNotFoundError:
            return None
        whole = hashlib.sha256(text).hexdigest()[:16].encode() == check
        return cast("dict[str, Any]", json.loads(text)) if whole else None

    def _needed(self) -> int:
        return min([self.position[0], *(position[0] for position in self.opens.values())])

    def read(self, until: Position | None, *, frames: int, size: int) -> list[Frame]:
        """The next frames, at most `frames` of them and about `size` bytes, up to `until` or the end.

        Does not move on: `settle` does. A segment that is gone was given up or delivered, and is skipped.
        In an adopted spool digests are checked; a torn frame ends its segment.
        """
        found: list[Frame] = []
        segment, offset = self.position
        total = 0
        try:
            numbers = [n for n in segment_numbers(self.directory) if n >= segment]
        except OSError:
            return found
        for number in numbers:
            if until is not None and number > until[0]:
                break
            start = offset if number == segment else 0
            stop = until[1] if until is not None and number == until[0] else None
            previous = None if self.live else self.digest if start else b""
            end = start or SEGMENT_HEADER.size
            try:
                for frame in _frames(self.directory, number, start, previous, stop, self._files):
                    found.append(frame)
                    end = frame.end[1]
                    total += len(frame.payload)
                    if len(found) >= frames or total >= size:
                        return found
                if not self.live and number == numbers[-1]:
                    # Of a tear before the last segment its writer knew, and counted or kept the frame.
                    self.torn = end < os.stat(segment_path(self.directory, number)).st_size
            except FileNotFoundError:
                continue
        return found

    def request_of(self, number: int) -> Frame | None:
        """The opening frame of a call that was opened and not finished."""
        position = self.opens.get(number)
        if position is None:
            return None
        try:
            return next(_frames(self.directory, position[0], position[1], None, None, self._files), None)
        except FileNotFoundError:
            return None

    def note(self, frame: Frame) -> None:
        """Takes a frame into account that `settle` is about to pass."""
        if frame.kind in (OPEN, PROVISIONAL):
            self.opens[frame.number] = frame.position
        else:
            self.opens.pop(frame.number, None)

    def settle(self, last: Frame) -> None:
        """Remembers that all up to `last` is delivered, and frees what nobody needs any more."""
        self.position, self.digest = last.end, last.digest
        self.save()

    def save(self) -> None:
        """Writes down how far delivery came."""
        self._count += 1
        state = {
            "count": self._count,
            "segment": self.position[0],
            "offset": self.position[1],
            "digest": self.digest.hex(),
            "opens": {str(k): v for k, v in self.opens.items()},
        }
        text = json.dumps(state, separators=(",", ":")).encode()
        data = hashlib.sha256(text).hexdigest()[:16].encode() + b"\n" + text
        try:
            fd = self._files.open(f"{self.directory}/ack.{self._count % 2}", os.O_WRONLY | os.O_CREAT)
            try:
                if self._files.pwrite(fd, data, 0) != len(data):
                    return
                self._files.truncate(fd, len(data))
            finally:
                os.close(fd)
        except OSError:
            return  # costs sending again, nothing else
        # Should this state be lost, the one before and its segments must do.
        before, self._keep = self._keep, self._needed()
        try:
            for number in segment_numbers(self.directory):
                if number < min(before, self._keep):
                    self._files.unlink(segment_path(self.directory, number))
        except OSError:
            pass

    def about(self, settings: Settings) -> Settings:
        """The settings under which this spool was written, as far as its records depend on them."""
        if self._settings is None:
            try:
                with self._files.read(f"{self.directory}/about") as file:
                    found = json.loads(file.read())
                self._settings = settings.changed(system=found["system"], environment=found["environment"])
            except (FileNotFoundError, ValueError, KeyError):
                self._settings = settings
        return self._settings

    def gaps(self) -> list[Gap]:
        """What the spool's writer had to give up and could not record otherwise.

        Raises:
            OSError: it can't be read now.
        """
        try:
            with self._files.read(f"{self.directory}/gap") as file:
                return gaps_in(file.read())
        except FileNotFoundError:
            return []

    def remove(self) -> None:
        """Deletes the spool, whose every record is delivered, and gives up its lock."""
        try:
            # The lock goes last, and before it what says how far delivery came.
            names = sorted(os.listdir(self.directory), key=lambda name: (name == "lock", name[:4] == "ack."))
            for name in names:
                self._files.unlink(f"{self.directory}/{name}")
            os.rmdir(self.directory)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        """Gives the lock up."""
        if self.lock is not None:
            self.lock.close()
            self.lock = None


def spools(parent: str) -> list[str]:
    """The folders of the spools below `parent`, oldest first."""
    try:
        return sorted(
            f"{parent}/{name}" for name in os.listdir(parent) if name[:1] != "." and os.path.isdir(f"{parent}/{name}")
        )
    except OSError:
        return []


def adopt(parent: str, own: str = "", files: Files | None = None) -> Iterator[SpoolReader]:
    """Takes over, one after the other, the spools below `parent` whose processes are gone."""
    for directory in spools(parent):
        if directory == own:
            continue
        try:
            lock = Lock(f"{directory}/lock")
        except OSError:
            continue
        if not os.path.exists(f"{directory}/lock"):  # whoever had the lock has just removed it
            lock.close()
            try:
                os.rmdir(directory)
            except OSError:
                pass
            continue
        try:
            reader = SpoolReader(directory, live=False, lock=lock, files=files)
        except OSError as error:  # a disk that can't be read now may be well at the next look
            report("adopted spool", error)
            lock.close()
            continue
        except BaseException:
            lock.close()
            raise
        yield reader
    _sweep_hidden(parent)


def _sweep_hidden(parent: str) -> None:
    try:
        for name in os.listdir(parent):
            path = f"{parent}/{name}"
            if name[:1] == "." and time.time() - os.stat(path).st_mtime > STALE_HIDDEN_SECONDS:
                for inner in os.listdir(path):
                    os.unlink(f"{path}/{inner}")
                os.rmdir(path)
    except OSError:
        pass


@dataclass(frozen=True)
class Verdict:
    """What `verify` found in a spool."""

    directory: str
    frames: int
    segments: int
    bytes: int
    problem: str
    """Empty when every frame follows from the one before."""


def verify(directory: str) -> Verdict:
    """Checks every frame's digest and number, and each segment's link to the one before."""
    frames = size = sequence = last = 0
    previous: bytes | None = None
    numbers = segment_numbers(directory)

    def verdict(problem: str) -> Verdict:
        return Verdict(directory, frames, len(numbers), size, problem)

    for number in numbers:
        path = segment_path(directory, number)
        with open(path, "rb") as file:
            header = file.read(SEGMENT_HEADER.size)
        size += (length := os.stat(path).st_size)
        if len(header) < SEGMENT_HEADER.size or header[:8] != SEGMENT_MAGIC:
            return verdict(f"segment {number} has no header")
        link: bytes = SEGMENT_HEADER.unpack(header)[2]
        follows = last == number - 1 and previous is not None
        if follows and link != previous:
            return verdict(f"segment {number} does not follow segment {last}")
        end = SEGMENT_HEADER.size
        for frame in _frames(directory, number, 0, b"", None, Files()):
            if follows and frame.sequence != sequence + 1:
                return verdict(f"frame {frame.sequence} follows frame {sequence}")
            follows, sequence, frames, end = True, frame.sequence, frames + 1, frame.end[1]
            link = frame.digest
        if end < length:
            return verdict(f"segment {number} is torn at byte {end} of {length}")
        last, previous = number, link
    return verdict("")
