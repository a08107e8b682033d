"""The examination of an evaluator: an honest run that is watched, questions about the seed, then the planted cheats."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from selfwright.bench.problem import Problem
from selfwright.check import questions
from selfwright.check.cheat import CHEATS, Cheat
from selfwright.check.exercised import exercised
from selfwright.check.finding import Examination, Finding, Severity, worst_first
from selfwright.check.measure import Measurer, OutOfTime, Say
from selfwright.check.scene import Scene
from selfwright.check.seen import Seen, read_seen
from selfwright.check.state import state
from selfwright.check.trying import Ending, Trap, Trying
from selfwright.check.watch import MOST_BYTES
from selfwright.core.count import counted
from selfwright.core.errors import ProblemError
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.gate.exact import broken_constraint
from selfwright.gate.summary import summarise
from selfwright.ports.engine import Engine

_BY_PATH = 'run an editable file or what [build] makes by its path, such as candidate.run(["./program"])'
_QUESTIONS = ("noise", "state", "seed")

_AT_ONCE = 16
"""Programs that are tried together."""

Measured = TypeVar("Measured")
Watching = Callable[[Path], AbstractContextManager[Engine]]
"""Makes an engine whose workers write down in a folder what the judge asks of a candidate."""


class Examiner:
    """Examines one problem.

    Args:
        engine: Measures, as in a run; closed by whoever made it.
        watching: Makes the engine of the honest run.
        wall_s: The deadline of everything; what is not tried by then is said.
        tell: Told what is going on, a few words at a time.
        why_whole: Why evaluator and program share a sandbox, where they do.
        now_s: A clock that only goes forwards, in seconds.
    """

    def __init__(
        self, *, problem: Problem, engine: Engine, watching: Watching, wall_s: float, tell: Say,
        why_whole: str = "", now_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._problem = problem
        self._why_whole = why_whole
        self._watching = watching
        self._tell = tell
        self._now_s = now_s
        self._began_s = now_s()
        self._wall_s = wall_s
        self._measurer = Measurer(
            problem=problem, engine=engine, cases=engine.cases(), until_s=self._began_s + wall_s, seed=0, now_s=now_s
        )  # fmt: skip
        self._seed = problem.seed_files()
        self._known: dict[tuple[str, str], Outcome] = {}
        self._again: dict[tuple[str, str], Outcome] = {}
        self._findings: list[Finding] = []
        self._facts: dict[str, str] = {}
        self._caught: list[str] = []
        self._undecided: dict[str, str] = {}
        self._done: set[str] = set()
        self._not_tried: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._interrupted = False

    def examine(self) -> Examination:
        """Return what was found. Ctrl-C ends it early, and what was found by then is returned.

        Raises:
            ProblemError: The judge fails on the seed, or the seed fails its own evaluation: there is nothing to try.
            JudgeFault: The judge can not be loaded.
        """
        self._findings += [*questions.locks(self._problem), *questions.whole(self._problem, self._why_whole)]
        why = f"the deadline of {self._wall_s:g} s; --wall gives more"
        try:
            seen = self._watch()
            self._noise()
            scene = Scene(problem=self._problem, seed=self._seed, seen=seen)
            self._plant(scene)
            if any(finding.name == "determinism" for finding in self._findings):
                self._not_tried |= dict.fromkeys(
                    ("state", "seed"), "two runs of the seed differ as it is; first mend that"
                )
            else:
                self._state(scene)
                self._draws()
            if not self._measurer.usd:  # what costs money is not measured for advice
                self._facts |= exercised(self._measurer, self._seed)
        except OutOfTime:
            if not self._known:
                raise ProblemError(f"{self._problem.folder}: the seed alone takes longer than {why}") from None
        except KeyboardInterrupt:
            self._interrupted, why = True, "interrupted"
        for name in (*_QUESTIONS, *(cheat.name for cheat in CHEATS)):
            if name not in self._done:
                self._not_tried.setdefault(name, why)
        return Examination(
            problem=self._problem.name, findings=worst_first([*self._findings, *self._faulty()]),
            caught=tuple(self._caught), undecided=self._undecided, not_tried=self._not_tried, facts=self._facts,
            measurements=self._measurer.made,
            usd=self._measurer.usd, wall_s=self._now_s() - self._began_s, interrupted=self._interrupted,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ the honest run

    def _watch(self) -> Seen:
        """Measure the seed on every public stage while it is watched, then again and on the holdout as in a run."""
        first, seen = self._watched(lambda measurer: self._honest(measurer, measurer.public, "watching the seed"))
        second = self._honest(self._measurer, self._measurer.public, "the seed again")
        self._again = first
        self._findings += questions.determinism(self._problem, first, second)
        self._known |= second | self._honest(self._measurer, self._measurer.holdout, "the seed, held out")
        took_s = sum(second[key].resources.wall_s for key in second)
        cases, workers = counted(len(second), "case"), counted(self._measurer.workers, "worker")
        self._facts["one trial"] = f"{took_s:.1f} s of measuring on {cases}, {workers}"
        return self._within(seen)

    def _watched(self, measure: Callable[[Measurer], Measured]) -> tuple[Measured, Seen]:
        """Return what was measured, and what the judge asked of the candidates meanwhile."""
        with TemporaryDirectory(prefix="selfwright-check-") as folder:
            with self._watching(Path(folder)) as engine:
                measured = measure(self._measurer.through(engine))
            return measured, read_seen(Path(folder), build=self._problem.build.command if self._problem.build else ())

    def _within(self, seen: Seen) -> Seen:
        """Return what was seen with the programs that commands run in turn, where they name none: ``sh -c "./p | wc"``.

        For that, a recorder has the place of every program while the seed is measured once more.
        """
        files = Scene(problem=self._problem, seed=self._seed, seen=seen).recorded()
        if files is None:
            return seen
        tell = self._doing("what commands run in turn")
        _, within = self._watched(
            lambda measurer: [
                measurer.measure(measurer.shots(files, stage), tell=tell) for stage in measurer.public
            ]
        )  # fmt: skip
        found = replace(seen, commands=within.commands)
        return found if Scene(problem=self._problem, seed=self._seed, seen=found).programs else seen

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
        if broken and stages != self._measurer.holdout:
            raise ProblemError(
                f"{self._problem.folder}/problem.toml: objective.constraints: the seed's {broken}. "
                "Start from a program that satisfies it, or loosen the constraint"
            )
        return got

    def _noise(self) -> None:
        facts, found = questions.noise(
            self._measurer, self._seed, self._known, self._again, tell=self._doing("noise")
        )  # fmt: skip
        self._facts |= facts
        self._findings += found
        self._done.add("noise")

    def _draws(self) -> None:
        self._findings += questions.draws(self._measurer, self._seed, self._known, tell=self._doing("draws"))
        self._done.add("seed")

    def _state(self, scene: Scene) -> None:
        self._tell("state: the seed, twice, after a program that does nothing")
        found, _ = self._watched(
            lambda measurer: list(state(measurer, self._seed, self._known, scene.idle()))
        )  # fmt: skip
        self._findings += found
        self._done.add("state")

    # ---------------------------------------------------------------------------------------------------- the cheats

    def _plant(self, scene: Scene) -> None:
        trying = Trying(self._measurer, seed=self._seed, known=self._known)
        refused = self._refused(scene, trying)
        for number, cheat in enumerate(CHEATS, start=1):
            traps = [] if refused else [Trap(cheat=cheat, variant=variant) for variant in cheat.plant(scene)]
            tell = self._doing(f"cheat {number} of {len(CHEATS)}, {cheat.name}")
            if traps:
                self._try(trying, cheat, traps, tell)
            else:
                self._not_tried[cheat.name] = refused or _missing(cheat, scene)
        left_out = "; ".join(_left_out(scene))
        if left_out:
            self._facts["left out"] = left_out
        if not self._done & {cheat.name for cheat in CHEATS}:
            runs = [] if scene.seen.calls or scene.seen.commands else list(questions.ran(self._measurer, self._seed))
            self._findings += runs or [_untried(refused or _nowhere(scene), scene)]

    def _refused(self, scene: Scene, trying: Trying) -> str:
        """Return why nothing can be planted: the judge refuses a program of which nothing but the text is changed."""
        wrapped = scene.wrapped(scene.seen.functions, "reader", paths=[], word="") if scene.seen.calls else None
        for files in filter(None, (wrapped, scene.handed_on())):
            words = trying.passes(files, tell=self._doing("a program that is wrapped and changes nothing"))
            if words:
                return f"the judge refuses a program that is wrapped and does the same ({words})"
        return ""

    def _try(self, trying: Trying, cheat: Cheat, traps: Sequence[Trap], tell: Say) -> None:
        """Try some at a time, so that what was accepted before the deadline is told."""
        ended: list[tuple[Trap, Ending]] = []
        try:
            for first in range(0, len(traps), _AT_ONCE):
                ended += trying.tried(traps[first : first + _AT_ONCE], tell=tell)
        finally:
            if len(ended) == len(traps) or any(ending.severity for _, ending in ended):
                self._conclude(cheat, ended)
            elif ended:
                self._not_tried[cheat.name] = f"stopped after {len(ended)} of {counted(len(traps), 'program')}"

    def _conclude(self, cheat: Cheat, ended: Sequence[tuple[Trap, Ending]]) -> None:
        self._done.add(cheat.name)
        fallen = [(trap, ending) for trap, ending in ended if ending.severity is not None]
        for _, ending in ended:
            if ending.fault:
                self._faults.setdefault(cheat.does, ending.fault)
        if fallen:
            self._findings.append(_finding(cheat, fallen))
            self._tell(f"accepted: {cheat.name}")
        elif open_ := [(trap, ending) for trap, ending in ended if not ending.decided]:
            self._undecided[cheat.name] = "; ".join(f"{trap.variant.where}: {ending.words}" for trap, ending in open_)
        else:
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


def _missing(cheat: Cheat, scene: Scene) -> str:
    """Return why there is no program with this cheat."""
    return cheat.needs if scene.seen.calls or scene.programs else _nowhere(scene)


def _nowhere(scene: Scene) -> str:
    """Return why there is no place for any cheat."""
    return _unplanted(scene) or "the judge calls no function and runs no command of the program"


def _unplanted(scene: Scene) -> str:
    """Return which commands no cheat was planted in, and why; nothing where there is none."""
    ran = [f"`{line}`" for line in scene.left_out()]
    if not ran:
        return ""
    what = "an editable file" + (" or a product of the build" if scene.problem.build else "")
    more = f" and {counted(len(ran) - 3, 'other')}" if len(ran) > 3 else ""
    return f"the judge runs {', '.join(ran[:3])}{more}: no program in it is {what}, in Python, shell or executable"


def _left_out(scene: Scene) -> Iterator[str]:
    """Yield what was planted in only in part, and how to have it all."""
    if scene.programs or scene.seen.calls:
        unplanted = _unplanted(scene)
        if unplanted:
            yield f"{unplanted}; where it should be, {_BY_PATH}"
    if scene.seen.left_out:
        names = ", ".join(scene.seen.left_out)
        most = f"what came before in one worker is more than {MOST_BYTES >> 20} MiB"
        yield f"{names}: {most}; to have it tried, check a copy of the problem with smaller inputs"


def _untried(why: str, scene: Scene) -> Finding:
    """Return that the judge met no cheat; where it only reads the program there is nothing to mend."""
    reads = not scene.seen.calls and not scene.seen.commands
    return Finding(
        name="not tried", severity=Severity.ADVICE if reads else Severity.UNTRUSTWORTHY,
        says="nothing could be planted: the judge was not tried, and what it accepts is not known",
        mend="nothing, where the judge looks at the text alone; try it by hand on a text that is wrong" if reads else
        f"let the judge call a function of the program, or {_BY_PATH}; and accept a wrapper that does the same",
        seen=why,
    )  # fmt: skip


def _finding(cheat: Cheat, fallen: Sequence[tuple[Trap, Ending]]) -> Finding:
    severities: Mapping[Severity, int] = {each: index for index, each in enumerate(Severity)}
    _, ending = min(fallen, key=lambda one: severities[one[1].severity or Severity.ADVICE])
    where = "; in ".join(dict.fromkeys(one.variant.where for one, _ in fallen))
    return Finding(
        name=cheat.name, severity=ending.severity or Severity.ADVICE, says=cheat.says, mend=cheat.mend,
        seen=f"planted in {where}: it {cheat.does}; {ending.words}",
    )  # fmt: skip
