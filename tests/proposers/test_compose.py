"""Several proposers as one: who is asked, and that it is a function of what is asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.bootstrap import make_proposer
from selfwright.core.brief import Failure, Past
from selfwright.core.change import Proposal
from selfwright.core.errors import BadInput, Unavailable
from selfwright.ports.proposer import Ask, Proposer, Repairer
from selfwright.proposers.compose import Compose, Order, in_turn, learned, weighted
from selfwright.proposers.numeric import Numeric
from selfwright.testing.proposer import START, PlainAsk, ProposerContract, ScriptedProposer, ScriptedRepairer
from tests.proposers.lab import Lab, LabAsk

FAILURE = Failure(where="validation", status=None, reason="does not parse")


class Some:
    """Proposes for trials up to ``last``; says its reason."""

    def __init__(self, name: str, last: int, lag: int | None = None, by: str = "") -> None:
        self.name, self.last, self.lag, self.by = name, last, lag, by
        self.asked: list[int] = []

    def ask(self, ask: Ask) -> Proposal | None:
        self.asked.append(ask.trial)
        return Proposal(reason=f"{self.name} {ask.trial}", proposer=self.by) if ask.trial <= self.last else None


class Mender(Some):
    """One that can repair."""

    def repairs(self, proposer: str) -> bool:
        return True

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        return Proposal(reason=f"{self.name} repairs {last.reason}")


def ask(trial: int) -> LabAsk:
    return LabAsk(trial=trial, best="v0", history=[], programs={}, seed=0)


def sequence(*proposers: Proposer) -> Compose:
    return Compose(proposers, order=in_turn([learned([each.name]) for each in proposers]))


def reason(proposer: Proposer, trial: int) -> str | None:
    said = proposer.ask(ask(trial))
    return said and said.reason


def test_the_next_is_asked_when_the_first_has_nothing_more_to_say() -> None:
    first, second = Some("first", 2, lag=1), Some("second", 4)
    both = sequence(first, second)
    assert isinstance(both, Proposer)
    assert [reason(both, trial) for trial in range(1, 7)] == [
        "first 1", "first 2", "second 3", "second 4", None, None,
    ]  # fmt: skip
    assert reason(both, 2) == "first 2"


def test_a_fresh_one_answers_as_one_that_was_there_all_along() -> None:
    old = sequence(Some("first", 2), Some("second", 4))
    for trial in range(1, 7):
        assert reason(old, trial) == reason(sequence(Some("first", 2), Some("second", 4)), trial)


def test_the_smallest_lag_counts() -> None:
    assert sequence(Some("a", 1), Some("b", 1)).lag is None
    assert sequence(Some("a", 1, lag=4), Some("b", 1, lag=1), Some("c", 1)).lag == 1


def test_a_failure_goes_to_the_one_that_made_the_proposal() -> None:
    both = sequence(Mender("first", 1, by="claude"), Mender("second", 9))
    assert isinstance(both, Repairer)
    for trial, name, label in ((1, "first", "first (claude)"), (2, "second", "second")):
        said = both.ask(ask(trial))
        assert said is not None
        assert said.proposer == label
        mended = both.repair(ask(trial), said, FAILURE)
        assert mended is not None
        assert mended.reason == f"{name} repairs {name} {trial}"
        assert mended.proposer == name


def test_it_repairs_only_what_its_proposers_can() -> None:
    assert not sequence(Some("a", 1), Some("b", 1)).repairs("a")
    mixed = sequence(Some("a", 1), Mender("b", 9))
    assert [mixed.repairs(name) for name in ("a", "b", "b (claude)", "c")] == [False, True, True, False]
    said = mixed.ask(ask(1))
    assert said is not None
    assert mixed.repair(ask(1), said, FAILURE) is None


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(BadInput, match="two proposers are called 'a'"):
        sequence(Some("a", 1), Some("a", 2))


def tried(*said: tuple[str, float]) -> list[Past]:
    """Trials of these proposers, with what each gained."""
    return [replace(START, trial=f"t{n}", proposer=name, gain=gain) for n, (name, gain) in enumerate(said, start=1)]


def asked_first(order: Order, history: Sequence[Past] = (), times: int = 400) -> Counter[str]:
    asks = [replace(ask(len(history) + 1), history=list(history), seed=seed) for seed in range(times)]
    return Counter(next(order(each)) for each in asks)


def test_each_gets_its_share_of_the_proposals() -> None:
    counted = asked_first(weighted({"a": 3.0, "b": 1.0}))
    assert 260 < counted["a"] < 340


def test_who_gains_most_is_asked_most_under_whatever_label_it_speaks() -> None:
    order = learned(["a", "b"])
    even = asked_first(order)
    assert min(even["a"], even["b"]) > 120
    history = tried(*[("a (claude)", 0.0), ("b", 0.05), ("person", 9.0)] * 20)
    assert asked_first(order, history)["b"] > 320


@pytest.mark.parametrize("order", [learned(["a", "b", "c"]), weighted({"a": 1.0, "b": 2.0, "c": 3.0})])
def test_everybody_is_asked_before_nothing_is_said(order: Order) -> None:
    both = Compose([Some("a", 0), Some("b", 2), Some("c", 0)], order=order)
    assert [reason(both, trial) for trial in range(1, 5)] == ["b 1", "b 2", None, None]
    for seed in range(20):
        assert sorted(order(replace(ask(1), seed=seed))) == ["a", "b", "c"]


def test_its_draw_is_not_that_of_its_proposers() -> None:
    """Else the one that is asked would always draw the same first number."""
    order = weighted({"a": 1.0, "b": 1.0})
    chosen = {seed: next(order(replace(ask(1), seed=seed))) for seed in range(200)}
    assert len({random.Random(seed).random() < 0.5 for seed, name in chosen.items() if name == "a"}) == 2


class TestComposeContract(ProposerContract):
    """Two searches, learned."""

    def make(self, folder: Path) -> Proposer:
        return make_proposer(["numeric+person"])


def test_a_search_that_gains_is_asked_more_than_one_that_does_not(tmp_path: Path) -> None:
    def bowl(values: Mapping[str, float]) -> dict[str, float]:
        return {"cost": 10 + (values["A"] - 7.0) ** 2 + (values["B"] + 3.0) ** 2, "room": 1.0}

    class Useless(Some):
        def ask(self, ask: Ask) -> Proposal | None:
            return Proposal(files={"p.py": f"A = 1.5\nB = {ask.trial}e6\n".encode()}, proposer=self.name)

    lab = Lab({"p.py": b"A = 1.5\nB = 1.5\n"}, bowl)
    both = Compose([Numeric(), Useless("useless", 99)], order=learned(["numeric", "useless"]))
    said = Counter(each.proposer for each in lab.play(both, 60))
    assert said["numeric"] > 2 * said["useless"] > 0
    assert lab.gain > 0.4


class Down(ScriptedRepairer):
    """Down until it is said to be up again."""

    def __init__(self, name: str) -> None:
        super().__init__([SAYS] * 9, repairs={1: [SAYS]})
        self.name = name
        self.up = False

    def ask(self, ask: Ask) -> Proposal | None:
        self._there()
        return super().ask(ask)

    def repairs(self, proposer: str) -> bool:
        return True

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        self._there()
        return super().repair(ask, last, failure)

    def _there(self) -> None:
        if not self.up:
            raise Unavailable(f"{self.name} is down")


SAYS = Proposal(files={"toy.py": b"x = 1\n"})
TOY_ASK = PlainAsk(programs={"v0": {"toy.py": b"x = 2\n"}})
FAILED = Failure(where="execution", status=None, reason="it failed")


def test_what_is_down_is_passed_over_and_asked_again_the_next_time() -> None:
    down, other = Down("down"), ScriptedProposer([SAYS] * 2)
    both = Compose([down, other], order=in_turn([lambda ask: iter(["down"]), lambda ask: iter(["scripted"])]))
    answers = [both.ask(replace(TOY_ASK, trial=1))]
    down.up = True
    answers.append(both.ask(replace(TOY_ASK, trial=2)))
    assert [answer and answer.proposer for answer in answers] == ["scripted", "down"]


def test_where_all_that_is_left_is_down_the_run_is_told_so_and_not_that_nothing_is_to_be_said() -> None:
    both = Compose([Down("down"), ScriptedProposer([])], order=weighted({"down": 1, "scripted": 1}))
    with pytest.raises(Unavailable, match="down is down"):
        both.ask(TOY_ASK)


def test_a_repair_that_is_down_is_given_up_so_that_the_others_go_on() -> None:
    down = Down("down")
    both = Compose([down, ScriptedProposer([])], order=weighted({"down": 1, "scripted": 1}))
    last = replace(SAYS, proposer="down")
    assert both.repair(replace(TOY_ASK, attempt=1), last, FAILED) is None
    down.up = True
    assert both.repair(replace(TOY_ASK, attempt=1), last, FAILED) is not None
