"""The archive: every finished trial, as proposers may see it. Any valid trial may be a parent.

It grows by one entry a verdict and keeps, for each number of verdicts, which program was the incumbent and which few
were the best, so that a proposal that lags behind sees exactly its own past, at the same cost at trial 100 and 100,000.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from selfwright.core.brief import Past
from selfwright.core.change import Tree
from selfwright.core.status import TrialStatus
from selfwright.gate.exact import broken_constraint, metric_named
from selfwright.gate.summary import summarise
from selfwright.views.behaviour import behaviour_of
from selfwright.views.run import Attempt, RunState, failure_of, public_readings

ELITE = 8
"""How many of the best valid trials a selection looks at."""


class Window(Sequence[Past]):
    """The first ``length`` entries of a list that only grows: a view, not a copy."""

    def __init__(self, entries: list[Past], length: int) -> None:
        self._entries = entries
        self._length = length

    def __len__(self) -> int:
        """Return how many entries are seen."""
        return self._length

    @overload
    def __getitem__(self, index: int) -> Past: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Past]: ...
    def __getitem__(self, index: int | slice) -> Past | Sequence[Past]:
        """Return an entry, or a list of entries."""
        if isinstance(index, slice):
            return [self._entries[position] for position in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._entries[index % self._length]


class Archive:
    """What has been tried, fold of the verdicts.

    Attributes:
        start: The seed, under the name ``v0``.
        entries: One a trial that has its verdict, in trial order.
    """

    def __init__(self, state: RunState) -> None:
        self._state = state
        self.entries: list[Past] = []
        self._incumbents: list[int] = [0]
        self._elites: list[tuple[tuple[float, str], ...]] = [()]
        seed = state.last(0)
        self._first: dict[str, int] = {seed.proposed.change: 0}
        self._behaving: dict[str, str] = {}
        self.start: Past = self._known(replace(past_of(state, seed), trial="v0", version=0), seed)

    def catch_up(self) -> None:
        """Add an entry for every verdict since the last call."""
        while len(self.entries) < self._state.verdicts:
            self._add(len(self.entries) + 1)

    def incumbent(self, verdicts: int) -> int:
        """Return N of the incumbent vN after so many verdicts."""
        return self._incumbents[verdicts]

    def elite(self, verdicts: int) -> tuple[str, ...]:
        """Return the names of the best valid trials after so many verdicts, best first."""
        return tuple(name for _, name in self._elites[verdicts])

    def twin(self, change: str, verdicts: int) -> int | None:
        """Return the first trial (0: the seed) with the same content among those with a verdict, or None."""
        trial = self._first.get(change)
        return trial if trial is not None and trial <= verdicts else None

    def tree(self, name: str, verdicts: int) -> tuple[str, Tree]:
        """Return the settled name (``best`` becomes ``v3``) and the tree of a program.

        Raises:
            KeyError: There is no such program among the first ``verdicts`` verdicts; the message says what there is.
        """
        state = self._state
        if name == "best":
            name = f"v{self.incumbent(verdicts)}"
        if name in ("seed", "v0"):
            return "v0", state.run.tree
        kind, number = name[:1], name[1:].partition(".")[0]
        if number.isdecimal():
            for version in state.versions if kind == "v" else []:
                if version.version == int(number) and version.trial <= verdicts:
                    return name, state.last(version.trial).proposed.tree
            if kind == "t" and 1 <= int(number) <= verdicts and (said := state.last(int(number)).proposed).change:
                return name, said.tree
        raise KeyError(f"{name!r} is no program yet; there are {names(self.incumbent(verdicts), verdicts)}")

    def _add(self, trial: int) -> None:
        state, attempt = self._state, self._state.last(trial)
        past = self._known(past_of(state, attempt), attempt)
        self.entries.append(past)
        self._incumbents.append(attempt.version if attempt.version is not None else self._incumbents[-1])
        for each in state.trials[trial]:
            self._first.setdefault(each.proposed.change, trial)
        objective = state.run.objective
        elite = self._elites[-1]
        valid = past.status is TrialStatus.OK and objective.metric in past.metrics
        if valid and not broken_constraint(objective, past.metrics):
            metric = metric_named(state.run.metrics, objective.metric)
            key = metric.gain(past.metrics[objective.metric], 0.0)
            elite = tuple(sorted((*elite, (key, past.trial)), key=lambda pair: -pair[0])[:ELITE])
        self._elites.append(elite)

    def _known(self, past: Past, attempt: Attempt) -> Past:
        """Return the entry with the first one that behaves the same."""
        behaviour = behaviour_of(self._state, attempt)
        first = self._behaving.setdefault(behaviour, past.trial) if behaviour else past.trial
        if first == past.trial:
            return past
        words = f"it answers and measures as {first} does"
        return replace(past, alike=first, detail="\n".join(filter(None, (past.detail, words))))


def names(version: int, trials: int) -> str:
    """Return what programs are called where there are versions up to ``version`` and so many trials."""
    versions = f"v0 to v{version}" if version > 0 else "v0"
    return ", ".join(["seed", "best", versions, *([f"t1 to t{trials}"] if trials > 1 else ["t1"][:trials])])


def past_of(state: RunState, attempt: Attempt) -> Past:
    """Return a finished attempt as proposers see it: nothing of a holdout is in it."""
    said, failed = attempt.proposed, failure_of(state, attempt)
    readings = public_readings(state, attempt)
    status = failed[1].status if failed else TrialStatus.OK if readings else None
    if attempt.verdict and attempt.verdict.inert:
        status = TrialStatus.INERT
    words = [attempt.words]
    if failed:
        words.append(failed[1].log[-2000:])
    words += [outcome.feedback for key, outcome in sorted(attempt.measured.items()) if key[0] == "search"]
    return Past(
        trial=f"t{said.trial}", parents=said.parents, proposer=said.proposer, reason=said.reason, origin=said.origin,
        status=status, decision=attempt.verdict.decision if attempt.verdict else None, version=attempt.version,
        metrics=summarise(state.run.metrics, readings), detail="\n".join(filter(None, words)),
    )  # fmt: skip
