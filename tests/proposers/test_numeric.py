from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selfwright.core.draw import draw
from selfwright.core.errors import BadInput
from selfwright.core.status import TrialStatus
from selfwright.ports.proposer import Proposer
from selfwright.proposers import cmaes, coordinate, surface
from selfwright.proposers import numeric as numeric_module
from selfwright.proposers.numeric import FRUITLESS, SEARCHES, Numeric, make_numeric
from selfwright.proposers.space import Landscape, Point, Space
from tests.proposers.lab import Lab, numbers

OPTIMUM = {"A": 26.0, "B": 0.9, "C": 6, "D": 0.02, "E": -40.0}
BOWL = b"""\
A = 20.0  # tune: 10..40
B = 1.2  # tune: 0.5..1.5
C = 3  # tune: 0..12
D = 0.006  # tune: 0.001..0.1 log
E = -70.0  # tune: -100..0
F = 5
"""


def bowl(values: Mapping[str, float]) -> Mapping[str, float]:
    """A smooth cost with its least value 1; the seed costs about 1.5."""
    spans = {"A": 30.0, "B": 1.0, "C": 12, "D": 0.1, "E": 100.0}
    return {"cost": 1 + 3 * sum(((values[key] - OPTIMUM[key]) / span) ** 2 for key, span in spans.items()), "room": 1.0}


def cliff(values: Mapping[str, float]) -> Mapping[str, float] | None:
    """The same; beyond A = 22 a constraint breaks, below E = -85 it crashes."""
    return None if values["E"] < -85 else {**bowl(values), "room": 22 - values["A"]}


@pytest.mark.parametrize(("search", "least"), [("surface", 0.10), ("coordinate", 0.07), ("tpe", 0.03), ("cmaes", 0.03)])
def test_gains_within_ten_proposals(search: str, least: float) -> None:
    gains = []
    for seed in range(3):
        lab = Lab({"p.py": BOWL}, bowl, seed=seed)
        assert len(lab.play(make_numeric(search), 10)) == 10
        gains.append(lab.gain)
    assert sorted(gains)[1] > least


@pytest.mark.parametrize("search", SEARCHES)
def test_gains_beside_a_cliff_and_never_wins_by_falling(search: str) -> None:
    lab = Lab({"p.py": BOWL}, cliff, seed=3)
    lab.play(make_numeric(search), 25)
    assert lab.gain > 0.02
    assert numbers(lab.programs[lab.bests[-1]])["A"] <= 22


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("lag", [1, 4])
def test_a_fresh_object_proposes_the_same(search: str, lag: int) -> None:
    lab, old = Lab({"p.py": BOWL}, cliff, lag=lag), make_numeric(search)
    for _ in range(12):
        ask = lab.ask()
        proposal = old.ask(ask)
        assert proposal is not None
        assert proposal == old.ask(ask) == make_numeric(search).ask(ask)
        lab.tell(proposal)


@pytest.mark.parametrize("search", SEARCHES)
def test_respects_ranges_kinds_and_what_is_not_marked_and_repeats_nothing(search: str) -> None:
    lab = Lab({"p.py": BOWL, "other.py": b"X = 7\n"}, bowl)
    proposals = lab.play(make_numeric(search), 20)
    seen = [proposal.files["p.py"] for proposal in proposals]
    assert len(set(seen)) == len(seen)
    assert BOWL not in seen
    for proposal in proposals:
        assert set(proposal.files) == {"p.py"}
        values = numbers({"p.py": proposal.files["p.py"] or b""})
        assert 10 <= values["A"] <= 40
        assert 0.001 <= values["D"] <= 0.1
        assert type(values["C"]) is int
        assert type(values["A"]) is float
        assert values["F"] == 5


MODES = b"""\
RATE = 0.5  # tune: 0.0..1.0
MODE = "slow"  # tune: {"slow", "odd", "fast", "it's"}
EXACT = True  # tune: {True, False}
LIMIT = None  # tune: {None, 4, 2.5}
# EVOLVE-BLOCK-START
STEP = 5.0  # tune: 1.0..9.0
# EVOLVE-BLOCK-END
"""


def by_mode(values: Mapping[str, Any]) -> Mapping[str, float]:
    """Least, 1, where the mode is fast, not exact, the limit 2.5, and the rate 0.8."""
    wrong = (values["MODE"] != "fast") + bool(values["EXACT"]) + (values["LIMIT"] != 2.5)
    return {"cost": 1 + wrong + (values["RATE"] - 0.8) ** 2, "room": 0.0}


