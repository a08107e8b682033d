"""The loop: verdicts in trial order, whatever finishes first; failures are data; nothing acknowledged is lost."""

import json
import threading
from dataclasses import replace
from itertools import count

import pytest

from selfwright.audit.message import improvement
from selfwright.core import event as ev
from selfwright.core.change import Proposal
from selfwright.core.draw import draw
from selfwright.core.errors import BadInput, JournalCorrupt, JudgeFault, ProblemError, RepoError, RunHeld
from selfwright.core.lifecycle import State
from selfwright.core.metric import Effect, Metric
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading, Resources
from selfwright.core.verdict import Decision
from selfwright.evolve.archive import Archive, past_of
from selfwright.evolve.proposing import Proposing
from selfwright.evolve.run import DEFAULT_LAG, lag_for
from selfwright.gate.pairs import Weighed
from selfwright.gate.race import goes_on
from selfwright.proposers.recorded import Recorded
from selfwright.testing.adopter import MemoryAdopter
from selfwright.testing.engine import finish_last_first
from selfwright.testing.journal import MemoryJournal, Stream
from selfwright.testing.proposer import ScriptedProposer, ScriptedRepairer
from selfwright.views.comparison import FRESH_PAIRS, weighed_before
from selfwright.views.leaderboard import aggregates, versions_table
from tests.evolve.toy import CASES, SEED, Toy, judge_toy, program, proposal, summary


def scripted(*proposals: Proposal, lag: int | None = 1) -> ScriptedProposer:
    return ScriptedProposer(proposals, lag=lag)


CLIMB = (
    proposal(90), proposal(95), proposal(80, quality=20), proposal(70, more="# CRASH\n"), proposal(89.5),
    proposal(60, more="# BAD\n"), proposal(50, more="# HIDDEN\n"), proposal(40),
)  # fmt: skip


def test_only_what_is_proven_better_is_adopted(tmp_path):
    toy = Toy(tmp_path)
    state = toy.run(scripted(*CLIMB))
    assert summary(state) == ["v1", *["rejected"] * 6, "v2"]
    words = [state.last(number).verdict.sentence for number in range(1, 9)]
    assert "10 % better than v0 (100)" in words[0]
    assert "not better than v1" in words[1]
    assert "breaks the constraint quality >= 30" in words[2]
    assert "crashed in full/b: IndexError: on b" in words[3]
    assert "less than the minimum effect of 1 %" in words[4]
    assert "invalid in smoke/a: the shape is wrong" in words[5]
    assert words[6].endswith("44.4 % better than v1 (90), but it is worse on the held-out cases than the best")
    assert [adoption.files for adoption in toy.adopter.adopted] == [program(100), program(90), program(40)]
    assert state.control.ended.why == "exhausted"


def test_a_verdict_lets_the_next_be_asked_for_before_anything_is_waited_for(tmp_path, monkeypatch):
    waits = []

    class Watched(Proposing):
        def answer(self, timeout_s):
            if timeout_s > 0:
                waits.append((len(self), max(self.trials())))
            return super().answer(timeout_s)

    monkeypatch.setattr("selfwright.evolve.run.Proposing", Watched)
    state = Toy(tmp_path).run(scripted(*map(proposal, range(90, 82, -1)), lag=3), trials=8)
    assert state.verdicts == 8
    assert waits
    assert all(making == 3 or last == 8 for making, last in waits)


def test_a_journal_that_ends_at_a_verdict_goes_on_with_what_follows_from_it(tmp_path):
    whole = Toy(tmp_path)
    whole.run(scripted(*CLIMB[:7]))
    rows = whole.journal._stream.rows
    ends = [seq for seq, (_, stored, _) in enumerate(rows, start=1) if b'"kind":"Judged"' in stored]
    assert len(ends) == 7
    for end in ends[1:]:  # none of these is adopted
        toy = Toy(tmp_path)
        toy.blobs, toy.adopter = whole.blobs, whole.adopter
        toy.journal = MemoryJournal(clock=toy.clock, stream=Stream(rows=rows[:end]))
        toy.drive(scripted(*CLIMB[:7]))
        assert toy.canonical() == whole.canonical()


def test_a_seed_is_adopted_as_v0_without_a_verdict(tmp_path):
    toy = Toy(tmp_path)
    toy.run(scripted())
    (seed,) = toy.adopter.adopted
    assert (seed.version, seed.verdict, seed.parent, seed.holdout) == (0, None, None, None)
    assert seed.after == {"size": 100.0, "quality": 40.0}


def test_the_certificate_is_measured_after_the_decision(tmp_path):
    toy = Toy(tmp_path)
    state = toy.run(scripted(proposal(90)))
    fresh = [spot for spot in state.last(1).measured if spot[0] == "fresh"]
    assert fresh == [("fresh", "full", case) for case in ("a", "b", "c")]
    adoption = toy.adopter.adopted[1]
    assert (adoption.before["size"], adoption.after["size"], adoption.runs, adoption.holdout) == (100.0, 90.0, 2, True)
    assert adoption.cases == {case: {"size": 90.0, "quality": 40.0} for case in ("a", "b", "c")}
    intent = next(record for record in toy.journal.read() if record.event == ev.AdoptionIntended(
        trial=1, attempt=0, version=1, time_s=adoption.time_s))  # fmt: skip
    assert adoption.journal == f"{intent.seq}:{intent.hash}"


def test_a_candidate_that_is_not_the_same_in_a_second_run_is_rejected(tmp_path):
    seen: dict[str, int] = {}

    def moody(files, item):
        outcome = judge_toy(files, item)
        if b"MOODY" in files["p.py"] and item.stage == "full":
            seen[item.case] = seen.get(item.case, 0) + 1
            size = outcome.readings[0].metrics["size"][0] + seen[item.case] * 2**-40
            readings = (Reading(case=item.case, metrics={"size": (size,), "quality": (40.0,)}),)
            return Outcome(status=TrialStatus.OK, readings=readings)
        return outcome

    state = Toy(tmp_path, judge=moody).run(scripted(proposal(90, more="# MOODY\n")))
    assert summary(state) == ["rejected"]
    assert "not the same in a second run: size of case a was" in state.last(1).verdict.sentence


def test_a_noisy_constraint_must_hold_in_the_second_run_too(tmp_path):
    runs: dict[str, int] = {}

    def tiring(files, item):
        if files == program(90) and item.stage == "full":
            runs[item.case] = runs.get(item.case, 0) + 1
            return judge_toy(program(90, quality=40 if runs[item.case] == 1 else 20), item)
        return judge_toy(files, item)

    toy = Toy(tmp_path, judge=tiring)
    size, quality = toy.problem.metrics
    toy.problem = replace(toy.problem, metrics=(size, replace(quality, noisy=True)))
    state = toy.run(scripted(proposal(90)))
    assert summary(state) == ["rejected"]
    assert "in a second run, quality is 20, which breaks the constraint quality >= 30" in state.last(1).words


def test_a_trial_that_fails_the_smoke_stage_costs_no_more(tmp_path):
    toy = Toy(tmp_path)
    state = toy.run(scripted(proposal(60, more="# BAD\n")))
    assert {spot[1] for spot in state.last(1).measured} == {"smoke"}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("finish", [lambda running: 0, finish_last_first])
