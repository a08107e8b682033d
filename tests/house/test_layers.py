"""The contracts of import-linter hold; and each is broken by a planted offender."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house import tree

CONFIG = tree.ROOT / "pyproject.toml"
ROOMS = [
    "cli", "api", "bootstrap", "server", "config", "evolve", "tools", "selfmod", "audit", "check", "oracle", "report",
    "bench", "proposers", "diagnose", "adapters", "views", "gate", "testing", "ports", "core",
]  # fmt: skip


def lint(src: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter with this repository's contracts on the packages below `src`."""
    command = [Path(sys.executable).with_name("lint-imports"), "--config", CONFIG, "--no-cache", "--no-logo"]
    environment = os.environ | {"PYTHONPATH": str(src), "COLUMNS": "300", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=src, env=environment, capture_output=True, text=True, timeout=100, check=False)


def small_house(src: Path, **imports: str) -> Path:
    """Writes a package with every room, each of which holds a `thing`; `imports` are statements added to a room's."""
    for name in ROOMS:
        folder = src / "selfwright" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "thing.py").write_text(imports.get(name, "") + "\n")
    (src / "selfwright" / "__init__.py").touch()
    return src


def test_the_contracts_hold() -> None:
    result = lint(tree.SRC)
    assert result.returncode == 0, result.stdout + result.stderr


def test_rooms_that_do_not_exist_yet_are_no_offence(tmp_path: Path) -> None:
    small_house(tmp_path)
    for name in ROOMS[:-1]:
        shutil.rmtree(tmp_path / "selfwright" / name)
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_what_the_architecture_allows_is_no_offence(tmp_path: Path) -> None:
    small_house(
        tmp_path,
        cli="import selfwright.bootstrap.thing, typer",
        bootstrap="import selfwright.adapters.thing, selfwright.evolve.thing, selfwright.config.thing",
        evolve="import selfwright.bench.thing, selfwright.gate.thing",
        adapters="import selfwright.ports.thing, numpy",
        testing="import selfwright.ports.thing, selfwright.core.thing",
        ports="import selfwright.core.thing",
    )
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


LAYERS = "Imports point down, and siblings do not know each other"
ADAPTERS = "Only bootstrap imports adapters"
TESTING = "Nobody in src imports testing"
CORE = "The core imports the standard library only"


@pytest.mark.parametrize(
    ("room", "statement", "contracts"),
    [
        ("core", "import selfwright.ports.thing", [LAYERS]),
        ("ports", "from selfwright.gate import thing", [LAYERS]),
        ("gate", "def f():\n    import selfwright.views.thing", [LAYERS]),
        ("views", "import selfwright.bench.thing", [LAYERS]),
        ("bench", "import selfwright.proposers.thing", [LAYERS]),
        ("bench", "import selfwright.evolve.thing", [LAYERS]),
        ("evolve", "import selfwright.audit.thing", [LAYERS]),
        ("tools", "import selfwright.config.thing", [LAYERS]),
        ("server", "import selfwright.config.thing", [LAYERS]),
        ("config", "import selfwright.bootstrap.thing", [LAYERS]),
        ("bootstrap", "import selfwright.cli.thing", [LAYERS]),
        ("testing", "import selfwright.gate.thing", [LAYERS]),
        ("testing", "import selfwright.adapters.thing", [LAYERS, ADAPTERS]),
        ("cli", "import selfwright.adapters.thing", [ADAPTERS]),
        ("server", "import selfwright.adapters.thing", [ADAPTERS]),
        ("evolve", "from selfwright import adapters", [ADAPTERS]),
        ("bench", "import selfwright.adapters.thing", [LAYERS, ADAPTERS]),
        ("adapters", "import selfwright.testing.thing", [TESTING]),
        ("bootstrap", "from selfwright.testing import thing", [TESTING]),
        ("core", "import numpy", [CORE]),
        ("core", "def f():\n    from pydantic import BaseModel", [CORE]),
    ],
)
def test_a_planted_import_is_found(room: str, statement: str, contracts: list[str], tmp_path: Path) -> None:
    result = lint(small_house(tmp_path, **{room: statement}))
    assert result.returncode == 1, result.stdout + result.stderr
    broken = [line.removesuffix(" BROKEN") for line in result.stdout.splitlines() if line.endswith(" BROKEN")]
    assert broken == contracts


def test_a_room_that_nobody_placed_is_found(tmp_path: Path) -> None:
    small_house(tmp_path)
    (tmp_path / "selfwright" / "attic.py").touch()
    result = lint(tmp_path)
    assert result.returncode == 1
    assert "selfwright.attic" in result.stdout


def test_an_import_planted_in_the_real_tree_is_found(tmp_path: Path) -> None:
    for path in tree.sources():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / path, tmp_path / path)
    planted = tmp_path / "src" / "selfwright" / "core" / "planted.py"
    planted.write_text("import numpy\nimport selfwright.ports\n")
    result = lint(tmp_path / "src")
    assert result.returncode == 1
    assert "selfwright.core.planted -> numpy (l.1)" in result.stdout
    assert "selfwright.core.planted -> selfwright.ports (l.2)" in result.stdout


def test_the_contracts_name_every_room_of_the_map() -> None:
    contracts = tomllib.loads(CONFIG.read_text())["tool"]["importlinter"]["contracts"]
    layers = " ".join(contracts[0]["layers"]).replace("|", "").replace("(", "").replace(")", "").split()
    assert layers == ROOMS