@pytest.mark.parametrize("search", SEARCHES)
def test_finds_choices_that_have_no_order(search: str) -> None:
    found = []
    for seed in range(3):
        lab = Lab(
            {"p.py": MODES.replace(b"# EVOLVE-BLOCK-START\n", b"").replace(b"# EVOLVE-BLOCK-END\n", b"")},
            by_mode,
            seed=seed,
        )
        said = lab.play(make_numeric(search), 40)
        assert len(said) == 40
        best = numbers(lab.programs[lab.bests[-1]])
        found.append((best["MODE"], best["EXACT"], best["LIMIT"]))
    assert sorted(found, key=repr).count(("fast", False, 2.5)) >= 2


@pytest.mark.parametrize("search", SEARCHES)
def test_leaves_what_is_outside_of_the_blocks(search: str) -> None:
    seed = dict(numbers({"p.py": MODES}), STEP=0.0)
    for proposal in Lab({"p.py": MODES}, lambda v: {"cost": 9 + v["STEP"], "room": 0.0}).play(make_numeric(search), 6):
        assert dict(numbers({"p.py": proposal.files["p.py"] or b""}), STEP=0.0) == seed


@pytest.mark.parametrize("search", SEARCHES)
def test_goes_on_drawing_where_nearness_tells_nothing(search: str) -> None:
    source = b"DRAW = 0  # tune: 0..999999 draw\nRATE = 0.2  # tune: 0.0..1.0\n"
    lab = Lab({"p.py": source}, lambda v: {"cost": 2 + draw(0, "x", int(v["DRAW"])) / 2**64 - v["RATE"], "room": 0.0})
    lab.play(make_numeric(search), 40)
    best = numbers(lab.programs[lab.bests[-1]])
    drawn = {numbers({"p.py": files["p.py"]})["DRAW"] for files in lab.programs.values()}
    assert len(drawn) > 10
    assert best["RATE"] > 0.5


def test_a_surface_takes_what_nearness_does_not_explain_for_noise() -> None:
    chance = np.random.default_rng(2)
    places = [(float(x), float(y)) for x, y in chance.uniform(0, 1, size=(30, 2))]
    rough = [Point(position=at, loss=float(chance.normal()), margins=(), won=False, own=True) for at in places]
    smooth = [replace(point, loss=sum(point.position)) for point in rough]
    near = surface.Kernel(unordered=np.array([False, False]))
    assert surface.roughness(smooth, near) == surface.SHARES[0]
    assert surface.roughness(rough, near) >= surface.ROUGH


def test_where_nearness_tells_little_half_of_the_proposals_are_drawn_from_everywhere() -> None:
    def far(losses: NDArray[np.float64]) -> int:
        points = [replace(lost, position=at, loss=float(loss)) for at, loss in zip(places, losses, strict=True)]
        lands = [
            Landscape(
                base=(0.1,) * 4, grains=(0.0,) * 4, categories=(0,) * 4, points=points, noisy=False, ahead=0, seed=seed
            )
            for seed in range(20)
        ]
        return sum(max(next(surface.search(land))) > 0.6 for land in lands)  # out of the box around the incumbent

    chance = np.random.default_rng(3)
    lost = Point(position=(), loss=0.0, margins=(), won=False, own=True)
    places = [tuple(map(float, each)) for each in chance.uniform(0, 1, size=(30, 4))]
    assert far(np.array(places).sum(axis=1)) == 0
    assert 5 <= far(chance.normal(size=30)) < 20


def test_a_better_valley_far_from_the_incumbent_is_found() -> None:
    def valleys(values: Mapping[str, float]) -> Mapping[str, float]:
        here, there = (sum((value - middle) ** 2 for value in values.values()) for middle in (0.1, 0.8))
        return {"cost": min(1 + 6 * here, 0.6 + 2 * there), "room": 1.0}

    def gain(seed: int) -> float:
        lab = Lab({"p.py": b"X = 0.1  # tune: 0.0..1.0\nY = 0.1  # tune: 0.0..1.0\n"}, valleys, seed=seed)
        lab.play(make_numeric("surface"), 30)
        return lab.gain

    assert sum(gain(seed) > 0.3 for seed in range(8)) >= 6


