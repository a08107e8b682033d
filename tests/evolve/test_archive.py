"""The archive: a window on exactly one's own past, names that last, and parents that need not have been adopted."""

from dataclasses import replace

import pytest

from selfwright.core.change import Cost, Origin
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.evolve.archive import Archive, Window, names
from selfwright.testing.proposer import ScriptedProposer, ScriptedRepairer
from tests.evolve.toy import Toy, judge_toy, proposal


@pytest.fixture
def archive(tmp_path):
    trials = [proposal(90), proposal(95), proposal(91, more="# CRASH\n"), proposal(70), proposal(71, quality=20)]
    state = Toy(tmp_path).run(ScriptedProposer(trials, lag=1))
    archive = Archive(state)
    archive.catch_up()
    return archive


def test_each_trial_is_there_as_proposers_may_see_it(archive):
    first, _, third, fourth, _ = archive.entries
    assert (first.trial, first.parents, first.version, first.decision) == ("t1", ("v0",), 1, Decision.ADOPT)
    assert first.metrics == {"size": 90.0, "quality": 40.0}
    assert first.origin is Origin.TUNING
    assert (third.status, third.version) == (TrialStatus.CRASHED, None)
    assert "IndexError" in third.detail and "Traceback" in third.detail
    assert fourth.parents == ("v1",)


def test_nothing_of_a_holdout_is_in_it(archive):
    assert all("hidden" not in entry.detail for entry in archive.entries)


def test_the_incumbent_and_the_names_are_those_of_their_time(archive):
    assert [archive.incumbent(verdicts) for verdicts in range(6)] == [0, 1, 1, 1, 2, 2]
    assert archive.tree("best", 3)[0] == "v1"
    assert archive.tree("best", 4)[0] == "v2"
    assert archive.tree("t2", 2)[0] == "t2"
    for name, verdicts in (("t2", 1), ("v2", 3), ("v9", 5), ("t0", 5), ("nonsense", 5), ("", 5)):
        with pytest.raises(KeyError, match="is no program yet"):
            archive.tree(name, verdicts)


def test_what_there_is_is_named_and_nothing_else():
    assert names(0, 0) == names(-1, 0) == "seed, best, v0"
    assert names(0, 1) == "seed, best, v0, t1"
    assert names(2, 5) == "seed, best, v0 to v2, t1 to t5"


def test_a_twin_is_known_only_after_its_verdict(archive):
    change = archive._state.last(2).proposed.change
    assert archive.twin(change, 1) is None
    assert archive.twin(change, 2) == 2
    assert archive.twin(archive._state.last(0).proposed.change, 0) == 0


def test_what_behaves_as_an_earlier_one_is_told_which(tmp_path):
    def answering(files, item):
        outcome = judge_toy(files, item)
        return replace(outcome, behaviour=str(outcome.readings))

    trials = [proposal(120), proposal(130), proposal(120, more="UNUSED = 1\n"), proposal(100, more="UNUSED = 2\n")]
    state = Toy(tmp_path, judge=answering).run(ScriptedProposer(trials, lag=1))
    archive = Archive(state)
    archive.catch_up()
    assert [entry.alike for entry in archive.entries] == ["", "", "t1", "v0"]
    assert "it answers and measures as t1 does" in archive.entries[2].detail
    assert archive.entries[2].status is TrialStatus.OK  # of no other parent: worse than the incumbent, and known
    assert archive.policies["elite"].trials(4) == (0, 1, 2)  # each behaviour once


def test_only_what_is_valid_and_keeps_the_constraints_may_be_a_parent(archive):
    elite = archive.policies["elite"]
    assert [elite.trials(verdicts) for verdicts in (0, 1, 2, 3, 5)] == [
        (0,),
        (1, 0),
        (1, 2, 0),
        (1, 2, 0),
        (4, 1, 2, 0),
    ]


def test_a_trial_is_called_by_its_version_where_it_has_one(archive):
    assert [archive.name(trial, 5) for trial in (0, 1, 2, 4)] == ["v0", "v1", "t2", "v2"]
    assert archive.name(4, 3) == "t4"  # it was not adopted yet
    assert archive.tree("t4", 5)[0] == "v2"


def test_an_entry_says_what_was_gained_and_what_it_took(archive):
    first, second, crashed, fourth, _ = archive.entries
    assert (first.gain, second.gain, crashed.gain) == (0.1, 0.0, 0.0)
    assert fourth.gain == pytest.approx(20 / 90)
    # smoke a; full a, b, c; the second run of these; the held-out case
    assert (first.measured, second.measured, crashed.measured) == (8, 4, 4)


def test_the_price_of_a_trial_is_that_of_all_its_attempts(tmp_path):
    def said(size, usd, **rest):
        return proposal(size, cost=Cost(usd=usd, tokens_in=10, tokens_out=1), **rest)

    def costs(repair):
        trials = ScriptedRepairer([said(90, 0.5, more="# CRASH\n")], repairs={1: [repair]}, lag=1)
        archive = Archive(Toy(tmp_path).run(trials))
        archive.catch_up()
        return archive.entries[0].cost

    assert costs(said(80, 0.25)) == Cost(usd=0.75, tokens_in=20, tokens_out=2)
    assert costs(said(80, None)).usd is None


def test_a_cell_is_where_the_features_lie(tmp_path):
    toy = Toy(tmp_path, features={"size": (50.0, 80.0), "quality": (35.0,)})
    archive = Archive(
        toy.run(ScriptedProposer([proposal(80), proposal(60, quality=31), proposal(59, quality=31)], lag=1))
    )
    archive.catch_up()
    drawn = {archive.policies["grid"].parent(verdicts=3, trial=4, chance=chance) for chance in range(9)}
    assert drawn == {1, 3}  # the seed shares a cell with t1, and t2 with t3
    assert "grid" not in Archive(Toy(tmp_path).run(ScriptedProposer([], lag=1))).policies


def test_a_window_is_a_sequence_of_the_first_entries(archive):
    window = Window(archive.entries, 3)
    assert len(window) == 3
    assert [entry.trial for entry in window] == ["t1", "t2", "t3"]
    assert window[-1].trial == "t3"
    assert [entry.trial for entry in window[1:]] == ["t2", "t3"]
    assert [entry.trial for entry in reversed(window)] == ["t3", "t2", "t1"]
    for index in (3, -4):
        with pytest.raises(IndexError):
            window[index]
