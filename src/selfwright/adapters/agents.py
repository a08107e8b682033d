"""Where the program of an agent lies on this machine, and the little of it that a sandbox must show to run it.

Shown are files by name, never the folder that they happen to lie in: beside a script may lie what nobody is to see. The
exceptions hold packages and nothing else: a virtual environment, and a folder ``node_modules``.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.adapters.sandboxes.root import root_of
from selfwright.core.environment import BARE
from selfwright.core.errors import BadInput

_ENV = "env"
_PYTHON = ("python", "python3")
"""Asked for by name, it is the sandbox's own, as for candidates: what is called so outside may be a shim."""
_MOST_STEPS = 8


@dataclass(slots=True, kw_only=True)
class Installed:
    """A program, ready to be run in a sandbox.

    Attributes:
        program: Its path, absolute.
        shown: Files and folders that are not shown anyway.
        search: Folders of the interpreters that it asks for by name.
    """

    program: str
    shown: list[str] = field(default_factory=list)
    search: list[str] = field(default_factory=list)


def find_agent(program: str, files: Iterable[str], mend: str = "") -> Installed:
    """Return where a program lies, with the files that its command names.

    Args:
        program: A name that is looked for on the search path, or a path.
        mend: How it is installed, where that is known.

    Raises:
        BadInput: It is not here, or can not be executed.
    """
    path = sys.executable if program in _PYTHON else shutil.which(program)
    if path is None:
        how = f"install it ({mend})" if mend else "install it, or give its path"
        raise BadInput(f"the agent {program!r} is not here: {how}; `selfwright doctor` says which there are")
    found = Installed(program="")
    found.program = _show(Path(path).absolute(), found, _MOST_STEPS)
    for name in files:
        _add(found.shown, str(Path(name).absolute()))
    return found


def _show(path: Path, found: Installed, steps: int) -> str:
    """Note what a program needs, its interpreter included, and return by which path it is to be run."""
    if steps == 0 or _is_there_anyway(str(path)):
        return str(path)
    real = path.resolve()
    if (venv := path.parent.parent) and (venv / "pyvenv.cfg").is_file():
        _add(found.shown, str(venv))
        _show(real, found, 0 if real.is_relative_to(venv) else 1)
        _add(found.shown, *_base(venv))
        real = path
    elif "node_modules" in real.parts:
        _add(found.shown, str(Path(*real.parts[: real.parts.index("node_modules") + 1])))
    else:
        _add(found.shown, str(real))
    words = _interpreter(real)
    if words and os.path.basename(words[0]) == _ENV:
        named = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
        interpreter = shutil.which(named) if named and named not in _PYTHON else None
        if interpreter and not _is_there_anyway(interpreter):
            _add(found.search, os.path.dirname(_show(Path(interpreter).absolute(), found, steps - 1)))
    elif words:
        _show(Path(words[0]), found, steps - 1)
    return str(real)


def _base(venv: Path) -> list[str]:
    """Return the installation of Python that a virtual environment is made of, where a sandbox does not show it."""
    lines = (venv / "pyvenv.cfg").read_text(errors="replace").splitlines()
    homes = [Path(line.partition("=")[2].strip()) for line in lines if line.partition("=")[0].strip() == "home"]
    return [str(home.parent) for home in homes if home.name == "bin" and not _is_there_anyway(str(home))]


def _interpreter(script: Path) -> list[str]:
    try:
        with script.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return []
    return first[2:].decode(errors="replace").split() if first.startswith(b"#!") else []


def _is_there_anyway(path: str) -> bool:
    root = root_of(BARE)
    if any(path.startswith(f"{mask}/") for mask in root.masks):
        return False
    return any(path == each or path.startswith(f"{each}/") for each in (*root.binds, *root.links) if each != "/tmp")


def _add(places: list[str], *more: str) -> None:
    places += [each for each in more if each not in places and not _is_there_anyway(each)]
