"""The contract of journals, and a journal in memory."""

import math
import os
import socket
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from selfwright.core.errors import JournalConflict, RunHeld
from selfwright.core.event import (
    COMMANDS,
    Event,
    Measured,
    Moved,
    PauseRequested,
    Record,
    ResumeRequested,
    SittingEnded,
    Tip,
    chain,
    chained,
    decode,
    encode,
)
from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.ports.clock import Clock
from selfwright.ports.journal import Journal, Lease
from selfwright.testing.clock import FakeClock
from selfwright.testing.refusal import refused


@dataclass(slots=True)
class Stream:
    """What several ``MemoryJournal`` share, as several processes share a file.

    Attributes:
        rows: Time in seconds since the epoch, stored bytes and hash of each event.
        holder: Who holds the lease, in words.
    """

    rows: list[tuple[float, bytes, str]] = field(default_factory=list)
    holder: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class MemoryJournal:
    """A journal that ends with its process; satisfies ``ports.journal.Journal``.

    Args:
        stream: What it is a handle of; a new one where none is given.
    """

    def __init__(self, *, clock: Clock, stream: Stream | None = None) -> None:
        self._clock = clock
        self._stream = stream or Stream()
        self._lease: MemoryLease | None = None

    def append(self, events: Sequence[Event], *, expect: int | None = None, durable: bool = False) -> Sequence[Record]:
        holds = self._lease is not None and self._lease.held
        if not holds and not all(isinstance(event, COMMANDS) for event in events):
            raise JournalConflict("only the holder of the lease may append anything but commands; take the lease first")
        stored = [encode(event) for event in events]
        with self._stream.lock:
            tip = self.tip()
            if events and expect is not None and expect != tip.seq:
                raise JournalConflict(f"the stream ends at {tip.seq}, not {expect}; read on, then try again")
            records = chained(events, stored, tip, time_s=self._clock.now_s())
            self._stream.rows += [
                (record.time_s, content, record.hash) for content, record in zip(stored, records, strict=True)
            ]
            return records

    def read(self, after: int = 0) -> Iterator[Record]:
        for seq, (time_s, stored, last) in enumerate(self._stream.rows[after:], start=after + 1):
            yield Record(seq=seq, time_s=time_s, event=decode(stored), hash=last)

    def recall(self, tip: Tip, trials: Collection[int]) -> Iterator[Record]:
        if tip.seq and (tip.seq > len(self._stream.rows) or self._stream.rows[tip.seq - 1][2] != tip.hash):
            raise JournalConflict(f"event {tip.seq} has another hash than {tip.hash[:12]}")
        for record in self.read():
            if record.seq <= tip.seq and getattr(record.event, "trial", None) in (None, *trials):
                yield record

    def tip(self) -> Tip:
        rows = self._stream.rows
        return Tip(seq=len(rows), hash=rows[-1][2]) if rows else Tip()

    def lease(self) -> Lease:
        self._lease = MemoryLease(self._stream, now_s=self._clock.now_s())
        return self._lease

    def holder(self) -> str | None:
        return self._stream.holder

    def close(self) -> None:
        if self._lease is not None:
            self._lease.release()


class MemoryLease:
    """The lease of a stream in memory; satisfies ``ports.journal.Lease``."""

    def __init__(self, stream: Stream, *, now_s: float) -> None:
        with stream.lock:
            if stream.holder is not None:
                raise RunHeld(f"{stream.holder} drives this run; wait for it, or stop it first")
            stream.holder = f"process {os.getpid()} on {socket.gethostname()} since {now_s}"
        self._stream = stream
        self.held = True

    def release(self) -> None:
        if self.held:
            self.held = False
            self._stream.holder = None

    def __enter__(self) -> "MemoryLease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


MOVES = tuple(Moved(trial=trial, attempt=0, to=State.PROPOSED, reason=f"réason {trial}") for trial in range(5))


