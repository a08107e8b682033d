"""The default journal: the contract, damage, several processes, kill -9, full and read-only disks."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.adapters.journals import SqliteJournal
from selfwright.core.change import Cost, Origin
from selfwright.core.errors import (
    BadInput,
    JournalCorrupt,
    JournalTooNew,
    RunHeld,
    SelfwrightError,
    Unavailable,
)
from selfwright.core.event import (
    GENESIS,
    VERSION,
    Adopted,
    Event,
    Judged,
    Moved,
    PauseRequested,
    Proposed,
    ResumeRequested,
    Submitted,
    chain,
)
from selfwright.core.lifecycle import State
from selfwright.core.verdict import Decision, Verdict
from selfwright.ports.clock import Clock
from selfwright.ports.journal import Journal
from selfwright.testing import FakeClock, JournalContract
from tests.adapters.small_disk import fill, make_read_only, small_disk
from tests.house import tree

MOVES = [Moved(trial=trial, attempt=0, to=State.PROPOSED, reason=f"number {trial}") for trial in range(1, 6)]


class TestSqliteJournal(JournalContract):
    def open(self, folder: Path, clock: Clock) -> Journal:
        return SqliteJournal(folder / "journal.db", clock=clock)


def journal_at(path: Path, *, readonly: bool = False) -> SqliteJournal:
    return SqliteJournal(path, clock=FakeClock(), readonly=readonly)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with five moves in it, closed."""
    path = tmp_path / "journal.db"
    written(path, MOVES)
    return path


def written(path: Path, events: list[Event] | list[Moved]) -> None:
    with closing(journal_at(path)) as journal, journal.lease():
        journal.append(events)


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


# Damage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("UPDATE events SET stored = CAST(replace(CAST(stored AS TEXT), 'number 3', 'number 9') AS BLOB)", 3, "hash"),
        ("DELETE FROM events WHERE seq = 3", 3, "is missing"),
        ("DELETE FROM events WHERE seq = 1", 1, "is missing"),
        ("UPDATE events SET hash = '' WHERE seq = 5", 5, "hash"),
        ("UPDATE events SET stored = (SELECT stored FROM events WHERE seq = 1) WHERE seq = 2", 2, "hash"),
        ("UPDATE events SET seq = 50 WHERE seq = 5", 5, "is missing"),
    ],
)
def test_a_changed_row_is_found(statement: str, seq: int, what: str, path: Path) -> None:
    tamper(path, statement)
    with closing(journal_at(path)) as journal, pytest.raises(JournalCorrupt, match=f"event {seq} .*{what}") as caught:
        list(journal.read())
    assert str(path) in str(caught.value)
    assert "restore" in str(caught.value)


def test_a_changed_row_is_found_by_who_reads_on(path: Path) -> None:
    tamper(path, "UPDATE events SET hash = '' WHERE seq = 4")
    with closing(journal_at(path)) as journal, pytest.raises(JournalCorrupt, match="event 4 "):
        list(journal.read(after=3))
    tamper(path, "DELETE FROM events WHERE seq = 3")
    with closing(journal_at(path)) as journal, pytest.raises(JournalCorrupt, match="event 3 is missing"):
        list(journal.read(after=3))


def test_what_is_recalled_is_held_to_the_hash_before_it(path: Path) -> None:
    with closing(journal_at(path)) as journal:
        tip = journal.tip()
        tamper(path, "UPDATE events SET stored = CAST(replace(CAST(stored AS TEXT), 'number 3', 'number 9') AS BLOB)")
        assert [record.seq for record in journal.recall(tip, [1, 2])] == [1, 2], "nobody asked for event 3"
        with pytest.raises(JournalCorrupt, match=r"event 3 .*hash"):
            list(journal.recall(tip, [3]))