@pytest.mark.parametrize("lag", [1, 6])
def test_the_journal_is_the_same_whatever_finishes_first(tmp_path, workers, finish, lag):
    def journal(**rest):
        toy = Toy(tmp_path, **rest)
        toy.run(scripted(*CLIMB, *CLIMB[:2], lag=lag))
        return toy.canonical()

    assert journal(workers=workers, finish=finish) == journal(workers=2)


def test_a_proposal_sees_exactly_its_own_past(tmp_path):
    toy, seen = Toy(tmp_path), {}

    class Looking(ScriptedProposer):
        def ask(self, ask):
            seen[ask.trial] = (len(ask.history), ask.best, [past.trial for past in ask.history][-1:])
            return super().ask(ask)

    toy.run(Looking([proposal(size) for size in (90, 80, 70, 60, 50, 40, 30, 20, 10, 9)], lag=3))
    assert seen[1] == (0, "v0", [])
    assert seen[4] == (1, "v1", ["t1"])
    assert seen[10] == (7, "v7", ["t7"])


def test_content_that_was_tried_before_is_refused_before_it_costs_anything(tmp_path):
    toy = Toy(tmp_path)
    again = [proposal(95, reason="again", parent="seed"), proposal(100), proposal(95)]
    state = toy.run(scripted(proposal(95), *again))
    assert summary(state) == ["v1", "refused", "refused", "refused"]
    assert "the same program as t1, adopted: size 95 B, 5 % better" in state.last(2).reason
    assert not state.last(2).measured
    assert "the same program as the seed" in state.last(3).reason
    assert "it changes nothing" in state.last(4).reason


TWINS = [proposal(95), proposal(90), proposal(95, reason="again"), proposal(80), proposal(90), proposal(95)]


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("finish", [lambda running: 0, finish_last_first])
def test_of_equal_proposals_in_flight_the_first_alone_is_tried(tmp_path, workers, finish):
    toy = Toy(tmp_path, workers=workers, finish=finish)
    state = toy.run(scripted(*TWINS, lag=None))
    assert summary(state) == ["v1", "v2", "refused", "v3", "refused", "refused"]
    assert [state.last(number).reason for number in (3, 5)] == ["the same program as t1", "the same program as t2"]
    assert not state.last(3).measured and not state.last(5).measured


def test_of_equal_proposals_the_earlier_trial_is_tried_whichever_came_first(tmp_path):
    second_came = threading.Event()

    class Hesitant(ScriptedProposer):
        def ask(self, ask):
            assert ask.trial > 1 or second_came.wait(60)
            return super().ask(ask)

    def watch(event, state):
        if isinstance(event, ev.Proposed) and event.trial == 2:
            second_came.set()

    state = Toy(tmp_path).run(Hesitant([proposal(95), proposal(95)], lag=2), observe=watch)
    assert summary(state) == ["v1", "refused"]
    assert not state.last(2).measured


def test_what_is_said_of_a_twin_follows_from_the_lag_and_not_from_when_it_came(tmp_path):
    judged = threading.Event()

    class Late(ScriptedProposer):
        def ask(self, ask):
            assert ask.trial != 2 or judged.wait(60)
            return super().ask(ask)

    def watch(event, state):
        if state.verdicts:
            judged.set()

    state = Toy(tmp_path).run(Late([proposal(95), proposal(95)], lag=2), observe=watch)
    assert summary(state) == ["v1", "refused"]
    assert state.last(2).reason == "the same program as t1"


def test_the_lag_does_not_depend_on_the_machine(tmp_path):
    assert [lag_for(scripted(lag=lag)) for lag in (None, 1, 30)] == [DEFAULT_LAG, 1, 30]
    assert [lag_for(scripted(lag=lag), 20) for lag in (None, 30, 20)] == [20, 20, 20]
    with pytest.raises(BadInput, match=r"makes at most 1 proposal at once.*leave out --in-flight 2"):
        lag_for(scripted(lag=1), 2)


def test_a_submission_leaves_no_gap_where_an_open_question_gets_no_answer(tmp_path):
    toy, seen = Toy(tmp_path), threading.Event()

    class Silent(ScriptedProposer):
        def ask(self, ask):
            toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(program(60)["p.py"])})])
            assert seen.wait(60)  # the loop knows of the submission before it knows that there is no answer

    def watch(event, state):
        if isinstance(event, ev.Submitted):
            seen.set()

    toy.open(scripted(lag=None))
    assert summary(toy.drive(Silent([]), trials=1, observe=watch)) == ["v1"]


def test_a_person_who_signs_as_a_recording_takes_no_line_of_it(tmp_path):
    session = tmp_path / "session.jsonl"
    lines = [{"files": {"p.py": program(size)["p.py"].decode()}} for size in (90, 80)]
    session.write_text("".join(json.dumps(line) + "\n" for line in lines))
    toy = Toy(tmp_path)
    toy.open(Recorded(session))
    toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(program(95)["p.py"])}, proposer="recorded")])
    state = toy.drive(Recorded(session))
    assert summary(state) == ["v1", "v2", "v3"]
    assert [attempt.proposed.proposer for attempt in state.attempts()] == ["person (recorded)", "recorded", "recorded"]


def test_a_change_that_does_not_validate_is_refused_with_the_reason(tmp_path):
    locked = Proposal(files={"judge.txt": b"x"}, proposer="scripted")
    broken = Proposal(files={"p.py": b"def f(:\n"}, proposer="scripted")
    orphan = Proposal(files={"p.py": b"SIZE = 1\n"}, parent="t99", proposer="scripted")
    state = Toy(tmp_path).run(scripted(locked, broken, orphan))
    assert summary(state) == ["refused"] * 3
    assert "judge.txt" in state.last(1).reason
    assert "line 1" in state.last(2).reason
    assert "'t99' is no program yet" in state.last(3).reason


def test_a_repairer_is_told_and_asked_again(tmp_path):
    broken = Proposal(files={"p.py": b"SIZE = (\n"}, reason="typo", proposer="scripted")
    repairs = {1: [proposal(90, more="# CRASH\n"), proposal(90)]}
    proposer = ScriptedRepairer([broken], repairs=repairs, lag=1)
    state = Toy(tmp_path).run(proposer)
    assert [attempt.state for attempt in state.trials[1]] == [State.REPAIRED, State.REPAIRED, State.ADOPTED]
    assert [(failure.where, failure.status) for failure in proposer.failures] == [
        ("validation", None), ("execution", TrialStatus.CRASHED),
    ]  # fmt: skip
    assert proposer.failures[1].log == "Traceback ..."
    assert state.last(1).proposed.retry_of == state.trials[1][1].proposed.change
    assert state.verdicts == 1  # a retry is charged to budgets, not to the count of trials


@pytest.mark.parametrize(("word", "where"), [("# CRASH\n", "execution"), ("\ndef (", "validation")])
def test_after_five_repairs_a_person_is_called(tmp_path, word, where):
    tries = [proposal(90 - number, more=word) for number in range(8)]
    proposer = ScriptedRepairer(tries[:1], repairs={1: tries[1:]}, lag=1)
    state = Toy(tmp_path).run(proposer)
    assert len(proposer.failures) == 5
    assert {failure.where for failure in proposer.failures} == {where}
    assert state.last(1).state is State.NEEDS_PERSON
    assert "5 repairs did not mend it" in state.last(1).reason


