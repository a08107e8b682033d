"""What is asked of the seed alone: determinism, luck of the draw, noise, locks."""

import itertools
import random
from pathlib import Path

import pytest

from selfwright.check import Severity
from selfwright.check.questions import pairs_needed
from selfwright.core.errors import ProblemError
from selfwright.core.metric import Effect, Metric, Objective
from selfwright.gate.pairs import Pair
from tests.check.inline import examine, toml, write

SAME = "def f(x):\n    return 3.0\n"
JUDGE = """
def evaluate(candidate, stage):
    if candidate.call("f", 1).value != 3.0:
        raise InvalidCandidate("wrong")
    return {"score": %s}
"""


def found(folder: Path, *, judge: str, file: str = toml(), program: str = SAME, **more: str) -> dict[str, str]:
    examination = examine(write(folder, toml=file, judge=judge, program=program, **more))
    return {finding.name: finding.severity for finding in examination.findings}


def test_a_metric_that_differs_between_two_runs_is_found(tmp_path: Path) -> None:
    drifting = "import random\nluck = random.SystemRandom()\n" + JUDGE % "luck.random()"
    assert found(tmp_path / "leaky", judge=drifting)["determinism"] is Severity.UNTRUSTWORTHY
    assert "determinism" not in found(tmp_path / "sound", judge=JUDGE % "3.0")


@pytest.mark.parametrize(
    ("score", "effect", "severity"),
    [
        ("stage.seed % 97 + 1.0", "1 %", Severity.UNTRUSTWORTHY),
        ("100 + stage.seed % 97 / 30", "1 %", Severity.ADVICE),
        ("100 + stage.seed % 97 / 1000", "1 %", None),
        ("3.0", "0 %", None),
    ],
)
def test_a_score_that_is_luck_of_the_draw_is_found(tmp_path: Path, score: str, effect: str, severity: object) -> None:
    assert found(tmp_path, judge=JUDGE % score, file=toml(effect=effect)).get("seed") == severity


def test_a_seed_that_fails_on_another_draw_is_told(tmp_path: Path) -> None:
    judge = JUDGE.replace("!= 3.0", f"!= 3.0 or stage.seed %% 2 != {first_draw() % 2}")
    assert found(tmp_path, judge=judge % "3.0")["seed"] is Severity.ADVICE


def first_draw() -> int:
    from selfwright.core.draw import draw

    return draw(0, "stage/full")


def test_an_editable_file_that_the_judge_uses_is_found(tmp_path: Path) -> None:
    everything = toml().replace('["p.py"]', '["p.py", "*.py"]')
    imports = "import right\n" + JUDGE % "right.SCORE"
    right = "SCORE = 3.0\n"
    try:
        assert found(tmp_path / "leaky", judge=imports, file=everything, right_py=right)["editable judge"]
        assert "editable judge" not in found(tmp_path / "sound", judge=imports, right_py=right)
    finally:
        import sys

        sys.modules.pop("right", None)
    opens = "import pathlib\n" + JUDGE % "float(len(pathlib.Path(__file__).with_name('p.py').read_text()))"
    assert found(tmp_path / "opens", judge=opens)["editable judge"]
    reads = JUDGE % "float(len(candidate.read('p.py')) > 0)"
    assert "editable judge" not in found(tmp_path / "reads", judge=reads)


def test_what_the_minimum_effect_needs_is_as_the_gate_was_simulated() -> None:
    """``gate.md``: 3 % noise a run, a gain of 5 %: 27 pairs in the median, 36 in nine of ten."""
    luck = random.Random(1)
    values = [(luck.gauss(1, 0.03), luck.gauss(1, 0.03)) for _ in range(400)]
    pairs = [Pair(candidate=one, incumbent=other) for one, other in values]
    metric = Metric(name="seconds", unit="s", noisy=True)

    def needed(effect: str) -> tuple[int, int]:
        return pairs_needed(pairs, metric, Objective(metric="seconds", minimum_effect=Effect.parse(effect)))

    typical, most = needed("5 %")
    assert 20 <= typical <= 35 and typical <= most <= 50
    assert needed("2 %")[0] > 2 * typical
    assert needed("0 %") == (400, 400)


