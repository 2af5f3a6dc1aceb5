"""What a journal does when the disk does not take a frame: memory, and exact counts of what nobody can keep.

Loaded when it first comes to that. All of it but `forget`, `lost`, `spool_vanished` and `take_gap`, which are the
sender's, runs under the journal's lock.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from audit_layer._gap import Gap, gap_of, packed
from audit_layer._journal import Journal, MemoryFrame
from audit_layer._spool import (
    CALL,
    FINISH,
    OPEN,
    PROVISIONAL,
    RECORD,
    SEGMENT_HEADER,
    SpoolWriter,
    segment_numbers,
    segment_path,
)

__all__ = ["flush_gap", "forget", "give_up", "lost", "refused", "spool_vanished", "take_gap"]


def refused(journal: Journal, kind: int, number: int, parts: Sequence[bytes], whole: Sequence[bytes] | None) -> bool:
    """Finds a place for a frame that the disk did not take; True when the disk did after all."""
    spool = journal.spool
    if spool is not None and journal.settings.on_full == "drop_oldest" and make_room(journal, spool):
        try:
            spool.append(kind, number, parts)
            journal.kept += kind not in (OPEN, PROVISIONAL)
            flush_gap(journal, spool)
            return True
        except OSError:
            pass
    remember(journal, kind, number, parts if whole is None else whole)
    return False


def remember(journal: Journal, kind: int, number: int, parts: Sequence[bytes]) -> None:
    """The counted memory fallback; a call that was opened on disk arrives here whole."""
    if kind in (OPEN, PROVISIONAL):
        return  # is followed by the whole call, whose number it has
    if kind == FINISH:
        kind = CALL
    payload = b"".join(parts)
    if journal.memory_bytes + len(payload) > journal.settings.memory_limit_bytes:
        give_up(journal, [number], journal.problem or "memory limit")
        return
    journal.memory.append(MemoryFrame(kind, number, payload, journal.spool.position if journal.spool else None))
    journal.memory_bytes += len(payload)


def forget(journal: Journal, frame: MemoryFrame) -> None:
    """Drops a delivered frame from memory."""
    with journal.lock:
        journal.memory.remove(frame)
        journal.memory_bytes -= len(frame.payload)
        if journal.gaps_in_memory.pop(frame.number, None) is not None:
            write_block(journal)


def make_room(journal: Journal, spool: SpoolWriter) -> bool:
    from audit_layer._spool_read import SpoolReader

    try:
        oldest = oldest_segment(spool)
        if oldest is None:
            return False
        start = journal.acked if journal.acked[0] == oldest else (oldest, 0)
        reader = SpoolReader(spool.directory, live=True)
        reader.position = start
        numbers: set[int] = set()
        counted: dict[int, Gap] = {}
        while frames := reader.read((oldest, 1 << 62), frames=10_000, size=1 << 24):
            # A call that is only opened here ends in a later frame, and is sent without its request.
            for frame in frames:
                gap = gap_of(frame.payload) if frame.kind == RECORD else None
                if gap is not None:
                    counted[frame.number] = gap
                elif frame.kind not in (OPEN, PROVISIONAL):
                    numbers.add(frame.number)
            reader.position = frames[-1].end
        drop_segment(spool, oldest)
    except OSError:
        return False
    journal.kept -= len(numbers) + len(counted)
    give_up(journal, sorted(numbers), "spool full")
    for gap in counted.values():  # what a gap has counted stays counted when its own record has to go
        begin_gap(journal).join(gap)
    write_block(journal)
    return True


def spool_vanished(journal: Journal, settled: int) -> None:
    """For the sender: somebody deleted the spool beneath us, and with it all but `settled` records."""
    with journal.lock:
        if journal.spool is None:
            return
        journal.spool.close()
        journal.spool = None
        journal.retry_at = 0.0
        lost, journal.kept = journal.kept - settled, settled
        give_up(journal, range(lost), "spool deleted", named=False)


def give_up(journal: Journal, numbers: Sequence[int], reason: str, *, named: bool = True) -> None:
    """Counts records that can't be kept. The count itself becomes a record as soon as one fits.

    Their numbers stand in it, unless nobody knows them any more.
    """
    journal.dropped += len(numbers)
    if not numbers:
        return
    begin_gap(journal).add(numbers, reason, named=named)
    write_block(journal)
    if journal.settings.on_drop is not None:
        try:
            journal.settings.on_drop(len(numbers), reason)
        except Exception:  # the application's own hook must not reach the application's call
            journal.problem = "on_drop raised"


def lost(journal: Journal, numbers: Sequence[int], reason: str) -> None:
    """`give_up` for whoever does not hold the lock."""
    with journal.lock:
        give_up(journal, numbers, reason)


def begin_gap(journal: Journal) -> Gap:
    if journal.gap is None:
        journal.recorded = number = next(journal.numbers)
        journal.gap = Gap(time.time_ns(), number)
    return journal.gap


def write_block(journal: Journal) -> None:
    """Under the lock. Keeps the counts where an adopter finds them, as long as no record of them is delivered."""
    if journal.spool is None:
        return
    gaps = [*journal.gaps_in_memory.values(), *([journal.gap] if journal.gap is not None else [])]
    try:
        journal.spool.write_gap(packed(gaps) if gaps else b"")
    except OSError:
        pass  # the disk refuses even what needs no room; the counts are in memory still


def flush_gap(journal: Journal, spool: SpoolWriter) -> None:
    gap = journal.gap
    if gap is None:
        return
    try:
        spool.append(RECORD, gap.number, (gap.record(journal.settings, journal.producer),))
    except OSError:
        return
    journal.kept += 1
    journal.gap = None
    write_block(journal)


def take_gap(journal: Journal) -> None:
    """For the sender: makes the gap a frame in memory, when there is no disk to write it to."""
    with journal.lock:
        gap = journal.gap
        if gap is None or journal.queue:
            return
        payload = gap.record(journal.settings, journal.producer)
        journal.memory.append(MemoryFrame(RECORD, gap.number, payload, None))
        journal.memory_bytes += len(payload)
        journal.gaps_in_memory[gap.number] = gap
        journal.gap = None


def oldest_segment(spool: SpoolWriter) -> int | None:
    """The oldest segment that is not being written, starting a new one where there is none.

    Raises:
        OSError: the folder can't be read, or no segment can be started.
    """
    if segment_numbers(spool.directory)[0] == spool.segment:
        if spool.size == SEGMENT_HEADER.size:
            return None
        spool.rotate()
        spool.position = (spool.segment, spool.size)
    return segment_numbers(spool.directory)[0]


def drop_segment(spool: SpoolWriter, number: int) -> None:
    """Gives up a segment's space.

    Raises:
        OSError: it can't be removed.
    """
    spool.files.unlink(segment_path(spool.directory, number))
    spool.before = spool.older_bytes()
