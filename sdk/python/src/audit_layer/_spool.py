"""The spool's write side: one folder per process, segments of numbered, hash-chained frames.

What is written survives the process, however it ends, because a `write` that returned is the kernel's
business. It does not survive a power cut: nothing is synced.

A folder `<root>/<namespace>/<producer id>/` holds
- `lock`: an exclusive `flock` on it says that the owner lives; whoever gets it later may adopt the spool;
- `00000001.log`, …: segments;
- `ack.0`, `ack.1`: how far records were delivered (see `_spool_read`);
- `about`: JSON, the system and environment that the records belong to;
- `gap`: a preallocated block that counts what was given up, writable when nothing else is.

Segment: `AASPOOL1`, u32 number, 32 bytes digest of the previous segment's last frame (zeros at first).
Frame: `AAF1`, u8 kind, 3 zero bytes, u64 sequence in this spool, u64 record number, u32 length of the
payload; 32 bytes digest of the previous digest, the header before and the payload; payload. Numbers are
big-endian. The digest is BLAKE2b of 32 bytes where the payload is shorter than 64 KiB, else SHA-256: in software
the former costs a third, and only with long payloads does the processors' help with the latter count.
A frame that is cut short or whose digest does not follow is torn, and so is all behind it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # not POSIX: no adoption
    fcntl = None  # type: ignore[assignment]

__all__ = ["CALL", "FINISH", "OPEN", "PROVISIONAL", "RECORD", "Files", "Lock", "SpoolFull", "SpoolWriter"]

CALL = 1
"""Payload: meta, request, response of one call."""
OPEN = 2
"""Payload: meta, request of a call whose response is still to come."""
FINISH = 3
"""Payload: meta, response of a call that was opened under the same record number."""
RECORD = 4
"""Payload: a record, as it will be sent but for its producer."""
PROVISIONAL = 5
"""Payload: a record that stands unless a `RECORD` with its number follows."""

SEGMENT_MAGIC = b"AASPOOL1"
FRAME_MAGIC = b"AAF1"
SEGMENT_HEADER = struct.Struct(">8sI32s")
FRAME_HEADER = struct.Struct(">4sB3xQQI")
DIGEST_BYTES = 32
FRAME_OVERHEAD = FRAME_HEADER.size + DIGEST_BYTES
GAP_BYTES = 512
LONG_PAYLOAD_BYTES = 64 * 1024
SEGMENT_BYTES = 4 * 1024 * 1024
"""Small enough that an acknowledged segment soon frees its space, large enough to be rare."""


class SpoolFull(OSError):
    """The spool's own limit is reached; to the caller the same as a full disk."""


class Files:
    """The calls that the spool makes on a file system, so that a test can make each of them fail."""

    def open(self, path: str, flags: int) -> int:
        """Opens or creates a file of mode 0600."""
        return os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)

    def writev(self, fd: int, parts: Sequence[bytes]) -> int:
        """Appends the parts, returning how many bytes were taken."""
        return os.writev(fd, parts)

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        """Writes in place."""
        return os.pwrite(fd, data, offset)

    def truncate(self, fd: int, length: int) -> None:
        """Cuts a file to a length."""
        os.ftruncate(fd, length)

    def unlink(self, path: str) -> None:
        """Removes a file."""
        os.unlink(path)

    def read(self, path: str) -> BinaryIO:
        """Opens a file to be read."""
        return open(path, "rb")

    def rename(self, old: str, new: str) -> None:
        """Names a folder anew."""
        os.rename(old, new)

    def makedirs(self, path: str) -> None:
        """Creates a folder of mode 0700 and its parents."""
        os.makedirs(path, 0o700, exist_ok=True)