class JournalContract:
    """What every journal must do. Inherit, and say how one is opened.

    ::

    class TestMine(JournalContract):
        def open(self, folder, clock):
            return MyJournal(folder / "journal", clock=clock)
    """

    def open(self, folder: Path, clock: Clock) -> Journal:
        """Return a new handle of the stream that lives in ``folder``, which is empty at first."""
        raise NotImplementedError

    def test_a_new_one_is_empty(self, tmp_path: Path) -> None:
        """Nothing to read, and nobody holds it."""
        journal = self.open(tmp_path, FakeClock())
        assert (journal.tip(), list(journal.read()), journal.holder()) == (Tip(), [], None)
        journal.close()

    def test_what_was_appended_is_read(self, tmp_path: Path) -> None:
        """In order, numbered without gaps, with the clock's time, and chained over the stored bytes."""
        clock = FakeClock()
        journal = self.open(tmp_path, clock)
        with journal.lease():
            written = list(journal.append(MOVES[:2]))
            clock.advance(5)
            written += journal.append(MOVES[2:], durable=True)
        records = list(journal.read())
        assert written == records
        last = Tip().hash
        for seq, (event, record) in enumerate(zip(MOVES, records, strict=True), start=1):
            last = chain(last, encode(event))
            assert record == Record(seq=seq, time_s=clock.now_s() - (5 if seq <= 2 else 0), event=event, hash=last)
        assert journal.tip() == Tip(seq=5, hash=last)
        journal.close()

    def test_a_few_trials_are_recalled(self, tmp_path: Path) -> None:
        """With what belongs to no trial, as far as a tip; and nothing where the stream has another hash there."""
        journal = self.open(tmp_path, FakeClock())
        with journal.lease():
            journal.append([PauseRequested(by="a"), *MOVES, PauseRequested(by="b"), *MOVES])
        records = list(journal.read())
        tip = Tip(seq=8, hash=records[7].hash)
        assert list(journal.recall(tip, [1, 3])) == [records[each] for each in (0, 2, 4, 6)]
        assert list(journal.recall(Tip(), [1])) == []
        for wrong in (Tip(seq=8, hash=records[6].hash), Tip(seq=99, hash=records[7].hash)):
            with refused(JournalConflict, wrong.hash[:12]):
                list(journal.recall(wrong, [1]))
        journal.close()

    def test_other_handles_see_it(self, tmp_path: Path) -> None:
        """One that was open before, and one that is opened after the first was closed."""
        journal, other = self.open(tmp_path, FakeClock()), self.open(tmp_path, FakeClock())
        with journal.lease():
            journal.append(MOVES)
        assert [record.event for record in other.read()] == list(MOVES)
        tip = journal.tip()
        journal.close()
        other.close()
        later = self.open(tmp_path, FakeClock())
        assert later.tip() == tip
        later.close()

    def test_nothing_appended_is_nothing_done(self, tmp_path: Path) -> None:
        """Whatever was expected."""
        journal = self.open(tmp_path, FakeClock())
        assert list(journal.append([])) == []
        journal.append([PauseRequested()])
        assert list(journal.append([], expect=7)) == []
        assert journal.tip().seq == 1
        journal.close()

    def test_reading_goes_on_after_what_was_seen(self, tmp_path: Path) -> None:
        """``after`` is the last seq seen; after the end there is nothing; appending while reading is allowed."""
        journal = self.open(tmp_path, FakeClock())
        with journal.lease():
            journal.append(MOVES)
            assert [record.seq for record in journal.read(after=3)] == [4, 5]
            assert list(journal.read(after=5)) == list(journal.read(after=9)) == []
            reading = journal.read()
            assert next(reading).seq == 1
            journal.append(MOVES)
            assert [record.seq for record in reading][:4] == [2, 3, 4, 5]
        journal.close()

    def test_compare_and_set(self, tmp_path: Path) -> None:
        """An append that expects another end is refused, says where the end is, and leaves nothing."""
        journal, other = self.open(tmp_path, FakeClock()), self.open(tmp_path, FakeClock())
        assert [record.seq for record in journal.append([PauseRequested()], expect=0)] == [1]
        with refused(JournalConflict, "1", "0"):
            other.append([ResumeRequested()], expect=0)
        assert [record.seq for record in other.append([ResumeRequested()], expect=1)] == [2]
        journal.append([PauseRequested()])
        other.append([ResumeRequested()])
        assert list(other.append([PauseRequested()])) == list(journal.read(after=4)), "others were here in between"
        assert [type(record.event) for record in journal.read()] == [PauseRequested, ResumeRequested] * 2 + [
            PauseRequested
        ]
        journal.close()
        other.close()

    def test_only_the_holder_appends_more_than_commands(self, tmp_path: Path) -> None:
        """Without the lease a batch with anything else in it is refused as a whole; so it is once it was released."""
        journal, other = self.open(tmp_path, FakeClock()), self.open(tmp_path, FakeClock())
        with refused(JournalConflict, "lease"):
            journal.append([PauseRequested(), MOVES[0]])
        with journal.lease():
            journal.append(MOVES[:1])
            with refused(JournalConflict, "lease"):
                other.append(MOVES[:1])
            other.append([PauseRequested()])
            journal.append(MOVES[:1])
        with refused(JournalConflict, "lease"):
            journal.append(MOVES[:1])
        assert [type(record.event) for record in journal.read()] == [Moved, PauseRequested, Moved]
        journal.close()
        other.close()

    def test_one_holds_the_lease(self, tmp_path: Path) -> None:
        """The second is told which process holds it; releasing (twice is harmless) and closing set it free."""
        journal, other = self.open(tmp_path, FakeClock()), self.open(tmp_path, FakeClock())
        lease = journal.lease()
        for each in (journal, other):
            assert str(os.getpid()) in (each.holder() or "")
            with refused(RunHeld, str(os.getpid()), socket.gethostname()):
                each.lease()
        lease.release()
        lease.release()
        assert journal.holder() is None
        other.lease()
        lease.release()
        assert other.holder() is not None, "a released lease took away the next one"
        other.close()
        journal.lease().release()
        journal.close()

    def test_together_or_not_at_all(self, tmp_path: Path) -> None:
        """Where one event can not be stored, none of its batch is."""
        journal = self.open(tmp_path, FakeClock())
        reading = Reading(case="a", metrics={"x": (math.nan,)})
        bad = Measured(
            trial=1, attempt=0, purpose="search", stage="full", case="a",
            outcome=Outcome(status=TrialStatus.OK, readings=(reading,)),
        )  # fmt: skip
        with journal.lease():
            with refused(ValueError):
                journal.append([*MOVES, bad])
            (record,) = journal.append([SittingEnded(why="stopped", reason="", wall_s=0.5)])
            assert record.seq == 1
        journal.close()
