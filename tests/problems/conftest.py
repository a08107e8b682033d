"""The judge's folder on the path, as in the judge process."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from selfwright import api

Import = Callable[[str, str], ModuleType]


@pytest.fixture
def judge_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Import]:
    """Import a file of a bundled problem by name; no module of it is left behind for another problem."""
    before = set(sys.modules)
    folders = {problem.name: problem.folder for problem in api.problems()}

    def load(problem: str, name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(folders[problem]))
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(folders["prompt"].parent):
            del sys.modules[name]
