"""Tuning: searches the numbers of the editable files, and the choices that a comment marks, and says so.

A proposal is a function of the history and the draw; what is kept beside it only saves reading programs twice. One
object serves one run.

Of the four searches ``surface`` is the default, because it was the best in 19 of the 20 cells below. Median gain in
percent over 15 seeds after 10 / 30 proposals, each made with all verdicts before it known, on smooth synthetic problems
with one valley, of 5 and 9 parameters (``pytest -m bench -s tests/proposers/test_search_bench.py`` prints this table):

==============================================  ===========  ===========  ===========  ===========
problem                                         surface      coordinate   tpe          cmaes
==============================================  ===========  ===========  ===========  ===========
bowl whose optimum gains 20 %, 5                14.5 / 19.8  13.6 / 19.3  11.7 / 18.5   8.1 / 16.3
the same, 9                                     12.1 / 19.5   5.5 / 16.7   9.4 / 16.0   7.0 / 11.5
rotated bowl, 5                                 15.0 / 19.7  13.1 / 19.3   8.2 / 18.4   6.7 / 16.1
rotated bowl, 9                                 12.2 / 19.1   7.3 / 16.0   7.5 / 17.1   7.1 / 11.3
bowl behind a constraint, 5                      7.4 / 11.3   5.9 /  7.6   0.0 /  5.8   2.4 /  6.5
bowl behind a constraint, 9                      5.7 / 14.0   5.5 /  7.9   0.8 /  5.2   1.9 /  4.8
rate against quality, begun near the bound, 5    6.1 / 10.3   2.7 /  4.7   0.0 /  0.0   0.0 /  1.2
rate against quality, begun near the bound, 9    3.3 / 12.0   2.9 /  3.5   0.0 /  0.0   0.0 /  0.0
bowl with a region that crashes, 5              15.1 / 19.2  12.5 / 19.0  11.7 / 17.7   5.7 / 13.1
bowl with a region that crashes, 9               6.8 / 18.4   5.5 / 16.3   8.3 / 15.3   6.1 /  9.7
==============================================  ===========  ===========  ===========  ===========

It asks for a lag of 1: with one of 8, where 8 of the first 10 proposals are made before any verdict, ``surface`` gains
about a third as much in 10, and on a program with one number it proposes the same thing 8 times. Where a trial leaves
cores idle, ``numeric:surface:8`` asks for that lag. ``cmaes`` learns by the generation, of 8 and 10 trials here, so
that it has hardly begun after 30.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from selfwright.core.brief import Brief, Past
from selfwright.core.change import Cost, Files, Origin, Proposal
from selfwright.core.errors import BadInput, ProblemError
from selfwright.core.metric import Condition, Metric
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.ports.proposer import Ask
from selfwright.proposers import cmaes, coordinate, surface, tpe
from selfwright.proposers.label import bears
from selfwright.proposers.literal import parameters, wrong_marks
from selfwright.proposers.space import Landscape, Point, Position, Search, Space, Values

LOOK_BACK = 256
"""Trials that a proposal looks back on: its cost does not grow with the run."""

FRUITLESS = 50
"""After so many proposals in a row that were refused as tried before, the space is taken for exhausted."""

MOST_AT_ONCE = 64
"""Proposals that may be made before the first of them has its verdict."""

MOST_NAMED = 8
"""Literals that a reason names."""

SEARCHES: dict[str, Search] = {
    "surface": surface.search, "coordinate": coordinate.search, "tpe": tpe.search, "cmaes": cmaes.search,
}  # fmt: skip
_LIBRARIES = {"tpe": "optuna", "cmaes": "cma"}


def make_numeric(argument: str = "surface") -> "Numeric":
    """Return the proposer ``numeric``, ``numeric:<search>``, or ``numeric:<search>:<proposals at once>``.

    Raises:
        BadInput: There is no such search, the library behind it is not installed, or the number is none.
    """
    name, _, at_once = argument.partition(":")
    search, library = SEARCHES.get(name), _LIBRARIES.get(name)
    if search is None:
        raise BadInput(f"numeric has no search {name!r}; there are {', '.join(sorted(SEARCHES))}")
    if library is not None and find_spec(library) is None:
        raise BadInput(
            f"numeric:{name} needs the package {library!r}, which is not installed: `pip install 'selfwright[tune]'`, "
            "or take numeric, which needs nothing"
        )
    if at_once and not (at_once.isdecimal() and 1 <= int(at_once) <= MOST_AT_ONCE):
        raise BadInput(
            f"numeric:{argument}: {at_once!r} is no number of proposals at once; write 1 to {MOST_AT_ONCE}, as in "
            f"numeric:{name}:4"
        )
    return Numeric(search=search, at_once=int(at_once or 1))


def check_seed(files: Files, *, folder: Path, alone: bool) -> None:
    """See that the marks of a program can be read, and that there is something to tune.

    Args:
        folder: Of the problem, for the message.
        alone: Whether nobody else could propose a program with numbers.

    Raises:
        ProblemError: A mark is wrong, or there is no number and nobody else who could write one.
    """
    wrong = wrong_marks(files)
    if wrong:
        raise ProblemError("\n".join(f"{folder / line}" for line in wrong))
    if alone and not parameters(files):
        python = [path for path in sorted(files) if path.endswith(".py")]
        other = [path for path in sorted(files) if path not in python]
        where = f"in {', '.join(python)}" if python else "in any Python file"
        where += f" (it reads Python only, not {', '.join(other)})" if other else ""
        raise ProblemError(
            f"{folder}: numeric found no number to tune {where}. Write one and mark its line, as in "
            "`LEVEL = 6  # tune: 1..9` (0, 1, -1 and 2 count only where they are marked); or give another --proposer: "
            "`recorded:FILE`, or `person`, and hand in your own changes with `selfwright submit`"
        )


class Numeric:
    """Proposes other numbers for the incumbent.

    Args:
        search: Says where to go next.
        at_once: Proposals that are made before the first of them has its verdict. One sees most; more keep the cores
            busy where a trial has one case only.
    """

    name = "numeric"
    most: Cost | None = Cost()

    def __init__(self, *, search: Search = surface.search, at_once: int = 1) -> None:
        self.lag: int | None = at_once
        self._search = search
        self._latest: tuple[Files, Space] | None = None
        self._values: dict[tuple[str, str], Values | None] = {}
        self._adopted: dict[str, Past | None] = {}

    def ask(self, ask: Ask) -> Proposal | None:
        space = self._space(ask)
        window = ask.history[-LOOK_BACK:]
        own = [past for past in window if bears(past.proposer, self.name)][-FRUITLESS:]
        if not space.literals or (len(own) == FRUITLESS and all(past.status is None for past in own)):
            return None
        tried = self._tried(ask, space, window)
        land = Landscape(
            base=space.position(space.base), grains=tuple(literal.grain for literal in space.literals),
            categories=tuple(literal.categories for literal in space.literals),
            points=[self._point(past, space.position(values), ask.brief) for past, values in tried if _tells(past)],
            noisy=_objective(ask.brief).noisy, ahead=ask.trial - 1 - len(ask.history), seed=ask.seed,
        )  # fmt: skip
        known = {space.base, space.values(ask.program("seed")), *(values for _, values in tried)}
        fresh = (values for values in _candidates(space, self._search, land) if values not in known)
        values = next(fresh, None)
        if values is None:
            return None
        return Proposal(files=space.files(values), parent=ask.best, reason=_reason(space, values), proposer=self.name)

    def _space(self, ask: Ask) -> Space:
        """Return the space of the incumbent; finding its literals takes long, so the last one is kept."""
        files, latest = ask.program(ask.best), self._latest
        if latest is None or latest[0] != files:
            self._latest = latest = (files, Space(files))
        return latest[1]

    def _tried(self, ask: Ask, space: Space, window: Sequence[Past]) -> list[tuple[Past, Values]]:
        """Return the trials of the incumbent's shape, by whoever, oldest first; with the incumbent itself."""
        incumbent = self._adoption(ask)
        far = incumbent is not None and incumbent.trial not in {past.trial for past in window}
        found = []
        for past in [incumbent, *window] if incumbent is not None and far else window:
            if past.origin is Origin.TUNING or f"v{past.version}" == ask.best:
                values = self._read(ask, space, past.trial)
                if values is not None:
                    found.append((past, values))
        return found

    def _adoption(self, ask: Ask) -> Past | None:
        """Return the trial that became the incumbent; None where that is too long ago to be told."""
        if ask.best == "v0":
            return ask.start
        if ask.best not in self._adopted:
            self._adopted[ask.best] = next(
                (past for past in reversed(ask.history) if f"v{past.version}" == ask.best), None
            )
        return self._adopted[ask.best]

    def _read(self, ask: Ask, space: Space, trial: str) -> Values | None:
        key = (space.shape, trial)
        if key not in self._values:
            try:
                self._values[key] = space.values(ask.program(trial))
            except KeyError:  # it was refused before it became a program
                self._values[key] = None
        return self._values[key]

    def _point(self, past: Past, position: Position, brief: Brief) -> Point:
        won, own = past.decision is Decision.ADOPT, bears(past.proposer, self.name)
        objective, constraints = _objective(brief), brief.objective.constraints
        names = {objective.name, *(condition.metric for condition in constraints)}
        if past.status is not TrialStatus.OK or not names <= past.metrics.keys():
            return Point(position=position, loss=None, margins=(), won=won, own=own)
        margins = tuple(_margin(condition, past.metrics[condition.metric]) for condition in constraints)
        loss = -objective.gain(past.metrics[objective.name], 0.0)
        return Point(position=position, loss=loss, margins=margins, won=won, own=own)


