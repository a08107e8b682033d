"""The ledger: what is in flight counts, and a run stops inside each of its bounds and goes on with more."""

from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.change import Cost
from selfwright.core.lifecycle import State
from selfwright.core.trial import Resources
from selfwright.testing.proposer import ScriptedProposer, ScriptedRepairer
from selfwright.views.comparison import FRESH_PAIRS
from tests.evolve.test_loop import CLIMB, jittery, scripted
from tests.evolve.test_parked import LITTLE, noisy_toy
from tests.evolve.toy import Toy, judge_toy, proposal, summary

MANY = tuple(proposal(100 - number) for number in range(1, 13))


def taking(resources: Resources, judge=judge_toy):
    """The judge, where each measurement takes so much."""
    return lambda files, item: replace(judge(files, item), resources=resources)


class Paid(ScriptedProposer):
    """Each of its proposals costs 60 tokens read and 40 written, and 1 USD."""

    def __init__(self, proposals, *, most: Cost | None, lag: int = 6) -> None:
        cost = Cost(usd=1.0, tokens_in=60, tokens_out=40)
        super().__init__([replace(each, cost=cost) for each in proposals], lag=lag)
        self.most = most


@pytest.mark.parametrize("pairs", [14, 31, 50, 64, 75, 90])
def test_a_run_stops_inside_its_pairs_and_goes_on_to_the_same_journal(tmp_path, pairs):
    toy, whole = noisy_toy(tmp_path), noisy_toy(tmp_path)
    whole.run(scripted(*LITTLE))
    state = toy.run(scripted(*LITTLE), pairs=pairs)
    assert pairs - FRESH_PAIRS == state.spent.pairs < whole.state().spent.pairs
    assert (state.control.ended.why, state.control.ended.bound) == ("budget", "pairs")
    assert "12 pairs are left, and what comes next may take 13 pairs" in state.control.ended.reason
    state = toy.drive(scripted(*LITTLE), pairs=1000)
    assert state.spent.pairs == whole.state().spent.pairs
    assert toy.canonical() == whole.canonical()


@pytest.mark.parametrize("pairs", range(30, 56, 5))
def test_whoever_is_proven_better_has_pairs_left_for_its_fresh_block(tmp_path, pairs):
    state = noisy_toy(tmp_path).run(scripted(proposal(80), proposal(60)), pairs=pairs)
    for attempt in state.attempts():
        fresh = sum(spot[0].startswith("freshpair") for spot in attempt.measured) // 2
        assert fresh in (0, FRESH_PAIRS) and (fresh == 0 or attempt.state is State.ADOPTED)
    assert state.spent.pairs <= pairs
    assert state.versions[-1].version >= 1 or pairs < 35


@pytest.mark.parametrize("kind", ["cpu_s", "usd"])
@pytest.mark.parametrize("bound", [20.0, 23.5, 41.0])
@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_being_measured_counts(tmp_path, kind, bound, workers):
    judge = taking(Resources(cpu_s=1.0, usd=1.0))
    toy, whole = Toy(tmp_path, judge=judge, workers=workers), Toy(tmp_path, judge=judge)
    whole.run(scripted(*CLIMB, lag=6))
    state = toy.run(scripted(*CLIMB, lag=6), **{kind: bound})
    assert bound - 1 < getattr(state.spent, kind) <= bound
    assert (state.control.ended.why, state.control.ended.bound) == ("budget", kind)
    state = toy.drive(scripted(*CLIMB, lag=6), **{kind: 1000.0})
    assert (state.control.ended.why, toy.canonical()) == ("exhausted", whole.canonical())


def test_a_measurement_that_took_more_than_the_seed_is_paid_by_the_next(tmp_path):
    def greedy(files, item):
        took = Resources(cpu_s=1.0 if b"SIZE = 100" in files["p.py"] else 30.0)
        return replace(judge_toy(files, item), resources=took)

    state = Toy(tmp_path, judge=greedy, workers=1).run(scripted(*CLIMB), cpu_s=20.0)
    assert (len(state.last(1).measured), state.asked) == (1, 1)  # nobody could have known of the first


@pytest.mark.parametrize("bound", [9.0, 13.0, 20.5])
def test_no_measurement_begins_that_would_end_after_the_wall_time(tmp_path, bound):
    def slow(files, item):
        toy.clock.advance(1.0)
        return judge(files, item)

    judge = taking(Resources(wall_s=1.0))
    toy = Toy(tmp_path, judge=slow, workers=1)
    state = toy.run(scripted(*MANY, lag=6), wall_s=bound)
    assert bound - 1 < state.control.wall_s <= bound
    assert (state.control.ended.why, state.control.ended.bound) == ("budget", "wall_s")
    assert state.begun and state.last(state.verdicts + 1).state is not State.PARKED
    assert toy.drive(scripted(*MANY, lag=6), wall_s=1000.0).control.ended.why == "exhausted"


