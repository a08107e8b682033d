"""The environment of a problem: what ``[environment]`` declares, and whether this machine has it."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from selfwright.bench.schema import EnvironmentEntry
from selfwright.core.environment import Environment


def as_environment(entry: EnvironmentEntry) -> Environment:
    """Return what candidates find; ``torch.nn`` counts for the top-level package that it is in."""
    return Environment(modules=tuple(dict.fromkeys(map(_top, entry.python))), folders=tuple(entry.folders))


def missing(entry: EnvironmentEntry) -> Iterator[str]:
    """Yield what is declared and not there: key, what, and the mend; nothing is imported."""
    absent = [name for name in dict.fromkeys(map(_top, entry.python)) if importlib.util.find_spec(name) is None]
    if absent:
        names = ", ".join(absent)
        yield f"environment.python: {names} can not be imported here; run: pip install {' '.join(absent)}"
    for index, folder in enumerate(entry.folders):
        path = Path(folder)
        if not path.is_absolute() or path == Path(path.anchor) or ".." in path.parts:
            yield f"environment.folders[{index}]: {folder!r} is no absolute path of a folder below /; write it in full"
        elif not path.is_dir():
            yield f"environment.folders[{index}]: looked for {folder}, which is no folder; make it, or leave it out"


def _top(name: str) -> str:
    return name.partition(".")[0]
