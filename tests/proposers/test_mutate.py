from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.core.brief import Past
from selfwright.core.change import Files, Proposal
from selfwright.core.draw import draw
from selfwright.core.metric import Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.ports.proposer import Proposer
from selfwright.proposers import mutate
from selfwright.proposers.label import bears
from selfwright.proposers.mutate import Mutate
from selfwright.testing.proposer import BRIEF, START, PlainAsk, ProposerContract

ROOT = Path(__file__).parents[2]
PROGRAM = b"""\
import math

SCALE = 3


def encode(xs):
    out = []
    for i in xs:
        out.append(math.sqrt(i) * SCALE)
    return out


def decode(xs):
    return [round((x / SCALE) ** 2) for x in xs if x > 0]
"""


class TestMutate(ProposerContract):
    programs: Mapping[str, Files] = {"v0": {"p.py": PROGRAM, "notes.txt": b"not code\n"}}

    def make(self, folder: Path) -> Proposer:
        return Mutate()


def asks(files: Files, trials: int, **more: object) -> list[PlainAsk]:
    first = replace(PlainAsk(programs={"v0": files}), **more)
    return [replace(first, trial=trial, seed=draw(7, "ask", trial)) for trial in range(1, trials + 1)]


def past(trial: int, kind: str, gained: bool, *, parent: str = "v0", size: float = 9.0) -> Past:
    decision = Decision.ADOPT if gained else Decision.REJECT
    return replace(
        START, trial=f"t{trial}", parents=(parent,), proposer=f"mutate ({kind})", decision=decision, version=None,
        metrics={"size": size},
    )  # fmt: skip


MODULES = ("bisect", "colorsys", "textwrap", "fnmatch", "string", "quopri", "copyreg", "sched")
SOURCES = [inspect.getsource(importlib.import_module(name)) for name in MODULES]
SOURCES += [path.read_text() for path in sorted((ROOT / "src/selfwright/problems").glob("*/codec.py"))]
SOURCES += [(ROOT / "tools/codec_ladder/v3_motion.py").read_text()]


@pytest.mark.parametrize("text", SOURCES, ids=range(len(SOURCES)))
def test_every_proposal_is_another_program_and_says_what_was_done(text: str) -> None:
    files = {"p.py": text.encode()}
    seen = set()
    for ask in asks(files, 20, brief=replace(BRIEF, modules=("numpy",))):
        proposal = Mutate().ask(ask)
        assert proposal is not None
        assert list(proposal.files) == ["p.py"]
        content = proposal.files["p.py"]
        assert content is not None
        assert content != files["p.py"]
        compile(content, "p.py", "exec")
        assert ast.dump(ast.parse(content)) != ast.dump(ast.parse(text))
        assert bears(proposal.proposer, "mutate")
        assert len(proposal.reason.split()) > 2
        seen.add(content)
    assert len(seen) > 10


def test_what_was_tried_or_refused_is_not_proposed_again() -> None:
    files = {"p.py": b"A = True\n\n\ndef f():\n    return A\n"}
    programs, history, said = {"v0": files}, [], []
    for trial in range(1, 200):
        ask = PlainAsk(programs=programs, trial=trial, seed=draw(1, "ask", trial), history=history)
        proposal = Mutate().ask(ask)
        if proposal is None:
            break
        said.append(proposal.files["p.py"])
        programs[f"t{trial}"] = {"p.py": said[-1] or b""}
        status = None if trial % 2 else TrialStatus.CRASHED  # refused, or crashed
        history = [*history, replace(past(trial, "constant", False), status=status, metrics={})]
    assert len(said) == len(set(said)) < 199
    assert {b"A = False\n\n\ndef f():\n    return A\n", b"A = True\n\n\ndef f():\n    pass\n"} <= set(said)


def test_a_trial_that_was_no_program_is_no_hindrance() -> None:
    history = [replace(past(1, "constant", False), status=None)]
    assert Mutate().ask(PlainAsk(programs={"v0": {"p.py": PROGRAM}}, history=history, trial=2)) is not None


