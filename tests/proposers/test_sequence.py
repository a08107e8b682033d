from __future__ import annotations

import pytest

from selfwright.core.brief import Failure
from selfwright.core.change import Proposal
from selfwright.core.errors import BadInput
from selfwright.ports.proposer import Ask, Proposer, Repairer
from selfwright.proposers.sequence import Sequence
from tests.proposers.lab import LabAsk

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


def reason(proposer: Proposer, trial: int) -> str | None:
    said = proposer.ask(ask(trial))
    return said and said.reason


def test_the_next_is_asked_when_the_first_has_nothing_more_to_say() -> None:
    first, second = Some("first", 2, lag=1), Some("second", 4)
    both = Sequence([first, second])
    assert isinstance(both, Proposer)
    assert [reason(both, trial) for trial in range(1, 7)] == [
        "first 1", "first 2", "second 3", "second 4", None, None,
    ]  # fmt: skip
    assert first.asked == [1, 2, 3]
    assert reason(both, 2) == "first 2"


def test_a_fresh_one_answers_as_one_that_was_there_all_along() -> None:
    old = Sequence([Some("first", 2), Some("second", 4)])
    for trial in range(1, 7):
        assert reason(old, trial) == reason(Sequence([Some("first", 2), Some("second", 4)]), trial)


def test_the_smallest_lag_counts() -> None:
    assert Sequence([Some("a", 1), Some("b", 1)]).lag is None
    assert Sequence([Some("a", 1, lag=4), Some("b", 1, lag=1), Some("c", 1)]).lag == 1


def test_a_failure_goes_to_the_one_that_made_the_proposal() -> None:
    both = Sequence([Mender("first", 1, by="claude"), Mender("second", 9)])
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
    assert not Sequence([Some("a", 1), Some("b", 1)]).repairs("a")
    mixed = Sequence([Some("a", 1), Mender("b", 9)])
    assert [mixed.repairs(name) for name in ("a", "b", "b (claude)", "c")] == [False, True, True, False]
    said = mixed.ask(ask(1))
    assert said is not None
    assert mixed.repair(ask(1), said, FAILURE) is None


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(BadInput, match="two proposers are called 'a'"):
        Sequence([Some("a", 1), Some("a", 2)])