def test_an_event_that_nobody_knows_is_named(path: Path) -> None:
    stored = b'{"data":{},"kind":"Unheard"}'
    with closing(sqlite3.connect(path)) as connection, connection:
        ((last,),) = connection.execute("SELECT hash FROM events WHERE seq = 5")
        connection.execute("INSERT INTO events (time_s, stored, hash) VALUES (0, ?, ?)", (stored, chain(last, stored)))
    with closing(journal_at(path)) as journal, pytest.raises(JournalCorrupt, match=r"event 6 .*Unheard"):
        list(journal.read())


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 100, b"SQLite format 3\0" * 99]
)
def test_a_file_that_is_no_database_is_not_a_journal(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    for readonly in (False, True):
        with pytest.raises(JournalCorrupt, match=r"journal\.db.*restore"):
            journal_at(path, readonly=readonly)
    assert path.read_bytes() == content


def test_a_damaged_page_is_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(JournalCorrupt, match=r"journal\.db"), closing(journal_at(path)) as journal:
        list(journal.read())


def test_a_later_format_is_refused(path: Path) -> None:
    tamper(path, f"UPDATE meta SET version = {VERSION + 1}")
    with pytest.raises(JournalTooNew, match=f"written by format {VERSION + 1}, this is {VERSION}; upgrade selfwright"):
        journal_at(path)


def test_a_journal_without_its_format_is_refused(path: Path) -> None:
    tamper(path, "DELETE FROM meta")
    with pytest.raises(JournalCorrupt, match="format"):
        journal_at(path)
    tamper(path, "DROP TABLE meta")
    with pytest.raises(JournalCorrupt, match="events already exists"):
        journal_at(path)


# A person's eyes ------------------------------------------------------------------------------------------------------


def test_people_read_it_with_sql(path: Path) -> None:
    proposed = Proposed(
        trial=1, attempt=0, change="c" * 64, tree={"a.py": "d" * 64}, parents=("v0",), proposer="scripted",
        reason="it's “better”", cost=Cost(), origin=Origin.TUNING,
    )  # fmt: skip
    verdict = Verdict(decision=Decision.ADOPT, sentence="adopted: size 9", metric="size", candidate=9.0, incumbent=10.0)
    adopted = Adopted(trial=1, attempt=0, version=1, commit="abc", tree="def", branch="selfwright/toy")
    failed, other = replace(proposed, reason="too hasty"), replace(proposed, trial=2, attempt=0, reason="why not")
    proposed = replace(proposed, attempt=1)
    parked = Verdict(decision=Decision.INDECISIVE, sentence="parked: size 10", metric="size")
    verdicts = [Judged(trial=1, attempt=1, verdict=each) for each in (parked, verdict)]  # the last one counts
    written(path, [other, failed, proposed, *verdicts, adopted])
    with closing(sqlite3.connect(path)) as connection:
        trials = "SELECT trial, proposer, origin, parent, decision, candidate, incumbent, sentence, reason FROM trials"
        assert connection.execute(trials).fetchall() == [
            (1, "scripted", "tuning", "v0", None, None, None, None, "too hasty"),
            (1, "scripted", "tuning", "v0", "adopt", 9.0, 10.0, "adopted: size 9", "it's “better”"),
            (2, "scripted", "tuning", "v0", None, None, None, None, "why not"),
        ]
        versions = 'SELECT version, trial, time, "commit", branch FROM versions'
        assert connection.execute(versions).fetchall() == [(1, 1, "2023-11-14 22:13:20", "abc", "selfwright/toy")]
        kinds = "SELECT kind, trial FROM events WHERE seq IN (5, 6, 11)"
        assert connection.execute(kinds).fetchall() == [("Moved", 5), ("Proposed", 2), ("Adopted", 1)]


def test_a_run_is_renamed_into_place(tmp_path: Path) -> None:
    staging, run = tmp_path / "staging", tmp_path / "run"
    staging.mkdir()
    written(staging / "journal.db", MOVES)
    staging.rename(run)
    with closing(journal_at(run / "journal.db")) as journal:
        assert [record.event for record in journal.read()] == MOVES
    assert {file.name for file in run.iterdir()} == {"journal.db", "journal.lock"}


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 1)])
def test_durable_reaches_the_disk(durable: bool, synchronous: int, tmp_path: Path) -> None:
    with closing(journal_at(tmp_path / "journal.db")) as journal:
        journal.append([PauseRequested()], durable=not durable)
        journal.append([PauseRequested()], durable=durable)
        # Nothing but a power cut would show it from outside; what it means is tested with the database.
        assert journal._database.query("PRAGMA synchronous") == [(synchronous,)]


