"""Which lines of the seed do the public cases run? A change of any other is not measured, whatever it does."""

from collections.abc import Sequence
from dataclasses import replace

from selfwright.bench.coverage import Lines, runnable_lines, shown
from selfwright.check.measure import Measurer
from selfwright.core.change import Files
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome


def exercised(measurer: Measurer, seed: Files) -> dict[str, str]:
    """Measure the seed once more on every public case, its lines watched; return what was seen, in words.

    Nothing where the seed has no Python. The program's own process tells: it is advice.

    Raises:
        OutOfTime: The deadline passed.
    """
    try:
        found = {path: runnable_lines(path, content) for path, content in seed.items() if path.endswith(".py")}
    except ValueError as error:
        return {"lines that run": f"not known: {error}"}
    lines = {path: tuple(sorted(numbers)) for path, numbers in found.items() if numbers}
    if not lines:
        return {}
    shots = [shot for stage in measurer.public for shot in measurer.shots(seed, stage)]
    return {"lines that run": _words(lines, measurer.measure([replace(shot, watch=lines) for shot in shots]))}


def _words(lines: Lines, outcomes: Sequence[Outcome]) -> str:
    failed = next((each for each in outcomes if each.status is not TrialStatus.OK), None)
    if failed is not None:
        return f"not known: {failed.status.value} while they were watched"
    if any(outcome.ran is None for outcome in outcomes):
        return "not known: only calls into Python are watched, no commands"
    ran = {(path, n) for outcome in outcomes for path, numbers in (outcome.ran or {}).items() for n in numbers}
    missed = {path: tuple(n for n in numbers if (path, n) not in ran) for path, numbers in lines.items()}
    every, left = sum(map(len, lines.values())), sum(map(len, missed.values()))
    said = f"{every - left} of {every} in public cases"
    return f"{said}; no case tells what a change does in {shown(missed)}" if left else said
