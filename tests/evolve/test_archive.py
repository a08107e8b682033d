"""The archive: a window on exactly one's own past, names that last, and parents that need not have been adopted."""

from collections import Counter
from dataclasses import replace

import pytest

from selfwright.core.change import Origin
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.evolve.archive import Archive, Window, names
from selfwright.evolve.select import select_parent
from selfwright.testing.proposer import ScriptedProposer
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


def test_the_elite_is_valid_feasible_and_sorted(archive):
    assert archive.elite(5) == ("t4", "t1", "t2")
    assert archive.elite(1) == ("t1",)
    assert archive.elite(0) == ()


def test_a_parent_need_not_have_been_adopted_and_is_a_function_of_its_draw(archive):
    def select(trial):
        return select_parent(archive, verdicts=5, seed=7, trial=trial, attempt=0)

    drawn = Counter(select(trial) for trial in range(200))
    assert set(drawn) == {"v2", "t1", "t2", "t4"}
    assert drawn["v2"] > 70
    assert [select(trial) for trial in range(50)] == [select(trial) for trial in range(50)]
    assert select_parent(archive, verdicts=0, seed=7, trial=1, attempt=0) == "v0"


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