def test_where_there_is_nothing_to_edit_it_has_nothing_to_say() -> None:
    for files in ({"notes.txt": b"x = 1\n"}, {"p.py": b"x = (\n"}, {"p.py": b"\xff"}, {"p.py": b"import os\n"}, {}):
        assert Mutate().ask(PlainAsk(programs={"v0": files})) is None


def test_what_the_archive_suggests_is_where_it_starts() -> None:
    other = {"p.py": PROGRAM.replace(b"SCALE = 3", b"SCALE = 4")}
    ask = PlainAsk(
        programs={"v0": {"p.py": PROGRAM}, "t5": other}, parent="t5", history=[past(5, "constant", False)], trial=6
    )
    proposal = Mutate().ask(ask)
    assert proposal is not None
    assert proposal.parent == "t5"


def test_only_what_stands_between_the_markers_changes() -> None:
    text = (
        b"A = 1\n# EVOLVE-BLOCK-START\ndef f(x):\n    return x + 5\n# EVOLVE-BLOCK-END\ndef g(x):\n    return x - 5\n"
    )
    files = {"p.py": text, "fixed.py": b"# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\nB = 3\n"}
    for ask in asks(files, 30):
        proposal = Mutate().ask(ask)
        assert proposal is not None
        assert list(proposal.files) == ["p.py"]
        content = proposal.files["p.py"] or b""
        assert content.startswith(b"A = 1\n# EVOLVE-BLOCK-START\n")
        assert content.endswith(b"# EVOLVE-BLOCK-END\ndef g(x):\n    return x - 5\n")


def kinds(ask: PlainAsk, trials: int = 60) -> list[str]:
    trial = len(ask.history) + 1
    said = [Mutate().ask(replace(ask, trial=trial, seed=draw(3, "ask", each))) for each in range(trials)]
    return [each.proposer.removeprefix("mutate (").rstrip(")") for each in said if each is not None]


def test_a_kind_that_gains_is_drawn_more_often() -> None:
    programs = {"v0": {"p.py": PROGRAM}} | {f"t{n}": {"p.py": b"X = %d\n" % n} for n in range(1, 61)}
    history = [past(n, "call" if n % 2 else "operator", bool(n % 2), size=10.0) for n in range(1, 61)]
    drawn = kinds(PlainAsk(programs=programs, history=history))
    assert drawn.count("call") > 25
    assert drawn.count("operator") < 6


def test_a_better_measurement_counts_where_luck_has_no_part_in_it() -> None:
    programs = {"v0": {"p.py": PROGRAM}} | {f"t{n}": {"p.py": b"X = %d\n" % n} for n in range(1, 31)}
    better, worse = (
        [past(n, "statement" if n % 3 == 0 else "call", False, size=size if n % 3 == 0 else 12.0) for n in range(1, 31)]
        for size in (9.0, 11.0)
    )
    noisy = replace(BRIEF, metrics=(Metric(name="size", noisy=True),), objective=Objective(metric="size"))
    ask = PlainAsk(programs=programs)
    assert kinds(replace(ask, history=better)).count("statement") > 25
    assert kinds(replace(ask, history=worse)).count("statement") < 10
    assert kinds(replace(ask, history=better, brief=noisy)).count("statement") < 10


def test_what_makes_programs_faster_comes_first_where_time_counts() -> None:
    noisy = replace(BRIEF, metrics=(Metric(name="size", noisy=True),), objective=Objective(metric="size"))
    fast = ("comprehension", "binding", "membership", "hoist", "idiom", "cache", "vectorise")
    ask = PlainAsk(programs={"v0": {"p.py": PROGRAM}})
    counts = [sum(kind in fast for kind in kinds(replace(ask, brief=brief))) for brief in (BRIEF, noisy)]
    assert counts[1] > 1.5 * counts[0]


