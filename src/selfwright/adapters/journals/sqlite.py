"""The default journal: a table in the run's SQLite file, and a lock file beside it.

People may read it too: ``sqlite3 journal.db 'SELECT * FROM trials'``.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from selfwright.adapters.database import Database
from selfwright.adapters.journals.lease import FileLease, holder_of
from selfwright.core.errors import JournalConflict, JournalCorrupt, JournalTooNew
from selfwright.core.event import COMMANDS, GENESIS, VERSION, Event, Record, Tip, chain, chained, decode, encode
from selfwright.ports.clock import Clock

_BATCH = 1000
_INSERT = "INSERT INTO events (seq, time_s, stored, hash) VALUES (?, ?, ?, ?)"

# `kind` and `trial` are computed from what is hashed, so that they can not say anything else.
_SCHEMA = """
CREATE TABLE meta (version INTEGER NOT NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    kind TEXT AS (json_extract(CAST(stored AS TEXT), '$.kind')) STORED,
    trial INTEGER AS (json_extract(CAST(stored AS TEXT), '$.data.trial')) STORED,
    stored BLOB NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX events_by_trial ON events (trial);
CREATE VIEW facts AS
    SELECT seq, datetime(time_s, 'unixepoch') AS time, kind, trial,
           json_extract(CAST(stored AS TEXT), '$.data.attempt') AS attempt,
           json_extract(CAST(stored AS TEXT), '$.data') AS data
    FROM events;
CREATE VIEW trials AS
    SELECT proposed.trial, proposed.attempt, proposed.time,
           json_extract(proposed.data, '$.proposer') AS proposer,
           json_extract(proposed.data, '$.origin') AS origin,
           json_extract(proposed.data, '$.parents[0]') AS parent,
           json_extract(proposed.data, '$.change') AS change,
           json_extract(judged.data, '$.verdict.decision') AS decision,
           json_extract(judged.data, '$.verdict.candidate') AS candidate,
           json_extract(judged.data, '$.verdict.incumbent') AS incumbent,
           json_extract(judged.data, '$.verdict.gain') AS gain,
           json_extract(judged.data, '$.verdict.sentence') AS sentence,
           json_extract(proposed.data, '$.reason') AS reason
    FROM (SELECT * FROM facts WHERE kind = 'Proposed') AS proposed
    LEFT JOIN (SELECT *, max(seq) FROM facts WHERE kind = 'Judged' GROUP BY trial, attempt) AS judged
        ON judged.trial = proposed.trial AND judged.attempt = proposed.attempt
    ORDER BY proposed.trial, proposed.attempt;
CREATE VIEW versions AS
    SELECT json_extract(data, '$.version') AS version, trial, time,
           json_extract(data, '$.commit') AS "commit", json_extract(data, '$.branch') AS branch
    FROM facts WHERE kind = 'Adopted' ORDER BY seq;
"""


class SqliteJournal:
    """A journal in a SQLite file. One thread uses it; other processes have handles of their own.

    To make a run appear with its first events inside: open its journal in a staging folder, append, close, rename the
    folder, open it there.

    Args:
        path: The file; made, with an empty journal, where there is none. The lease is ``journal.lock`` beside it.
        clock: Gives the events their times.
        readonly: Only look: nothing is made and nothing can be appended.

    Raises:
        BadInput: There is no such file, and ``readonly``.
        JournalCorrupt: It is not a journal.
        JournalTooNew: A later version of Selfwright wrote it.
        Unavailable: It can not be opened.
    """

    def __init__(self, path: Path, *, clock: Clock, readonly: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._lease: FileLease | None = None
        self._tip: Tip | None = None  # as this handle left it
        self._database = Database(path, readonly=readonly)
        try:
            if not readonly:
                self._make_tables()
            self._check_version()
        except BaseException:
            self._database.close()
            raise

    def append(self, events: Sequence[Event], *, expect: int | None = None, durable: bool = False) -> Sequence[Record]:
        if not events:
            return []
        self._check_right(events)
        stored = [encode(event) for event in events]
        while True:
            tip = self._tip if self._tip is not None and expect is None else self.tip()
            if expect is not None and expect != tip.seq:
                raise JournalConflict(f"{self._path} ends at event {tip.seq}, not {expect}; read on, then try again")
            records = chained(events, stored, tip, time_s=self._clock.now_s())
            rows = [(each.seq, each.time_s, content, each.hash) for each, content in zip(records, stored, strict=True)]
            # Numbers have no gaps and are unique: what goes on from an end that is not the end any more is refused.
            if self._database.insert(_INSERT, rows, durable=durable):
                self._tip = Tip(seq=records[-1].seq, hash=records[-1].hash)
                return records
            self._tip = None

    def read(self, after: int = 0) -> Iterator[Record]:
        """Yield the records with ``seq > after``; those that are appended meanwhile too."""
        seq, last = after, self._hash_of(after)
        # In batches: an open cursor would pin the log, and make an append in between fail.
        while rows := self._database.query(
            "SELECT seq, time_s, stored, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (seq, _BATCH)
        ):
            for found, time_s, stored, stored_hash in rows:
                if found != seq + 1:
                    raise self._corrupt(seq + 1, f"is missing (event {found} follows {seq})")
                record = self._record(found, time_s, stored, stored_hash, last)
                seq, last = found, record.hash
                yield record

    def recall(self, tip: Tip, trials: Collection[int]) -> Iterator[Record]:
        """Yield the records of these trials and of none. A journal that an earlier version made has no index for it."""
        if self._hash_of(tip.seq) != tip.hash:
            raise JournalConflict(f"{self._path}: event {tip.seq} has another hash than {tip.hash[:12]}")
        rows = self._database.query(
            "SELECT this.seq, this.time_s, this.stored, this.hash, before.hash FROM events AS this"
            " LEFT JOIN events AS before ON before.seq = this.seq - 1 WHERE this.seq <= ?"
            " AND (this.trial IS NULL OR this.trial IN (SELECT value FROM json_each(?))) ORDER BY this.seq",
            (tip.seq, json.dumps(list(trials))),
        )
        for seq, time_s, stored, stored_hash, before in rows:
            yield self._record(seq, time_s, stored, stored_hash, before or GENESIS)

    def tip(self) -> Tip:
        for seq, last in self._database.query("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"):
            return Tip(seq=seq, hash=last)
        return Tip()

    def lease(self) -> FileLease:
        self._lease = FileLease(self._lock_path, now_s=self._clock.now_s())
        return self._lease

    def holder(self) -> str | None:
        return holder_of(self._lock_path)

    def close(self) -> None:
        if self._lease is not None:
            self._lease.release()
        self._database.close()

    @property
    def _lock_path(self) -> Path:
        return self._path.with_name("journal.lock")

    def _make_tables(self) -> None:
        made = "SELECT 1 FROM sqlite_schema WHERE name = 'meta'"
        if self._database.query(made):
            return
        with self._database.transaction(durable=True) as connection:
            if connection.execute(made).fetchone():
                return  # somebody made them between the two looks
            for statement in _SCHEMA.split(";"):  # executescript would commit on its own
                connection.execute(statement)
            connection.execute("INSERT INTO meta (version) VALUES (?)", (VERSION,))

    def _check_version(self) -> None:
        ((version,),) = self._database.query("SELECT max(version) FROM meta")
        if not isinstance(version, int):
            raise JournalCorrupt(f"{self._path} does not say its format; restore it from a copy of the run")
        if version > VERSION:
            raise JournalTooNew(f"{self._path}: written by format {version}, this is {VERSION}; upgrade selfwright")

    def _check_right(self, events: Sequence[Event]) -> None:
        if self._lease is not None and self._lease.held:
            return
        for event in events:
            if not isinstance(event, COMMANDS):
                raise JournalConflict(
                    f"{type(event).__name__} is for the holder of the lease of {self._path} alone; take the lease first"
                )

    def _hash_of(self, seq: int) -> str:
        """Return the hash of an event, from which the chain goes on; beyond the end there is none to go on from."""
        if seq <= 0:
            return GENESIS
        for (last,) in self._database.query("SELECT hash FROM events WHERE seq = ?", (seq,)):
            return str(last)
        if seq < self.tip().seq:
            raise self._corrupt(seq, "is missing")
        return ""

    def _record(self, seq: int, time_s: object, stored: object, stored_hash: object, before: str) -> Record:
        """Return a row as a record, held to the hash before it."""
        if not isinstance(stored, bytes) or not isinstance(time_s, float):
            raise self._corrupt(seq, "is not of the types that it was written with")
        if chain(before, stored) != stored_hash:
            raise self._corrupt(seq, "does not have the hash that it was written with")
        return Record(seq=seq, time_s=time_s, event=self._decoded(seq, stored), hash=str(stored_hash))

    def _decoded(self, seq: int, stored: bytes) -> Event:
        try:
            return decode(stored)
        except JournalCorrupt as error:
            raise JournalCorrupt(f"{self._path}: event {seq} is {error}") from error

    def _corrupt(self, seq: int, what: str) -> JournalCorrupt:
        return JournalCorrupt(f"{self._path}: event {seq} {what}; restore the journal from a copy of the run")
