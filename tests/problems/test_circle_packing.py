"""The judge of the packing computes without rounding, its session is adopted, a missing scipy is said."""

import importlib.util
import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from selfwright import InvalidCandidate, api
from selfwright.bench.problem import load_problem
from selfwright.core.errors import ProblemError
from selfwright.proposers.literal import parameters, wrong_marks
from tests.journeys.place import Place
from tests.problems.conftest import Import

Circle = tuple[float, float, float]

FOLDER = next(problem.folder for problem in api.problems() if problem.name == "circle_packing")
BEST = 2.635983


def rows(radius: float = 2.0**-5) -> list[Circle]:
    """26 equal circles in rows of eight, a sixteenth or more of the square each: exact in floats, and touching."""
    return [((2 * (i % 8) + 1) / 32, (2 * (i // 8) + 1) / 32, radius) for i in range(26)]


@pytest.fixture
def judge(judge_module: Import) -> ModuleType:
    return judge_module("circle_packing", "judge")


def test_circles_that_touch_each_other_and_two_walls_are_right(judge: ModuleType) -> None:
    judge.check(rows())
    judge.check([list(circle) for circle in rows()])
    assert judge.total(rows()) == 26 / 32


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({1: (3 / 32, 1 / 32, math.nextafter(2.0**-5, 1))}, "circle 1 is not inside the square: "),
        ({9: (3 / 32, 3 / 32, math.nextafter(2.0**-5, 1))}, "circles 1 and 9 overlap by 6.94e-18"),
        ({9: (math.nextafter(3 / 32, 0), 3 / 32, 2.0**-5)}, "circles 8 and 9 overlap by 1.39e-17"),
        ({0: (1e-18, 2e-18, 5e-18)}, "circle 0 is not inside the square"),
        ({25: (1.0, 0.5, 1e-300)}, "circle 25 is not inside"),
        ({25: (1e308, 1e308, 1e308)}, "circle 25 is not inside"),
        ({25: (0.5, -0.5, 0.1)}, "circle 25 is not inside"),
        ({3: (0.5, 0.5, math.nan)}, "circle 3: expected finite numbers and a positive radius"),
        ({3: (math.inf, 0.5, 0.1)}, "circle 3: expected finite"),
        ({3: (0.5, 0.5, 0.0)}, "circle 3: expected finite numbers and a positive radius"),
        ({3: (0.5, 0.5, -0.1)}, "circle 3: expected finite numbers and a positive radius"),
        ({3: (0.5, 0.5)}, "circle 3: expected .x, y, radius., three floats"),
        ({3: 0.5}, "circle 3: expected .x, y, radius., three floats"),
        ({3: (0.5, 0.5, True)}, "circle 3: expected .x, y, radius., three floats"),
        ({3: (0.5, 0.5, "0.1")}, "circle 3: expected .x, y, radius., three floats"),
    ],
)
def test_one_wrong_circle_is_refused(judge: ModuleType, change: dict[int, object], words: str) -> None:
    packing: list[object] = list(rows())
    for number, circle in change.items():
        packing[number] = circle
    with pytest.raises(InvalidCandidate, match=f"^{words}"):
        judge.check(packing)


def test_an_overlap_that_no_float_can_tell_is_refused(judge: ModuleType) -> None:
    packing = rows()
    packing[24], packing[25] = (0.5, 0.5, 0.125), (0.75, 0.5, 0.125)
    judge.check(packing)
    packing[25] = (0.75, 0.5, math.nextafter(0.125, 1))
    assert 0.125 + packing[25][2] == 0.25
    with pytest.raises(InvalidCandidate, match=r"^circles 24 and 25 overlap by 2\.78e-17"):
        judge.check(packing)
    tiny = rows()
    tiny[24], tiny[25] = (0.5, 0.5, 2.0**-60), (0.5, 0.5 + 2.0**-52, 2.0**-52)
    with pytest.raises(InvalidCandidate, match=r"^circles 24 and 25 overlap by 8\.67e-19"):
        judge.check(tiny)


@pytest.mark.parametrize(
    ("packing", "words"),
    [
        (rows()[:25], "got 25 of them"),
        ([*rows(), (0.9, 0.9, 0.01)], "got 27 of them"),
        ([], "got 0 of them"),
        (None, "got NoneType"),
        (dict(enumerate(rows())), "got dict"),
        (2.7, "got float"),
    ],
)
def test_what_is_no_list_of_26_is_refused(judge: ModuleType, packing: object, words: str) -> None:
    with pytest.raises(InvalidCandidate, match=f"expected a list of 26 circles, {words}"):
        judge.check(packing)


def test_the_score_is_rounded_down(judge: ModuleType) -> None:
    packing = [(x, y, radius / 3) for x, y, radius in rows()]
    packing[7] = (packing[7][0], packing[7][1], 1e-19)
    exact, said = sum(Fraction(radius) for _, _, radius in packing), judge.total(packing)
    assert Fraction(said) <= exact < Fraction(math.nextafter(said, 1))
    up = [(0.5, 0.5, 0.5), (0.1, 0.1, 3 * 2.0**-54)]  # one and a half steps of a float
    assert judge.total(up) == 0.5 + 2.0**-53 < float(sum(Fraction(radius) for _, _, radius in up))


def evaluate(judge: ModuleType, pack: Callable[[int], object]) -> "SimpleNamespace":
    candidate = SimpleNamespace(map=lambda function, seeds: [SimpleNamespace(value=pack(seed)) for seed in seeds])
    return judge.evaluate(candidate, SimpleNamespace(name="full"))  # type: ignore[no-any-return]


def test_the_best_of_four_counts_and_is_kept(judge: ModuleType) -> None:
    report = evaluate(judge, lambda seed: rows(2.0**-5 if seed == 3 else 2.0**-6))
    assert report.metrics == {"sum_of_radii": 26 / 32}
    assert report.feedback.splitlines()[2] == "pack(3): 0.812500000"
    kept = [tuple(map(float, line.split(","))) for line in report.artifacts["packing.csv"].decode().splitlines()[1:]]
    assert kept == rows()


def test_each_of_the_four_must_be_right(judge: ModuleType) -> None:
    with pytest.raises(InvalidCandidate, match=r"^pack\(4\): circles 0 and 1 overlap"):
        evaluate(judge, lambda seed: rows(2.0**-5) if seed < 4 else [(0.5, 0.5, 0.1)] * 26)


def test_without_scipy_one_line_says_so_and_it_is_listed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else find(name, *rest))
    with pytest.raises(ProblemError) as said:
        load_problem(FOLDER)
    assert str(said.value) == (
        f"{FOLDER / 'problem.toml'}: environment.python: scipy can not be imported here; run: pip install scipy"
    )
    assert "circle_packing" in [problem.name for problem in api.problems()]


def test_three_lines_of_the_session_are_refused_adopted_and_adopted(tmp_path: Path) -> None:
    lines = (FOLDER / "session.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "s.jsonl").write_text("\n".join(lines) + "\n")
    place = Place(tmp_path)
    said = place.call("run", "circle_packing", "--dir", "r", "--proposer", f"recorded:{tmp_path / 's.jsonl'}").stderr
    assert "invalid in full: pack(1): circles 0 and 1 overlap by 2.78e-17" in said
    assert [trial["state"] for trial in place.log()] == ["rejected", "adopted", "adopted"], said


def test_the_plain_program_packs_and_its_marks_are_right(judge: ModuleType) -> None:
    [line] = (FOLDER / "slsqp.jsonl").read_text(encoding="utf-8").splitlines()
    source = json.loads(line)["files"]["packing.py"]
    assert wrong_marks({"packing.py": source.encode()}) == []
    marked = {each.name: each.categories for each in parameters({"packing.py": source.encode()})}
    assert marked == {"DRAW": 10_000, "ROUNDS": 0, "MOVED": 0, "SHAKE": 0, "RADIUS": 0, "LAYOUT": 2}
    plain: dict[str, Any] = {}
    exec(source, plain)
    packing = plain["pack"](1)
    judge.check(packing)
    assert packing == plain["pack"](1)
    assert 2.5 < judge.total(packing) < BEST - 0.01  # far from the best: what is better is found, not told


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_its_session_ends_at_the_best_that_is_known(tmp_path: Path, judge: ModuleType) -> None:
    place = Place(tmp_path)
    session = f"recorded:{FOLDER / 'session.jsonl'}"
    said = place.call("run", "circle_packing", "--dir", "r", "--proposer", session, timeout_s=1700).stderr
    assert [trial["state"] for trial in place.log()] == ["rejected", *["adopted"] * 4], said
    metrics = json.loads((tmp_path / "r/best/metrics.json").read_text())
    assert BEST <= metrics["sum_of_radii"] < 2.63599
