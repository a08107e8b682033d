"""The scene of a check: the seed, what the judge does with it, and how a cheat is planted there."""

import ast
import base64
import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from selfwright.bench.problem import Problem
from selfwright.check.built import carrying
from selfwright.check.seen import Seen
from selfwright.core.change import Files
from selfwright.core.job import is_executable

_SOURCES = Path(__file__).with_name("planted")
_MOST_ANSWERS = 16 << 20
"""Bytes of packed answers that a program may carry."""
_PYTHON = "#!/usr/bin/env python3\n"
_ORIGINAL = ".original"
_HAND_ON = f"import os, sys\nos.execv(os.path.abspath(__file__) + {_ORIGINAL!r}, sys.argv)\n"
_SHELL = {
    "nothing": ":",
    "garbage": "echo not what was asked for",
    "huge": 'line=7; i=0; while [ $i -lt 20 ]; do line="$line $line"; i=$((i + 1)); done; echo "$line"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One program with a cheat in it.

    Attributes:
        where: The functions or the command that it was planted in, for people.
        twin: The same with the double of its number, for a cheat that states one.
        unread: For a spoiled output: what passes where nobody looks at the spoiled parts at all. Then nothing is wrong:
            they may be there for people, or the function is called for what it does.
    """

    files: Files
    where: str
    twin: Files | None = None
    unread: Files | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a cheat is planted in.

    Attributes:
        seed: The editable files.
    """

    problem: Problem
    seed: Files
    seen: Seen

    def wrapped(self, names: Sequence[str], way: str, **how: object) -> Files:
        """Return the seed with the file ``planted/<way>.py`` in front of these functions."""
        program = self.problem.program
        tail = "\n".join([
            "", "",
            '_planted = {"__name__": "planted"}',
            f'exec(compile({_source("wrap") + _source(way)!r}, "planted", "exec"), _planted)',
            f"_planted_how = {dict(how)!r}",
            'if "prepare" in _planted:',
            '    _planted["prepare"](globals(), _planted_how)',
            f'_planted["plant"](globals(), {list(names)!r}, _planted["act"], _planted_how)',
            "",
        ])  # fmt: skip
        return {**self.seed, program: self.seed[program] + tail.encode()}

    def scripted(self, way: str, **how: object) -> Files | None:
        """Return the seed with the script or program that the judge runs replaced; None where that is not possible."""
        found = self.script
        if found is None:
            return None
        path, language = found
        first, _, _ = self._files[path].partition(b"\n")
        head = first.decode(errors="replace") + "\n" if first.startswith(b"#!") else ""
        if language == "program":
            language, head = ("shell", "#!/bin/sh\n") if way in _SHELL else ("python", _PYTHON)
        if language == "python":
            return self._with({path: f"{head}{_source('script')}\nmain({dict(how, way=way)!r})\n".encode()})
        return self._with({path: f"{head}{_SHELL[way]}\n".encode()}) if way in _SHELL else None

    def handed_on(self) -> Files | None:
        """Return the seed with a script in place of the program that the judge runs, which runs that program.

        None where the judge runs a script already.
        """
        if self.script is None or self.script[1] != "program":
            return None
        path, _ = self.script
        return self._with({path: f"{_PYTHON}{_HAND_ON}".encode(), f"{path}{_ORIGINAL}": self._files[path]})

    @property
    def script(self) -> tuple[str, str] | None:
        """The file that a command of the judge names, editable or built, and what it is.

        ``python`` or ``shell``; ``program`` of whatever else can be executed.
        """
        for argv in dict.fromkeys(command.argv for command in self.seen.commands):
            for word in argv:
                path = PurePosixPath(word).as_posix()
                first = self._files.get(path, b"").partition(b"\n")[0]
                if path not in self._files:
                    continue
                if path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
                    return path, "python"
                if path.endswith(".sh") or (first.startswith(b"#!") and b"sh" in first.rpartition(b"/")[2]):
                    return path, "shell"
                if is_executable(self._files[path]):
                    return path, "program"
        return None

    @property
    def _files(self) -> Files:
        return {**self.seen.built, **self.seed}

    def _with(self, changed: Files) -> Files:
        """Return the seed with files changed where they are: among the sources, or among what is built of them."""
        if changed.keys() & self.seed.keys():
            return {**self.seed, **changed}
        return carrying(self.seed, {**self.seen.built, **changed})


def pack(answers: Mapping[bytes, object]) -> str | None:
    """Return answers as a program carries them; None where they are too large."""
    packed = zlib.compress(pickle.dumps(dict(answers)))
    return base64.b85encode(packed).decode() if len(packed) <= _MOST_ANSWERS else None


@cache
def _source(name: str) -> str:
    """Return a planted file without comments and docstrings: a judge may weigh the program."""
    tree = ast.parse((_SOURCES / f"{name}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree) + "\n"
