"""The whole idea in one file does what its docstring says."""

import importlib.util
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


def test_only_what_is_proven_better_becomes_a_commit(mini, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mini, "DEADLINE_S", 3.0)
    versions = mini.evolve(tmp_path)
    sizes = [version.packed_bytes for version in versions]
    assert len(sizes) >= 3
    assert sizes == sorted(sizes, reverse=True)
    log = subprocess.run(
        ["git", "-C", str(tmp_path), "log", "--format=%s|%(trailers:key=Metrics,valueonly)"],
        check=True, capture_output=True, text=True, timeout=20,
    ).stdout  # fmt: skip
    assert log.count("packed_bytes") == len(versions)
    assert "throw the text away" not in log and "divide by zero" not in log and "never return" not in log
    said = capsys.readouterr().out
    for refused in ("throw the text away", "divide by zero", "never return", "store it"):
        assert f"rejected: {refused}" in said


def test_what_was_adopted_is_what_was_measured(mini, tmp_path):
    versions = mini.evolve(tmp_path)
    assert (tmp_path / "packer.py").read_text() == versions[-1].source
    assert mini.measure(versions[-1].source) == versions[-1].packed_bytes
