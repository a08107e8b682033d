"""The examination of an evaluator: an honest run that is watched, questions about the seed, then the planted cheats."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selfwright.bench.problem import Problem
from selfwright.check import questions
from selfwright.check.cheat import CHEATS, Cheat
from selfwright.check.finding import Examination, Finding, Severity, worst_first
from selfwright.check.measure import Measurer, OutOfTime, Say
from selfwright.check.scene import Scene
from selfwright.check.seen import Seen, read_seen
from selfwright.check.trying import Ending, Trap, Trying
from selfwright.core.count import counted
from selfwright.core.errors import ProblemError
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.gate.exact import broken_constraint
from selfwright.gate.summary import summarise
from selfwright.ports.engine import Engine

Watching = Callable[[Path], AbstractContextManager[Engine]]
"""Makes an engine whose workers write down in a folder what the judge asks of a candidate."""


class Examiner:
    """Examines one problem.

    Args:
        engine: Measures, as in a run; closed by whoever made it.
        watching: Makes the engine of the honest run.
        wall_s: The deadline of everything; what is not tried by then is said.
        tell: Told what is going on, a few words at a time.
    """

    def __init__(self, *, problem: Problem, engine: Engine, watching: Watching, wall_s: float, tell: Say) -> None:
        self._problem = problem
        self._watching = watching
        self._tell = tell
        self._began_s = time.monotonic()
        until_s = self._began_s + wall_s
        self._wall_s = wall_s
        self._measurer = Measurer(problem=problem, engine=engine, cases=engine.cases(), until_s=until_s, seed=0)
        self._seed = problem.seed_files()
        self._known: dict[tuple[str, str], Outcome] = {}
        self._findings: list[Finding] = []
        self._facts: dict[str, str] = {}
        self._caught: list[str] = []
        self._not_tried: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._interrupted = False

    def examine(self) -> Examination:
        """Return what was found. Ctrl-C ends it early, and what was found by then is returned.

        Raises:
            ProblemError: The judge fails on the seed, or the seed fails its own evaluation: there is nothing to try.
            JudgeFault: The judge can not be loaded.
        """
        self._findings += questions.locks(self._problem)
        why = f"the deadline of {self._wall_s:g} s"
        try:
            seen = self._watch()
            self._ask()
            self._plant(Scene(problem=self._problem, seed=self._seed, seen=seen))
        except OutOfTime:
            if not self._known:
                raise ProblemError(
                    f"{self._problem.folder}: the seed alone takes longer than {why}; give more time"
                ) from None
        except KeyboardInterrupt:
            self._interrupted, why = True, "interrupted"
        done = {*self._caught, *self._not_tried, *(finding.name for finding in self._findings)}
        self._not_tried |= {cheat.name: why for cheat in CHEATS if cheat.name not in done}
        return Examination(
            problem=self._problem.name, findings=worst_first([*self._findings, *self._faulty()]),
            caught=tuple(self._caught), not_tried=self._not_tried, facts=self._facts, measurements=self._measurer.made,
            usd=self._measurer.usd, wall_s=time.monotonic() - self._began_s, interrupted=self._interrupted,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ the honest run

    def _watch(self) -> Seen:
        """Measure the seed on every public stage while it is watched, then again and on the holdout as in a run."""
        with TemporaryDirectory(prefix="selfwright-check-") as folder:
            with self._watching(Path(folder)) as engine:
                first = self._honest(self._measurer.through(engine), self._measurer.public, "watching the seed")
            seen = read_seen(Path(folder))
        second = self._honest(self._measurer, self._measurer.public, "the seed again")
        self._findings += questions.determinism(self._problem, first, second)
        self._known |= second | self._honest(self._measurer, self._measurer.holdout, "the seed, held out")
        took_s = sum(second[key].resources.wall_s for key in second)
        cases, workers = counted(len(second), "case"), counted(self._measurer.workers, "worker")
        self._facts["one trial"] = f"{took_s:.1f} s of measuring on {cases}, {workers}"
        return seen

    def _honest(self, measurer: Measurer, stages: Sequence[str], doing: str) -> dict[tuple[str, str], Outcome]:
        shots = [shot for stage in stages for shot in measurer.shots(self._seed, stage)]
        outcomes = measurer.measure(shots, tell=lambda words: self._tell(f"{doing}: {words}"))
        got = {(shot.stage, shot.case): outcome for shot, outcome in zip(shots, outcomes, strict=True)}
        for (stage, case), outcome in got.items():
            if outcome.status is not TrialStatus.OK:
                where = f"stage {stage}" + (f", case {case}" if case else "")
                whose = "the judge failed on the seed" if outcome.status is TrialStatus.UNJUDGED else (
                    f"the seed fails its own evaluation: {outcome.status.value}"
                )  # fmt: skip
                raise ProblemError(f"{self._problem.folder}: {whose} ({where}): {outcome.news}")
        readings = [
            reading for (stage, _), outcome in got.items() if stage == stages[-1] for reading in outcome.readings
        ]
        broken = broken_constraint(self._problem.objective, summarise(self._problem.metrics, readings)) if got else None
        if broken and not self._problem_is_holdout(stages):
            raise ProblemError(
                f"{self._problem.folder}/problem.toml: objective.constraints: the seed's {broken}. "
                "Start from a program that satisfies it, or loosen the constraint"
            )
        return got

    def _problem_is_holdout(self, stages: Sequence[str]) -> bool:
        return list(stages) == self._measurer.holdout

    def _ask(self) -> None:
        facts, found = questions.noise(self._measurer, self._seed, self._known, tell=self._doing("noise"))
        self._facts |= facts
        self._findings += found
        self._findings += questions.draws(self._measurer, self._seed, self._known, tell=self._doing("draws"))

    # ---------------------------------------------------------------------------------------------------- the cheats

    def _plant(self, scene: Scene) -> None:
        traps = []
        for cheat in CHEATS:
            variants = list(cheat.plant(scene))
            traps += [Trap(cheat=cheat, variant=variant) for variant in variants]
            if not variants:
                self._not_tried[cheat.name] = cheat.needs
        trying = Trying(self._measurer, seed=self._seed, known=self._known)
        ended: list[tuple[Trap, Ending]] = []
        with self._concluded(ended, traps):
            for trap, ending in trying.tried(traps, tell=self._doing(f"{counted(len(traps), 'planted program')}")):
                ended.append((trap, ending))
                if ending.severity is not None:
                    self._tell(f"accepted: {trap.cheat.name} in {trap.variant.where}")

    @contextmanager
    def _concluded(self, ended: list[tuple[Trap, Ending]], traps: Sequence[Trap]) -> Iterator[None]:
        """Draw the conclusions whatever ends the trying."""
        try:
            yield
        finally:
            self._conclude(ended, traps)

    def _conclude(self, ended: Sequence[tuple[Trap, Ending]], traps: Sequence[Trap]) -> None:
        fallen = [(trap, ending) for trap, ending in ended if ending.severity is not None]
        self._faults = {trap.cheat.does: ending.fault for trap, ending in reversed(ended) if ending.fault}
        for cheat in CHEATS:
            mine = [(trap, ending) for trap, ending in fallen if trap.cheat is cheat]
            if mine:
                self._findings.append(_finding(cheat, mine))
            elif sum(trap.cheat is cheat for trap, _ in ended) == sum(trap.cheat is cheat for trap in traps) > 0:
                self._caught.append(cheat.name)

    def _faulty(self) -> Iterator[Finding]:
        if self._faults:
            does, fault = next(iter(self._faults.items()))
            yield Finding(
                name="judge fault", severity=Severity.ADVICE,
                says=f"the judge itself fails on {counted(len(self._faults), 'kind')} of wrong outputs, which says "
                "nothing of the candidate; a run ends after several in a row",
                mend="check the output before computing with it, and raise InvalidCandidate with what was wrong",
                seen=f"where the program {does}: {fault}",
            )  # fmt: skip

    def _doing(self, what: str) -> Say:
        return lambda words: self._tell(f"{what}: {words}")


def _finding(cheat: Cheat, fallen: Sequence[tuple[Trap, Ending]]) -> Finding:
    severities: Mapping[Severity, int] = {each: index for index, each in enumerate(Severity)}
    _, ending = min(fallen, key=lambda one: severities[one[1].severity or Severity.ADVICE])
    where = ", ".join(dict.fromkeys(one.variant.where for one, _ in fallen))
    return Finding(
        name=cheat.name, severity=ending.severity or Severity.ADVICE, says=cheat.says, mend=cheat.mend,
        seen=f"planted in {where}: it {cheat.does}; {ending.words}",
    )  # fmt: skip