def test_an_answer_that_is_no_change_is_told_its_fault_and_kept_for_the_repair(tmp_path):
    class Speaker(ScriptedRepairer):
        def repair(self, ask, last, failure):
            self.last = last
            return super().repair(ask, last, failure)

    no_change = Proposal(patch="an answer", fault="block 1 fits nowhere", parent="best")
    speaker = Speaker([no_change], repairs={1: [proposal(90)]}, lag=1)
    state = Toy(tmp_path).run(speaker)
    assert [attempt.state for attempt in state.attempts()] == [State.REPAIRED, State.ADOPTED]
    assert [(each.where, each.reason) for each in speaker.failures] == [("validation", "block 1 fits nowhere")]
    assert (speaker.last.patch, speaker.last.parent) == ("an answer", "v0")


def test_a_repairer_that_gives_up_calls_a_person_too(tmp_path):
    proposer = ScriptedRepairer([proposal(90, more="# CRASH\n")], repairs={}, lag=1)
    state = Toy(tmp_path).run(proposer)
    assert state.last(1).state is State.NEEDS_PERSON and "gave up" in state.last(1).reason


def test_a_judge_that_fails_on_one_trial_needs_a_person_and_the_run_goes_on(tmp_path):
    state = Toy(tmp_path).run(scripted(proposal(90, more="# FAULT\n"), proposal(80)))
    assert summary(state) == ["needs_person", "v1"]
    assert "the judge stumbled" in state.last(1).reason


def test_a_judge_that_fails_again_and_again_ends_the_sitting(tmp_path):
    toy = Toy(tmp_path)
    with pytest.raises(JudgeFault, match=r"5 trials in a row.*the judge stumbled"):
        toy.run(scripted(*[proposal(90 - number, more="# FAULT\n") for number in range(9)]))
    state = toy.state()
    assert (state.control.ended.why, state.verdicts) == ("failed", 5)
    assert toy.journal.holder() is None


def test_the_budget_of_trials_ends_it_and_a_greater_one_goes_on(tmp_path):
    toy, proposer = Toy(tmp_path), scripted(*CLIMB)
    state = toy.run(proposer, trials=3)
    assert (state.verdicts, state.control.ended.why) == (3, "budget")
    whole = Toy(tmp_path)
    whole.run(scripted(*CLIMB), trials=8)
    toy.drive(proposer, trials=8)
    assert toy.canonical() == whole.canonical()


def test_a_second_driver_is_told_who_holds_the_run(tmp_path):
    toy = Toy(tmp_path)
    toy.open(scripted())
    with toy.journal.lease(), pytest.raises(RunHeld):
        toy.drive(scripted())


def test_what_commits_go_to_is_made_by_the_holder_of_the_lease_alone(tmp_path):
    made = []

    class Watched(Toy):
        def make_adopter(self):
            made.append(self.journal.holder())
            return super().make_adopter()

    toy = Watched(tmp_path)
    toy.open(scripted())
    with toy.journal.lease(), pytest.raises(RunHeld):
        toy.drive(scripted())
    assert made == []
    toy.drive(scripted())
    assert len(made) == 1 and made[0] is not None


def test_a_changed_problem_is_refused(tmp_path):
    toy = Toy(tmp_path)
    toy.problem = replace(toy.problem, files={"judge.py": "1", "old.bin": "3"})
    toy.open(scripted())
    toy.problem = replace(toy.problem, files={"judge.py": "2", "note.txt": "4"})
    said = "has changed since this run opened: judge.py is other, old.bin is gone, note.txt is new. .* to go on; or"
    with pytest.raises(BadInput, match=said):
        toy.drive(scripted())


def test_a_journal_that_was_written_anew_is_known_by_the_newest_commit(tmp_path):
    toy = Toy(tmp_path)
    toy.run(scripted(*CLIMB), trials=3)
    events = [record.event for record in toy.journal.read()]
    toy.journal = MemoryJournal(clock=toy.clock)
    with toy.journal.lease():
        toy.journal.append([replace(events[0], description="a nobler aim"), *events[1:]])
    with pytest.raises(JournalCorrupt, match=r"\(v1\) says that it is event \d+:.* written anew"):
        toy.drive(scripted(*CLIMB))
    assert toy.journal.tip().seq == len(events)


def test_a_recording_does_not_join_a_run_with_a_greater_lag(tmp_path):
    toy = Toy(tmp_path)
    toy.open(scripted(lag=None))
    with pytest.raises(BadInput, match=r"lag 1.*lag 8"):
        toy.drive(scripted(lag=1))


class Killed(BaseException):
    """What ``kill -9`` looks like from inside one process."""


@pytest.mark.parametrize("lag", [1, 4])
def test_killed_after_any_event_it_goes_on_to_the_same_journal(tmp_path, lag):
    whole = Toy(tmp_path)
    whole.run(scripted(*CLIMB, lag=lag))
    expected, events = whole.canonical(), whole.journal.tip().seq
    opened = len([record for record in whole.journal.read() if isinstance(record.event, ev.Measured)
                  and record.event.trial == 0]) + 1  # fmt: skip
    for kill_at in range(opened + 1, events):
        toy = Toy(tmp_path)
        toy.open(scripted(lag=lag))

        def kill(event, state, toy=toy, kill_at=kill_at):
            if state.seq == kill_at:
                raise Killed

        with pytest.raises(Killed):
            toy.drive(scripted(*CLIMB, lag=lag), observe=kill)
        done = len([record for record in toy.journal.read() if isinstance(record.event, ev.Measured)])
        toy.engine = toy.new_engine()
        toy.drive(scripted(*CLIMB, lag=lag))
        assert toy.canonical() == expected, f"killed after event {kill_at}"
        again = len(toy.engine.measured)
        assert done + again == len([r for r in toy.journal.read() if isinstance(r.event, ev.Measured)])
        assert [each.version for each in toy.adopter.adopted] == [0, 1, 2]


@pytest.mark.parametrize("how", ["interrupt", "pause"])
def test_what_no_worker_has_begun_is_dropped_and_done_when_the_run_goes_on(tmp_path, how):
    whole, toy = Toy(tmp_path), Toy(tmp_path, workers=1)
    whole.run(scripted(*CLIMB))
    toy.open(scripted(*CLIMB))
    sittings, waited = [], []

    class Watched(type(toy.engine)):
        def wait(self, timeout_s):
            done = super().wait(timeout_s)
            if not done and toy.state().control.paused:
                waited.append(measured_in(self))
                toy.journal.append([ev.ResumeRequested()])
            return done

    def hold(event, state):
        if isinstance(event, ev.Measured) and (event.trial, event.purpose, event.stage, event.case) == FIRST_OF_THREE:
            sittings[0].interrupt() if how == "interrupt" else toy.journal.append([ev.PauseRequested()])

    toy.engine = Watched(judge_toy, cases=toy.cases, workers=1)
    state = toy.drive(scripted(*CLIMB), observe=hold, on_ready=sittings.append)
    if how == "interrupt":
        assert (state.verdicts, state.asked, state.control.ended.why) == (0, 1, "interrupted")
        waited.append(measured_in(toy.engine))
        toy.drive(scripted(*CLIMB))
    assert waited == [["smoke/a", "full/a", "full/b"]]  # and not full/c
    assert toy.canonical() == whole.canonical()


