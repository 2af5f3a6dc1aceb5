"""A file system whose calls fail as a test or a seed says."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Sequence
from typing import BinaryIO

from audit_layer._spool import Files


class Killed(BaseException):
    """The process ended here: nothing after it happened."""


class FaultyDisk(Files):
    """Asks `fault` before each call: nothing lets it through, `fail` refuses, `tear` does half, `kill` ends."""

    def __init__(self, fault: Callable[[str], str] = lambda call: "") -> None:
        self.fault = fault
        self.calls: list[str] = []

    def _ask(self, call: str) -> str:
        self.calls.append(call)
        fault = self.fault(call)
        if fault == "kill":
            raise Killed(call)
        if fault == "fail":
            raise OSError(errno.ENOSPC if call in ("writev", "pwrite", "open") else errno.EIO, "no luck")
        return fault

    def open(self, path: str, flags: int) -> int:
        self._ask("open")
        return super().open(path, flags)

    def writev(self, fd: int, parts: Sequence[bytes]) -> int:
        fault = self._ask("writev")
        if fault in ("tear", "tear-kill"):
            whole = b"".join(parts)
            written = os.write(fd, whole[: len(whole) // 2])
            if fault == "tear-kill":
                raise Killed("writev")
            return written
        written = super().writev(fd, parts)
        if fault == "late-kill":
            raise Killed("writev")
        return written

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        fault = self._ask("pwrite")
        if fault in ("tear", "tear-kill"):
            written = super().pwrite(fd, data[: len(data) // 2], offset)
            if fault == "tear-kill":
                raise Killed("pwrite")
            return written
        return super().pwrite(fd, data, offset)

    def truncate(self, fd: int, length: int) -> None:
        self._ask("truncate")
        super().truncate(fd, length)

    def unlink(self, path: str) -> None:
        self._ask("unlink")
        super().unlink(path)

    def makedirs(self, path: str) -> None:
        self._ask("makedirs")
        super().makedirs(path)

    def rename(self, old: str, new: str) -> None:
        self._ask("rename")
        super().rename(old, new)

    def read(self, path: str) -> BinaryIO:
        self._ask("read")
        return super().read(path)


def seeded(rng: random.Random, *, fails: float, tears: float, kills: float) -> Callable[[str], str]:
    """Faults by chance; all of them the seed's."""

    def fault(call: str) -> str:
        roll = rng.random()
        if roll < kills:
            return rng.choice(["kill", "tear-kill", "late-kill"])
        if roll < kills + tears:
            return "tear"
        if roll < kills + tears + fails:
            return "fail"
        return ""

    return fault
