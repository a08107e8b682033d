"""What in a problem file must agree: one key with another, and what is named with what lies in the folder.

Each complaint says the key, what is wrong and the mend.
"""

from collections.abc import Iterator
from itertools import dropwhile, pairwise
from pathlib import Path

from selfwright.bench import folder as files
from selfwright.bench import schema
from selfwright.bench.command import CLOCKED, SIZE
from selfwright.core.errors import BadInput
from selfwright.core.glob import matches
from selfwright.core.metric import Aggregate, Condition, Effect
from selfwright.core.path import check_program


def mismatches(entry: schema.ProblemEntry) -> Iterator[str]:
    """Yield what does not agree in the file: key, what, and the mend."""
    yield from _wrong_evaluator(entry.evaluate)
    yield from _wrong_measures(entry)
    yield from _unknown_metrics(entry)
    yield from _wrong_effects(entry)
    yield from _wrong_stages(entry.stages)
    for name, edges in entry.search.features.items():
        if any(low >= high for low, high in pairwise(edges)):
            yield f"search.features.{name}: the edges {edges} do not rise; write each greater than the one before"
    for name, metric in entry.metrics.items():
        if metric.aggregate is Aggregate.GEOMEAN and metric.worst_value is not None and metric.worst_value <= 0:
            yield f"metrics.{name}.worst_value: {metric.worst_value:g} has no geometric mean; give a positive number"


def _wrong_evaluator(evaluate: schema.EvaluateEntry) -> Iterator[str]:
    ways = [key for key in ("judge", "command", "openevolve", "shinka") if getattr(evaluate, key) is not None]
    if not ways:
        yield (
            'evaluate.judge: is missing; name the file that measures: judge = "judge.py", '
            'or what is measured: command = ["make", "bench"]'
        )
    if len(ways) > 1:
        yield f"evaluate.{ways[1]}: there is {ways[0]} already; keep one of them"
    for key in ("whole", "cascade"):
        if getattr(evaluate, key) not in (False, None) and not evaluate.foreign:
            yield f"evaluate.{key}: is for evaluators of other engines; leave it out"
    if evaluate.command is not None and evaluate.program is not None:
        yield "evaluate.program: nobody calls functions of a program where a command is measured; leave it out"
    given = {key: getattr(evaluate, key) for key in ("measure", "verify", "stdin", "produce")}
    if evaluate.command is None:
        for key in (key for key, value in given.items() if value):
            yield f"evaluate.{key}: belongs to a command, and there is none; leave it out, or let the judge do it"
    of = {schema.function_in(each)[0] for each in (evaluate.verify, evaluate.stdin) if each}
    if len(of) > 1:
        yield f"evaluate.stdin: is of another file than evaluate.verify; put both functions into {min(of)}"


def _wrong_measures(entry: schema.ProblemEntry) -> Iterator[str]:
    for name in entry.evaluate.measure:
        if name not in entry.metrics:
            yield (
                f"evaluate.measure: {name!r} is no metric of this problem; declare it: "
                f'[metrics] "{name}" = {{ unit = "{_unit(name)}", better = "lower" }}'
            )
        elif name in CLOCKED and not entry.metrics[name].noisy:
            yield f"metrics.{name}: is never twice the same; add noisy = true"
    for name in entry.metrics:
        if name.startswith(SIZE) and name not in entry.evaluate.measure:
            yield f"metrics.{name}: nobody measures it; add it to evaluate.measure"


def _unit(name: str) -> str:
    """Return the unit of what a supervisor measures."""
    return "B" if name.startswith(SIZE) else "MB" if name.endswith("_mb") else "s"


def _unknown_metrics(entry: schema.ProblemEntry) -> Iterator[str]:
    named = [("objective.metric", entry.objective.metric)]
    named += _metrics_in("objective.constraints", entry.objective.constraints)
    named += [(f"search.features.{name}", name) for name in entry.search.features]
    named += _metrics_in("tiers", [tier.condition for tier in entry.tiers], ".condition")
    named += _metrics_in("phases", [phase.target for phase in entry.phases], ".target")
    named += _metrics_in("success", [success.condition for success in entry.success], ".condition")
    for key, metric in named:
        if metric not in entry.metrics:
            known = ", ".join(entry.metrics)
            yield f"{key}: {metric!r} is no metric of this problem ({known}){schema.suggest(metric, entry.metrics)}"


def _metrics_in(key: str, conditions: list[str], field: str = "") -> list[tuple[str, str]]:
    return [(f"{key}[{index}]{field}", Condition.parse(text).metric) for index, text in enumerate(conditions)]


