"""The default blob store: small ones packed in the run's SQLite file, large ones as files beside it.

A run has thousands of small sources; as files they would cost more in names than in content.
"""

import re
import secrets
import zlib
from pathlib import Path

from selfwright.adapters.database import Database
from selfwright.core.change import content_id
from selfwright.core.errors import JournalCorrupt, Unavailable

SMALL = 64 * 1024
"""Bytes, compressed: what is smaller lies in the database."""

_WORTH_PACKING = 16 * SMALL
_NAME = re.compile(r"[0-9a-f]{64}")


class SqliteBlobs:
    """Blobs in a table of ``path`` and in ``folder``; usable from several threads and processes.

    Args:
        path: The database file; the journal may live in it too. Made where there is none.
        folder: For the large ones, as ``ab/cdef...``; made with the first.
        readonly: Only look.

    Raises:
        JournalCorrupt: The file is not a database.
        Unavailable: It can not be opened.
    """

    def __init__(self, path: Path, folder: Path, *, readonly: bool = False) -> None:
        self._folder = folder
        self._database = Database(path, readonly=readonly)
        if not readonly:
            with self._database.transaction() as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS blobs (sha256 TEXT PRIMARY KEY, packed BLOB NOT NULL)")

    def put(self, content: bytes) -> str:
        sha256 = content_id(content)
        if self._database.query("SELECT 1 FROM blobs WHERE sha256 = ?", (sha256,)):
            return sha256
        if len(content) <= _WORTH_PACKING and len(packed := zlib.compress(content)) < SMALL:
            self._database.insert("INSERT INTO blobs (sha256, packed) VALUES (?, ?)", [(sha256, packed)])
            return sha256
        path = self._path_of(sha256)
        if not path.is_file() or path.stat().st_size != len(content):
            _write(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        if not _NAME.fullmatch(sha256):
            raise KeyError(f"{sha256!r} is no sha256")
        packed = self._packed(sha256)
        try:
            content = self._path_of(sha256).read_bytes() if packed is None else zlib.decompress(packed)
        except FileNotFoundError:
            raise KeyError(f"no blob {sha256} in {self._database.path} or {self._folder}") from None
        except OSError as error:
            raise Unavailable(f"{error.filename} can not be read ({error.strerror}); look at its folder") from error
        except zlib.error as error:
            raise self._corrupt(sha256) from error
        if content_id(content) != sha256:
            raise self._corrupt(sha256)
        return content

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _packed(self, sha256: str) -> bytes | None:
        for (packed,) in self._database.query("SELECT packed FROM blobs WHERE sha256 = ?", (sha256,)):
            if not isinstance(packed, bytes):
                raise JournalCorrupt(
                    f"blob {sha256} in {self._database.path} is not bytes; restore it from a copy of the run"
                )
            return packed
        return None

    def _path_of(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    def _corrupt(self, sha256: str) -> JournalCorrupt:
        where = self._path_of(sha256) if self._packed(sha256) is None else self._database.path
        return JournalCorrupt(f"blob {sha256} in {where} is not what was written; restore it from a copy of the run")


def _write(path: Path, content: bytes) -> None:
    """Let the file appear whole under its name, whoever else writes the same at the same time."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"{path} can not be written ({error.strerror}); free space, then `selfwright resume RUN`"
        ) from error
