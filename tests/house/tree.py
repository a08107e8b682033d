"""What the rules are applied to: the files of this repository."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from tests.house import rules

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
TEXT = {
    *(".py", ".pyi", ".sh", ".md", ".toml", ".txt", ".yaml", ".yml", ".cfg", ".ini", ".json", ".jsonl"),
    *(".j2", ".jinja", ".html", ".css", ".js", ".service", ""),
}


@cache
def files() -> tuple[Path, ...]:
    """Every file that git tracks or would add, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    return tuple(sorted(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()))


def texts() -> list[Path]:
    """The text files among them."""
    return [path for path in files() if path.suffix in TEXT]


def sources() -> list[Path]:
    """The Python files below `src`."""
    return [path for path in files() if path.parts[0] == "src" and path.suffix == ".py"]


def written_by_people() -> list[Path]:
    """The Python files below `src` and `examples` that are no programs under evolution."""
    candidates = {path.relative_to(ROOT) for path in rules.candidate_programs(SRC / "selfwright" / "problems")}
    examples = [path for path in files() if path.parts[0] == "examples" and path.suffix == ".py"]
    return [path for path in [*sources(), *examples] if path not in candidates]


def room(name: str) -> list[Path]:
    """The Python files of one room of `selfwright`; none if it does not exist yet."""
    return [path for path in sources() if path.parts[:3] == ("src", "selfwright", name)]
