"""Clusters: trials that fail for the same reason, though their messages differ in numbers and names."""

from dataclasses import dataclass

from selfwright.diagnose.diagnosis import Diagnosis, diagnose
from selfwright.diagnose.evidence import evidence_of
from selfwright.views.run import Attempt, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Trials with one root cause.

    Attributes:
        diagnosis: Of the newest.
        trials: Their ids in trial order; a trial that failed in one way several times is there once.
    """

    diagnosis: Diagnosis
    trials: tuple[str, ...]

    def __str__(self) -> str:
        """Return ``14 trials fail with the same root cause: ...``."""
        if len(self.trials) == 1:
            return f"{self.trials[0]} fails: {self.diagnosis}"
        return f"{len(self.trials)} trials fail with the same root cause: {self.diagnosis}"


def diagnosis_of(state: RunState, attempt: Attempt) -> Diagnosis | None:
    """Return why an attempt failed; None where it did not, or was merely no better."""
    evidence = evidence_of(state, attempt)
    return None if evidence is None else diagnose(evidence)


def clusters(state: RunState) -> list[Cluster]:
    """Return the failed trials of a run by their cause, the most frequent first."""
    found: dict[str, tuple[Diagnosis, dict[str, None]]] = {}
    for attempt in state.attempts():
        diagnosis = diagnosis_of(state, attempt)
        if diagnosis is not None:
            _, trials = found.get(diagnosis.kind, (diagnosis, {}))
            found[diagnosis.kind] = diagnosis, trials
            trials[f"t{attempt.proposed.trial}"] = None
    made = [Cluster(diagnosis=diagnosis, trials=tuple(trials)) for diagnosis, trials in found.values()]
    return sorted(made, key=lambda each: -len(each.trials))
