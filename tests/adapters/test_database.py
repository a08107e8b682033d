"""What SQLite's answers mean, and what durable means to SQLite."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from selfwright.adapters import database
from selfwright.adapters.database import Database
from selfwright.core.errors import BadInput, JournalCorrupt, SelfwrightError, Unavailable

NORMAL, FULL = 1, 2  # as SQLite numbers them: FULL syncs the log at every commit


@pytest.mark.parametrize(
    ("durable", "expected"), [([True], FULL), ([False], NORMAL), ([False, True], FULL), ([True, False], NORMAL)]
)
def test_durable_is_synchronous_full(durable: list[bool], expected: int, tmp_path: Path) -> None:
    opened = Database(tmp_path / "a.db")
    assert opened.query("PRAGMA journal_mode") == [("wal",)]
    for each in durable:
        with opened.transaction(durable=each) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    assert opened.query("PRAGMA synchronous") == [(expected,)]
    opened.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    opened = Database(tmp_path / "a.db")
    with pytest.raises(ZeroDivisionError), opened.transaction() as connection:
        connection.execute("CREATE TABLE t (x)")
        raise ZeroDivisionError
    assert opened.query("SELECT * FROM sqlite_schema") == []
    with opened.transaction() as connection:
        connection.execute("CREATE TABLE t (x)")
    opened.close()


def test_another_thread_does_not_see_half_a_transaction(tmp_path: Path) -> None:
    opened = Database(tmp_path / "a.db")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with opened.transaction() as connection:
            connection.execute("CREATE TABLE t (x)")
            looking = pool.submit(opened.query, "SELECT name FROM sqlite_schema")
            with pytest.raises(TimeoutError):
                looking.result(timeout=0.05)
            connection.execute("CREATE TABLE u (x)")
        assert looking.result(timeout=60) == [("t",), ("u",)]
    opened.close()


def test_a_writer_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.01)
    first, second = Database(tmp_path / "a.db"), Database(tmp_path / "a.db")
    with (
        first.transaction(),
        pytest.raises(Unavailable, match=r"a\.db was locked by another process"),
        second.transaction(),
    ):
        pass
    with second.transaction():
        pass
    first.close()
    second.close()


def test_nothing_to_read_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no .*a\.db"):
        Database(tmp_path / "a.db", readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="gone"):
        Database(tmp_path / "gone" / "a.db")


def test_a_mistake_of_ours_stays_one(tmp_path: Path) -> None:
    opened = Database(tmp_path / "a.db")
    opened.close()
    opened.close()
    with pytest.raises(sqlite3.ProgrammingError):
        opened.query("SELECT 1")


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_NOTADB, JournalCorrupt, "restore it from a copy"),
        (sqlite3.SQLITE_CORRUPT, JournalCorrupt, "restore it from a copy"),
        (sqlite3.SQLITE_CORRUPT_VTAB, JournalCorrupt, "restore it from a copy"),
        (sqlite3.SQLITE_FULL, Unavailable, "free space, then `selfwright resume RUN`"),
        (sqlite3.SQLITE_IOERR_WRITE, Unavailable, "look at the disk"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, Unavailable, "make its folder writable"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Unavailable, "locked by another process"),
        (sqlite3.SQLITE_NOMEM, Unavailable, "can not be used"),
    ],
)
def test_an_answer_of_sqlite_says_the_mend(code: int, kind: type[SelfwrightError], words: str) -> None:
    error = sqlite3.OperationalError("its words")
    error.sqlite_errorcode = code
    meaning = database.meaning_of(error, Path("/run/journal.db"))
    assert type(meaning) is kind
    assert "/run/journal.db" in str(meaning)
    assert words in str(meaning)
