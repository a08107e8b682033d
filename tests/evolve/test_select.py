"""Selection: what a proposal starts from is learned in the run, and is a function of the journal and the seed."""

from collections import Counter

import pytest

from selfwright.core import event as ev
from selfwright.core.errors import BadInput
from selfwright.core.plain import from_plain, to_plain
from selfwright.evolve.archive import Archive
from selfwright.evolve.select import ARMS, SELECTIONS, check_selection, select
from selfwright.proposers.bandit import Pull
from selfwright.testing.engine import finish_last_first
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, proposal, summary

FEATURES = {"size": (60.0, 90.0)}


class Follower(ScriptedProposer):
    """Starts from what it is told to, and makes the number there a little smaller or larger; ends after 40."""

    def __init__(self, lag: int | None = 3) -> None:
        super().__init__([], lag=lag)
        self.asks = []

    def ask(self, ask):
        self.asks.append(ask)
        parent = ask.program(ask.parent)["p.py"].decode()
        size = float(parent.split()[2]) + ask.seed % 14 - 8
        shown = "".join(f"# {name} {len(ask.program(name)['p.py'])}\n" for name in ask.inspirations)
        more = f"NUMBER = {ask.trial}\n" + shown
        return proposal(size, more=more, parent=ask.parent) if ask.trial <= 40 else None


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    toy, proposer = Toy(tmp_path_factory.mktemp("run"), features=FEATURES), Follower()
    return toy, toy.run(proposer), proposer


def archive_of(state):
    archive = Archive(state)
    archive.catch_up()
    return archive


def test_a_program_is_made_of_any_valid_trial_and_the_journal_says_by_which_policy(run):
    _, state, _ = run
    said = [state.last(trial).proposed for trial in range(1, 41)]
    assert {each.policy for each in said} == set(ARMS)
    parents = {each.parents[0] for each in said}
    assert any(name.startswith("t") for name in parents) and any(name.startswith("v") for name in parents)
    assert [past.policy for past in archive_of(state).entries] == [each.policy for each in said]


def test_who_starts_elsewhere_is_not_counted_for_any_policy(tmp_path):
    state = Toy(tmp_path).run(ScriptedProposer([proposal(90), proposal(80, parent="v1")], lag=1))
    assert [state.last(trial).proposed.policy for trial in (1, 2)] == ["", ""]


def test_inspirations_are_other_programs_of_its_own_past(run):
    _, state, proposer = run
    archive = archive_of(state)
    most = 0
    for ask in proposer.asks:
        trials = [archive.tree(name, ask.verdicts)[0] for name in (ask.parent, *ask.inspirations)]
        assert len(set(trials)) == len(trials)
        most = max(most, len(ask.inspirations))
    assert most == 3
    assert proposer.asks[0].inspirations == ()


def test_what_was_chosen_then_can_be_told_from_the_whole_journal(run):
    """A proposal that is asked for late, after a resume say, must get what it would have got in time."""
    _, state, proposer = run
    archive = archive_of(state)
    for ask in proposer.asks:
        told = select(archive, verdicts=max(0, ask.trial - 3), seed=0, trial=ask.trial, attempt=0)
        assert (told.policy, told.parent, told.inspirations) == (ask.policy, ask.parent, ask.inspirations)


@pytest.mark.parametrize("workers", [1, 4])
def test_the_journal_is_the_same_with_any_number_of_workers(tmp_path, run, workers):
    toy = Toy(tmp_path, features=FEATURES, workers=workers, finish=finish_last_first)
    toy.run(Follower())
    assert toy.canonical() == run[0].canonical()


def test_killed_after_any_event_it_goes_on_to_the_same_journal(tmp_path, run):
    whole = run[0]
    length = whole.journal.tip().seq

    class Killed(BaseException):
        pass

    for kill_at in range(12, length, 17):
        toy = Toy(tmp_path, features=FEATURES)
        toy.open(Follower())

        def kill(event, state, kill_at=kill_at, toy=toy):
            if state.seq == kill_at:
                raise Killed

        with pytest.raises(Killed):
            toy.drive(Follower(), observe=kill)
        toy.engine = toy.new_engine()
        toy.drive(Follower())
        assert toy.canonical() == whole.canonical(), f"killed after event {kill_at}"


def test_the_policy_that_pays_is_followed_most(run):
    archive = archive_of(run[1])

    def told(paying):
        arms = [ARMS[n % len(ARMS)] for n in range(40)]
        archive.pulls[:] = [Pull(arm=arm, gain=0.1 * (arm == paying), costs=(("trials", 1.0),)) for arm in arms]
        return Counter(select(archive, verdicts=40, seed=3, trial=n, attempt=0).policy for n in range(200))

    assert told("islands").most_common(1)[0][0] == "islands"
    assert told("elite")["elite"] > 120


@pytest.mark.parametrize("name", [name for name in SELECTIONS if name != "adaptive"])
def test_one_policy_alone_can_be_asked_for(tmp_path, name):
    state = Toy(tmp_path, features=FEATURES, select=name).run(Follower())
    assert {state.last(trial).proposed.policy for trial in range(1, 41)} == {name}


def test_best_of_n_sees_nothing_of_what_was_tried(tmp_path):
    proposer = Follower()
    state = Toy(tmp_path, select="best-of-n").run(proposer)
    assert {state.last(trial).proposed.parents for trial in range(1, 41)} == {("v0",)}
    assert {(ask.best, len(ask.history), ask.inspirations) for ask in proposer.asks} == {("v0", 0, ())}
    assert "v2" in summary(state)  # the best of them is the result all the same


def test_a_selection_that_there_is_not_is_named():
    with pytest.raises(BadInput, match="no selection 'tournament'; there are adaptive, incumbent, elite, islands"):
        check_selection("tournament", features=True)
    with pytest.raises(BadInput, match=r"declares no features .* `\[search\]`"):
        check_selection("grid", features=False)


def test_an_older_journal_is_read_as_adaptive(run):
    opened = next(record.event for record in run[0].journal.read())
    plain = to_plain(opened)
    del plain["select"], plain["features"]
    assert from_plain(ev.RunOpened, plain).select == "adaptive"
