"""A zygote that can not confine itself is none: each stage of its start broken once."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.sandboxes.root import root_of
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from tests.adapters.sandboxes import talker
from tests.adapters.sandboxes.zygote import faulty

JOB = Job(files={}, guest=talker.__file__, limits=Limits())
STAGES = {
    "namespace.unshare": "namespaces",
    "socket.sethostname": "namespaces",
    "load_guest": "guest",
    "mount.make_private": "root",
    "mount.tmpfs": "root",
    "mount.bind": "root",
    "mount.restrict": "root",
    "mount.pivot": "root",
    "forget_host": "imports",
    "os.listdir": "threads",
    "gc.freeze": "threads",
}
"""What is broken → the stage that is named."""


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a zygote's root is built."""
    folder = tmp_path / "private"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def refusal(heard: bytearray, private: Path, *, server: tuple[str, ...] = (), environment: Environment = BARE) -> str:
    """Return why no zygote came to be; nothing ran, and nothing is left before the sandbox is closed."""
    before = psutil.Process().children()
    sandbox = (
        ZygoteSandbox(environment=environment, server=server) if server else ZygoteSandbox(environment=environment)
    )
    with pytest.raises(SandboxError) as raised:
        sandbox.open(JOB)
    assert psutil.Process().children() == before
    assert list(private.iterdir()) == []
    sandbox.close()
    assert heard == b""
    return str(raised.value)


@pytest.mark.parametrize("part", STAGES)
def test_a_broken_stage_is_our_failure_and_nothing_runs(part: str, heard: bytearray, private: Path) -> None:
    said = refusal(heard, private, server=(faulty.__file__, f"server:{part}"))
    assert said.startswith(f"the zygote can not be set up: {STAGES[part]}: OSError: {faulty.WHY}")
    assert (STAGES[part] in ("namespaces", "root")) == (
        "; " in said
    )  # a mend for what a machine may deny, and no other


def module(folder: Path, name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Return an environment that declares a module of this source."""
    (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(folder))
    root_of.cache_clear()
    return Environment(modules=(name,))


def test_an_import_that_leaves_a_thread_is_refused_before_a_fork(
    heard: bytearray, private: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    environment = module(tmp_path, "leaves_a_thread", source, monkeypatch)
    said = refusal(heard, private, environment=environment)
    assert said.startswith("the zygote can not be set up: threads: OSError: importing leaves_a_thread left 1 threads")


def test_an_import_that_fails_is_named(
    heard: bytearray, private: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = module(tmp_path, "is_broken", "raise ValueError('half installed')\n", monkeypatch)
    said = refusal(heard, private, environment=environment)
    assert said.startswith("the zygote can not be set up: imports: ValueError: half installed")


def test_a_package_that_is_not_installed_is_named_and_leaves_nothing(heard: bytearray, private: Path) -> None:
    said = refusal(heard, private, environment=Environment(modules=("no_such_package",)))
    assert said == (
        "the environment declares 'no_such_package', which is not installed here: pip install no_such_package"
    )


def test_a_server_that_dies_at_once_is_told_with_its_last_words(heard: bytearray, private: Path) -> None:
    said = refusal(heard, private, server=("-c", "raise SystemExit('gone already')"))
    assert said.startswith("the zygote has ended"), said


def test_a_python_that_can_not_be_started_leaves_nothing(
    heard: bytearray, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root_of(BARE)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert refusal(heard, private).startswith("can not start the zygote: ")