class Lock:
    """An exclusive `flock`, which the kernel drops when the last process that shares it is gone."""

    def __init__(self, path: str) -> None:
        """Takes the lock.

        Raises:
            OSError: somebody holds it, or the file can't be opened.
        """
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            if fcntl is None:
                raise OSError(errno.ENOTSUP, "file locks are not to be had on this system")
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.fd)
            raise

    def close(self) -> None:
        """Gives the lock up; in a forked child the parent keeps it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def frame_digest(previous: bytes, header: bytes, parts: Sequence[bytes], length: int) -> bytes:
    """The digest of a frame whose payload, in `parts`, has `length` bytes."""
    if length < LONG_PAYLOAD_BYTES:
        return blake2b(b"".join((previous, header, *parts)), digest_size=DIGEST_BYTES).digest()
    digest = hashlib.sha256(previous + header)
    for part in parts:
        digest.update(part)
    return digest.digest()


def segment_path(directory: str, number: int) -> str:
    """Where a segment lies."""
    return f"{directory}/{number:08d}.log"


def segment_numbers(directory: str) -> list[int]:
    """The numbers of the segments in a spool, in order."""
    return sorted(int(name[:-4]) for name in os.listdir(directory) if name.endswith(".log") and name[:-4].isdigit())


class SpoolWriter:
    """Appends frames. Its caller serialises the calls; nothing here takes a lock."""

    def __init__(self, parent: str, name: str, *, limit_bytes: int, files: Files | None = None) -> None:
        """Creates the spool `name` below `parent`, taking its lock before it becomes visible.

        Raises:
            OSError: the folder can't be made or written.
        """
        self.files = files or Files()
        self._limit = limit_bytes
        self.files.makedirs(parent)
        self.directory = f"{parent}/{name}"
        hidden = f"{parent}/.{name}"
        os.mkdir(hidden, 0o700)
        self._fd = -1
        self._gap_fd = -1
        try:
            self._lock: Lock | None = Lock(f"{hidden}/lock") if fcntl else None
            self.files.rename(hidden, self.directory)
            self._gap_fd = self.files.open(f"{self.directory}/gap", os.O_RDWR | os.O_CREAT)
            self.files.pwrite(self._gap_fd, b"\0" * GAP_BYTES, 0)
            self.segment = 0
            self.size = 0
            self.before = 0  # bytes in older segments, as far as they are still there
            self._torn = False
            self._sequence = 0
            self._digest = bytes(DIGEST_BYTES)
            self.rotate()
        except BaseException:
            self._abandon(hidden)
            raise
        self.position = (self.segment, self.size)

    def _abandon(self, hidden: str) -> None:
        self.close()
        for folder in (hidden, self.directory):
            try:
                for name in os.listdir(folder):
                    os.unlink(f"{folder}/{name}")
                os.rmdir(folder)
            except OSError:
                pass

    def rotate(self) -> None:
        """Starts a new segment.

        Raises:
            OSError: it can't be made.
        """
        number = self.segment + 1
        path = segment_path(self.directory, number)
        fd = self.files.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        header = SEGMENT_HEADER.pack(SEGMENT_MAGIC, number, self._digest)
        try:
            if self.files.writev(fd, (header,)) != len(header):
                raise OSError(errno.ENOSPC, "the segment's header was cut short")
        except OSError:
            os.close(fd)
            self.files.unlink(path)
            raise
        if self._fd >= 0:
            os.close(self._fd)
        self.before += self.size
        self._fd, self.segment, self.size, self._torn = fd, number, len(header), False

    def append(self, kind: int, number: int, parts: Sequence[bytes]) -> None:
        """Writes one frame, whole or not at all.

        Raises:
            SpoolFull: the limit is reached.
            OSError: the frame could not be written; the segment is as it was before.
        """
        length = sum(map(len, parts))
        total = FRAME_OVERHEAD + length
        if self._torn or (self.size + total > SEGMENT_BYTES and self.size > SEGMENT_HEADER.size):
            self.rotate()
        if self.before + self.size + total > self._limit:
            self.before = self.older_bytes()
            if self.before + self.size + total > self._limit:
                raise SpoolFull(errno.ENOSPC, "the spool's limit is reached")
        header = FRAME_HEADER.pack(FRAME_MAGIC, kind, self._sequence + 1, number, length)
        own = frame_digest(self._digest, header, parts, length)
        size = self.size
        self._torn = True  # until all is known: a signal handler may raise between any two lines here
        try:
            written = self.files.writev(self._fd, (header + own, *parts))
            if written != total:
                raise OSError(errno.ENOSPC, "the frame was cut short")
            self._sequence, self._digest, self.size = self._sequence + 1, own, size + total
            self.position = (self.segment, self.size)
            self._torn = False
        except BaseException:
            if self.size == size:
                try:
                    self.files.truncate(self._fd, size)
                    self._torn = False
                except OSError:
                    pass  # readers know the rest of this segment for torn
            raise

    def older_bytes(self) -> int:
        """What the segments before the one being written take."""
        total = 0
        for number in segment_numbers(self.directory):
            if number < self.segment:
                try:
                    total += os.stat(segment_path(self.directory, number)).st_size
                except OSError:
                    pass
        return total

    def write_about(self, text: bytes) -> None:
        """Says whose spool this is; without it an adopter takes its own system's name.

        Raises:
            OSError: it can't be written.
        """
        fd = self.files.open(f"{self.directory}/about", os.O_WRONLY | os.O_CREAT)
        try:
            self.files.writev(fd, (text,))
        finally:
            os.close(fd)

    def write_gap(self, text: bytes) -> None:
        """Writes the count of what was given up in place, needing no new block.

        Raises:
            OSError: not even that is possible.
        """
        self.files.pwrite(self._gap_fd, text.ljust(GAP_BYTES, b"\0")[:GAP_BYTES], 0)

    def close(self) -> None:
        """Closes the files and gives the lock up: from here on another process may adopt the spool."""
        for fd in (self._fd, self._gap_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._gap_fd = -1
        lock = getattr(self, "_lock", None)
        if lock is not None:
            lock.close()