FIRST_OF_THREE = (1, "search", "full", "a")


def measured_in(engine):
    return [f"{item.stage}/{item.case}" for block in engine.measured for item in block.items]


@pytest.mark.parametrize("bounded", [True, False])
def test_ctrl_c_when_nothing_is_left_to_do_interrupts_nothing(tmp_path, bounded):
    """Else a person is told to resume what then does nothing."""
    toy, sittings = Toy(tmp_path), []
    toy.open(scripted(*CLIMB))
    bounds = {"trials": 2} if bounded else {}

    def interrupt(event, state):
        if isinstance(event, ev.Judged) and event.trial == (2 if bounded else 1):
            sittings[0].interrupt()

    state = toy.drive(scripted(*CLIMB), observe=interrupt, on_ready=sittings.append, **bounds)
    if bounded:
        assert (state.verdicts, state.control.ended.why, state.control.ended.bound) == (2, "budget", "trials")
        assert toy.drive(scripted(*CLIMB), **bounds).verdicts == 2
    else:
        assert state.control.ended.why == "interrupted"
        assert toy.drive(scripted(*CLIMB)).verdicts > state.verdicts


def test_interrupted_twice_it_ends_at_once(tmp_path):
    toy, sittings = Toy(tmp_path), []
    toy.open(scripted(*CLIMB))

    def interrupt(event, state):
        if isinstance(event, ev.Measured) and event.trial == 2:
            sittings[0].interrupt()
            sittings[0].interrupt()

    state = toy.drive(scripted(*CLIMB), observe=interrupt, on_ready=sittings.append)
    assert (state.verdicts, state.asked) == (1, 2)
    assert len(toy.engine._queue) == 0


def test_stop_from_another_terminal_ends_after_the_current_trials(tmp_path):
    toy = Toy(tmp_path)
    toy.open(scripted(*CLIMB))

    def stop(event, state):
        if isinstance(event, ev.Proposed) and event.trial == 3:
            toy.journal.append([ev.StopRequested(sitting=1)])

    state = toy.drive(scripted(*CLIMB), observe=stop)
    assert (state.verdicts, state.control.ended.why) == (3, "stopped")


def test_paused_it_begins_nothing_until_it_is_told_to_go_on(tmp_path):
    waits = []

    class Waiting(type(Toy(tmp_path).engine)):
        def wait(self, timeout_s):
            state = toy.state()
            if state.control.paused:
                waits.append(len(self._queue))
                toy.journal.append([ev.ResumeRequested()])
            return super().wait(timeout_s)

    toy = Toy(tmp_path)
    toy.open(scripted(*CLIMB))
    toy.engine = Waiting(judge_toy, cases=toy.cases)

    def pause(event, state):
        if isinstance(event, ev.Measured) and (event.trial, event.stage) == (2, "smoke"):
            toy.journal.append([ev.PauseRequested()])

    state = toy.drive(scripted(*CLIMB), observe=pause)
    assert waits == [0]  # not even the next stage of the trial that was open
    assert state.verdicts == 8
    assert summary(state)[-1] == "v2"


def test_a_submission_enters_a_running_run_and_a_finished_one(tmp_path):
    toy = Toy(tmp_path)
    toy.open(scripted(*CLIMB))
    blob = toy.blobs.put(program(55)["p.py"])

    def submit(event, state):
        if isinstance(event, ev.Judged) and event.trial == 2:
            toy.journal.append([ev.Submitted(files={"p.py": blob}, reason="mine")])

    state = toy.drive(scripted(*CLIMB), observe=submit)
    assert state.last(3).proposed.proposer == "person"
    assert summary(state)[2] == "v2"
    toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(program(30)["p.py"])}, proposer="agent")])
    state = toy.drive(scripted())
    assert (summary(state)[-1], state.trials[state.asked][0].proposed.proposer) == ("v4", "person (agent)")


def test_a_noisy_objective_is_decided_by_interleaved_pairs(tmp_path):
    calls = []

    def noisy(files, item):
        calls.append((item.stage, item.case, item.seed, files["p.py"]))
        wobble = 1 + (item.seed % 97) / 97 * 0.04
        outcome = judge_toy(files, item)
        size = outcome.readings[0].metrics["size"][0] * wobble
        readings = (Reading(case=item.case, metrics={"size": (size,), "quality": (40.0,)}),)
        return Outcome(status=TrialStatus.OK, readings=readings)

    toy = Toy(tmp_path, judge=noisy, noisy=True)
    state = toy.run(scripted(proposal(70), proposal(70.1), proposal(110)))
    assert summary(state)[0] == "v1"
    verdict = state.last(1).verdict
    assert verdict.pairs >= 16 and verdict.evidence >= 8000
    assert state.last(3).verdict.decision is Decision.REJECT
    pairs = [block for block in toy.engine.measured if len(block.items) == 2]
    assert {block.items[0].seed == block.items[1].seed for block in pairs} == {True}
    first = [block.items[0].change for block in pairs if block.items[0].change != block.items[1].change]
    assert len(set(first)) > 1  # a coin decides who goes first


def jittery(files, item):
    """The toy judge on a machine that gives each side of a pair up to 10 % of its own."""
    (reading,) = judge_toy(files, item).readings
    (size,) = reading.metrics["size"]
    own = draw(item.seed, files["p.py"].decode()) % 97 / 970
    return Outcome(
        status=TrialStatus.OK, readings=(replace(reading, metrics={**reading.metrics, "size": (size * (1 + own),)}),)
    )


def test_what_runs_as_the_incumbent_does_is_inert_and_costs_no_pair(tmp_path):
    """Only the comment differs, so that whatever a clock says of it is luck."""
    toy = Toy(tmp_path, judge=jittery, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(100, more="# faster\n"), proposal(80), proposal(80, more="# cleaner\n")))
    assert summary(state) == ["rejected", "v1", "rejected"]
    for trial, name in ((1, "v0"), (3, "v1")):
        verdict = state.last(trial).verdict
        words = f"rejected: inert: it runs as {name} does; nothing but comments, docstrings or layout differs"
        assert (verdict.inert, verdict.sentence, verdict.pairs) == (True, words, 0)
        assert past_of(state, state.last(trial)).status is TrialStatus.INERT
    assert past_of(state, state.last(2)).status is TrialStatus.OK
    assert list(state.compared) == [(2, 0, 0)]


def test_what_answers_and_measures_the_same_in_pairs_is_inert(tmp_path):
    """What is drawn is drawn for both sides of a pair: no clock, so that equal answers have equal values."""

    def drawn(files, item):
        outcome = answering(files, item)
        (size,) = outcome.readings[0].metrics["size"]
        luck = draw(item.seed, "luck") % 97 / 970
        (reading,) = outcome.readings
        return replace(outcome, readings=(replace(reading, metrics=reading.metrics | {"size": (size * (1 + luck),)}),))

    toy = Toy(tmp_path, judge=drawn, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(100, more="UNUSED = 1\n"), proposal(100, more="SILENT = 1\n"), proposal(80)))
    words = "rejected: inert: it answers as v0 does in every case, and 3 pairs measured the same, to the bit"
    assert (state.last(1).verdict.inert, state.last(1).words) == (True, words)
    assert not state.last(2).verdict.inert  # it is not known what it answers
    assert summary(state) == ["rejected", "rejected", "v1"]


