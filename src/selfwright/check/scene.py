"""The scene of a check: the seed, what the judge does with it, and how a cheat is planted there."""

import ast
import base64
import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from selfwright.bench.problem import Problem
from selfwright.check.built import COMMAND, carrying
from selfwright.check.program import Language, Program, named, programs, runnable, whole
from selfwright.check.seen import Seen
from selfwright.core.change import Files
from selfwright.core.metric import Metric
from selfwright.gate.exact import metric_named

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

    @property
    def objective(self) -> Metric:
        """What decides."""
        return metric_named(self.problem.metrics, self.problem.objective.metric)

    @property
    def programs(self) -> list[Program]:
        """What the commands of the judge run by name: editable, or built."""
        found = programs(self.seen.commands, self._files)
        return found or (whole(COMMAND, self.seen.commands) if self.problem.command else [])

    def left_out(self) -> list[str]:
        """Return the commands, as people write them, of which nothing can be replaced."""
        files = self._files
        if self.problem.command:
            return []  # the whole of it is
        return list(dict.fromkeys(
            " ".join(command.argv[:3]) for command in self.seen.commands if named(command, files) is None
        ))  # fmt: skip

    def scripted(self, chosen: Sequence[Program], way: str, **how: object) -> Files | None:
        """Return the seed with these programs replaced by ones that go a way of ``planted/script.py``.

        None where the answers that they were to carry are too large.
        """
        changed: dict[str, Files] = {}
        for program in chosen:
            more = {"answers": pack(program.answers())} if way == "replay" else {}
            if None in more.values():
                return None
            if way in _SHELL and program.language is not Language.PYTHON:
                changed[program.path] = program.in_shell(f"{_SHELL[way]}\n")
            else:
                changed[program.path] = program.replaced(_script(way, {**how, **more}))
        return self._with(changed)

    def idle(self) -> Files:
        """Return a program that does nothing at all."""
        if self.seen.calls:
            return self.wrapped(self.seen.functions, "nothing")
        return self.scripted(self.programs, "nothing") or self.seed

    def handed_on(self) -> Files | None:
        """Return the seed with a program in place of each one that the judge runs, which runs that one.

        None where these are scripts in Python alone, as the planted ones are.
        """
        others = [program for program in self.programs if program.language is not Language.PYTHON]
        return self._with({program.path: program.handed_on() for program in others}) if others else None

    def recorded(self) -> Files | None:
        """Return the seed with a recorder in place of every program; None where commands name what they run."""
        found = runnable(self._files) if self.left_out() else []
        changed = {program.path: program.recorded(_source("recorder")) for program in found}
        return self._with(changed, built=self.seen.built) if changed else None

    @property
    def _files(self) -> Files:
        return {**self.seen.built, **self.seed}

    def _with(self, changed: Mapping[str, Files], built: Files | None = None) -> Files:
        """Return the seed with programs changed where they are: among the sources, or among what is built of them.

        Args:
            built: What stays as it was built, also where sources alone are changed.
        """
        sources, products = dict(self.seed), dict(built or {})
        for path, files in changed.items():
            (sources if path in self.seed else products).update(files)
        return carrying(sources, {**self.seen.built, **products}) if products else sources


def pack(answers: Mapping[bytes, object]) -> str | None:
    """Return answers as a program carries them; None where they are too large."""
    packed = zlib.compress(pickle.dumps(dict(answers)))
    return base64.b85encode(packed).decode() if len(packed) <= _MOST_ANSWERS else None


def _script(way: str, how: Mapping[str, object]) -> str:
    """Return a program that stands alone and goes this way."""
    if way == "reader":
        return f"{_source('reader')}\nprepare({{}}, {dict(how)!r})\n"
    return f"{_source('script')}\nmain({dict(how, way=way)!r})\n"


@cache
def _source(name: str) -> str:
    """Return a planted file without comments and docstrings: a judge may weigh the program."""
    tree = ast.parse((_SOURCES / f"{name}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree) + "\n"
