"""A skipped test is a failure in CI, and only there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree

MARKERS = "[pytest]\nmarkers =\n  needs_tmux\n  needs_nothing\n  may_skip(reason)\n"
CASES = {
    "missing": "import pytest\n@pytest.mark.needs_tmux\ndef test_a(): raise RuntimeError('ran')\n",
    "skip": "import pytest\ndef test_a(): pytest.skip('no reason')\n",
    "skipif": "import pytest\n@pytest.mark.skipif(True, reason='no reason')\ndef test_a(): ...\n",
    "module": "import pytest\npytest.importorskip('no_such_module')\ndef test_a(): ...\n",
}
HARMLESS = {
    "passes": "def test_a(): ...\n",
    "xfail": "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_a(): assert False\n",
    "may_skip": "import pytest\n@pytest.mark.may_skip('macOS only')\ndef test_a(): pytest.skip('Linux')\n",
}


def run(folder: Path, source: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    """Runs one test module beside a copy of our conftest, with no program on the path."""
    shutil.copy(tree.ROOT / "tests" / "conftest.py", folder)
    (folder / "pytest.ini").write_text(MARKERS)
    (folder / "test_case.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-rs", str(folder)]
    environment = {**os.environ, "CI": ci, "PATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("case", CASES)
def test_a_skip_fails_in_ci(case: str, tmp_path: Path) -> None:
    result = run(tmp_path, CASES[case], ci="true")
    assert result.returncode != 0, result.stdout
    assert "skipped, which is a failure in CI" in result.stdout


@pytest.mark.parametrize("case", CASES)
def test_a_skip_is_a_skip_elsewhere(case: str, tmp_path: Path) -> None:
    result = run(tmp_path, CASES[case], ci="")
    assert "1 skipped" in result.stdout
    assert "failed" not in result.stdout


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_no_silent_skip_passes_in_ci(case: str, tmp_path: Path) -> None:
    result = run(tmp_path, HARMLESS[case], ci="true")
    assert result.returncode == 0, result.stdout


def test_a_missing_package_is_named_with_its_mend(tmp_path: Path) -> None:
    result = run(tmp_path, CASES["missing"], ci="")
    assert "tmux is not installed: scripts/install_system_packages.sh" in result.stdout