def test_what_runs_as_its_parent_does_is_inert_too(tmp_path):
    worse = (proposal(120), proposal(120, more="# at last\n", parent="t1"), proposal(120.5, parent="t1"))
    state = Toy(tmp_path).run(scripted(*worse))
    assert [state.last(trial).verdict.inert for trial in (1, 2, 3)] == [False, True, False]
    assert "it runs as t1 does" in state.last(2).words


def test_a_comment_that_the_judge_reads_is_not_inert(tmp_path):
    """Equal syntax tells nothing where a metric that is not noisy says otherwise."""

    def reading(files, item):
        outcome = judge_toy(files, item)
        return judge_toy(program(70), item) if b"seventy" in files["p.py"] else outcome

    state = Toy(tmp_path, judge=reading).run(scripted(proposal(100, more="# seventy\n")))
    assert summary(state) == ["v1"]


def answering(files, item):
    """The toy judge of programs that answer with their numbers; in case ``b`` a CLOCK answers otherwise each time."""
    outcome = judge_toy(files, item)
    text = files["p.py"].decode()
    said = f"{outcome.readings} {next(CLOCK) if 'CLOCK' in text and item.case == 'b' else ''}"
    unused = [number for number, line in enumerate(text.splitlines(), 1) if "UNUSED" not in line]
    ran = {path: tuple(n for n in lines if n in unused) for path, lines in item.watch.items()} if item.watch else None
    return replace(outcome, behaviour="" if "SILENT" in text else said, ran=ran)


CLOCK = count()


def test_what_answers_as_the_incumbent_or_its_parent_does_is_inert(tmp_path):
    changes = (
        proposal(100, more="UNUSED = 1\n"),
        proposal(80),
        proposal(80, more="UNUSED = 2\n"),
        proposal(120),
        proposal(120, more="UNUSED = 3\n", parent="t4"),
    )
    state = Toy(tmp_path, judge=answering).run(scripted(*changes))
    assert summary(state) == ["rejected", "v1", "rejected", "rejected", "rejected"]
    for trial, name in ((1, "v0"), (3, "v1"), (5, "t4")):
        words = (
            f"rejected: inert: it answers as {name} does in every case, to the bit, and measures the same; "
            "its 1 changed line ran in no public case (p.py 3)"
        )
        assert (state.last(trial).verdict.inert, state.last(trial).words) == (True, words)
    assert not state.last(4).verdict.inert


def test_lines_that_can_not_be_watched_are_advice_that_is_missing_and_nothing_else(tmp_path):
    """A watched program is slow, and one machine may end it where another does not."""

    def slow(files, item):
        return answering(files, item) if not item.watch else Outcome(status=TrialStatus.TIMED_OUT, reason="after 20 s")

    def commands(files, item):
        return replace(answering(files, item), ran=None)

    told, journals = [], []
    for judge in (answering, slow, commands):
        toy = Toy(tmp_path, judge=judge)
        state = toy.run(scripted(proposal(100, more="UNUSED = 1\n"), proposal(80)))
        assert summary(state) == ["rejected", "v1"]
        told.append(state.last(1).words.rpartition("; ")[2])
        journals.append(toy.canonical())
    unknown = "whether its changed lines ran is not known: "
    assert told == [
        "its 1 changed line ran in no public case (p.py 3)",
        f"{unknown}timed_out while they were watched",
        f"{unknown}they were watched in calls, not in commands",
    ]
    assert journals[0] == journals[1] == journals[2]


def test_only_changed_lines_are_watched_and_only_where_a_trial_answers_as_before(tmp_path):
    toy = Toy(tmp_path, judge=answering)
    toy.run(scripted(proposal(120), proposal(120, more="# why\n", parent="t1"), proposal(100, more="UNUSED = 1\n")))
    watched = [item for block in toy.engine.measured for item in block.items if item.watch]
    assert [(item.stage, item.case, item.watch) for item in watched] == [
        (stage, case, {"p.py": (3,)}) for stage in ("smoke", "full") for case in CASES[stage]
    ]
    plain = {(item.stage, item.seed) for block in toy.engine.measured for item in block.items if not item.watch}
    assert {(item.stage, item.seed) for item in watched} <= plain


def test_what_costs_money_is_not_measured_for_advice(tmp_path):
    def paid(files, item):
        return replace(answering(files, item), resources=Resources(usd=0.01))

    toy = Toy(tmp_path, judge=paid)
    state = toy.run(scripted(proposal(100, more="UNUSED = 1\n")))
    assert state.last(1).verdict.inert
    assert "changed line" not in state.last(1).words
    assert not any(item.watch for block in toy.engine.measured for item in block.items)


def test_beside_a_noisy_metric_the_verdict_on_equal_answers_is_the_gates(tmp_path):
    """The objective is none: it is no better, whatever the clock says, and it is told that it answers as before."""

    def clocked(files, item):
        outcome = answering(files, item)
        readings = tuple(
            replace(each, metrics=each.metrics | {"s": (float(next(CLOCK)),)}) for each in outcome.readings
        )
        return replace(outcome, readings=readings)

    toy = Toy(tmp_path, judge=clocked)
    toy.problem = replace(toy.problem, metrics=(*toy.problem.metrics, Metric(name="s", unit="s", noisy=True)))
    state = toy.run(scripted(proposal(100, more="UNUSED = 1\n")))
    assert not state.last(1).verdict.inert
    assert state.last(1).words.startswith("rejected: the same as v0: size 100 B; ")
    assert state.last(1).words.endswith(
        "; it answers as v0 does in every case, to the bit; its 1 changed line ran in no public case (p.py 3)"
    )


@pytest.mark.parametrize("more", ["CLOCK = 1\n", "SILENT = 1\n"])
def test_answers_that_differ_or_are_not_known_prove_nothing(tmp_path, more):
    silent = program(100, more="SILENT = 1\n")
    toy = Toy(tmp_path, judge=answering, seed=silent if "SILENT" in more else SEED)
    state = toy.run(scripted(proposal(100, more=f"{more}UNUSED = 1\n")))
    assert (state.last(1).verdict.inert, summary(state)) == (False, ["rejected"])


def test_equal_answers_prove_nothing_where_the_seed_answers_anew_each_time(tmp_path):
    seed = program(100, more="CLOCK = 1\n")
    toy = Toy(tmp_path, judge=answering, seed=seed)
    state = toy.run(scripted(proposal(120), proposal(120, more="UNUSED = 3\n", parent="t1")))
    assert [state.last(trial).verdict.inert for trial in (1, 2)] == [False, False]


def test_equal_answers_prove_nothing_where_a_metric_is_noisy(tmp_path):
    """What is faster answers the same, and a coarse clock may not tell at once."""
    toy = Toy(tmp_path, judge=answering, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(100, more="UNUSED = 1\n")))
    assert not state.last(1).verdict.inert
    assert state.last(1).verdict.pairs > 0


