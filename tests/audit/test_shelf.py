"""Versions are whole or absent, `best` is old or new, and links are not followed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from selfwright.audit.shelf import Shelf
from selfwright.core.errors import BadInput, Unavailable

PROGRAM = {"codec.py": b"x = 1\r\n", "lib/fast.py": b""}
RECORDS = {"metrics.json": b"{}\n"}


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_version_and_best(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(0, PROGRAM, RECORDS)
    shelf.put(1, {"codec.py": b"x = 2\n"}, RECORDS)
    assert content(tmp_path / "versions" / "v0") == {**PROGRAM, **RECORDS}
    assert content(tmp_path / "versions" / "v1") == content(tmp_path / "best") == {"codec.py": b"x = 2\n", **RECORDS}
    assert names(tmp_path) == ["best", "versions"]
    assert names(tmp_path / "versions") == ["v0", "v1"]


def test_best_comes_along_when_a_run_is_moved(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    Shelf(tmp_path / "run").put(0, PROGRAM, RECORDS)
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    assert content(tmp_path / "elsewhere" / "best") == {**PROGRAM, **RECORDS}


def test_the_same_again_writes_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(0, PROGRAM, RECORDS)
    before = [(path, path.lstat().st_ino, path.lstat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))]
    shelf.put(0, PROGRAM, RECORDS)
    assert [(path, path.lstat().st_ino, path.lstat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))] == before


def test_a_version_that_was_written_in_is_restored(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(0, PROGRAM, RECORDS)
    (tmp_path / "best" / "codec.py").write_bytes(b"edited by hand")
    (tmp_path / "best" / "extra").write_bytes(b"")
    shelf.put(0, PROGRAM, RECORDS)
    assert content(tmp_path / "best") == {**PROGRAM, **RECORDS}
    assert names(tmp_path / "versions") == ["v0"]


def test_a_version_that_is_a_link_to_the_same_content_is_made_again(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        Shelf(tmp_path / folder).put(0, PROGRAM, RECORDS)
    shelf, place = Shelf(tmp_path / "a"), tmp_path / "a" / "versions" / "v0"
    (place / "codec.py").unlink()
    (place / "codec.py").symlink_to(tmp_path / "b" / "versions" / "v0" / "codec.py")
    shelf.put(0, PROGRAM, RECORDS)
    assert not (place / "codec.py").is_symlink()
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    shelf.put(0, PROGRAM, RECORDS)
    assert not place.is_symlink()
    assert content(place) == content(tmp_path / "moved")


def test_a_best_that_was_copied_as_a_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "codec.py").write_bytes(b"old")
    Shelf(tmp_path).put(0, PROGRAM, RECORDS)
    assert content(tmp_path / "best") == {**PROGRAM, **RECORDS}


# Below each folder 1, 2, 3, ... a child puts v1 beside v0, and dies by SIGKILL at its n-th call of a function that
# changes the disk; the last one is left alone because it needs fewer calls than that.
_DIES = """
import os, pathlib, signal, sys
from selfwright.audit.shelf import Shelf
def dying(name, left):
    real = getattr(os, name)
    def call(*arguments, **options):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, call)
for step in range(1, 100):
    run = pathlib.Path(sys.argv[1], str(step))
    run.mkdir()
    Shelf(run).put(0, {"codec.py": b"old"}, {"metrics.json": b""})
    child = os.fork()
    if not child:
        left = [step]
        for name in ("mkdir", "open", "rename", "replace", "symlink", "rmdir", "unlink", "fsync"):
            dying(name, left)
        Shelf(run).put(1, {"codec.py": b"new", "lib/fast.py": b""}, {"metrics.json": b"{}"})
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


def test_killed_anywhere_it_is_old_or_new_and_doing_it_again_restores(tmp_path: Path) -> None:
    old = {"codec.py": b"old", "metrics.json": b""}
    new = {"codec.py": b"new", "lib/fast.py": b"", "metrics.json": b"{}"}
    subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=True, timeout=60)
    steps = sorted(map(int, names(tmp_path)))
    assert 10 < len(steps) < 99
    seen = []
    for run in (tmp_path / str(step) for step in steps):
        seen.append(content(run / "best"))
        assert not (run / "versions" / "v1").exists() or content(run / "versions" / "v1") == new
        Shelf(run).put(1, {"codec.py": b"new", "lib/fast.py": b""}, {"metrics.json": b"{}"})
        assert content(run / "best") == content(run / "versions" / "v1") == new
        assert names(run / "versions") == ["v0", "v1"]
        assert names(run) == ["best", "versions"]
    turn = seen.index(new)
    assert seen == [old] * turn + [new] * (len(steps) - turn)
    assert 0 < turn < len(steps)


@pytest.mark.parametrize("name", ["versions", "versions/v0", "versions/.v0.new", "best", ".best.new"])
def test_a_planted_link_is_not_followed(tmp_path: Path, name: str) -> None:
    run, outside = tmp_path / "run", tmp_path / "outside"
    (run / name).parent.mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_bytes(b"")
    (run / name).symlink_to(outside)
    if name == "versions":
        with pytest.raises(Unavailable, match=r"is a link.*then resume"):
            Shelf(run).put(0, PROGRAM, RECORDS)
    else:
        Shelf(run).put(0, PROGRAM, RECORDS)
        assert content(run / "best") == {**PROGRAM, **RECORDS}
    assert names(outside) == ["kept"]


def test_a_program_can_not_write_its_own_record(tmp_path: Path) -> None:
    for name in ("metrics.json", "Metrics.json", "certificate.json"):
        with pytest.raises(BadInput, match="kept beside every version"):
            Shelf(tmp_path).put(0, {name: b""}, RECORDS)
    with pytest.raises(BadInput, match="segment"):
        Shelf(tmp_path).put(0, {"../../x": b""}, RECORDS)
    assert names(tmp_path) == []


def test_a_disk_that_does_not_take_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "versions").write_bytes(b"")
    with pytest.raises(Unavailable, match="can not write below"):
        Shelf(tmp_path).put(0, PROGRAM, RECORDS)
