"""One SQLite file of a run: how it is opened, locked and written, and what its errors mean. Knows no table.

WAL mode: readers never wait for the writer. Several connections, threads and processes may use one file; each
:class:`Database` is one connection behind one lock.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selfwright.core.errors import BadInput, JournalCorrupt, SelfwrightError, Unavailable
from selfwright.core.printable import printable

BUSY_S = 10.0
"""How long a writer waits for another one."""


_TAKEN = (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID, sqlite3.SQLITE_CONSTRAINT_UNIQUE)


class KeyTaken(Exception):
    """A row with that key is there already; nothing was written."""


class Database:
    """A connection to a SQLite file; usable from several threads.

    Args:
        path: The file; made where there is none, unless ``readonly``.
        readonly: Only look: works on a live run, and in a folder that can not be written.

    Raises:
        BadInput: There is no such file, and ``readonly``.
        JournalCorrupt: The file is not a database.
        Unavailable: It can not be opened.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._durable: bool | None = None
        if readonly and not path.is_file():
            raise BadInput(f"there is no {path}; name the folder of a run")
        with self._translated():
            self._connection = self._open_to_read() if readonly else self._open_to_write()

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:  # rows have the types of SQL
        """Return all rows."""
        with self._lock, self._translated():
            return self._connection.execute(sql, parameters).fetchall()

    def insert(self, sql: str, rows: Sequence[Sequence[object]], *, durable: bool = False) -> bool:
        """Insert rows, all or none; return whether that was done, or a key was there already.

        Args:
            durable: As of :meth:`transaction`.

        Raises:
            Unavailable: As of :meth:`transaction`.
        """
        try:
            if len(rows) == 1:  # a statement by itself is a transaction, and asks for less than one around it
                with self._lock, self._translated():
                    self._synchronise(durable)
                    self._connection.execute(sql, rows[0])
            else:
                with self.transaction(durable=durable) as connection:
                    connection.executemany(sql, rows)
        except KeyTaken:
            return False
        return True

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Write all or nothing, alone among all writers of the file; what is read inside is the newest state.

        Args:
            durable: Return only when this, and everything before it, would survive a power loss.

        Raises:
            Unavailable: The disk is full or read-only, or another writer does not come to an end; nothing was written.
        """
        with self._lock, self._translated():
            self._synchronise(durable)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection; twice is harmless."""
        with self._lock, self._translated():
            self._connection.close()

    def _synchronise(self, durable: bool) -> None:
        if durable is not self._durable:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def _open_to_write(self) -> sqlite3.Connection:
        new = not self.path.exists()
        connection = _connect(self.path, "mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA fullfsync=ON")  # macOS: a plain fsync stops at the disk's own cache
        except sqlite3.Error:
            connection.close()
            raise
        if new:
            sync_folder(self.path.parent)
        return connection

    def _open_to_read(self) -> sqlite3.Connection:
        connection = _connect(self.path, "mode=ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_schema").fetchall()
        except sqlite3.OperationalError:
            connection.close()
            # A WAL database needs an index file beside it, also to be read. Where none can be made nobody else writes
            # either, so that the file may be taken as it is, unless a log holds what the file does not.
            if os.access(self.path.parent, os.W_OK) or not os.access(self.path, os.R_OK):
                raise
            log = Path(f"{self.path}-wal")
            if log.exists() and log.stat().st_size:
                raise Unavailable(
                    f"{self.path} was not closed, and its folder is read-only; copy the run to one that is not"
                ) from None
            return _connect(self.path, "mode=ro&immutable=1")
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.ProgrammingError):  # ours: a closed connection, a wrong parameter
                raise
            if getattr(error, "sqlite_errorcode", 0) in _TAKEN:
                raise KeyTaken from error
            raise meaning_of(error, self.path) from error
        except UnicodeDecodeError as error:  # a message of SQLite that quotes what should have been text
            raise _corrupt(self.path, error) from error


def meaning_of(error: sqlite3.Error, path: Path) -> SelfwrightError:
    """Return what an error of SQLite means for a person: what was wrong, where, and the mend."""
    # The high bits say more than is needed. An error without a code comes from a value, such as text that is none.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    match code:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_ERROR:
            return _corrupt(path, error)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unavailable(f"{path} was locked by another process for {BUSY_S:g} s; see who uses it, then {_AGAIN}")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return Unavailable(f"{path} can not be written ({error}); make its folder writable, then {_AGAIN}")
        case sqlite3.SQLITE_FULL:
            return Unavailable(f"{path} can not grow: the disk is full; free space, then {_AGAIN}")
        case sqlite3.SQLITE_IOERR:
            return Unavailable(f"{path} can not be used ({error}); look at the disk and its free space, then {_AGAIN}")
    return Unavailable(f"{path} can not be used ({error}); {_AGAIN}")


def _corrupt(path: Path, error: Exception) -> JournalCorrupt:
    return JournalCorrupt(
        f"{path} is not what was written ({printable(str(error))}); restore it from a copy of the run"
    )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_AGAIN = "`selfwright resume RUN`"


def _connect(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
