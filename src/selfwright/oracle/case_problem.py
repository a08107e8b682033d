"""Writes the problem of a function on a person's own cases: a folder that the ordinary loop takes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput
from selfwright.oracle.carrying import Carried, carry
from selfwright.oracle.marking import marked
from selfwright.oracle.target import Target

JUDGE, CASES = "optimize_judge.py", "optimize_cases.bin"

_JUDGE = '''"""Judges {function}, outside the sandbox. Written by `selfwright.optimize`."""

{theirs}
from pathlib import Path as _Path

from selfwright.oracle import CaseJudge as _CaseJudge

evaluate = _CaseJudge(
    {function!r}, cases={cases}, stored={stored}, check={check}, score={score}
).evaluate
'''
_PROBLEM = """\
name = {name}
description = {description}
editable = [{program}]
[evaluate]
judge = "{judge}"
wall_s = 300
[metrics]
{metric} = {{ {metric_words} }}
[objective]
metric = "{metric}"
minimum_effect = {effect}
max_pairs = 100
[[stages]]
name = "full"
{holdout}[environment]
python = {packages}
[limits]
wall_s = 10
"""
_HOLDOUT = '[[stages]]\nname = "holdout"\nholdout = true\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants of a function.

    Attributes:
        cases: Makes them from a seed; None where they are listed, packed in ``stored``.
        check: None: it must do what it does now.
        score: None: what counts is time.
        better: Of a score: ``higher`` or ``lower``.
        effect: The least gain that is worth a version.
    """

    cases: Callable[..., object] | None = None
    stored: bytes = b""
    check: Callable[..., object] | None = None
    score: Callable[..., object] | None = None
    better: str = "higher"
    effect: str = "2 %"

    def theirs(self) -> Carried:
        """Return what they wrote, as source.

        Raises:
            BadInput: It can not be carried.
        """
        return carry(*(each for each in (self.cases, self.check, self.score) if each is not None))


def write_case_problem(target: Target, wanted: Wanted, folder: Path, *, name: str) -> None:
    """Write the problem of a function into a folder, which is made.

    Raises:
        BadInput: Cases, check or score can not be carried.
    """
    theirs = wanted.theirs()
    if "evaluate" in {*theirs.pieces, *theirs.imports, *theirs.values}:
        raise BadInput("`evaluate` is the judge's own name; give yours another")
    folder.mkdir(parents=True)
    (folder / target.program).write_bytes(marked(target))
    if wanted.stored:
        (folder / CASES).write_bytes(wanted.stored)
    (folder / JUDGE).write_text(
        _JUDGE.format(
            function=target.function,
            theirs=theirs.text() if theirs.pieces else "",
            cases=_named(wanted.cases),
            stored=f'_Path(__file__).with_name("{CASES}")' if wanted.stored else None,
            check=_named(wanted.check),
            score=_named(wanted.score),
        )
    )
    metric, words = "time_us", 'unit = "us", better = "lower", noisy = true'
    if wanted.score:
        metric, words = "score", f'better = "{wanted.better}"'
    (folder / "problem.toml").write_text(
        _PROBLEM.format(
            name=json.dumps(name),
            description=json.dumps(_words(target, wanted), ensure_ascii=False),
            program=json.dumps(target.program),
            judge=JUDGE,
            metric=metric,
            metric_words=words,
            effect=json.dumps(wanted.effect),
            packages=json.dumps(target.packages({})),
            holdout=_HOLDOUT if wanted.score and wanted.cases else "",
        )
    )


def _named(function: Callable[..., object] | None) -> str | None:
    return None if function is None else str(getattr(function, "__name__", None))


def _words(target: Target, wanted: Wanted) -> str:
    named = _named(wanted.check)
    if wanted.score:
        goal = f"Make the score of the function {target.function} of {target.program} {wanted.better}"
        rules = f"A check, {named}, must accept every output" if named else "Any output is right that has a score"
    else:
        goal = f"Make the function {target.function} of {target.program} faster"
        same = "It must do what it does now: the same result, kind of exception and changes of its arguments"
        rules = f"A check, {named}, must accept every output beside what it returns now" if named else same
        rules += ". No two timed inputs are alike, so remembering results gains nothing"
    doc = (target.node.body and target.node.body[0]) or None
    said = getattr(getattr(doc, "value", None), "value", None)
    about = f" What it does: {said.strip().splitlines()[0]}" if isinstance(said, str) and said.strip() else ""
    return f"{goal}. {rules}.{about}"