def test_says_what_it_moves() -> None:
    numeric = Numeric(search=SEARCHES["coordinate"])
    assert isinstance(numeric, Proposer)
    assert numeric.lag == 1
    proposal = numeric.ask(Lab({"p.py": BOWL}, bowl).ask())
    assert proposal is not None
    assert (proposal.reason, proposal.proposer) == ("tuning: A 20.0 → 24.5 (line 1)", "numeric")


@pytest.mark.parametrize("search", SEARCHES)
def test_ends_when_everything_was_tried(search: str) -> None:
    lab = Lab(
        {"p.py": b"A = 3  # tune: 1..4\nB = 8  # tune: {4, 8, 16}\n"}, lambda v: {"cost": v["A"] / v["B"], "room": 0}
    )
    assert len(lab.play(make_numeric(search), 100)) == 4 * 3 - 1
    assert numbers(lab.programs[lab.bests[-1]]) == {"A": 1, "B": 16}


def test_coordinate_goes_round_then_back_then_nearer_and_tries_another_literal_ahead() -> None:
    def first(points: list[Point], ahead: int = 0) -> tuple[float, ...]:
        land = Landscape(
            base=(0.5, 0.5), grains=(0.0, 0.0), categories=(0, 0), points=points, noisy=False, ahead=ahead, seed=0
        )
        return tuple(round(each, 3) for each in next(coordinate.search(land)))

    lost = Point(position=(0.5, 0.5), loss=2.0, margins=(), won=False, own=True)
    moves = [(0.65, 0.5), (0.5, 0.65), (0.35, 0.5), (0.5, 0.35), (0.56, 0.5)]
    assert [first([lost] * count) for count in range(5)] == moves
    assert [first([], ahead=count) for count in range(5)] == moves
    assert first([replace(lost, won=True)]) == (0.8, 0.5)
    assert first([replace(lost, own=False)]) == moves[0]


@pytest.mark.parametrize(("room", "expected"), [(0.0, "left"), (9.0, "right")])
def test_surface_stays_where_constraints_hold(room: float, expected: str) -> None:
    points = [
        Point(position=(0.5 + move,), loss=1 - move, margins=(room - 10 * move,), won=False, own=True)
        for move in (-0.1, 0.0, 0.1)
    ]
    land = Landscape(base=(0.5,), grains=(0.0,), categories=(0,), points=points, noisy=False, ahead=0, seed=0)
    [best] = next(surface.search(land))
    assert best > 0.6 if expected == "right" else best < 0.51


def test_a_trial_that_the_judge_failed_on_says_nothing() -> None:
    lab = Lab({"p.py": BOWL}, bowl)
    lab.play(Numeric(), 1)
    ask = lab.ask()
    lab.history[0] = replace(lab.history[0], status=TrialStatus.UNJUDGED, metrics={}, decision=None, version=None)
    crashed = replace(lab.history[0], status=TrialStatus.CRASHED)
    ask.best = "v0"
    said = [
        Numeric().ask(replace(ask, history=[past]))
        for past in (lab.history[0], replace(lab.history[0], status=None), crashed)
    ]
    assert said[0] == said[1] != said[2]


def test_coordinate_sends_another_literal_while_verdicts_are_awaited() -> None:
    proposals = Lab({"p.py": BOWL}, bowl, lag=4).play(make_numeric("coordinate"), 4)
    assert [proposal.reason.split()[1] for proposal in proposals] == ["A", "B", "C", "D"]


def test_ends_where_there_is_nothing_to_tune() -> None:
    assert Numeric().ask(Lab({"p.py": b"A = 1\n"}, lambda v: {"cost": 1.0}).ask()) is None


def test_ends_where_everything_it_says_was_said_before() -> None:
    lab = Lab({"p.py": BOWL}, bowl)
    [proposal] = lab.play(Numeric(), 1)
    for _ in range(FRUITLESS - 1):
        lab.tell(proposal)
    assert Numeric().ask(lab.ask()) is not None
    lab.tell(proposal)
    assert Numeric().ask(lab.ask()) is None


def test_learns_from_tuning_by_others_and_goes_on_from_another_structure() -> None:
    lab, numeric = Lab({"p.py": BOWL}, bowl), Numeric()
    lab.play(numeric, 3)
    other = b"# rewritten\n" + BOWL.replace(b"20.0", b"26.0").replace(b"-70.0", b"-45.0")
    [first] = lab.play(numeric, 1)
    lab.tell(type(first)(files={"p.py": other}, proposer="person"))
    assert lab.programs[lab.bests[-1]]["p.py"] == other
    proposal = numeric.ask(lab.ask())
    assert proposal is not None
    assert (proposal.files["p.py"] or b"").startswith(b"# rewritten\n")
    assert proposal.parent == lab.bests[-1]


