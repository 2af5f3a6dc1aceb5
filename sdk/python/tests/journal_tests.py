"""Where a frame goes: to disk, to memory, into a count; from any thread, finalizer or signal handler."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit_layer import _spool
from audit_layer._config import Settings
from audit_layer._gap import gap_of
from audit_layer._journal import RETRY_SPOOL_SECONDS, Gate, Journal
from audit_layer._overflow import give_up, spool_vanished, take_gap
from audit_layer._spool import CALL, FINISH, OPEN, RECORD
from audit_layer._spool_read import SpoolReader
from faulty_disk import FaultyDisk

Make = Callable[..., Journal]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(disk: FaultyDisk | None = None, **settings: Any) -> Journal:
        return Journal(Settings(spool_dir=str(tmp_path), system="t", **settings).completed(), files=disk)

    return made


def stored(journal: Journal) -> list[tuple[int, int, bytes]]:
    assert journal.spool is not None
    frames = SpoolReader(journal.spool.directory, live=True).read(None, frames=100_000, size=1 << 30)
    return [(frame.kind, frame.number, frame.payload) for frame in frames]


def it_numbers_from_one_by_one_whatever_the_threads_do(make: Make) -> None:
    journal = make()
    threads = [threading.Thread(target=lambda: [journal.append(RECORD, (b"x",)) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for _, number, _ in stored(journal)) == list(range(1, 1601))
    assert journal.recorded == journal.kept == 1600


def it_keeps_a_record_that_a_signal_handler_interrupts(make: Make) -> None:
    class Interrupting(FaultyDisk):
        def writev(self, fd: int, parts: Any) -> int:
            written = super().writev(fd, parts)
            if b"second" in parts:
                signal.raise_signal(signal.SIGINT)
            return written

    journal = make(Interrupting())
    journal.append(RECORD, (b"first",))
    with pytest.raises(KeyboardInterrupt):
        journal.append(RECORD, (b"second",))
    assert journal.waiting_elsewhere() == 1
    journal._files = FaultyDisk()
    assert journal.spool is not None
    journal.spool.files = FaultyDisk()
    journal.append(RECORD, (b"third",))
    assert sorted(number for _, number, _ in stored(journal)) == [1, 2, 3]


def it_writes_an_interrupted_end_of_a_stream_whole(make: Make) -> None:
    class Interrupting(FaultyDisk):
        def writev(self, fd: int, parts: Any) -> int:
            if b"answer" in parts and b"request" not in parts:
                raise KeyboardInterrupt
            return super().writev(fd, parts)

    journal = make(Interrupting())
    number, _ = journal.append(OPEN, (b"meta", b"request"))
    with pytest.raises(KeyboardInterrupt):
        journal.append(FINISH, (b"meta", b"answer"), number, (b"meta", b"request", b"answer"))
    journal.drain()
    assert stored(journal)[-1] == (CALL, number, b"metarequestanswer")


def it_only_queues_within_an_append_of_the_same_thread(make: Make) -> None:
    class Reentrant(FaultyDisk):
        def writev(self, fd: int, parts: Any) -> int:
            if b"outer" in parts:
                assert journal.append(RECORD, (b"inner",)) == (2, False)
                journal.enqueue(RECORD, (b"finalizer",), 9)
            return super().writev(fd, parts)

    journal = make(Reentrant())
    journal.append(RECORD, (b"outer",))
    assert [payload for _, _, payload in stored(journal)] == [b"outer", b"inner", b"finalizer"]


def it_never_waits_in_a_finalizer(make: Make) -> None:
    journal = make()
    journal.append(RECORD, (b"one",))
    locked, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with journal.lock:
            locked.set()
            leave.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(30)
    journal.enqueue(RECORD, (b"two",), 2)
    assert journal.waiting_elsewhere() == 1
    assert journal.gate.wait(0)  # whoever sleeps is woken to do it
    leave.set()
    thread.join()
    journal.drain()
    assert len(stored(journal)) == 2


def it_wakes_a_waiting_sender(make: Make) -> None:
    journal = make()
    journal.waiting = True
    journal.append(RECORD, (b"one",))
    assert journal.gate.wait(0)
    assert not journal.gate.wait(0)
    gate = Gate()
    gate.open()
    gate.open()
    assert gate.wait(0)
    assert not gate.wait(-1)


def it_falls_back_to_memory_and_then_to_a_count(make: Make) -> None:
    told: list[tuple[int, str]] = []
    disk = FaultyDisk(lambda call: "fail")
    journal = make(disk, memory_limit_bytes=10, on_drop=lambda count, reason: told.append((count, reason)))
    assert journal.append(RECORD, (b"12345",)) == (1, False)
    journal.append(OPEN, (b"an opening needs no room",))
    journal.append(RECORD, (b"123456",))
    assert (len(journal.memory), journal.dropped, told) == (1, 1, [(1, "spool: no luck")])


def it_survives_an_on_drop_that_raises(make: Make) -> None:
    def on_drop(count: int, reason: str) -> None:
        raise RuntimeError

    journal = make(FaultyDisk(lambda call: "fail"), memory_limit_bytes=0, on_drop=on_drop)
    journal.append(RECORD, (b"1",))
    assert (journal.dropped, journal.problem) == (1, "on_drop raised")


def it_tries_a_spool_that_could_not_be_made_again_after_a_while(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("audit_layer._journal.time.monotonic", lambda: now[0])
    disk = FaultyDisk(lambda call: "fail")
    journal = make(disk)
    now[0] = 1.0
    journal.append(RECORD, (b"1",))
    calls = len(disk.calls)
    disk.fault = lambda call: ""
    journal.append(RECORD, (b"2",))
    assert len(disk.calls) == calls
    now[0] += RETRY_SPOOL_SECONDS
    assert journal.append(RECORD, (b"3",))[1]
    assert [n for _, n, _ in stored(journal)] == [3]


def it_records_the_gap_as_soon_as_there_is_room(make: Make) -> None:
    disk = FaultyDisk()
    journal = make(disk, memory_limit_bytes=0)
    journal.append(RECORD, (b"1",))
    disk.fault = lambda call: "fail" if call == "writev" else ""
    journal.append(RECORD, (b"2",))
    assert journal.spool is not None
    assert [gap.count for gap in SpoolReader(journal.spool.directory, live=True).gaps()] == [1]
    disk.fault = lambda call: ""
    journal.append(RECORD, (b"4",))
    assert SpoolReader(journal.spool.directory, live=True).gaps() == []
    (_, _, _), (_, _, _), (kind, number, payload) = stored(journal)
    assert (kind, number, json.loads(payload)["attributes"]["audit.gap.ranges"]) == (RECORD, 3, [[2, 2]])


def it_keeps_the_gap_where_there_is_room_for_one_frame_only(make: Make) -> None:
    disk = FaultyDisk()
    journal = make(disk, memory_limit_bytes=0)
    journal.append(RECORD, (b"1",))
    disk.fault = lambda call: "fail" if call in ("writev", "pwrite") else ""
    journal.append(RECORD, (b"2",))
    writes = [0]

    def one(call: str) -> str:
        writes[0] += call == "writev"
        return "fail" if writes[0] > 1 else ""

    disk.fault = one
    assert journal.append(RECORD, (b"4",))[1]
    assert journal.waiting_elsewhere() == 1


@pytest.mark.parametrize("capacity", [3000, 20_000])
def it_gives_up_the_oldest_where_it_is_told_to(capacity: int, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 600)
    journal = make(spool_limit_bytes=capacity, on_full="drop_oldest", memory_limit_bytes=0)
    written = 200
    for _ in range(written):
        assert journal.append(RECORD, (b"x" * 100,))[1]
    frames = [frame for frame in stored(journal) if frame[2][:1] == b"x"]
    assert len(frames) + journal.dropped == written
    gaps = [gap for _, _, payload in stored(journal) if (gap := gap_of(payload))]
    waiting = SpoolReader(journal.spool.directory, live=True).gaps() if journal.spool else []
    assert sum(gap.count for gap in [*gaps, *waiting]) == journal.dropped


def it_can_t_make_room_in_a_spool_that_holds_nothing(make: Make) -> None:
    journal = make(spool_limit_bytes=300, on_full="drop_oldest", memory_limit_bytes=0)
    assert not journal.append(RECORD, (b"x" * 400,))[1]
    assert journal.dropped == 1


def it_counts_where_even_making_room_fails(make: Make) -> None:
    disk = FaultyDisk()
    journal = make(disk, on_full="drop_oldest", memory_limit_bytes=0)
    journal.append(RECORD, (b"1",))
    disk.fault = lambda call: "fail" if call in ("writev", "open") else ""
    assert not journal.append(RECORD, (b"2",))[1]
    opens = [0]

    def later(call: str) -> str:
        opens[0] += call == "unlink"
        return "fail" if call == "writev" and not opens[0] else ""

    disk.fault = lambda call: "fail" if call == "writev" and disk.calls.count("writev") < 4 else ""
    journal.append(RECORD, (b"3",))
    assert journal.dropped + journal.kept >= 2


def it_writes_nothing_once_it_is_closed(make: Make) -> None:
    journal = make()
    journal.append(RECORD, (b"1",))
    journal.close()
    assert not journal.append(RECORD, (b"2",))[1]
    assert len(journal.memory) == 1


def it_lets_go_of_the_parent_s_files_in_a_child(make: Make) -> None:
    journal = make()
    journal.abandon_in_child()
    journal = make()
    journal.append(RECORD, (b"1",))
    directory = journal.spool.directory if journal.spool else ""
    journal.abandon_in_child()
    assert journal.spool is None
    assert os.path.isdir(directory)


def it_counts_nothing_for_a_spool_that_is_not_there(make: Make) -> None:
    journal = make()
    spool_vanished(journal, 0)
    take_gap(journal)
    give_up(journal, [], "nothing")
    assert (journal.dropped, journal.waiting_elsewhere()) == (0, 0)
