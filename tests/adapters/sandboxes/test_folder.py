"""The folders of supervisors that are gone are swept, and nobody else's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.folder import Folder

LEAVE = "import os; from selfwright.adapters.sandboxes.folder import Folder; Folder({}); os._exit(0)"
SWEEP = "from selfwright.adapters.sandboxes.folder import sweep; sweep()"
ELSEWHERE = ("unshare", "--map-root-user", "--pid", "--fork", "--mount-proc")


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """A folder of this process, in the temporary folder of all that ``python`` starts."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = Folder({"a.txt": b"a"})
    yield folder
    folder.remove()


def python(source: str, folder: Path, *before: str) -> "subprocess.CompletedProcess[str]":
    command = [*before, sys.executable, "-c", source]
    environment = {"PATH": os.defpath, "TMPDIR": str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_what_the_dead_left_is_swept(live: Folder, tmp_path: Path) -> None:
    assert python(LEAVE, tmp_path).returncode == 0
    assert len(list(tmp_path.iterdir())) == 2
    assert python(SWEEP, tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == [live.path]


def test_what_is_gone_before_it_can_be_swept_is_nobodys_fault(tmp_path: Path) -> None:
    assert python(LEAVE, tmp_path).returncode == 0
    (left,) = tmp_path.iterdir()
    left.rename(tmp_path / "elsewhere")
    left.symlink_to(tmp_path / "gone")  # it is listed, and not there
    done = python(SWEEP, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.may_skip("a container may not allow namespaces")
def test_who_sees_other_process_numbers_sweeps_nothing_of_the_living(live: Folder, tmp_path: Path) -> None:
    if python("", tmp_path, *ELSEWHERE).returncode:
        pytest.skip("this machine makes no pid namespace")
    assert python(LEAVE, tmp_path, *ELSEWHERE).returncode == 0
    done = python(SWEEP, tmp_path, *ELSEWHERE)
    assert done.returncode == 0, done.stderr
    assert (live.program / "a.txt").read_bytes() == b"a"
