"""What is asked of the seed alone: is it deterministic, how noisy is it, does luck of the draw decide?

And of the folder: does the judge use what a change may write?
"""

import ast
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from selfwright.bench.problem import Problem
from selfwright.check.finding import Finding, Severity
from selfwright.check.measure import Measurer, Say
from selfwright.core.change import Files
from selfwright.core.draw import coin
from selfwright.core.metric import Better, Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.gate.exact import metric_named
from selfwright.gate.pairs import Pair, Weighed, threshold
from selfwright.gate.summary import disagreement, per_case

Known = Mapping[tuple[str, str], Outcome]

_DRAWS = 5
_PAIRS, _LEAST_PAIRS, _PAIRS_S = 24, 8, 20.0
"""Pairs of the seed with itself: as many as fit into the seconds, within these bounds."""
_RUNS, _MOST = 21, 400
_RAN, _FAILS = "selfwright-check-ran", b"\nraise RuntimeError('selfwright-' + 'check-ran')\n"
_OPENS = ("open", "Path", "joinpath", "with_name", "load", "loadtxt")


def determinism(problem: Problem, first: Known, second: Known) -> Iterator[Finding]:
    """Hold two runs of the seed against each other."""
    for stage in dict.fromkeys(stage for stage, _ in first):
        differs = disagreement(problem.metrics, _readings(first, stage), _readings(second, stage))
        if differs:
            yield Finding(
                name="determinism", severity=Severity.UNTRUSTWORTHY,
                says=f"{differs.partition(' ')[0]} is declared deterministic, but two runs of the seed disagree",
                mend="declare it `noisy = true`, or take clock, randomness and hash order out of judge and seed",
                seen=f"{stage}: {differs}",
            )  # fmt: skip
            return


def locks(problem: Problem) -> Iterator[Finding]:
    """Look for editable files that the judge imports or names: they are part of the evaluator."""
    used = sorted(_used_by(problem, problem.judge)) if problem.judge else []
    if used:
        names = ", ".join(used)
        yield Finding(
            name="editable judge", severity=Severity.UNTRUSTWORTHY,
            says=f"the judge uses files that a change may write: {names}",
            mend="name the program alone in `editable`; let the judge call it through the candidate, never import it",
            seen=f"{problem.judge} imports or opens {names}",
        )  # fmt: skip


def whole(problem: Problem, why: str) -> Iterator[Finding]:
    """Say where an evaluator shares its sandbox with the program, which can then write its own score."""
    if problem.foreign is not None and problem.foreign.whole:
        yield Finding(
            name="self-reported", severity=Severity.UNTRUSTWORTHY,
            says="evaluator and program share one sandbox, where the program can write its own score",
            mend="let the evaluator call functions of the program with plain data, or write a judge",
            seen=why,
        )  # fmt: skip


def ran(measurer: Measurer, seed: Files) -> Iterator[Finding]:
    """Say where a judge that neither calls nor runs a program through the candidate runs its text all the same.

    Raises:
        OutOfTime: The deadline passed.
    """
    files = {path: content + _FAILS if path.endswith(".py") else content for path, content in seed.items()}
    for outcome in measurer.measure(measurer.shots(files, measurer.public[-1])[:1]):
        if _RAN in outcome.reason:
            yield Finding(
                name="runs the program", severity=Severity.UNTRUSTWORTHY,
                says="the judge itself runs the program: outside the sandbox, with your rights",
                mend="never exec or import its text: ask it through the candidate, by candidate.call or candidate.run",
                seen=f"of a program that fails where it is run: {outcome.reason.partition(chr(10))[0]}",
            )  # fmt: skip