def _objective(brief: Brief) -> Metric:
    return next(metric for metric in brief.metrics if metric.name == brief.objective.metric)


def _tells(past: Past) -> bool:
    """Whether something is known of the candidate: it ran, and the judge did not fail on it."""
    return past.status not in (None, TrialStatus.UNJUDGED)


def _margin(condition: Condition, value: float) -> float:
    """Return by how much a condition holds, in the metric's unit; negative where it is broken."""
    return value - condition.bound if condition.operator.startswith(">") else condition.bound - value


def _candidates(space: Space, search: Search, land: Landscape) -> Iterator[Values]:
    """Yield what the search wants; then anything; then, where the space is small, everything."""
    yield from map(space.at, search(land))
    chance = random.Random(land.seed)
    for _ in range(1024):
        yield space.at(tuple(chance.random() for _ in space.literals))
    if space.size <= LOOK_BACK:
        yield from itertools.product(*(literal.all_values() for literal in space.literals))


def _reason(space: Space, values: Values) -> str:
    """Return ``tuning: STEP 22 → 25 (line 14)``."""
    moved = [(literal, value) for literal, value in zip(space.literals, values, strict=True) if value != literal.value]
    several = len({literal.path for literal in space.literals}) > 1
    words = []
    for literal, value in moved:
        where = f"{literal.path}, line {literal.line}" if several else f"line {literal.line}"
        words.append(f"{literal.name} {literal.text} → {value!r} ({where})".strip())
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return "tuning: " + ", ".join(words[:MOST_NAMED]) + more