def test_all_that_means_to_be_faster_is_proposed_at_once_where_time_counts() -> None:
    noisy = replace(BRIEF, metrics=(Metric(name="size", noisy=True),), objective=Objective(metric="size"))
    program = PROGRAM.replace(b"round((x", b"min(x, 9) + round((x")
    first, *others = [Mutate().ask(ask) for ask in asks({"p.py": program}, 3, brief=noisy)]
    assert first is not None
    assert first.proposer == "mutate (every)"
    assert b"out = [math.sqrt(i) * SCALE for i in xs]" in (first.files["p.py"] or b"")
    assert b"9 if 9 < x else x" in (first.files["p.py"] or b"")
    kinds_of = [each.proposer for each in others if each is not None]
    assert kinds_of == ["mutate (inline)", "mutate (comprehension)"]  # the ones before are in the making
    sure = Mutate().ask(asks({"p.py": program}, 1)[0])
    assert sure is not None
    assert sure.proposer != "mutate (every)"


def test_a_function_of_another_program_of_the_archive_comes_over() -> None:
    donor = {"p.py": PROGRAM.replace(b"math.sqrt(i)", b"(i ** 0.5)")}
    ask = PlainAsk(programs={"v0": {"p.py": PROGRAM}, "t1": donor}, inspirations=("t1",))
    ask = replace(ask, history=[past(1, "call", False)], trial=2)
    said = [Mutate().ask(replace(ask, seed=seed)) for seed in range(40)]
    crossed = [each for each in said if each is not None and each.proposer == "mutate (crossover)"]
    assert not crossed  # it would be the donor itself
    third = {"p.py": donor["p.py"].replace(b"SCALE = 3", b"SCALE = 4")}
    ask = replace(ask, programs={"v0": {"p.py": PROGRAM}, "t1": third})
    said = [Mutate().ask(replace(ask, seed=seed)) for seed in range(40)]
    reasons = {each.reason for each in said if each is not None and each.proposer == "mutate (crossover)"}
    assert reasons == {"took `encode` from t1", "took `SCALE` from t1"}


def test_its_cost_does_not_grow_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    class Counting(PlainAsk):
        def program(self, name: str) -> Files:
            read.append(name)
            return {"p.py": PROGRAM}

    history = [past(n, "call", False) for n in range(1, 2001)]
    monkeypatch.setattr(mutate, "LOOK_BACK", 64)
    Mutate().ask(Counting(programs={}, history=history, trial=2001))
    assert len(read) < 64 + 20


def test_the_library_behind_it_is_read_when_it_is_asked_for() -> None:
    code = "import sys, selfwright.cli, selfwright.bootstrap; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_those_in_the_making_do_not_propose_the_same() -> None:
    text = b"A = 1\n\n\ndef f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    return out\n"
    history = [past(n, "comprehension" if n < 21 else "constant", n < 21, size=10.0) for n in range(1, 81)]
    programs = {"v0": {"p.py": text}} | {f"t{n}": {"p.py": b"X = %d\n" % n} for n in range(1, 81)}
    ask = PlainAsk(programs=programs, history=history)
    counts = []
    for run in range(6):
        for first in (81, 0):  # each with all verdicts known; or seven of them in the making at once
            trials = range(82, 89)
            said = [Mutate().ask(replace(ask, trial=first or trial, seed=draw(run, "ask", trial))) for trial in trials]
            counts.append(sum(each is not None and each.proposer == "mutate (comprehension)" for each in said))
    alone, beside = counts[::2], counts[1::2]
    assert max(beside) == 1  # there is one only
    assert sum(beside) > 1
    assert sum(alone) > 24  # and it gains most


def test_it_repeats_itself_from_seed_and_trial_alone() -> None:
    first = [Mutate().ask(ask) for ask in asks({"p.py": PROGRAM}, 10)]
    assert first == [Mutate().ask(ask) for ask in asks({"p.py": PROGRAM}, 10)]
    assert all(isinstance(each, Proposal) for each in first)
    assert len({each.files["p.py"] for each in first if each}) > 6