def _wrong_effects(entry: schema.ProblemEntry) -> Iterator[str]:
    metric = entry.metrics.get(entry.objective.metric)
    if metric is None:
        return
    for key in ("minimum_effect", "holdout_tolerance"):
        text: str = getattr(entry.objective, key)
        unit = Effect.unit_in(text)
        if unit == "%" and Effect.parse(text).amount and metric.unit in ("dB", "%"):
            name = entry.objective.metric
            yield (
                f"objective.{key}: {text!r} of {name} has no fixed meaning, because {metric.unit} can cross zero; "
                f"write a plain amount of {metric.unit}: '0.1'"
            )
        elif unit not in ("", "%", metric.unit):
            wanted = f"{metric.unit!r} or %" if metric.unit else "no unit or %"
            yield f"objective.{key}: {text!r} is in {unit!r}, but {entry.objective.metric} has {wanted}"


def _wrong_stages(stages: list[schema.StageEntry]) -> Iterator[str]:
    names = [stage.name for stage in stages]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"stages[{index}].name: {name!r} is there already; give each stage a name of its own"
    if all(stage.holdout for stage in stages):
        yield "stages: there is no stage that is not holdout; add one, or leave [[stages]] out for a single 'full'"
    for stage in dropwhile(lambda stage: not stage.holdout, stages):
        if not stage.holdout:
            yield f"stages: {stage.name!r} comes after a holdout stage; put the holdout stages last"


# --------------------------------------------------------------------------------------------------- what must be there


def wrong_files(entry: schema.ProblemEntry, folder: Path) -> Iterator[str]:
    """Yield what the file names and the folder does not have, or must not have."""
    yield from _missing_files(entry, folder)
    there = [path for path, _ in files.files_below(folder)]
    editable, judge = tuple(entry.editable), entry.evaluate.judging
    try:
        check_program((path for path in there if files.is_editable(path, editable=editable, judge=judge)), there)
    except BadInput as error:
        yield f"the files beside it: {error}. Every version is a git commit that carries them; dot files do not count"


def _missing_files(entry: schema.ProblemEntry, folder: Path) -> Iterator[str]:
    judge, program = entry.evaluate.judging, entry.evaluate.program
    if judge:
        key = next(key for key in ("judge", "openevolve", "shinka", "verify", "stdin") if getattr(entry.evaluate, key))
        if not files.is_inside(judge) or files.is_hidden(judge):
            yield f"evaluate.{key}: {judge!r} is no file of this folder; name one below {folder}, not hidden"
        elif not (folder / judge).is_file() or (folder / judge).is_symlink():
            yield f"evaluate.{key}: looked for {folder / judge}, which is no regular file; write it, or name another"
    for index, glob in enumerate(entry.editable):
        wrong = _wrong_glob(glob, folder=folder, judge=judge)
        if wrong:
            yield f"editable[{index}]: {wrong}"
    for index, glob in enumerate(entry.environment.files or ()):
        locked = (path for path, link in files.files_below(folder) if not link and path not in (judge, files.PROBLEM))
        if not files.is_inside(glob) or not any(matches(path, glob) for path in locked):
            yield f"environment.files[{index}]: {glob!r} matches nothing below {folder}; name files that are there"
    found = [path for glob in entry.editable for path in files.named_by(folder, glob, judge)]
    if program is not None and program not in found:
        yield f"evaluate.program: {program!r} is none of the editable files{schema.suggest(program, found)}"
    for index, glob in enumerate(entry.build.produce if entry.build else ()):
        if not files.is_inside(glob):
            yield f"build.produce[{index}]: {glob!r} leaves the folder; write a path or glob below it: 'codec.so'"


def _wrong_glob(glob: str, *, folder: Path, judge: str) -> str | None:
    if not files.is_inside(glob):
        return f"{glob!r} leaves the folder; write a path or glob below it, such as 'codec.py' or 'src/**/*.py'"
    link = files.link_on_the_way(glob, [path for path, is_link in files.files_below(folder) if is_link])
    if link:
        return f"{glob!r} names the symbolic link {folder / link}; put a real file or folder there"
    if not files.named_by(folder, glob, judge):
        locked = next((file for file in (judge, files.PROBLEM) if file and matches(file, glob)), None)
        why = f"only {locked}, which is locked" if locked else f"nothing below {folder} (dot files never count)"
        return f"{glob!r} matches {why}; name a file that is there and may change"
    return None