@pytest.mark.parametrize(("kind", "bound"), [("tokens", 500), ("usd", 5.0), ("tokens", 599), ("usd", 5.9)])
def test_what_is_being_proposed_counts_at_the_most_that_it_may_cost(tmp_path, kind, bound):
    paid = Paid(MANY, most=Cost(usd=1.0, tokens_in=60, tokens_out=40))
    state = Toy(tmp_path).run(paid, **{kind: bound})
    assert len(paid.asked) == state.asked == state.verdicts == 5
    assert getattr(state.used, kind) == (500 if kind == "tokens" else 5.0)
    assert (state.control.ended.why, state.control.ended.bound) == ("budget", kind)


def test_where_nobody_says_what_a_proposal_costs_the_dearest_so_far_is_reserved(tmp_path):
    paid = Paid(MANY, most=None, lag=1)
    state = Toy(tmp_path).run(paid, tokens=350)
    assert (state.spent.tokens, len(paid.asked)) == (300, 3)
    assert state.control.ended.reason == (
        "of the budget of 350 tokens 50 tokens are left, and what comes next may take 100 tokens"
    )


def test_what_is_free_is_proposed_when_the_money_is_used(tmp_path):
    paid, toy = Paid(MANY[:3], most=None, lag=1), Toy(tmp_path)
    assert toy.run(paid, usd=2.0).asked == 2
    free = scripted(*MANY)
    free.most = Cost()
    assert toy.drive(free, usd=2.0).asked == len(MANY)


def test_a_repair_is_paid_too(tmp_path):
    broken = replace(proposal(60, more="# BAD\n"), cost=Cost(usd=1.0))
    fixer = ScriptedRepairer([broken], repairs={1: [replace(proposal(60), cost=Cost(usd=1.0))]}, lag=1)
    toy = Toy(tmp_path)
    state = toy.run(fixer, usd=1.5)
    assert (fixer.asked, state.last(1).state, state.control.ended.bound) == ([(1, 0)], State.FAILED, "usd")
    state = toy.drive(fixer, usd=2.0)
    assert (fixer.asked, summary(state), state.spent.usd) == ([(1, 0), (1, 1)], ["v1"], 2.0)


def test_what_a_person_hands_in_is_measured_whatever_the_bounds(tmp_path):
    toy = Toy(tmp_path, judge=taking(Resources(cpu_s=1.0)))
    state = toy.run(scripted(*CLIMB), cpu_s=12.0)
    assert state.control.ended.bound == "cpu_s"
    toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(b"SIZE = 10\nQUALITY = 40\n")})])
    toy.specs = ()
    state = toy.drive(scripted(lag=1), cpu_s=12.0)
    assert summary(state)[-1].startswith("v") and not state.submissions


def test_pairs_bound_only_what_is_compared_by_pairs(tmp_path):
    state = Toy(tmp_path).run(scripted(*CLIMB), pairs=1)
    assert (summary(state)[0], state.control.ended.why, state.spent.pairs) == ("v1", "exhausted", 0)


def test_a_budget_in_trials_gives_the_same_journal_with_any_number_of_workers(tmp_path):
    def journal(workers):
        toy = noisy_toy(tmp_path, judge=taking(Resources(cpu_s=1.0), jittery), workers=workers)
        toy.run(scripted(*LITTLE, lag=4), trials=4, pairs=10_000, cpu_s=1e6)
        return toy.canonical()

    assert journal(1) == journal(3)


class Told(ScriptedProposer):
    """Writes down what was left when it was asked."""

    def ask(self, ask):
        self.left = [*getattr(self, "left", []), ask.left]
        return super().ask(ask)


def test_a_proposer_is_told_what_is_left_what_is_in_flight_taken_off(tmp_path):
    told = Told([replace(each, cost=Cost(usd=1.0)) for each in MANY], lag=1)
    Toy(tmp_path).run(told, trials=4, usd=10.0)
    assert [left.trials for left in told.left] == [4, 3, 2, 1]
    assert [left.usd for left in told.left] == [10.0, 8.0, 7.0, 6.0]  # the first reserves nothing: nobody knows yet
    assert all(left.pairs is None for left in told.left)


def test_of_a_price_that_nobody_knows_the_dearest_so_far_is_reserved_and_of_tokens_the_most(tmp_path):
    state = Toy(tmp_path).run(Paid(MANY, most=Cost(usd=None, tokens_in=600, tokens_out=400)), tokens=1500)
    assert 0 < state.spent.tokens <= 1500 - 900 + 100
    assert state.control.ended.bound == "tokens"
