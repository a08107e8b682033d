"""The whole idea in one file does what its docstring says."""

import contextlib
import importlib.util
import io
import subprocess
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "examples" / "mini.py"


@pytest.fixture(scope="module")
def mini():
    spec = importlib.util.spec_from_file_location("mini", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def evolved(mini, tmp_path_factory):
    """The folder, the versions and what was printed."""
    folder, said = tmp_path_factory.mktemp("mini"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(mini, "DEADLINE_S", 3.0)
        versions = mini.evolve(folder)
    return folder, versions, said.getvalue()


def test_only_what_is_proven_better_becomes_a_commit(evolved):
    folder, versions, said = evolved
    sizes = [version.packed_bytes for version in versions]
    assert len(sizes) >= 3
    assert sizes == sorted(sizes, reverse=True)
    log = subprocess.run(
        ["git", "-C", str(folder), "log", "--format=%s|%(trailers:key=Metrics,valueonly)"],
        check=True, capture_output=True, text=True, timeout=20,
    ).stdout  # fmt: skip
    assert log.count("packed_bytes") == len(versions)
    assert "throw the text away" not in log and "divide by zero" not in log and "never return" not in log
    for refused in ("throw the text away", "divide by zero", "never return", "store it"):
        assert f"rejected: {refused}" in said


def test_what_was_adopted_is_what_was_measured(mini, evolved):
    folder, versions, _ = evolved
    assert (folder / "packer.py").read_text() == versions[-1].source
    assert mini.measure(versions[-1].source) == versions[-1].packed_bytes