def test_looks_back_a_bounded_way() -> None:
    lab = Lab({"p.py": BOWL}, bowl)
    lab.play(Numeric(), 1)
    lab.history = [replace(lab.history[0], trial=f"t{trial}", version=None) for trial in range(1, 10_001)]
    lab.bests = ["v0"] * 10_001
    ask = lab.ask()
    read: list[str] = []
    ask.program = lambda name: (read.append(name), ask.programs.get(name, {"p.py": BOWL}))[1]  # type: ignore[method-assign]
    Numeric().ask(ask)
    assert len(read) < 300


def test_unknown_searches_are_refused() -> None:
    with pytest.raises(BadInput, match="no search 'annealing'; there are cmaes, coordinate, surface, tpe"):
        make_numeric("annealing")


@pytest.mark.parametrize("search", ["tpe", "cmaes"])
def test_a_library_that_is_not_installed_is_named_with_the_mend(search: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numeric_module, "find_spec", lambda name: None)
    mend = rf"numeric:{search} needs the package '(optuna|cma)', .*pip install 'selfwright\[tune\]'.*or take numeric"
    with pytest.raises(BadInput, match=mend):
        make_numeric(search)
    assert make_numeric().lag == 1


def test_several_at_once_differ_and_go_on_from_what_is_known() -> None:
    for search in ("surface", "tpe", "cmaes", "coordinate"):
        proposer = make_numeric(f"{search}:4")
        assert proposer.lag == 4
        lab = Lab({"p.py": BOWL}, bowl, lag=4)
        said = lab.play(proposer, 40)
        assert len({proposal.files["p.py"] for proposal in said}) >= 36  # blind to what is in flight
        assert lab.gain > 0.05


@pytest.mark.parametrize("at_once", ["0", "65", "many", "-1"])
def test_at_once_is_a_number(at_once: str) -> None:
    with pytest.raises(BadInput, match="is no number of proposals at once; write 1 to 64, as in numeric:tpe:4"):
        make_numeric(f"tpe:{at_once}")


def test_cmaes_adapts_to_what_is_known() -> None:
    def spread(points: list[Point]) -> float:
        land = Landscape(
            base=(0.5, 0.5), grains=(0.0, 0.0), categories=(0, 0), points=points, noisy=False, ahead=0, seed=1
        )
        drawn = np.array(list(cmaes.search(land)))
        return float(drawn[:, 0].std() / drawn[:, 1].std())

    rng = np.random.default_rng(0)
    places = [(float(x), float(y)) for x, y in rng.uniform(0.3, 0.7, size=(90, 2))]
    valley = [Point(position=(x, y), loss=100 * (y - 0.5) ** 2, margins=(), won=False, own=True) for x, y in places]
    assert 0.5 < spread([]) < 2
    assert spread(valley) > 2  # wide along the valley, narrow across


def test_cmaes_moves_one_literal_and_leaves_the_generator_of_numpy_alone() -> None:
    np.random.seed(4)  # the global one is what must stay
    before = np.random.get_state()[1].tolist()  # same
    lab = Lab({"p.py": b"A = 20.0  # tune: 10..40\n"}, lambda v: {"cost": (v["A"] - 30) ** 2 + 1, "room": 0.0})
    lab.play(make_numeric("cmaes"), 12)
    assert lab.gain > 0.5
    assert np.random.get_state()[1].tolist() == before  # same


def test_a_space_reads_the_values_of_its_shape_only() -> None:
    space = Space({"p.py": BOWL, "notes.txt": b"\xff"})
    assert space.base == (20.0, 1.2, 3, 0.006, -70.0)
    moved = {**space.files((21.5, 1.2, 4, 1e-3, 5.0)), "notes.txt": b"\xff"}
    assert moved["p.py"] == BOWL.replace(b"20.0", b"21.5").replace(b"3", b"4", 1).replace(
        b"0.006", b"0.001", 1
    ).replace(b"-70.0", b"5.0")
    assert space.values(moved) == (21.5, 1.2, 4, 0.001, 5.0)
    assert Space(moved).shape == space.shape
    for other in ({"p.py": BOWL}, {**moved, "notes.txt": b""}, {**moved, "p.py": BOWL.replace(b"F = 5", b"F = 6")}):
        assert space.values(other) is None
        assert Space({"notes.txt": b"", **other}).shape != space.shape
