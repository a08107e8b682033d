"""What is said while a run goes on, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.cli.progress import Progress
from selfwright.core import event as ev
from selfwright.testing.proposer import ScriptedProposer
from selfwright.views.run import RunState
from tests.evolve.test_loop import jittery
from tests.evolve.test_parked import LITTLE
from tests.evolve.toy import Toy, proposal
from tests.views.test_comparison import compared


def played(live: bool, step_s: float) -> None:
    """Observe a comparison of six pairs, a measurement every ``step_s``."""
    now_s = 0.0
    progress = Progress(live=live, now_s=lambda: now_s)
    state = RunState()
    for record in compared(6).records():
        state.apply(record)
        if isinstance(record.event, ev.Measured) and record.event.purpose.startswith("pair"):
            now_s += step_s
            progress.observe(record.event, state)


def test_a_terminal_shows_how_far_a_comparison_has_come(capsys: pytest.CaptureFixture[str]) -> None:
    played(live=True, step_s=1)
    last = capsys.readouterr().err.split("\r\x1b[2K")[-1]
    assert "t1: pair 6 of at most 200, E = " in last and "against 8,000" in last
    assert "at most 5m" in last  # 194 pairs of about two seconds, less at the begin


@pytest.mark.parametrize(("step_s", "lines"), [(1, 0), (10, 4), (40, 12)])
def test_a_pipe_gets_a_line_at_most_every_half_minute(
    step_s: float, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    played(live=False, step_s=step_s)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == lines
    assert all("pair" in line and "\x1b" not in line for line in said)


def test_the_bound_is_that_of_the_run_whoever_gave_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Toy(tmp_path).run(
        ScriptedProposer([proposal(90), proposal(80)], lag=1), trials=2, observe=Progress(live=True).observe
    )
    assert "1/2 trials, about " in capsys.readouterr().err


def test_what_is_resumed_is_said_when_it_begins_while_it_goes_on_and_when_it_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = Toy(tmp_path, judge=jittery, noisy=True, holdout=False)
    toy.problem = replace(toy.problem, max_pairs=200)
    toy.run(ScriptedProposer(LITTLE, lag=1), observe=Progress(live=True).observe)
    said = [line for line in capsys.readouterr().err.replace("\r\x1b[2K", "\n").splitlines() if "resumed" in line]
    assert said[0].startswith("t1    resumed: pair ") and said[0].endswith("against 8,000, beside v0")
    assert all(" trials  t1, resumed: pair " in line for line in said[1:-1]) and len(said) > 50
    assert said[-1].startswith("t1    adopted as v1: size ") and "; resumed  [scripted" in said[-1]
