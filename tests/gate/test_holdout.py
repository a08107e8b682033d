"""The holdout by pairs: what is shown to be worse does not pass, luck fails nobody."""

import pytest

from selfwright.core.metric import Better, Effect, Metric, Objective
from selfwright.gate.holdout import WORSE, objection_in_pairs
from selfwright.gate.pairs import Pair, Weighed

TIME = Metric(name="time", unit="s", better=Better.LOWER, noisy=True)
OBJECTIVE = Objective(metric="time", constraints=(), minimum_effect=Effect.parse("5 %"))


def weighed(*candidates: float, cases: int = 1) -> Weighed:
    pairs = [
        Pair(candidate=candidate, incumbent=1.0, case=f"c{number % cases}")
        for number, candidate in enumerate(candidates)
    ]
    return Weighed(TIME, OBJECTIVE, pairs)


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (weighed(*[0.8, 0.9] * 6), None),
        (weighed(*[0.97, 1.03] * 6), None),
        (weighed(*[1.2, 1.3] * 6), WORSE),
        (weighed(*[1.2] * 5), None),  # of five nothing is said
        (weighed(*[0.5, 1.2] * 6, cases=2), WORSE),  # one case of two
        (weighed(), None),
    ],
)
def test_worse_is_what_pairs_show(found: Weighed, answer: str | None) -> None:
    assert objection_in_pairs(found, Effect.parse("0 %")) == answer


def test_a_case_may_lose_as_much_as_is_tolerated() -> None:
    found = weighed(*[0.5, 1.2] * 6, cases=2)
    assert objection_in_pairs(found, Effect.parse("30 %")) is None