def test_what_measures_otherwise_is_not_inert_whatever_it_answers(tmp_path):
    toy = Toy(tmp_path, judge=lambda files, item: replace(judge_toy(files, item), behaviour="the same"))
    state = toy.run(scripted(proposal(80), proposal(80, more="UNUSED = 1\n")))
    assert summary(state) == ["v1", "rejected"]
    assert state.last(2).verdict.inert


ALIKE = tuple(proposal(100, more=f"NUMBER = {number}\n") for number in range(6))


def test_what_shows_no_promise_is_parked_after_a_few_pairs(tmp_path):
    state = Toy(tmp_path, judge=jittery, noisy=True, holdout=False).run(scripted(*ALIKE, proposal(85), proposal(120)))
    assert summary(state)[6:] == ["v1", "parked"]
    assert state.last(8).verdict.pairs == len(CASES["full"])  # far behind, at a glance at each case
    assert "parked" in summary(state)[:6] and not any(word.startswith("v") for word in summary(state)[:6])
    spent = [state.last(trial).verdict.pairs for trial in range(1, 7)]
    assert max(spent) < 60 and sum(spent) < 6 * 25  # of 60 that each might take
    assert state.last(7).verdict.pairs >= 17


def test_the_comparisons_before_tell_how_noisy_the_machine_is(tmp_path):
    state = Toy(tmp_path, judge=jittery, noisy=True, holdout=False).run(scripted(*ALIKE))

    def parked_after(attempt, before):
        known = Weighed(state.run.metrics[0], state.run.objective)
        for pair in attempt.weighed["pair"].pairs:
            known.add(pair)
            if not goes_on(known, before):
                break
        return known.tried

    parked = [attempt for attempt in state.attempts() if attempt.state is State.PARKED and not attempt.resumed]
    assert len(parked) == 5
    spent = [attempt.verdict.pairs for attempt in parked]
    assert [parked_after(attempt, weighed_before(state, attempt)) for attempt in parked] == spent
    assert [parked_after(attempt, []) for attempt in parked] != spent
    assert [len(weighed_before(state, attempt)) for attempt in state.attempts()] == [0, 1, 2, 3, 4, 5]


def test_killed_after_any_event_of_a_race_it_goes_on_to_the_same_journal(tmp_path):
    """Which pairs are measured follows from those before, of other comparisons too."""

    def kill(event, state):
        nonlocal left
        left -= 1
        if not left:
            raise Killed

    proposals = (*ALIKE[:3], proposal(85), ALIKE[3])
    whole = Toy(tmp_path, judge=jittery, noisy=True, holdout=False)
    whole.run(scripted(*proposals))
    expected, length = whole.canonical(), whole.journal.tip().seq
    assert length > 100
    for every in (7, 23, 61):
        toy = Toy(tmp_path, judge=jittery, noisy=True, holdout=False)
        toy.open(scripted())
        sittings = 0
        while True:
            left, sittings = every, sittings + 1
            toy.engine = toy.new_engine()
            try:
                toy.drive(scripted(*proposals), observe=kill)
                break
            except Killed:
                continue
        assert sittings > 2
        assert toy.canonical() == expected


def test_one_gain_is_told_everywhere_and_it_is_of_the_fresh_pairs(tmp_path):
    """In each case 3.5 times as fast; the cases differ by a factor of a hundred."""

    def timed(files, item):
        wobble = 1 + (item.seed % 97) / 97 * 0.02  # shared by both sides of a pair, as weather is
        size = judge_toy(files, item).readings[0].metrics["size"][0] * wobble * (100 if item.case == "b" else 1)
        readings = (Reading(case=item.case, metrics={"size": (size,), "quality": (40.0,)}),)
        return Outcome(status=TrialStatus.OK, readings=readings)

    cases = {"smoke": ("a",), "full": tuple("ab") + tuple(f"c{number}" for number in range(14))}
    toy = Toy(tmp_path, judge=timed, noisy=True, holdout=False, cases=cases)
    toy.open(scripted())
    state = toy.drive(scripted(proposal(100 / 3.5)))
    told, [seed, row] = toy.adopter.adopted[1], versions_table(state)
    assert "71.4 % better than v0" in state.last(1).verdict.sentence
    assert (str(row.previous), str(row.total), improvement(told)) == ("+71.4 %", "+71.4 %", "71% better than v0")
    assert told.fresh.pairs == len(told.cases) == 16  # each case is in the fresh block, however many there are
    assert told.before["size"] / told.after["size"] == pytest.approx(3.5)
    assert (told.before, told.after) == (seed.metrics, row.metrics)  # not those of the search, which decided
    assert row.metrics != aggregates(state, state.last(1))


def test_one_seed_a_stage_for_all_trials_and_one_for_each_pair(tmp_path):
    toy = Toy(tmp_path, judge=wobbling, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(70), proposal(60)))
    single, paired = {}, []
    for block in toy.engine.measured:
        stages, seeds = {item.stage for item in block.items}, {item.seed for item in block.items}
        assert len(stages) == len(seeds) == 1
        if len(block.items) == 1:
            single.setdefault(stages.pop(), set()).update(seeds)
        else:
            paired += seeds
    assert [len(single[stage]) for stage in ("smoke", "full")] == [1, 1]
    assert len(paired) >= sum(state.last(trial).verdict.pairs for trial in (1, 2)) > 30
    assert len(set(paired)) == len(paired)


def wobbling(files, item):
    """The toy judge with up to 4 % of noise."""
    (reading,) = judge_toy(files, item).readings
    (size,) = reading.metrics["size"]
    metrics = {**reading.metrics, "size": (size * (1 + (item.seed % 97) / 97 * 0.04),)}
    return Outcome(status=TrialStatus.OK, readings=(replace(reading, metrics=metrics),))


def test_a_candidate_that_fails_beside_the_incumbent_is_rejected(tmp_path):
    calls = []

    def failing_once(files, item):
        calls.append(files == program(70))
        if sum(calls) == 7 and calls[-1]:  # its third pair: one case of smoke and three of full came before
            return Outcome(status=TrialStatus.CRASHED, reason="tired")
        return wobbling(files, item)

    toy = Toy(tmp_path, judge=failing_once, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(70), proposal(65), proposal(60)))
    assert summary(state) == ["rejected", "v1", "v2"]
    assert state.last(1).verdict.sentence == "rejected: crashed in a paired run: tired"
    assert state.compared == {
        (1, 0, 0): 1,
        (2, 0, 0): 2,
        (3, 0, 1): 3,
    }  # it spent its share, though it had no verdict by pairs
    assert [state.last(trial).verdict.needed for trial in (2, 3)] == pytest.approx([8000, 4000])


def shaky(good: float, bad: float, *, often: int):
    """The wobbling judge, with a quality that is bad every so often, by the seed of the measurement."""

    def judge(files, item):
        outcome = wobbling(files, item)
        (reading,) = outcome.readings
        quality = bad if files != program(100) and item.seed % often == 0 else good
        return replace(outcome, readings=(replace(reading, metrics={**reading.metrics, "quality": (quality,)}),))

    return judge