def draws(measurer: Measurer, seed: Files, known: Known, *, tell: Say) -> Iterator[Finding]:
    """Measure the seed with other draws: does the objective depend on them more than on what a change may gain?

    Raises:
        OutOfTime: The deadline passed.
    """
    problem = measurer.problem
    metric = metric_named(problem.metrics, problem.objective.metric)
    stage = measurer.public[-1]
    values = [_value(metric, _readings(known, stage))]
    for number in range(1, _DRAWS):
        if metric.noisy:  # both sides of a pair have one draw
            return
        outcomes = measurer.measure(measurer.shots(seed, stage, draw_number=number))
        if any(outcome.status is not TrialStatus.OK for outcome in outcomes):
            yield from _unlucky(next(outcome for outcome in outcomes if outcome.status is not TrialStatus.OK))
            return
        values.append(_value(metric, [reading for outcome in outcomes for reading in outcome.readings]))
        tell(f"draw {number + 1} of {_DRAWS}")
        if values[1] == values[0]:
            return
    spread = max(values) - min(values)
    effect = problem.objective.minimum_effect
    least = effect.amount * (abs(values[0]) if effect.relative else 1.0)
    share = spread / abs(values[0]) if values[0] else math.inf
    if spread > least:
        yield Finding(
            name="seed", severity=Severity.UNTRUSTWORTHY if share > 0.1 and spread > 10 * least else Severity.ADVICE,
            says=f"{metric.name} depends on the seed of the stage more than on what a change must gain ({effect})",
            mend="measure more cases, fix the inputs of the public stages, or raise minimum_effect; a holdout with "
            "draws of its own catches what is lucky",
            seen=f"{stage}, five draws, one program: {min(values):.6g} to {max(values):.6g} {metric.unit}".rstrip(),
        )  # fmt: skip


def noise(
    measurer: Measurer, seed: Files, known: Known, again: Known, *, tell: Say
) -> tuple[dict[str, str], list[Finding]]:
    """Measure the seed against itself; return what a decision will cost, in words, and what speaks against it.

    Args:
        known: What the seed measured.
        again: What it measured another time.

    Raises:
        OutOfTime: The deadline passed.
    """
    problem = measurer.problem
    metric = metric_named(problem.metrics, problem.objective.metric)
    if not metric.noisy and any(determinism(problem, again, known)):
        return {"noise": "unknown: two runs disagree, which is declared away; see determinism"}, []
    if not metric.noisy:
        return {"noise": "none: two runs agree to the bit, so one measurement of each case decides"}, []
    stage = measurer.public[-1]
    cases = measurer.cases[stage]
    each_s = median(known[stage, case].resources.wall_s for case in cases)
    count = min(_PAIRS, max(_LEAST_PAIRS, int(_PAIRS_S / (2 * each_s or 1.0))))
    pairs = []
    for number in range(count):
        pairs += pair_of(measurer, seed, seed, number)
        tell(f"pair {number + 1} of {count}")
    if not pairs:
        return {"noise": "unknown: no pair in which both runs of the seed ended well"}, []
    effect = problem.objective.minimum_effect
    typical, most = pairs_needed(pairs, metric, problem.objective)
    least = min(typical, problem.max_pairs)
    usd = 2 * median(known[stage, case].resources.usd for case in cases)
    facts = {
        "noise": f"{_spread(pairs, problem.objective, metric)} a measurement of {metric.name} "
        f"({len(pairs)} pairs of the seed with itself)",
        "pairs": f"{_pairs(typical)} to prove a gain of {effect}, {_pairs(most)} in nine of ten cases; "
        f"max_pairs is {problem.max_pairs}",
        "cost of a decision": f"{_seconds(2 * each_s * least)} and {usd * least:.2f} USD, one pair after the other",
    }  # fmt: skip
    if typical <= problem.max_pairs:
        return facts, []
    return facts, [Finding(
        name="noise", severity=Severity.ADVICE,
        says=f"a gain of {effect} needs {_pairs(typical)}, more than max_pairs allows ({problem.max_pairs})",
        mend="measure longer (more work a call), set `alone = true`, raise minimum_effect to what can be "
        "seen, or raise max_pairs",
        seen=facts["noise"],
    )]  # fmt: skip


