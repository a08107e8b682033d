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
from selfwright.check.seen import Seen
from selfwright.core.change import Files

_SOURCES = Path(__file__).with_name("planted")
_MOST_ANSWERS = 16 << 20
"""Bytes of packed answers that a program may carry."""
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
        """Return the seed with the script that the judge runs replaced; None where that is not possible."""
        found = self.script
        if found is None:
            return None
        path, language = found
        first, _, _ = self.seed[path].partition(b"\n")
        head = first.decode(errors="replace") + "\n" if first.startswith(b"#!") else ""
        if language == "python":
            return {**self.seed, path: f"{head}{_source('script')}\nmain({dict(how, way=way)!r})\n".encode()}
        return {**self.seed, path: f"{head}{_SHELL[way]}\n".encode()} if way in _SHELL else None

    @property
    def script(self) -> tuple[str, str] | None:
        """The editable file that the judge's first command names, and its language: ``python`` or ``shell``."""
        for word in self.seen.commands[0].argv if self.seen.commands else ():
            path = PurePosixPath(word).as_posix()
            if path in self.seed:
                first = self.seed[path].partition(b"\n")[0]
                if path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
                    return path, "python"
                if path.endswith(".sh") or (first.startswith(b"#!") and b"sh" in first.rpartition(b"/")[2]):
                    return path, "shell"
        return None


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
