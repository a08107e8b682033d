"""A function that gets better from Python: its source taken, judged on its owner's cases, put back."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import selfwright
from selfwright.core import event as ev
from selfwright.core.errors import BadInput, Unfit

MODULE = '''\
"""Mine."""

import random

FIRST = 0


def pick(values):
    """Return a large value."""
    return values[FIRST]


def make_cases(seed):
    rng = random.Random(seed)
    return [([rng.randrange(1, 1000) for _ in range(9)],) for _ in range(4)]


def is_one_of_them(output, expected, values):
    return output in values


def value_of(output, values):
    return output


def common(left, right):
    """Return the values of left that right has too, in their order."""
    found = []
    for value in left:
        if value in right:
            found.append(value)
    return found


def first_common(left, right):
    """Return the first value of left that right has too, or None."""
    for value in left:
        if value in right:
            return value
    return None


def make_lists(seed):
    rng = random.Random(seed)
    return [tuple([rng.randrange(10**6) for _ in range(500)] for _ in range(2)), ([1, 2], [2, 1])]


def same_values(output, expected, left, right):
    return sorted(output) == sorted(expected)


def drawn(values):
    return random.choice(values)


def always_the_same(seed):
    return [[2, 1]]
'''


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MODULE)
    spec = importlib.util.spec_from_file_location("mine", tmp_path / "mine.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def session(folder: Path, *bodies: str) -> str:
    """Proposals: the function with these expressions in place of its own, the other files of it as they are."""
    texts = [f"FIRST = 0\n\n\ndef pick(values):\n    return {body}\n" for body in bodies]
    lines = [json.dumps({"files": {"program.py": text}, "reason": f"idea {n}"}) for n, text in enumerate(texts)]
    (folder / "ideas.jsonl").write_text("\n".join(lines) + "\n")
    return f"recorded:{folder / 'ideas.jsonl'}"


def interrupt_once() -> Callable[[ev.Event, object], None]:
    sent: list[ev.Event] = []

    def on_event(event: ev.Event, state: object) -> None:
        if isinstance(event, ev.Judged) and not sent:
            sent.append(event)
            os.kill(os.getpid(), signal.SIGINT)

    return on_event


def test_a_better_score_is_found_under_a_check_also_after_ctrl_c_and_put_back(mine: ModuleType, tmp_path: Path) -> None:
    def optimize(**more: object) -> selfwright.api.Optimized:
        return selfwright.optimize(
            mine.pick, cases=mine.make_cases, check=mine.is_one_of_them, metric=mine.value_of,
            proposer=session(tmp_path, "10**9", "max(values)"), workers=1, dir="run", **more,
        )  # fmt: skip

    stopped = optimize(on_event=interrupt_once())
    assert (stopped.outcome, stopped.gain, stopped.diff) == ("interrupted", None, "")
    assert "the same call with dir='run' goes on" in stopped.sentence
    assert stopped.run.state.verdicts == 1
    found = optimize()
    assert (found.outcome, found.run.state.verdicts, found.gain is None) == ("gained", 2, False)
    assert str(found.gain).endswith("% higher (exact)") and repr(found).startswith("<Optimized pick: ")
    assert "the check says that the output is wrong" in found.run.trials[0].words
    assert found.run.state.run.holdout == ("holdout",)
    assert "max(values)" in found.source
    assert found.diff.startswith("--- a/mine.py\n+++ b/mine.py\n") and "+    return max(values)\n" in found.diff
    assert "<svg" in found._repr_html_() and "+    return max(values)" in found._repr_html_()
    assert (tmp_path / "mine.py").read_text() == MODULE
    with pytest.raises(BadInput, match="run holds a run of something else"):
        selfwright.optimize(mine.pick, cases=mine.make_cases, metric=mine.value_of, dir="run")
    assert found.apply() == (tmp_path / "mine.py",)
    assert (tmp_path / "mine.py").read_text() == MODULE.replace(
        '    """Return a large value."""\n    return values[FIRST]', "    return max(values)"
    )
    with pytest.raises(BadInput, match="has not the pick that was measured"):
        found.apply()


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("pick", {"cases": []}, "cases: there is no case"),
        ("pick", {"cases": [({1},)]}, "cases: case 0 can not be carried"),
        ("common", {"cases": "always_the_same"}, "always_the_same makes the same cases of every seed"),
        ("pick", {"cases": [[1]], "metric": "speed"}, "metric 'speed' is unknown; there is 'time'"),
        ("pick", {"cases": [[1]], "better": "more"}, "write 'higher' or 'lower'"),
        ("pick", {"cases": [[1]], "wall": "soon"}, "'soon' is no time"),
        ("pick", {"cases": [[1]], "check": lambda *given: True}, "a lambda has no name"),
        ("drawn", {"cases": [[1, 2]]}, "uses chance (random.choice)"),
    ],
)
def test_what_can_not_be_judged_is_told_and_leaves_nothing(
    mine: ModuleType, tmp_path: Path, name: str, given: dict[str, object], words: str
) -> None:
    if isinstance(given["cases"], str):
        given = {**given, "cases": getattr(mine, given["cases"])}
    with pytest.raises(BadInput) as caught:
        selfwright.optimize(getattr(mine, name), **given)
    assert words in str(caught.value)
    assert isinstance(caught.value, Unfit) == (name == "drawn")
    assert not (tmp_path / ".selfwright").exists()


def test_listed_cases_are_timed_on_inputs_like_them_and_checked(mine: ModuleType) -> None:
    listed = [([3, 1, 2, number], [number, 7, 1, 5]) for number in range(10, 200, 10)]
    found = selfwright.optimize(mine.common, cases=listed, check=mine.same_values, proposer="person", workers=1)
    assert (found.outcome, found.gain, found.apply()) == ("nothing", None, ())
    assert found.run.best.metrics["time_us"] > 0
    judge = (Path(found.run.state.run.problem) / "optimize_judge.py").read_text()
    assert "check=same_values, score=None" in judge and "def same_values(" in judge


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_faster_function_is_found_by_mutate_alone_and_adopted(mine: ModuleType, tmp_path: Path) -> None:
    found = selfwright.optimize(
        mine.first_common, cases=mine.make_lists, metric="time", proposer="mutate", trials=8
    )  # fmt: skip
    assert found.outcome == "gained", found.run.trials
    assert found.gain is not None and 0.5 < found.gain.low <= found.gain.gain <= found.gain.high < 1
    assert "% less time" in found.sentence and "% interval" in found.sentence
    assert "set(right)" in found.source
    found.apply()
    assert "set(right)" in (tmp_path / "mine.py").read_text()
