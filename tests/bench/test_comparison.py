"""The loop of a comparison: who runs when, when it ends, and what is said."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from selfwright.bench.comparison import Comparison, build_sides, compare_sides, least_effect
from selfwright.bench.yardstick import yardstick
from selfwright.core.errors import BadInput
from selfwright.core.job import Reply
from selfwright.core.side import Side
from selfwright.core.status import CallStatus
from selfwright.gate.two_sided import Answer

A = Side(letter="A", name="old", folder=Path("a"), commit="1" * 40)
B = Side(letter="B", name="new", folder=Path("b"))
AGAIN = Side(letter="B", name="old", folder=Path("a"))
SAID = "slow\n" * 20 + "the last line"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path) -> None:
    """The locks of the machine are this test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def noisy(ratio: float, seed: int = 1, noise: float = 0.03) -> Callable[[Path], Reply]:
    """A program that takes a second in ``a`` and ``ratio`` seconds in ``b``, and more the later it runs."""
    rng, runs = random.Random(seed), iter(range(10**6))

    def run(folder: Path) -> Reply:
        drift = 1 + 0.01 * next(runs)
        takes_s = drift * rng.lognormvariate(0, noise) * (ratio if folder.name == "b" else 1.0)
        return Reply(status=CallStatus.OK, wall_s=takes_s)

    return run


def compare(run, *, sides=(A, B), most: int = 200, seed: int = 0, effect: str = "1 %", observe=lambda _: None, **kind):
    measure = yardstick(**{"name": "wall", **kind})
    return compare_sides(
        sides, run=run, yardstick=measure, effect=least_effect(effect, most, measure.metric),
        max_pairs=most, seed=seed, observe=observe,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ratio", "answer", "words"), [(0.8, Answer.BETTER, "% faster than A ("), (1.25, Answer.WORSE, "% slower than A (")]
)
def test_a_difference_ends_it_early(ratio, answer, words):
    for seed in range(5):
        found = compare(noisy(ratio, seed), seed=seed)
        assert found.answer is answer and 8 <= len(found.pairs) <= 30
        assert str(found).startswith("B is ") and words in str(found) and "against 40" in str(found)
        assert found.noise is not None


def test_of_twenty_comparisons_of_a_program_with_itself_at_most_one_finds_a_difference():
    answers = Counter(compare(noisy(1, seed), sides=(A, AGAIN), seed=seed, most=60).answer for seed in range(200))
    assert answers[Answer.BETTER] + answers[Answer.WORSE] <= 10
    found = compare(noisy(1), most=20)
    assert len(found.pairs) == 20 and str(found).startswith("undecided, a difference of 1 % is neither shown nor ruled")


def test_the_same_number_is_no_difference():
    found = compare(lambda _: Reply(status=CallStatus.OK, wall_s=1.5))
    assert found.answer is Answer.SAME and found.medians() == (1.5, 1.5)
    assert str(found).startswith("no difference of 1 %: B is 0 % faster than A (")


def test_each_side_runs_once_uncounted_then_in_an_order_of_the_seed():
    def order(seed: int) -> str:
        ran: list[str] = []
        run = noisy(1)

        def note(folder: Path) -> Reply:
            ran.append(folder.name)
            return run(folder)

        found = compare(note, seed=seed, most=40)
        firsts = "".join("ba"[name == "a"] for name in ran[2::2])
        assert ran[:2] == ["a", "b"] and len(ran) == 82
        assert firsts == "".join("ab"[first] for first in found.b_first)
        return firsts

    assert order(3) == order(3) != order(4)
    assert 8 <= order(3).count("b") <= 32


def test_it_is_told_of_each_pair():
    seen: list[int] = []
    compare(noisy(1), most=10, observe=lambda comparison: seen.append(len(comparison.pairs)))
    assert (seen[0], seen[-1]) == (0, 10) and all(later - sooner in (0, 1) for sooner, later in pairwise(seen))


def failing(number: int, reply: Reply, side: str = "b") -> Callable[[Path], Reply]:
    """A program that answers with ``reply`` in its ``number``-th run in ``side``."""
    runs: Counter[str] = Counter()

    def run(folder: Path) -> Reply:
        runs[folder.name] += 1
        fails = folder.name == side and runs[side] == number
        return reply if fails else Reply(status=CallStatus.OK, wall_s=1.0, payload=b"n=4")

    return run


@pytest.mark.parametrize(("number", "when"), [(1, "in its first run"), (3, "in pair 2")])
def test_a_side_that_fails_is_named_with_its_last_lines(number, when):
    reply = Reply(status=CallStatus.CRASHED, reason="exit code 3", log=SAID)
    with pytest.raises(BadInput) as raised:
        compare(failing(number, reply))
    assert str(raised.value).startswith(f"B (new) failed {when}: exit code 3; it wrote last:\n    slow\n")
    assert str(raised.value).endswith("    the last line") and len(str(raised.value).splitlines()) == 13


def test_a_number_that_is_missing_once_is_an_error_and_no_pair():
    with pytest.raises(BadInput, match=r"A \(old\) has no n in pair 4: it printed no n"):
        compare(failing(5, Reply(status=CallStatus.OK), side="a"), name="n", better="lower")


def test_a_number_that_crosses_zero_is_compared_by_amounts():
    rng = random.Random(5)

    def run(folder: Path) -> Reply:
        level = 1.0 if folder.name == "b" else 0.0
        return Reply(status=CallStatus.OK, payload=f"db={rng.gauss(level, 0.3)}".encode())

    found = compare(run, effect="0.2", name="db", better="higher")
    assert found.answer is Answer.BETTER and "better than A" in str(found) and "%" not in str(found)


def test_an_amount_is_told_with_its_unit():
    wall = yardstick("wall")
    found = Comparison((A, B), yardstick=wall, effect=least_effect("5 s", 8, wall.metric), max_pairs=8)
    for first in (True, False) * 4:
        found.add(1.0, 1.0, b_first=first)
    assert "difference of 5 s" in str(found)


@pytest.mark.parametrize(
    ("effect", "most", "words"),
    [
        ("100 %", 200, "can not be reached"),
        ("much", 200, "is not an effect"),
        ("-1 %", 200, "is not an effect"),
        ("1 %", 7, "7 pairs can decide nothing; allow 8"),
        ("5 ms", 200, "'5 ms' is in 'ms', but wall has 's' or %"),
        ("5 percent", 200, "is in 'percent', but wall has 's' or %"),
    ],
)
def test_bounds_without_an_end_are_refused(effect, most, words):
    with pytest.raises(BadInput, match=words):
        least_effect(effect, most, yardstick("wall").metric)


def test_a_build_runs_once_in_each_folder_and_its_failure_is_told():
    def built(sides: tuple[Side, Side], reply: Reply) -> list[str]:
        ran: list[str] = []
        build_sides(sides, lambda folder: ran.append(folder.name) or reply, lambda _: None)
        return ran

    good = Reply(status=CallStatus.OK)
    assert built((A, B), good) == ["a", "b"] and built((A, AGAIN), good) == ["a"]
    with pytest.raises(
        BadInput, match=r"A \(old\) could not be built: exit code 2; it wrote last:\n    no such header"
    ):
        built((A, B), Reply(status=CallStatus.CRASHED, reason="exit code 2", log="no such header"))


def test_before_the_first_pair_nothing_is_said_of_it():
    empty = Comparison(
        (A, B), yardstick=yardstick("wall"), effect=least_effect("1 %", 9, yardstick("wall").metric), max_pairs=9
    )
    assert (str(empty), empty.gain(), empty.medians()) == ("undecided: no pair was measured", None, None)
