"""The default blob store: the contract, where what lies, damage, full and read-only disks."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selfwright.adapters.blobs import SqliteBlobs
from selfwright.adapters.journals import SqliteJournal
from selfwright.core.change import content_id
from selfwright.core.errors import JournalCorrupt, Unavailable
from selfwright.core.event import PauseRequested
from selfwright.ports.blobs import Blobs
from selfwright.testing import BlobsContract, FakeClock
from tests.adapters.small_disk import fill, make_read_only, small_disk

SMALL = b"def f():\n    return 1\n"
LARGE = random.Random(1).randbytes(100_000)


class TestSqliteBlobs(BlobsContract):
    @pytest.fixture(autouse=True)
    def _closing(self) -> object:
        self.opened: list[SqliteBlobs] = []
        yield
        for blobs in self.opened:
            blobs.close()

    def open(self, folder: Path) -> Blobs:
        self.opened.append(blobs_in(folder))
        return self.opened[-1]


def blobs_in(folder: Path, *, readonly: bool = False) -> SqliteBlobs:
    return SqliteBlobs(folder / "journal.db", folder / "blobs", readonly=readonly)


def file_of(folder: Path, content: bytes) -> Path:
    return folder / "blobs" / content_id(content)[:2] / content_id(content)[2:]


def test_small_ones_lie_in_the_database_and_large_ones_beside_it(tmp_path: Path) -> None:
    packs_well = b"abc" * 50_000
    with closing(blobs_in(tmp_path)) as blobs:
        for content in (SMALL, packs_well, LARGE):
            blobs.put(content)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        names = {name for (name,) in connection.execute("SELECT sha256 FROM blobs")}
    assert names == {content_id(SMALL), content_id(packs_well)}
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == [file_of(tmp_path, LARGE)]
    assert file_of(tmp_path, LARGE).read_bytes() == LARGE


def test_they_share_the_file_of_a_journal(tmp_path: Path) -> None:
    with (
        closing(SqliteJournal(tmp_path / "journal.db", clock=FakeClock())) as journal,
        closing(blobs_in(tmp_path)) as blobs,
    ):
        for number in range(20):
            blobs.put(b"%d" % number)
            journal.append([PauseRequested()], durable=number % 2 == 0)
        assert journal.tip().seq == 20
        assert blobs.get(content_id(b"19")) == b"19"


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    with closing(blobs_in(tmp_path)) as blobs:
        blobs.put(LARGE)
        file_of(tmp_path, LARGE).write_bytes(LARGE[:-1] + b"?")
        with pytest.raises(JournalCorrupt, match=f"{content_id(LARGE)} in .*{content_id(LARGE)[2:]} .*restore"):
            blobs.get(content_id(LARGE))


@pytest.mark.parametrize("packed", ["x'00'", "(SELECT packed FROM blobs ORDER BY sha256 DESC LIMIT 1)"])
def test_a_damaged_row_is_found(packed: str, tmp_path: Path) -> None:
    first, second = sorted((SMALL, SMALL * 2), key=content_id)
    with closing(blobs_in(tmp_path)) as blobs:
        blobs.put(first)
        blobs.put(second)
        with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
            connection.execute(f"UPDATE blobs SET packed = {packed} WHERE sha256 = '{content_id(first)}'")
        with pytest.raises(JournalCorrupt, match=f"{content_id(first)} in .*journal.db .*restore"):
            blobs.get(content_id(first))
        assert blobs.get(content_id(second)) == second


def test_a_file_that_lost_its_end_is_written_again(tmp_path: Path) -> None:
    with closing(blobs_in(tmp_path)) as blobs:
        blobs.put(LARGE)
        os.truncate(file_of(tmp_path, LARGE), 10)
        blobs.put(LARGE)
        assert blobs.get(content_id(LARGE)) == LARGE


@pytest.mark.may_skip("mounting a small disk needs root")
@pytest.mark.parametrize("content", [SMALL * 20, LARGE], ids=["small", "large"])
def test_a_full_disk_keeps_no_part(content: bytes, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=1024) as disk, closing(blobs_in(disk)) as blobs:
        blobs.put(SMALL)
        ballast = fill(disk)
        with pytest.raises(Unavailable, match="then `selfwright resume RUN`"):
            for number in range(1000):
                blobs.put(content + b"%d" % number * 100)
        assert list(disk.rglob("*.part")) == []
        assert blobs.get(content_id(SMALL)) == SMALL
        ballast.unlink()
        assert blobs.get(blobs.put(content)) == content


@pytest.mark.may_skip("mounting a small disk needs root")
def test_a_read_only_disk_is_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=1024) as disk:
        with closing(blobs_in(disk)) as blobs:
            blobs.put(SMALL)
            blobs.put(LARGE)
        make_read_only(disk)
        with closing(blobs_in(disk, readonly=True)) as blobs:
            assert blobs.get(content_id(SMALL)) == SMALL
            assert blobs.get(content_id(LARGE)) == LARGE
            for content in (b"another", LARGE * 2):
                with pytest.raises(Unavailable):
                    blobs.put(content)