def test_noise_that_hides_the_minimum_effect_is_told(tmp_path: Path) -> None:
    judge = "import random\nluck = random.Random(1)\n" + JUDGE % "luck.uniform(1, MOST)"
    file = toml(noisy=True, effect="1 %")
    assert found(tmp_path / "loud", judge=judge.replace("MOST", "9"), file=file)["noise"] is Severity.ADVICE
    assert "noise" not in found(tmp_path / "quiet", judge=judge.replace("MOST", "1.001"), file=file)


def test_a_judge_that_fails_on_the_seed_leaves_nothing_to_try(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="the judge failed on the seed"):
        found(tmp_path / "raises", judge=JUDGE % "1 / 0")
    with pytest.raises(ProblemError, match=r"the seed fails its own evaluation: invalid .*: wrong"):
        found(tmp_path / "fails", judge=JUDGE % "1.0", program="def f(x):\n    return 4.0\n")
    with pytest.raises(ProblemError, match="breaks the constraint"):
        bound = toml().replace("minimum_effect", 'constraints = ["score >= 5"]\nminimum_effect')
        found(tmp_path / "breaks", judge=JUDGE % "1.0", file=bound)


def test_a_judge_that_raises_at_odd_outputs_is_told(tmp_path: Path) -> None:
    judge = JUDGE.replace('candidate.call("f", 1).value', 'float(candidate.call("f", 1).value)')
    assert found(tmp_path, judge=judge % "1.0")["judge fault"] is Severity.ADVICE


def test_what_was_not_tried_by_the_deadline_is_said(tmp_path: Path) -> None:
    problem = write(tmp_path, toml=toml(), judge=JUDGE % "3.0", program=SAME)
    clock = itertools.count()  # a second a look
    examination = examine(problem, wall_s=8, now_s=lambda: float(next(clock)))
    assert "nothing" in examination.caught
    assert {examination.not_tried[name] for name in ("stated score", "seed")} == {
        "the deadline of 8 s; --wall gives more"
    }
    assert not examination.findings


def test_what_was_accepted_before_the_deadline_is_found(tmp_path: Path) -> None:
    """Of thirty functions the first is not looked at; the deadline comes while the cheat is planted in the others."""
    names = [f"f{number}" for number in range(30)]
    judge = (
        f"def evaluate(candidate, stage):\n    said = [candidate.call(name, 1).value for name in {names}]\n"
        '    if said[1:] != [3.0] * 29:\n        raise InvalidCandidate("wrong")\n    return {"score": 1.0}\n'
    )
    program = "".join(f"def {name}(x):\n    return 3.0\n" for name in names)
    clock = itertools.count()
    problem = write(tmp_path, toml=toml(), judge=judge, program=program)
    examination = examine(problem, wall_s=28, now_s=lambda: float(next(clock)))
    assert [(finding.name, finding.seen.partition(":")[0]) for finding in examination.findings] == [
        ("nothing", "planted in f0")
    ]
    assert examination.not_tried["type"] == "the deadline of 28 s; --wall gives more"


def test_a_deadline_that_the_seed_alone_takes_leaves_nothing_to_try(tmp_path: Path) -> None:
    problem = write(tmp_path, toml=toml(), judge=JUDGE % "3.0", program=SAME)
    clock = itertools.count()
    with pytest.raises(ProblemError, match="the seed alone takes longer"):
        examine(problem, wall_s=2, now_s=lambda: float(next(clock)))


def test_a_judge_that_refuses_every_planted_program_is_not_called_sound(tmp_path: Path) -> None:
    judge = JUDGE.replace("    if", "    if b'exec' in candidate.read('p.py'): raise InvalidCandidate('exec')\n    if")
    examination = examine(write(tmp_path, toml=toml(), judge=judge % "3.0", program=SAME))
    assert not examination.caught
    assert "refuses a program that is wrapped" in examination.not_tried["nan"]
