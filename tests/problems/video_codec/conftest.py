"""The judge's folder on the path, as in the judge process, and a candidate that runs in this process."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

PROBLEM = Path(__file__).resolve().parents[3] / "src/selfwright/problems/video_codec"
_SIBLINGS = ("clips", "judge", "picture", "procedural", "program", "quality")


@pytest.fixture(autouse=True)
def judge_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`import judge` works in each test, and leaves no module behind for another problem's judge."""
    monkeypatch.syspath_prepend(str(PROBLEM))
    for name in _SIBLINGS:
        sys.modules.pop(name, None)
    yield PROBLEM
    for name in _SIBLINGS:
        sys.modules.pop(name, None)


class CallFailed(Exception):
    """Stands for the framework's error of that name."""


class Outcome:
    """What a call gives: status, and a value that raises unless the call went well."""

    def __init__(self, status: str, value: object = None, reason: str = "") -> None:
        self.status, self.ok, self.log = status, status == "ok", reason
        self.wall_s, self.load_s, self.cpu_s, self.peak_memory_bytes = 0.25, 0.1, 0.2, 1 << 20
        self._value = value

    @property
    def value(self) -> object:
        """The result.

        Raises:
            CallFailed: The call did not go well.
        """
        if not self.ok:
            raise CallFailed(f"{self.status}: {self.log}")
        return self._value


class Candidate:
    """Runs a program's text in a fresh module each call; like the real one, it turns exceptions into a status."""

    def __init__(self, source: str = "", **functions: object) -> None:
        self._source, self._functions = source, functions
        self.calls: list[str] = []

    def read(self, path: str) -> bytes:
        """The program's text."""
        assert path == "codec.py"
        return self._source.encode()

    def call(self, function: str, *args: object, wall_s: float | None = None) -> Outcome:
        """Run one function of the program."""
        del wall_s
        self.calls.append(function)
        module = types.ModuleType("candidate")
        exec(compile(self._source, "codec.py", "exec"), module.__dict__)
        module.__dict__.update(self._functions)
        try:
            return Outcome("ok", module.__dict__[function](*args))
        except Exception as error:  # noqa: BLE001 - a candidate may raise anything
            return Outcome("crashed", reason=repr(error))