@pytest.mark.parametrize(("often", "words"), [(5, "v1"), (1, "rejected")])
def test_a_noisy_constraint_is_judged_on_the_median_of_its_samples(tmp_path, often, words):
    toy = Toy(tmp_path, judge=shaky(40, 20, often=often), noisy=True, holdout=False, cases={"full": ("a",)})
    size, quality = toy.problem.metrics
    toy.problem = replace(toy.problem, metrics=(size, replace(quality, noisy=True)))
    toy.open(scripted())
    state = toy.drive(scripted(proposal(70)))
    assert summary(state) == [words], state.last(1).words
    if words == "rejected":
        assert "quality is 20, which breaks the constraint quality >= 30" in state.last(1).verdict.sentence
        assert (
            len([block for block in toy.engine.measured if len(block.items) == 2]) == FRESH_PAIRS
        )  # no more than that


def test_a_noisy_constraint_must_hold_in_the_fresh_block_too(tmp_path):
    measured = []

    def tiring(files, item):
        outcome = wobbling(files, item)
        if files == program(70):
            measured.append(item)
            if len(measured) > 1 + pairs:
                outcome = shaky(20, 20, often=1)(files, item)
        return outcome

    pairs = 10**9
    honest = Toy(tmp_path, judge=tiring, noisy=True, holdout=False, cases={"full": ("a",)}).run(scripted(proposal(70)))
    assert summary(honest) == ["v1"]
    pairs = honest.last(1).verdict.pairs
    measured.clear()
    state = Toy(tmp_path, judge=tiring, noisy=True, holdout=False, cases={"full": ("a",)}).run(scripted(proposal(70)))
    assert summary(state) == ["rejected"]
    assert "in the fresh block, quality is 20" in state.last(1).verdict.sentence


def test_an_objective_that_crosses_zero_is_compared_by_difference(tmp_path):
    def crossing(files, item):
        (reading,) = judge_toy(files, item).readings
        wobble = (item.seed % 97) / 97
        metrics = {**reading.metrics, "size": (reading.metrics["size"][0] - 90 + wobble,)}
        return Outcome(status=TrialStatus.OK, readings=(replace(reading, metrics=metrics),))

    toy = Toy(tmp_path, judge=crossing, noisy=True, holdout=False)
    objective = replace(toy.problem.objective, minimum_effect=Effect.parse("1 B"))
    toy.problem = replace(toy.problem, objective=objective)
    state = toy.run(scripted(proposal(85), proposal(95)))  # from 10 to -5
    assert summary(state) == ["v1", "rejected"]
    words = "adopted: size 15 B better than v0 (15 to 15 in 12 fresh pairs), "
    assert state.last(1).verdict.sentence.startswith(words)
    assert str(versions_table(state)[1].previous) == "+15 B"


def test_a_noisy_candidate_that_breaks_a_constraint_is_rejected_before_any_pair(tmp_path):
    toy = Toy(tmp_path, judge=wobbling, noisy=True, holdout=False)
    state = toy.run(scripted(proposal(70, quality=20)))
    assert summary(state) == ["rejected"]
    assert "quality is 20, which breaks the constraint quality >= 30" in state.last(1).verdict.sentence
    assert {len(block.items) for block in toy.engine.measured} == {1}


def test_beside_a_repairer_what_a_recording_proposed_is_judged_and_not_repaired(tmp_path):
    class Half(ScriptedRepairer):
        def repairs(self, proposer):
            return proposer == "mender"

    proposals = [proposal(90, more="# CRASH\n"), proposal(80, more="# CRASH\n", proposer="mender")]
    state = Toy(tmp_path).run(Half(proposals, repairs={2: [proposal(80, proposer="mender")]}, lag=1))
    assert summary(state) == ["rejected", "v1"]
    assert state.last(2).id == "t2.1"


class Historian(ScriptedProposer):
    """Proposes what follows from exactly what it sees."""

    def ask(self, ask):
        if ask.trial > 8:
            return None
        return proposal(200 - 10 * ask.trial - len(ask.history), more=f"# after {ask.best} and {len(ask.history)}\n")


def test_a_proposal_that_is_asked_for_late_still_sees_no_more_than_its_past(tmp_path):
    one_by_one, together = Toy(tmp_path, workers=1), Toy(tmp_path, workers=3, finish=finish_last_first)
    for toy in (one_by_one, together):  # the second has several verdicts at once before it asks again
        toy.run(Historian([], lag=3))
    assert one_by_one.canonical() == together.canonical()


def test_a_candidate_that_crashes_on_the_holdout_is_not_adopted_for_its_speed(tmp_path):
    def noisy(files, item):
        if b"SHY" in files["p.py"] and item.stage == "hidden":
            return Outcome(status=TrialStatus.CRASHED, reason="not here")
        outcome = judge_toy(files, item)
        size = outcome.readings[0].metrics["size"][0] * (1 + (item.seed % 97) / 97 * 0.04)
        readings = (Reading(case=item.case, metrics={"size": (size,), "quality": (40.0,)}),)
        return Outcome(status=TrialStatus.OK, readings=readings)

    toy = Toy(tmp_path, judge=noisy, noisy=True)
    object.__setattr__(toy.problem, "objective", replace(toy.problem.objective, constraints=()))
    state = toy.run(scripted(proposal(70, more="# SHY\n")))
    assert summary(state) == ["rejected"]
    assert "it fails on the held-out cases" in state.last(1).verdict.sentence


@pytest.mark.parametrize(("held", "words"), [(1.5, ["rejected"]), (1.0, ["v1"])])
def test_what_is_faster_in_public_and_slower_on_the_holdout_is_not_adopted(tmp_path, held, words):
    def noisy(files, item):
        outcome = judge_toy(files, item)
        size = outcome.readings[0].metrics["size"][0] * (1 + (item.seed % 97) / 97 * 0.04)
        slower = held if b"HARD" in files["p.py"] and item.stage == "hidden" else 1.0
        readings = (Reading(case=item.case, metrics={"size": (size * slower,), "quality": (40.0,)}),)
        return Outcome(status=TrialStatus.OK, readings=readings)

    toy = Toy(tmp_path, judge=noisy, noisy=True)
    object.__setattr__(toy.problem, "objective", replace(toy.problem.objective, constraints=()))
    state = toy.run(scripted(proposal(70, more="# HARD\n")))
    assert summary(state) == words
    sentence = state.last(1).verdict.sentence
    assert sentence.endswith("but it is worse on the held-out cases than the best") == (words == ["rejected"])
    assert any(purpose.startswith("holdpair:0:") for purpose, _, _ in state.last(1).measured)


def test_the_holdout_is_looked_at_so_often_and_no_more(tmp_path):
    toy = Toy(tmp_path)
    object.__setattr__(toy.problem, "holdout_looks", 2)
    state = toy.run(scripted(proposal(90), proposal(95), proposal(80), proposal(70)))
    assert summary(state) == ["v1", "rejected", "v2", "parked"]
    assert "but the run has used its 2 looks at the held-out cases" in state.last(4).verdict.sentence
    assert [stage for _, stage, _ in state.last(4).measured if stage == "hidden"] == []


