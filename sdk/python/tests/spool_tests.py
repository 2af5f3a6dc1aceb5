"""The spool's files: what is written whole, what is torn, what is adopted and what is left alone."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from audit_layer import _spool, _spool_read
from audit_layer._config import Settings
from audit_layer._gap import MAX_RANGES, Gap, gaps_in, packed
from audit_layer._overflow import drop_segment, oldest_segment
from audit_layer._spool import CALL, FRAME_HEADER, GAP_BYTES, OPEN, RECORD, Lock, SpoolFull, SpoolWriter
from audit_layer._spool_read import SpoolReader, adopt, spools, verify
from faulty_disk import FaultyDisk


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def spool(tmp_path: Path, disk: FaultyDisk) -> SpoolWriter:
    return SpoolWriter(str(tmp_path), "p-1", limit_bytes=1 << 20, files=disk)


def payloads(directory: str, *, live: bool = False) -> list[bytes]:
    reader = SpoolReader(directory, live=live)
    return [frame.payload for frame in reader.read(None, frames=1000, size=1 << 30)]


def it_lays_frames_out_as_the_format_says(spool: SpoolWriter) -> None:
    spool.append(RECORD, 7, (b"ab", b"c"))
    with open(f"{spool.directory}/00000001.log", "rb") as file:
        data = file.read()
    header = b"AAF1\x04\0\0\0" + (1).to_bytes(8, "big") + (7).to_bytes(8, "big") + (3).to_bytes(4, "big")
    digest = hashlib.blake2b(bytes(32) + header + b"abc", digest_size=32).digest()
    assert data == b"AASPOOL1" + (1).to_bytes(4, "big") + bytes(32) + header + digest + b"abc"
    assert os.stat(f"{spool.directory}/00000001.log").st_mode & 0o777 == 0o600
    assert os.stat(spool.directory).st_mode & 0o777 == 0o700


def a_long_payload_has_the_digest_that_processors_help_with(spool: SpoolWriter) -> None:
    for size in (65_535, 65_536):
        spool.append(RECORD, size, (b"a", b"x" * (size - 1)))
    frames = SpoolReader(spool.directory, live=False).read(None, frames=10, size=1 << 30)
    assert [frame.number for frame in frames] == [65_535, 65_536]
    header = FRAME_HEADER.pack(b"AAF1", RECORD, 2, 65_536, 65_536)
    assert frames[1].digest == hashlib.sha256(frames[0].digest + header + frames[1].payload).digest()


def it_chains_segments(spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 300)
    for number in range(1, 8):
        spool.append(RECORD, number, (bytes([number]) * 50,))
    assert len(_spool.segment_numbers(spool.directory)) > 2
    assert verify(spool.directory).problem == ""
    assert [p[:1] for p in payloads(spool.directory)] == [bytes([n]) for n in range(1, 8)]


@pytest.mark.parametrize("fault", ["fail", "tear"])
def it_takes_a_refused_frame_back_whole(fault: str, spool: SpoolWriter, disk: FaultyDisk) -> None:
    spool.append(RECORD, 1, (b"one",))
    disk.fault = lambda call: fault if call == "writev" else ""
    with pytest.raises(OSError):
        spool.append(RECORD, 2, (b"two",))
    disk.fault = lambda call: ""
    spool.append(RECORD, 3, (b"three",))
    assert payloads(spool.directory) == [b"one", b"three"]
    assert verify(spool.directory) == _spool_read.Verdict(spool.directory, 2, 1, spool.position[1], "")


def it_begins_a_segment_where_a_torn_frame_can_t_be_taken_back(spool: SpoolWriter, disk: FaultyDisk) -> None:
    disk.fault = lambda call: {"writev": "tear", "truncate": "fail"}.get(call, "")
    with pytest.raises(OSError):
        spool.append(RECORD, 1, (b"one",))
    disk.fault = lambda call: ""
    spool.append(RECORD, 2, (b"two",))
    spool.close()
    assert payloads(spool.directory) == [b"two"]
    reader = SpoolReader(spool.directory, live=False)
    reader.read(None, frames=9, size=99)
    assert not reader.torn  # its writer knew
    assert "torn" in verify(spool.directory).problem


def it_knows_a_frame_that_was_changed(spool: SpoolWriter) -> None:
    for number in (1, 2, 3):
        spool.append(RECORD, number, (b"some text",))
    with open(f"{spool.directory}/00000001.log", "r+b") as file:
        file.seek(spool.position[1] - 12)
        file.write(b"!")
    assert payloads(spool.directory) == [b"some text"] * 2
    assert verify(spool.directory).frames == 2


@pytest.mark.parametrize("cut", range(1, 70, 4))
def it_knows_a_frame_that_was_cut_short_anywhere(cut: int, spool: SpoolWriter) -> None:
    spool.append(RECORD, 1, (b"one",))
    spool.append(RECORD, 2, (b"two" * 4,))
    os.truncate(f"{spool.directory}/00000001.log", spool.position[1] - cut)
    reader = SpoolReader(spool.directory, live=False)
    assert [f.payload for f in reader.read(None, frames=9, size=999)] == [b"one"]
    assert reader.torn == (cut != 72)


def verify_finds(spool: SpoolWriter, damage: Any) -> str:
    damage(spool.directory)
    return verify(spool.directory).problem


def it_says_what_is_wrong_with_a_segment(spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 150)
    for number in range(1, 7):
        spool.append(RECORD, number, (b"x" * 40,))
    segment = f"{spool.directory}/00000002.log"
    with open(segment, "rb") as file:
        whole = file.read()
    for damaged, problem in (
        (b"AASPOOL1", "segment 2 has no header"),
        (whole[:12] + bytes(32) + whole[44:], "segment 2 does not follow segment 1"),
    ):
        with open(segment, "wb") as file:
            file.write(damaged)
        assert verify(spool.directory).problem == problem
    with open(segment, "wb") as file:
        file.write(whole)
    os.unlink(segment)  # delivered, or given up: no fault of the rest
    assert verify(spool.directory).problem == ""


def it_refuses_what_goes_beyond_its_limit_and_takes_more_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 200)
    spool = SpoolWriter(str(tmp_path), "p-1", limit_bytes=500)
    with pytest.raises(SpoolFull):
        for number in range(1, 10):
            spool.append(RECORD, number, (b"x" * 60,))
    oldest = oldest_segment(spool)
    assert oldest == 1
    drop_segment(spool, 1)
    spool.append(RECORD, 9, (b"x" * 60,))
    assert oldest_segment(spool) == 2


def it_finds_its_only_segment_oldest_once_another_is_begun(spool: SpoolWriter) -> None:
    assert oldest_segment(spool) is None
    spool.append(RECORD, 1, (b"one",))
    assert oldest_segment(spool) == 1
    assert spool.position[0] == 2


@pytest.mark.parametrize("call", ["makedirs", "rename", "open", "pwrite", "writev"])
def it_leaves_nothing_behind_where_it_can_t_begin(call: str, tmp_path: Path, disk: FaultyDisk) -> None:
    parent = tmp_path / "spools"
    disk.fault = lambda made: "fail" if made == call else ""
    with pytest.raises(OSError):
        SpoolWriter(str(parent), "p-1", limit_bytes=1 << 20, files=disk)
    assert not parent.exists() or not os.listdir(parent)


def it_begins_no_segment_whose_header_is_cut_short(spool: SpoolWriter, disk: FaultyDisk) -> None:
    spool.append(RECORD, 1, (b"one",))
    disk.fault = lambda call: "tear" if call == "writev" else ""
    with pytest.raises(OSError):
        oldest_segment(spool)
    assert _spool.segment_numbers(spool.directory) == [1]


def no_two_processes_hold_a_spool(spool: SpoolWriter, tmp_path: Path) -> None:
    assert list(adopt(str(tmp_path))) == []
    spool.append(RECORD, 1, (b"one",))
    spool.close()
    (reader,) = adopt(str(tmp_path))
    assert list(adopt(str(tmp_path))) == []
    with pytest.raises(OSError):
        Lock(f"{spool.directory}/lock")
    reader.remove()
    reader.close()
    assert spools(str(tmp_path)) == []


def it_adopts_nothing_where_locks_are_not_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "fcntl", None)
    spool = SpoolWriter(str(tmp_path), "p-1", limit_bytes=1 << 20)
    spool.append(RECORD, 1, (b"one",))
    spool.close()
    assert list(adopt(str(tmp_path))) == []


def it_leaves_its_own_spool_alone_and_sweeps_up_what_never_began(spool: SpoolWriter, tmp_path: Path) -> None:
    old, young = tmp_path / ".p-old", tmp_path / ".p-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "lock").touch()
    os.utime(old, (1, 1))
    assert list(adopt(str(tmp_path), spool.directory)) == []
    assert not old.exists()
    assert young.exists()
    assert spools(str(tmp_path / "none")) == []
    assert list(adopt(str(tmp_path / "none"))) == []


def it_lets_go_of_a_spool_that_vanishes_while_it_is_being_adopted(
    spool: SpoolWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.close()

    class Late(Lock):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            os.unlink(path)

    monkeypatch.setattr(_spool_read, "Lock", Late)
    assert list(adopt(str(tmp_path))) == []


def it_remembers_twice_how_far_it_came(spool: SpoolWriter) -> None:
    for number in (1, 2, 3):
        spool.append(RECORD, number, (bytes([number]),))
    reader = SpoolReader(spool.directory, live=True)
    for _ in range(2):
        reader.settle(reader.read(None, frames=1, size=99)[0])
    assert SpoolReader(spool.directory, live=False).position == reader.position
    with open(f"{spool.directory}/ack.0", "r+b") as file:  # the last one, torn
        file.write(b"?")
    assert payloads(spool.directory) == [b"\2", b"\3"]


def it_frees_what_both_states_need_no_more(spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 120)
    for number in range(1, 6):
        spool.append(RECORD, number, (b"x" * 40,))
    reader = SpoolReader(spool.directory, live=True)
    kept: list[int] = []
    while frames := reader.read(None, frames=1, size=99):
        reader.settle(frames[0])
        kept.append(_spool.segment_numbers(spool.directory)[0])
    assert kept == [1, 1, 2, 3, 4]


def it_keeps_the_segment_in_which_a_call_was_opened(spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spool, "SEGMENT_BYTES", 120)
    spool.append(OPEN, 1, (b"x" * 40,))
    for number in range(2, 6):
        spool.append(RECORD, number, (b"x" * 40,))
    reader = SpoolReader(spool.directory, live=True)
    while frames := reader.read(None, frames=1, size=99):
        reader.note(frames[0])
        reader.settle(frames[0])
    assert _spool.segment_numbers(spool.directory)[0] == 1
    opened = SpoolReader(spool.directory, live=False).request_of(1)
    assert opened is not None
    assert opened.payload == b"x" * 40
    os.unlink(f"{spool.directory}/00000001.log")
    assert reader.request_of(1) is None
    assert reader.request_of(2) is None


@pytest.mark.parametrize("fault", ["open", "pwrite", "truncate"])
def it_goes_on_where_it_can_t_write_down_how_far_it_came(fault: str, spool: SpoolWriter, disk: FaultyDisk) -> None:
    spool.append(RECORD, 1, (b"one",))
    reader = SpoolReader(spool.directory, live=True, files=disk)
    disk.fault = lambda call: "fail" if call == fault else ""
    reader.settle(reader.read(None, frames=1, size=99)[0])
    assert reader.read(None, frames=1, size=99) == []


def it_goes_on_where_a_state_is_cut_short_or_a_segment_stays(spool: SpoolWriter, disk: FaultyDisk) -> None:
    spool.append(RECORD, 1, (b"one",))
    oldest_segment(spool)
    spool.append(RECORD, 2, (b"two",))
    reader = SpoolReader(spool.directory, live=True, files=disk)
    for fault in ("tear", "", ""):
        disk.fault = lambda call, fault=fault: fault if call == "pwrite" else "fail" if call == "unlink" else ""
        for frame in reader.read(None, frames=1, size=99):
            reader.settle(frame)
    reader.save()
    assert _spool.segment_numbers(spool.directory) == [1, 2]


def it_stops_at_the_position_it_is_given(spool: SpoolWriter) -> None:
    spool.append(RECORD, 1, (b"one",))
    first = spool.position
    spool.append(RECORD, 2, (b"two",))
    reader = SpoolReader(spool.directory, live=True)
    assert [f.payload for f in reader.read(first, frames=9, size=99)] == [b"one"]
    assert len(reader.read(None, frames=1, size=99)) == 1
    assert len(reader.read(None, frames=9, size=1)) == 1
    assert SpoolReader(f"{spool.directory}/none", live=True).read(None, frames=1, size=9) == []


def it_takes_system_and_environment_from_the_spool(spool: SpoolWriter) -> None:
    settings = Settings(system="mine").completed()
    reader = SpoolReader(spool.directory, live=False)
    assert reader.about(settings) is settings
    spool.write_about(json.dumps({"system": "theirs", "environment": "test"}).encode())
    reader = SpoolReader(spool.directory, live=False)
    assert (reader.about(settings).system, reader.about(settings).environment) == ("theirs", "test")


def it_reads_a_header_that_is_none_as_an_empty_segment(spool: SpoolWriter) -> None:
    with open(f"{spool.directory}/00000001.log", "wb") as file:
        file.write(b"AASPOOL2" + bytes(60))
    assert payloads(spool.directory) == []
    with open(f"{spool.directory}/00000001.log", "ab") as file:
        file.write(b"AAF1" + bytes(10))
    assert payloads(spool.directory) == []


def a_gap_block_holds_every_count(spool: SpoolWriter) -> None:
    gaps: list[Gap] = []
    for number in range(20):
        gap = Gap(number, number)
        gap.add(range(0, 1000, 10), "No space left on device")
        gaps.append(gap)
    few = gaps_in(packed(gaps[:1]))
    assert (few[0].count, few[0].ranges) == (100, [[n, n] for n in range(0, 160, 10)])
    assert len(few[0].ranges) == MAX_RANGES
    many = packed(gaps)
    assert len(many) <= GAP_BYTES
    assert gaps_in(many)[-1].count == 100
    spool.write_gap(packed(gaps[:2]))
    reader = SpoolReader(spool.directory, live=False)
    assert [gap.number for gap in reader.gaps()] == [0, 1]
    assert gaps_in(b"[[1,") == gaps_in(b"[[1]]") == []
    os.unlink(f"{spool.directory}/gap")
    assert reader.gaps() == []


def a_spool_that_can_t_be_removed_is_let_go_of(spool: SpoolWriter, disk: FaultyDisk, tmp_path: Path) -> None:
    spool.append(CALL, 1, (b"one",))
    spool.close()
    (reader,) = adopt(str(tmp_path), files=disk)
    disk.fault = lambda call: "fail" if call == "unlink" else ""
    reader.remove()
    assert reader.lock is None
    assert os.path.exists(spool.directory)
