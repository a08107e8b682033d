"""What `show` says of a trial's measurements: pairs by the case, the machine and what was built once."""

from __future__ import annotations

from dataclasses import replace

from selfwright.cli.measurements import measurements
from selfwright.core import event as ev
from selfwright.core.noise import Noise
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Archive, Outcome
from tests.views.test_comparison import compared


def shown(pairs: int, outcome_of=lambda number, outcome: outcome) -> list[str]:
    """Return what is shown of a trial with so many pairs, its outcomes changed as wanted."""
    sample = compared(pairs)
    for number, event in enumerate(sample.events):
        if isinstance(event, ev.Measured) and event.trial == 1:
            sample.events[number] = replace(event, outcome=outcome_of(number, event.outcome))
    state = sample.state()
    return measurements(state, state.last(1), state.last(1).measured)


def test_pairs_are_a_line_a_case_and_one_gain() -> None:
    lines = shown(30)
    single = [line for line in lines if line.startswith("  search ")]
    assert len(single) == 4 and all(": ok" in line for line in single)
    assert lines[4:] == [
        "  pair      full/bigbuckbunny: 20 measurements; bitrate_mbps 0.900 Mbps, the incumbent 1.000 Mbps",
        "  pair      full/bikes: 20 measurements; bitrate_mbps 0.900 Mbps, the incumbent 1.000 Mbps",
        "  pair      full/carphone: 20 measurements; bitrate_mbps 0.900 Mbps, the incumbent 1.000 Mbps",
        "    the incumbent crashed, 1 time",
        "  pair      in all: bitrate_mbps 10 % better than the incumbent (10 to 10), 29 pairs",
    ]


def test_the_machine_is_shown_at_its_worst_and_each_archive_once_a_side() -> None:
    seen: list[Noise] = []

    def noisy(number: int, outcome: Outcome) -> Outcome:
        seen.append(Noise(steal=number / 1000, switches=200 - number, load=1.5))
        return replace(
            outcome, noise=seen[-1], built=Archive(name="build.tar", sha256=f"{number % 2}" * 64, size_bytes=5)
        )

    lines = shown(30, noisy)
    assert (
        f"  machine, at worst: {seen[-1].steal:.1%} stolen, {seen[0].switches} involuntary switches, load 1.5" in lines
    )
    assert sum("machine" in line for line in lines) == 1
    built = [line for line in lines if "built" in line]
    assert [line.startswith("  built build.tar, 5 bytes, ") for line in built] == [True, True, False]  # two own, and
    assert built[2].startswith("  built for the incumbent build.tar, ")


def test_a_text_is_shown_once_and_of_many_in_pairs_the_first() -> None:
    assert sum("looked" in line for line in shown(30, lambda _, outcome: replace(outcome, printed="looked"))) == 1
    lines = shown(30, lambda number, outcome: replace(outcome, log=f"took {number} ms"))
    assert sum("took" in line for line in lines) == 4 + 3  # those of the search, and one a case
    assert sum("and 19 other texts, see --json" in line for line in lines) == 3


def test_failures_of_pairs_are_counted_with_their_reasons() -> None:
    def failing(number: int, outcome: Outcome) -> Outcome:
        return replace(outcome, status=TrialStatus.CRASHED, reason="exit 3", readings=()) if number % 4 else outcome

    assert any(
        line.startswith("    the candidate crashed, ") and line.endswith(": exit 3") for line in shown(30, failing)
    )