def test_an_adoption_is_durable_before_and_after_its_effect(tmp_path):
    seen: dict[type, set[bool]] = {}

    class Watching(MemoryJournal):
        def append(self, events, *, expect=None, durable=False):
            for event in events:
                seen.setdefault(type(event), set()).add(durable)
            return super().append(events, expect=expect, durable=durable)

    toy = Toy(tmp_path)
    toy.journal = Watching(clock=toy.clock)
    toy.run(scripted(proposal(90)))
    assert (seen[ev.AdoptionIntended], seen[ev.Adopted]) == ({True}, {True})
    assert seen[ev.Measured] == {False}


def test_a_fresh_block_that_contradicts_the_decision_stops_the_adoption(tmp_path):
    seen = []

    def noisy(files, item):
        size = judge_toy(files, item).readings[0].metrics["size"][0] * (1 + (item.seed % 97) / 97 * 0.04)
        if size < 90:
            seen.append(item)
            size *= 1.0 if len(seen) <= turns_bad_after else 2.0
        readings = (Reading(case=item.case, metrics={"size": (size,), "quality": (40.0,)}),)
        return Outcome(status=TrialStatus.OK, readings=readings)

    turns_bad_after = 10**9
    honest = Toy(tmp_path, judge=noisy, noisy=True, holdout=False).run(scripted(proposal(70)))
    assert summary(honest) == ["v1"]
    turns_bad_after = len(seen) - FRESH_PAIRS
    seen.clear()
    state = Toy(tmp_path, judge=noisy, noisy=True, holdout=False).run(scripted(proposal(70)))
    assert summary(state) == ["rejected"]
    assert "contradicts the decision" in state.last(1).verdict.sentence


def test_a_person_means_the_best_that_there_is_now_whatever_the_lag(tmp_path):
    toy = Toy(tmp_path)
    toy.run(scripted(*[proposal(size) for size in (90, 80, 70)], lag=None))
    toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(program(60)["p.py"])})])
    state = toy.drive(scripted(lag=None))
    assert state.last(4).proposed.parents == ("v3",)


def test_pairs_in_which_the_incumbent_always_fails_park_the_trial(tmp_path):
    def moody(files, item):
        if files == program(100) and item.seed != first[0]:
            return Outcome(status=TrialStatus.INVALID, reason="not today")
        return judge_toy(files, item)

    toy = Toy(tmp_path, noisy=True, holdout=False, cases={"full": ("a",)})
    first = []

    def remember(files, item):
        first.append(item.seed)
        return moody(files, item)

    toy.engine = type(toy.engine)(remember, cases=toy.cases)
    state = toy.run(scripted(proposal(70)))
    assert state.last(1).state is State.PARKED


class Refusing(MemoryAdopter):
    """An adopter that refuses programs with a word in them."""

    def __init__(self, word: bytes, error: Exception) -> None:
        super().__init__()
        self.word = word
        self.error = error

    def adopt(self, adoption):
        if self.word in adoption.files["p.py"]:
            raise self.error
        return super().adopt(adoption)


def test_what_can_never_be_committed_is_given_up_and_the_run_goes_on(tmp_path):
    toy = Toy(tmp_path)
    toy.adopter = Refusing(b"SIZE = 80", BadInput("rename it"))
    state = toy.run(scripted(proposal(90), proposal(80)))
    assert summary(state) == ["v1", "rejected"]
    assert state.last(2).words == "rejected: proven better, but it can not be committed: rename it"
    assert state.intent is None
    assert summary(toy.drive(scripted(proposal(90), proposal(80), proposal(70)))) == ["v1", "rejected", "v2"]


def test_an_intent_that_a_version_before_could_not_carry_out_is_given_up_by_the_next_sitting(tmp_path):
    toy = Toy(tmp_path)
    toy.adopter = Refusing(b"SIZE = 80", RepoError("the branch was moved; move it back, then resume"))
    for _ in range(2):
        with pytest.raises(RepoError, match="move it back"):
            (toy.drive if toy.journal.tip().seq else toy.run)(scripted(proposal(90), proposal(80), proposal(70)))
        assert toy.state().intent is not None
        assert toy.state().control.ended.why == "failed"
    toy.adopter.error = BadInput("rename it")
    assert summary(toy.drive(scripted(proposal(90), proposal(80), proposal(70)))) == ["v1", "rejected", "v2"]


def test_after_the_mend_the_open_intent_is_carried_out(tmp_path):
    toy = Toy(tmp_path)
    toy.adopter = Refusing(b"SIZE = 80", RepoError("the branch was moved; move it back, then resume"))
    climb = (proposal(90), proposal(80), proposal(70))
    with pytest.raises(RepoError, match="move it back"):
        toy.run(scripted(*climb))
    toy.adopter.word = b"NOTHING"
    assert summary(toy.drive(scripted(*climb))) == ["v1", "v2", "v3"]
    whole = Toy(tmp_path)
    whole.run(scripted(*climb))
    assert toy.canonical() == whole.canonical()


def test_a_seed_that_imports_what_is_not_declared_is_refused_before_it_is_measured(tmp_path):
    toy = Toy(tmp_path, seed={"p.py": b"SIZE = 100\nQUALITY = 40\n\nimport pandas\n"})
    with pytest.raises(ProblemError, match=r"p\.py, line 4: imports 'pandas'.*declare it in \[environment\] python"):
        toy.open(scripted())
    assert toy.engine.measured == []


REWORDED = "def f(a):\n    {0} = a + 1  # {1}\n    return {0}\n"


def blindly(files, item):
    return replace(judge_toy(files, item), blind=True)


def reworded(size, name, words, **rest):
    return proposal(size, more=REWORDED.format(name, words), **rest)


def test_what_says_the_same_in_other_words_is_refused_before_it_costs_anything(tmp_path):
    same = [
        reworded(95, "b", "so", parent="seed"),
        reworded(95, "c", "or so", parent="seed"),
        proposal(100, more="# x\n"),
    ]
    toy = Toy(tmp_path, judge=blindly)
    state = toy.run(scripted(*same))
    assert summary(state) == ["v1", "refused", "refused"]
    assert state.last(2).reason.startswith(
        "the same program as t1 but for layout, comments or local names, adopted: size"
    )
    assert state.last(3).reason.startswith("the same program as the seed but for layout")
    assert not state.last(2).measured and not state.last(3).measured
    archive = Archive(toy.state())
    archive.catch_up()
    assert "the same program as t1" in archive.entries[1].detail  # and so the proposer is told


def test_of_two_that_say_the_same_in_flight_the_first_alone_is_tried(tmp_path):
    said = [reworded(95, "b", "so"), reworded(95, "c", "or so")]
    state = Toy(tmp_path, judge=blindly).run(scripted(*said, lag=4))
    assert summary(state) == ["v1", "refused"]
    assert state.last(2).reason == "the same program as t1 but for layout, comments or local names"


def test_where_the_judge_may_read_the_source_every_byte_counts(tmp_path):
    state = Toy(tmp_path).run(scripted(reworded(95, "b", "so"), reworded(94.9, "b", "so"), reworded(95, "c", "or so")))
    assert summary(state) == ["v1", "rejected", "rejected"]
    assert state.last(3).measured
