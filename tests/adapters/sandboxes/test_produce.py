"""Files that a command leaves, carried by descriptor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes import produce
from selfwright.core.errors import SandboxError
from selfwright.ports.sandbox import MOST_PRODUCED


def carried(files: dict[str, bytes]) -> dict[str, bytes]:
    with open(os.memfd_create("harvest"), "w+b") as harvest:
        produce.write(files, harvest.fileno())
        return produce.take(harvest)


def test_what_is_written_is_taken() -> None:
    files = {"a": b"", "b/c d": bytes(range(256)), "\u00fc\n": b"x" * 3_000_000}
    assert carried(files) == files
    assert carried({}) == {}


def test_where_nothing_was_written_there_is_nothing() -> None:
    with open(os.memfd_create("harvest"), "w+b") as harvest:
        assert produce.take(harvest) == {}


def test_what_was_cut_off_is_our_failure() -> None:
    with open(os.memfd_create("harvest"), "w+b") as harvest:
        produce.write({"a": bytes(1000), "b": bytes(1000)}, harvest.fileno())
        whole = os.fstat(harvest.fileno()).st_size
        for size in (whole - 1, whole - 1500, 20, 8, 4):
            os.ftruncate(harvest.fileno(), size)
            with pytest.raises(SandboxError):
                produce.take(harvest)


def test_only_a_plain_file_that_nothing_else_links_to_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "plain").write_text("plain")
    (root / "folder" / "below").write_text("below")
    os.link(tmp_path / "secret", root / "hard")
    (root / "soft").symlink_to("plain")
    (root / "away").symlink_to(tmp_path)
    os.mkfifo(root / "fifo")
    read = {name: produce.read(root, name, 100) for name in os.listdir(root)}
    assert read == {"plain": b"plain", "folder": None, "hard": None, "soft": None, "away": None, "fifo": None}
    assert produce.read(root, "folder/below", 100) == b"below"
    for name in ("away/secret", "../secret", "..", "folder/../plain", "/etc/passwd"):
        assert produce.read(root, name, 100) is None, name


def test_one_byte_too_many_is_seen(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(11))
    assert len(produce.read(tmp_path, "file", 10) or b"") == 11
    (tmp_path / "second").write_bytes(bytes(11))
    assert sum(map(len, produce.read_all(tmp_path, ("*",), 22).values())) == 22
    assert sum(map(len, produce.read_all(tmp_path, ("*",), 21).values())) == 22


def test_one_file_too_many_is_seen(tmp_path: Path) -> None:
    for number in range(MOST_PRODUCED + 5):
        (tmp_path / str(number)).touch()
    assert len(produce.read_all(tmp_path, ("*",), 10)) == MOST_PRODUCED + 1