# Several processes ----------------------------------------------------------------------------------------------------

PRELUDE = """
import subprocess, sys
from pathlib import Path
from selfwright.adapters.journals import SqliteJournal
from selfwright.core.event import Moved, Submitted
from selfwright.core.lifecycle import State
from selfwright.testing import FakeClock

def say(number):
    sys.stdout.buffer.write(b"%d\\n" % number)
    sys.stdout.buffer.flush()

journal = SqliteJournal(Path(sys.argv[1]), clock=FakeClock())
"""
WRITER = """
with journal.lease():
    while True:
        say(journal.append([Moved(trial=1, attempt=0, to=State.PROPOSED, reason="x" * 500)] * 3)[-1].seq)
"""
HOLDER = """
with journal.lease():
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], close_fds=False)
    say(child.pid)
    child.wait()
"""
COMMANDER = """
for number in range(25):
    journal.append([Submitted(files={}, reason=f"{sys.argv[2]}/{number}")])
say(25)
"""


@contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a journal of its own; killed at the end."""
    started = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(tree.SRC)},
    )  # fmt: skip
    with started:
        try:
            yield started
        finally:
            started.kill()


def heard(started: subprocess.Popen[bytes]) -> int:
    assert started.stdout is not None
    return int(started.stdout.readline())


def test_what_was_acknowledged_is_there_after_kill_9(path: Path) -> None:
    for patience in (1, 2, 7, 40):
        with process(WRITER, path) as writer:
            acknowledged = [heard(writer) for _ in range(patience)]
            writer.kill()
            assert writer.stdout is not None
            acknowledged += [int(line) for line in writer.stdout.readlines() if line.endswith(b"\n")]
        with closing(journal_at(path)) as journal:
            last = journal.tip().seq
            assert last >= acknowledged[-1]
            assert (last - len(MOVES)) % 3 == 0, "half of an append is there"
            assert [record.seq for record in journal.read()] == list(range(1, last + 1))
            journal.lease().release()


def test_the_lease_ends_with_its_process_and_is_not_inherited(path: Path) -> None:
    with closing(journal_at(path)) as journal, process(HOLDER, path) as holder:
        child = heard(holder)
        assert f"process {holder.pid} on " in str(journal.holder())
        with pytest.raises(RunHeld, match=f"process {holder.pid} on .* since 2023-11-14 22:13:20"):
            journal.lease()
        holder.kill()
        holder.wait()
        os.kill(child, 0)  # it lives, and has not got the lease
        assert journal.holder() is None
        with journal.lease():
            journal.append(MOVES)


def test_looking_who_holds_the_lease_disturbs_nobody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def go_away(_: float) -> None:
        os.close(looking)

    with closing(journal_at(path)) as journal:
        looking = os.open(path.with_name("journal.lock"), os.O_RDONLY)
        fcntl.flock(looking, fcntl.LOCK_SH)  # as ``holder`` does, for a moment
        assert journal.holder() is None, "who looks was taken for the holder"
        monkeypatch.setattr(time, "sleep", go_away)
        journal.lease().release()


def test_the_holder_signs_over_who_was_there_before(path: Path) -> None:
    path.with_name("journal.lock").write_text("process 1 on a machine with a very long name since the beginning\n" * 3)
    with closing(journal_at(path)) as journal, journal.lease():
        assert journal.holder() == f"process {os.getpid()} on {socket.gethostname()} since 2023-11-14 22:13:20+00:00"


def test_commands_of_many_processes_are_all_there(path: Path) -> None:
    with closing(journal_at(path)) as journal, journal.lease():
        commanders = [process(COMMANDER, path, number) for number in range(8)]
        started = [commander.__enter__() for commander in commanders]
        try:
            for _ in range(50):
                journal.append(MOVES)
            assert [heard(each) for each in started] == [25] * 8
        finally:
            for commander in commanders:
                commander.__exit__(None, None, None)
        events = [record.event for record in journal.read()]
    reasons = [event.reason for event in events if isinstance(event, Submitted)]
    assert sorted(reasons) == sorted(f"{number}/{index}" for number in range(8) for index in range(25))
    for number in range(8):
        mine = [reason for reason in reasons if reason.startswith(f"{number}/")]
        assert mine == [f"{number}/{index}" for index in range(25)], "a process's own order is kept"
    assert sum(isinstance(event, Moved) for event in events) == 51 * len(MOVES)


# Disks ----------------------------------------------------------------------------------------------------------------


@pytest.mark.may_skip("mounting a small disk needs root")
def test_a_full_disk_costs_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=1024) as disk:
        with closing(journal_at(disk / "journal.db")) as journal:
            lease = journal.lease()
            journal.append(MOVES)
            ballast, last = fill(disk), 5
            with pytest.raises(Unavailable, match=r"journal\.db.*free space, then `selfwright resume RUN`"):
                for _ in range(1000):
                    last = journal.append(MOVES, durable=True)[-1].seq
            assert [record.seq for record in journal.read()] == list(range(1, last + 1))
            ballast.unlink()
            assert journal.append(MOVES)[-1].seq == last + 5
            lease.release()
        with closing(journal_at(disk / "journal.db")) as journal:
            assert journal.tip().seq == last + 5


@pytest.mark.may_skip("mounting a small disk needs root")
def test_a_full_disk_takes_no_lease(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=256) as disk, closing(journal_at(disk / "journal.db")) as journal:
        fill(disk)
        with pytest.raises(Unavailable, match=r"journal\.lock"):
            journal.lease()
        assert journal.holder() is None


@pytest.mark.may_skip("mounting a small disk needs root")
def test_a_run_on_a_read_only_disk_is_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=1024) as disk:
        path = disk / "journal.db"
        written(path, MOVES)
        make_read_only(disk)
        with closing(journal_at(path, readonly=True)) as journal:
            assert [record.event for record in journal.read()] == MOVES
            assert journal.holder() is None
            with pytest.raises(Unavailable, match=r"journal\.db can not be written"):
                journal.append([PauseRequested()])
        with pytest.raises(Unavailable, match=r"journal\.db can not be written"):
            journal_at(path)


@pytest.mark.may_skip("mounting a small disk needs root")
@pytest.mark.parametrize(
    "files", [("journal.db", "journal.db-wal"), ("journal.db", "journal.db-wal", "journal.db-shm")]
)
def test_a_copy_of_a_live_run_never_hides_its_last_events(files: tuple[str, ...], path: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=1024) as disk:
        with closing(journal_at(path)) as journal:
            journal.append([PauseRequested()])
            for name in files:
                shutil.copy(path.with_name(name), disk)
        make_read_only(disk)
        try:
            with closing(journal_at(disk / "journal.db", readonly=True)) as journal:
                assert journal.tip().seq == len(MOVES) + 1
        except Unavailable as error:
            assert "copy the run" in str(error)


def test_who_only_looks_changes_nothing(path: Path, tmp_path: Path) -> None:
    with closing(journal_at(path)) as journal:
        with closing(journal_at(path, readonly=True)) as looking:
            journal.append([PauseRequested()])
            assert looking.tip() == journal.tip()
            with pytest.raises(Unavailable):
                looking.append([ResumeRequested()])
        assert journal.append([ResumeRequested()])[-1].seq == len(MOVES) + 2
    with pytest.raises(BadInput, match="there is no"):
        journal_at(tmp_path / "gone.db", readonly=True)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SelfwrightError, match=str(tmp_path / "gone")):
        journal_at(tmp_path / "gone" / "journal.db")


def test_an_empty_journal_has_the_format_of_this_version(tmp_path: Path) -> None:
    with closing(journal_at(tmp_path / "journal.db")) as journal:
        assert journal.tip().hash == GENESIS
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        assert connection.execute("SELECT version FROM meta").fetchall() == [(VERSION,)]