def pairs_needed(pairs: Sequence[Pair], metric: Metric, objective: Objective) -> tuple[int, int]:
    """Return after how many pairs the minimum effect is proven: the median, and what nine of ten need.

    Simulated: pairs of the seed with itself are drawn again, their sides by a coin, one is made better by the effect,
    and the gate's own test weighs them. 400 stands for that and more.
    """
    effect, luck, sign = objective.minimum_effect, random.Random(0), -1.0 if metric.better is Better.LOWER else 1.0
    needed, counts = threshold(1, 0), []
    for _ in range(_RUNS if effect.amount else 0):
        weighed = Weighed(metric, objective)
        while weighed.better < needed and weighed.tried < _MOST:
            pair = luck.choice(pairs)
            old, new = luck.sample((pair.candidate, pair.incumbent), 2)
            new += sign * effect.amount * (new if effect.relative else 1.0)
            weighed.add(Pair(candidate=new, incumbent=old, case=pair.case))
        counts.append(weighed.tried)
    counts.sort()
    return (counts[len(counts) // 2], counts[len(counts) * 9 // 10]) if counts else (_MOST, _MOST)


def pair_of(measurer: Measurer, candidate: Files, incumbent: Files, number: int) -> list[Pair]:
    """Return pair ``number`` of two programs, measured back to back on the next case; none where one of them failed.

    Raises:
        OutOfTime: The deadline passed.
    """
    objective = measurer.problem.objective
    metric = metric_named(measurer.problem.metrics, objective.metric)
    cases = measurer.cases[measurer.public[-1]]
    heads = coin(0, "check", number)
    shots = [
        measurer.shots(files, measurer.public[-1], draw_number=number)[number % len(cases)]
        for files in ((candidate, incumbent) if heads else (incumbent, candidate))
    ]
    outcomes = measurer.blocks([shots])[0]
    values = [
        _value(metric, outcome.readings) for outcome in (outcomes if heads else outcomes[::-1]) if outcome.readings
    ]
    if len(values) < 2 or (objective.minimum_effect.relative and min(values) <= 0):
        return []
    return [Pair(candidate=values[0], incumbent=values[1], case=cases[number % len(cases)])]


def _spread(pairs: Sequence[Pair], objective: Objective, metric: Metric) -> str:
    """Return the noise of one measurement: 1.48 times the median difference of a pair, over the root of two."""
    if objective.minimum_effect.relative:
        sizes = [abs(math.log(pair.candidate / pair.incumbent)) for pair in pairs]
        return f"{1.48 * median(sizes) / math.sqrt(2):.2%}"
    sizes = [abs(pair.candidate - pair.incumbent) for pair in pairs]
    return f"{1.48 * median(sizes) / math.sqrt(2):.3g} {metric.unit}".rstrip()


def _unlucky(outcome: Outcome) -> Iterator[Finding]:
    yield Finding(
        name="seed", severity=Severity.ADVICE, says="with another draw the seed fails its own evaluation",
        mend="mend the program, or the judge where it draws inputs from stage.seed or case.seed",
        seen=f"{outcome.status.value}: {outcome.reason.partition(chr(10))[0]}",
    )  # fmt: skip


def _used_by(problem: Problem, path: str, known: set[str] | None = None) -> set[str]:
    """Return the editable files that a file of the evaluator imports or opens, and those that these do."""
    known = set() if known is None else known
    known.add(path)
    try:
        tree = ast.parse((problem.folder / path).read_bytes())
    except (SyntaxError, ValueError):
        return set()
    found = {file for name in _imports(tree) for file in (f"{name}.py", f"{name}/__init__.py")}
    found = {file for file in found | set(_opened(tree)) if file in problem.files}
    more = [_used_by(problem, file, known) for file in sorted(found - known) if file.endswith(".py")]
    return {file for file in found if problem.is_editable(file)}.union(*more)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.replace(".", "/") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.replace(".", "/")
            yield from (f"{node.module}.{alias.name}".replace(".", "/") for alias in node.names)


def _opened(tree: ast.Module) -> Iterator[str]:
    """Yield the texts from which a path is made: ``open("x")``, ``Path("x")``, ``folder / "x"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in _OPENS:
            yield from _texts(node.args)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield from _texts([node.right])


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(nodes: Sequence[ast.expr]) -> Iterator[str]:
    yield from (each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _readings(known: Known, stage: str) -> list[Reading]:
    return [reading for (name, _), outcome in known.items() if name == stage for reading in outcome.readings]


def _value(metric: Metric, readings: Sequence[Reading]) -> float:
    return metric.combine(list(per_case(metric, readings).values()))


def _pairs(count: int) -> str:
    return "more than 400 pairs" if count >= _MOST else f"about {count} pairs"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
