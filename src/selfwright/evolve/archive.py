"""The archive: every finished trial, as proposers may see it. Any valid trial may be a parent.

It grows by one entry a verdict, and the parent policies fold each as it comes, so that a proposal that lags behind sees
exactly its own past, at the same cost at trial 100 and 100,000.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import overload

from selfwright.core.brief import Past
from selfwright.core.change import Cost, Tree
from selfwright.core.status import TrialStatus
from selfwright.evolve.policies.best_of_n import BestOfN
from selfwright.evolve.policies.elite import Elite
from selfwright.evolve.policies.grid import Grid
from selfwright.evolve.policies.incumbent import Incumbent
from selfwright.evolve.policies.islands import Islands
from selfwright.gate.exact import broken_constraint, metric_named
from selfwright.gate.summary import summarise
from selfwright.ports.policy import Cell, Policy, Valid
from selfwright.proposers import bandit
from selfwright.views.behaviour import behaviour_of, tells_all
from selfwright.views.comparison import searched_readings
from selfwright.views.leaderboard import gain
from selfwright.views.run import Attempt, RunState, failure_of, public_readings


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
        run: What was fixed when the run opened.
        start: The seed, under the name ``v0``.
        entries: One a trial that has its verdict, in trial order.
        pulls: What each entry tells of the parent policy that it followed.
        policies: The parent policies by name.
    """

    def __init__(self, state: RunState) -> None:
        self._state = state
        self.run = state.run
        self.entries: list[Past] = []
        self.pulls: list[bandit.Pull] = []
        self._renewed = 0
        seed = state.last(0)
        self._first: dict[str, int] = {seed.proposed.change: 0}
        self._saying: dict[str, int] = {seed.proposed.source: 0}
        self._behaving: dict[str, str] = {}
        self.start: Past = self._known(replace(past_of(state, seed), trial="v0", version=0), seed)
        self.policies: dict[str, Policy] = {
            "incumbent": Incumbent(self._proven), "elite": Elite(), "islands": Islands(), "best-of-n": BestOfN(),
        }  # fmt: skip
        if self.run.features:
            self.policies["grid"] = Grid()
        self._enter(self.start, trial=0)

    def catch_up(self) -> None:
        """Add an entry for every verdict since the last call, and renew those of parked trials that had a further."""
        while len(self.entries) < self._state.verdicts:
            self._add(len(self.entries) + 1)
        for trial in self._state.again[self._renewed :]:
            attempt = self._state.last(trial)
            past = self.entries[trial - 1] = self._known(past_of(self._state, attempt), attempt)
            self.pulls[trial - 1] = bandit.pull_of(past, past.policy)
        self._renewed = len(self._state.again)

    def incumbent(self, verdicts: int) -> int:
        """Return N of the incumbent vN after so many verdicts."""
        return max(0, bisect_right(self._state.versions, verdicts, key=lambda version: version.verdicts) - 1)

    def name(self, trial: int, verdicts: int) -> str:
        """Return what a trial is called after so many verdicts: ``v3`` once it is adopted, else ``t12``."""
        version = self._state.last(trial).version
        adopted = version is not None and self._state.versions[version].verdicts <= verdicts
        return f"v{version}" if adopted else f"t{trial}"

    def parent(self, name: str) -> str | None:
        """Return the settled name of what a program, given by its settled name, was made of; None for the seed."""
        parents = self._state.named(name).proposed.parents
        return parents[0] if parents else None

    def twin(self, change: str, verdicts: int) -> int | None:
        """Return the first trial (0: the seed) with the same content among those with a verdict, or None."""
        trial = self._first.get(change)
        return trial if trial is not None and trial <= verdicts else None

    def paraphrased(self, source: str, verdicts: int) -> int | None:
        """Return the first trial (0: the seed) whose sources say the same, among those with a verdict, or None."""
        trial = self._saying.get(source) if source else None
        return trial if trial is not None and trial <= verdicts else None

    def tree(self, name: str, verdicts: int) -> tuple[str, Tree]:
        """Return the settled name of a program and its tree: ``best`` becomes ``v3``, and so does its trial.

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
                if version.version == int(number) and version.verdicts <= verdicts:
                    return name, state.last(version.trial).proposed.tree
            if kind == "t" and 1 <= int(number) <= verdicts and (said := state.last(int(number)).proposed).change:
                return self.name(int(number), verdicts), said.tree
        raise KeyError(f"{name!r} is no program yet; there are {names(self.incumbent(verdicts), verdicts)}")

    def _proven(self, verdicts: int) -> int:
        """Return the trial of the incumbent after so many verdicts."""
        return self._state.versions[self.incumbent(verdicts)].trial

    def _add(self, trial: int) -> None:
        state, attempt = self._state, self._state.last(trial)
        past = self._known(past_of(state, attempt), attempt)
        self.entries.append(past)
        self.pulls.append(bandit.pull_of(past, past.policy))
        for each in state.trials[trial]:
            self._first.setdefault(each.proposed.change, trial)
            self._saying.setdefault(each.proposed.source, trial)
        self._enter(past, trial)

    def _known(self, past: Past, attempt: Attempt) -> Past:
        """Return the entry with the first one that behaves the same."""
        behaviour = behaviour_of(self._state, attempt) if tells_all(self._state) else None
        first = self._behaving.setdefault(behaviour, past.trial) if behaviour else past.trial
        if first == past.trial:
            return past
        words = f"it answers and measures as {first} does"
        return replace(past, alike=first, detail="\n".join(filter(None, (past.detail, words))))

    def _enter(self, past: Past, trial: int) -> None:
        """Tell the parent policies of a trial, if it is valid and no other behaves the same."""
        objective = self.run.objective
        if past.status is not TrialStatus.OK or past.alike or objective.metric not in past.metrics:
            return
        if broken_constraint(objective, past.metrics) is None:
            score = metric_named(self.run.metrics, objective.metric).gain(past.metrics[objective.metric], 0.0)
            cell = _cell(self.run.features, past.metrics)
            valid = Valid(trial=trial, score=score, cell=cell)
            for policy in self.policies.values():
                policy.add(valid)


def _cell(features: Mapping[str, tuple[float, ...]], metrics: Mapping[str, float]) -> Cell | None:
    if not features or not features.keys() <= metrics.keys():
        return None
    return tuple(bisect_right(edges, metrics[name]) for name, edges in features.items())


def names(version: int, trials: int) -> str:
    """Return what programs are called where there are versions up to ``version`` and so many trials."""
    versions = f"v0 to v{version}" if version > 0 else "v0"
    return ", ".join(["seed", "best", versions, *([f"t1 to t{trials}"] if trials > 1 else ["t1"][:trials])])


def past_of(state: RunState, attempt: Attempt) -> Past:
    """Return a finished attempt as proposers see it: nothing of a holdout is in it."""
    said, failed = attempt.proposed, failure_of(state, attempt)
    tries = state.trials.get(said.trial, [attempt])
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
        metrics=summarise(state.run.metrics, searched_readings(state, attempt) if attempt.rivals else readings),
        detail="\n".join(filter(None, words)),
        gain=_gain(state, attempt), cost=_cost(tries), measured=sum(len(each.measured) for each in tries),
        policy=said.policy,
    )  # fmt: skip


def _gain(state: RunState, attempt: Attempt) -> float:
    """Return by how much an adopted trial beat the incumbent that it replaced; 0 for another, and for the seed."""
    verdict = attempt.verdict
    if attempt.version is None or verdict is None:
        return 0.0
    if verdict.gain is not None:  # of pairs
        return max(0.0, verdict.gain)
    if verdict.candidate is None or verdict.incumbent is None:
        return 0.0
    amount = gain(metric_named(state.run.metrics, verdict.metric), verdict.candidate, verdict.incumbent).amount
    return max(0.0, amount)


def _cost(tries: Sequence[Attempt]) -> Cost:
    """Return what the proposals of a trial cost in all, the repairs too; a price that is unknown stays unknown."""
    costs = [each.proposed.cost for each in tries]
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Cost(
        usd=sum(known) if len(known) == len(costs) else None, tokens_in=sum(cost.tokens_in for cost in costs),
        tokens_out=sum(cost.tokens_out for cost in costs),
    )  # fmt: skip
