"""Opening a run: the seed is measured first, and everything that is wrong is found before anything is kept."""

from collections.abc import Callable
from dataclasses import replace

from selfwright.bench.build import failed_to_build
from selfwright.bench.hint import hinted
from selfwright.bench.problem import Problem
from selfwright.core import event as ev
from selfwright.core.errors import BadInput, ProblemError
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.evolve.admission import Rules, check_seed
from selfwright.evolve.identity import source_id
from selfwright.evolve.ledger import Unbound
from selfwright.evolve.library import Library
from selfwright.evolve.measuring import Measuring, Need, unmeasured
from selfwright.evolve.story import Observer
from selfwright.gate.exact import broken_constraint
from selfwright.gate.summary import disagreement, summarise
from selfwright.ports.blobs import Blobs
from selfwright.ports.engine import Engine
from selfwright.views.run import RunState, first_failure, public_readings, readings_of


class Opening:
    """Measures the seed: every public stage, a second time to prove what is declared deterministic, and the holdout.

    Args:
        opened: What will be the first event.
        now_s: The time, seconds since the epoch.

    Attributes:
        events: What the journal will begin with.
    """

    def __init__(
        self, *, problem: Problem, opened: ev.RunOpened, engine: Engine, blobs: Blobs, now_s: Callable[[], float],
        observe: Observer,
    ) -> None:  # fmt: skip
        self._problem = problem
        self._now_s = now_s
        self._observe = observe
        self._state = RunState()
        self.events: list[ev.Event] = []
        self._load = Library(blobs).load
        self._note(replace(opened, source=source_id(self._load(opened.tree))))
        self._measuring = Measuring(
            engine=engine, blobs=blobs, load=self._load, state=self._state, ledger=Unbound()
        )  # fmt: skip

    def measure(self) -> list[ev.Event]:
        """Return the first events of the run.

        Raises:
            ProblemError: The seed is what no change of it might be; the judge raised, hung, exited or returned no
                numbers; the seed fails its own evaluation; or a metric is not as deterministic as declared.
        """
        state, seed = self._state, self._state.last(0)
        try:
            check_seed(self._load(seed.proposed.tree), rules=Rules.of(self._problem))
        except BadInput as error:
            raise ProblemError(f"{self._problem.folder}: {error}") from error
        while (need := unmeasured(state, seed)) is not None:
            self._measure(need)
        stage = state.public_stages()[-1]
        self._measure(Need(purpose="proof", stage=stage, cases=state.run.cases[stage]))
        self._prove(stage)
        for holdout in state.run.holdout:
            self._measure(Need(purpose="holdout", stage=holdout, cases=state.run.cases[holdout]))
        return self.events

    def _note(self, event: ev.Event) -> None:
        self.events.append(event)
        self._state.apply(ev.Record(seq=len(self.events), time_s=self._now_s(), event=event, hash=ev.GENESIS))
        self._observe(event, self._state)

    def _measure(self, need: Need) -> None:
        seed = self._state.last(0)
        self._measuring.want(seed, need)
        while len(self._measuring):
            for event in self._measuring.finished(0.5):
                self._note(event)
        outcomes = seed.outcomes(need.purpose, need.stage, need.cases) or []
        failed = first_failure(outcomes)
        if failed is not None:
            self._refuse(failed, need)

    def _refuse(self, failed: Outcome, need: Need) -> None:
        outcomes = self._state.last(0).outcomes(need.purpose, need.stage, need.cases) or []
        case = need.cases[outcomes.index(failed)]
        where = f"stage {need.stage}" + (f", case {case}" if case else "")
        if failed.status is TrialStatus.UNJUDGED:
            raise ProblemError(f"{self._problem.folder}: the judge failed on the seed ({where}): {failed.reason}")
        sources, key = ", ".join(sorted(self._problem.seed_files())), hinted(failed.reason)
        program, judge = self._problem.program or sources, "the command" if self._problem.command else "the judge"
        mend = f"{program}, {judge} or {key} in problem.toml" if key else f"{program} or {judge}"
        what, title = "fails its own evaluation", "its last words"
        if failed_to_build(failed):
            what, mend, title = "does not build", f"[build] in problem.toml, or {sources}", "the build said"
        log, printed = failed.log[-1500:], failed.printed[-1500:]
        words, *more = replace(failed, log=log).news.splitlines()
        more += [f"  {title}:", log.rstrip()] if log else []
        more += ["  the judge printed:", printed.rstrip()] if printed else []
        sentence = (
            f"{self._problem.folder}: the seed {what} ({where}): {failed.status.value}: {words}. "
            f"A run needs a program that works to start from: mend {mend}"
        )
        raise ProblemError("\n".join([sentence, *more]))

    def _prove(self, stage: str) -> None:
        state, seed, metrics = self._state, self._state.last(0), self._problem.metrics
        first = public_readings(state, seed)
        again = readings_of(seed.outcomes("proof", stage, state.run.cases[stage]) or [])
        differs = disagreement(metrics, first, again)
        if differs:
            name = differs.partition(" ")[0]
            raise ProblemError(
                f"{self._problem.folder}/problem.toml: metrics.{name} is declared deterministic, but two runs of the "
                f"seed disagree: {differs}. Declare it `noisy = true`, or make judge and seed deterministic"
            )
        broken = broken_constraint(self._problem.objective, summarise(metrics, first))
        if broken:
            raise ProblemError(
                f"{self._problem.folder}/problem.toml: objective.constraints: the seed's {broken}. "
                "Start from a program that satisfies it, or loosen the constraint"
            )
