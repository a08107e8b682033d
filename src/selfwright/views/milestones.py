"""Milestones: which tier, phase and success criteria a run has met. They inform people and decide nothing.

What a run does not record is never taken for met: it is said to be uncounted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfwright.core.lifecycle import State
from selfwright.core.metric import Condition
from selfwright.core.milestone import Phase, Success, Tier
from selfwright.gate.summary import summarise
from selfwright.views.comparison import version_readings
from selfwright.views.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that is asked for.

    Attributes:
        what: ``trials``, ``version``, ``tool uses``, ...
        found: What the run has, in words: ``24``, ``v7``, ``1.25``.
        wanted: What is asked for, in words: ``at least 20``, ``v4-v7``, ``< 10``.
        met: None where a run does not record it, which counts as not met.
    """

    what: str
    found: str
    wanted: str
    met: bool | None

    def __str__(self) -> str:
        """Return ``trials: 24 (at least 20): met``."""
        return f"{self.what}: {self.found} ({self.wanted}): {self.word}"

    @property
    def word(self) -> str:
        """Return ``met``, ``not met`` or ``not counted in this run``."""
        return {True: "met", False: "not met", None: "not counted in this run"}[self.met]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands to one phase or one set of success criteria.

    Attributes:
        current: Whether it is the phase in which the run is now.
    """

    name: str
    criteria: tuple[Criterion, ...]
    current: bool = False

    @property
    def met(self) -> bool:
        """Whether every criterion is known to be met."""
        return all(criterion.met for criterion in self.criteria)


def tier_reached(tiers: Sequence[Tier], values: Mapping[str, float]) -> Tier | None:
    """Return the last tier whose condition holds for these aggregates, or None."""
    return next((tier for tier in reversed(tiers) if _holds(tier.condition, values)), None)


def current_phase(state: RunState, phases: Sequence[Phase]) -> Phase | None:
    """Return the phase that the last trial with a verdict belongs to; before the first trial, the first phase.

    None between and after the phases of the problem.
    """
    return next((phase for phase in phases if max(1, state.verdicts) in phase.trials), None)


def phase_standings(state: RunState, phases: Sequence[Phase]) -> list[Standing]:
    """Return how the run stands to each phase: trials done, versions adopted, and the target by the end of the phase.

    A target is judged on the best version that came in or before the phase, not on what was found later.
    """
    now = current_phase(state, phases)
    return [
        Standing(
            name=phase.name,
            current=phase is now,
            criteria=(
                _reached("trials", phase.trials.first, state.verdicts, f"{phase.trials}"),
                _reached("version", phase.versions.first, _version_by(state, phase), _versions(phase), "v{}"),
                _condition(state, phase.target, _version_by(state, phase)),
            ),
        )
        for phase in phases
    ]


def success_standings(state: RunState, success: Sequence[Success]) -> list[Standing]:
    """Return how the run stands to each set of success criteria, part by part."""
    return [Standing(name=each.name, criteria=tuple(_parts(state, each))) for each in success]


def _parts(state: RunState, success: Success) -> list[Criterion]:
    newest = len(state.versions) - 1
    parts = [_reached("trials", success.trials, state.verdicts, f"at least {success.trials}")]
    if success.version:
        parts.append(_reached("version", success.version, newest, f"at least v{success.version}", "v{}"))
    parts.append(_condition(state, success.condition, newest))
    # No event of a run records either of these two, so there are none; the page gives the number.
    if success.tool_uses:
        parts.append(_reached("tool uses", success.tool_uses, 0, f"at least {success.tool_uses}", "{} recorded"))
    if success.self_healings:
        wanted = f"at least {success.self_healings}"
        parts.append(_reached("self-healings", success.self_healings, 0, wanted, "{} recorded"))
    if success.unattended:
        parts.append(_unattended(state))
    if success.novel:
        parts.append(Criterion(what="novel technique", found="nobody has judged it", wanted="one", met=None))
    return parts


def _reached(what: str, least: int, found: int, wanted: str, form: str = "{}") -> Criterion:
    words = form.format(found) if found >= 0 else "none"
    return Criterion(what=what, found=words, wanted=wanted, met=found >= least)


def _condition(state: RunState, condition: Condition, version: int) -> Criterion:
    values: Mapping[str, float] = {}
    if 0 <= version < len(state.versions):
        values = summarise(state.run.metrics, version_readings(state, version))
    found = f"{values[condition.metric]:.4g}" if condition.metric in values else "none"
    wanted = f"{condition.operator} {condition.bound:g}"
    return Criterion(what=condition.metric, found=found, wanted=wanted, met=_holds(condition, values))


def _unattended(state: RunState) -> Criterion:
    people = sum(attempt.proposed.submission is not None for attempt in state.attempts())
    waiting = sum(attempt.state is State.NEEDS_PERSON for attempt in state.attempts())
    found = f"{people} submitted by hand, {waiting} waiting for a person"
    return Criterion(what="unattended", found=found, wanted="none", met=not people and not waiting)


def _version_by(state: RunState, phase: Phase) -> int:
    """Return N of the newest version that was adopted by the end of the phase."""
    last = phase.trials.last
    return max((each.version for each in state.versions if last is None or each.verdicts <= last), default=-1)


def _versions(phase: Phase) -> str:
    """Return ``v0``, ``v4-v7`` or ``v13+``."""
    return f"v{phase.versions}".replace("-", "-v")


def _holds(condition: Condition, values: Mapping[str, float]) -> bool:
    value = values.get(condition.metric)
    return value is not None and condition.holds(value)
