"""The desk of the MCP server: names that a client says, looked up in lists; then the same calls as everywhere."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api import life
from selfwright.api.agents import AGENTS
from selfwright.api.confinement import strongest_sandbox
from selfwright.api.errand import Errand
from selfwright.api.looking import look
from selfwright.api.submission import hand_in
from selfwright.core.errors import BadInput, RunHeld
from selfwright.evolve.history import History
from selfwright.evolve.shelf import JOURNAL, free_folder, runs_below
from selfwright.ports.priced import Priced
from selfwright.proposers.specification import parse_spec

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.server.mcp import Offered

FREE = ("numeric", "mutate", "person", "numeric+mutate")
"""Proposers that cost nothing, read no file and start nothing."""

AT_ONCE = 4
"""Processes that were started here and run at a time."""


class FrontDesk:
    """Satisfies ``server.mcp.Desk``.

    Args:
        offered: Folders of runs and of problems that a client may see too; a problem may also be a bundled one's name.
        proposers: Specifications that a client may choose, beside the free ones.
        budget_usd: The most that one run may spend which is started or taken up again here.

    Raises:
        BadInput: One of them is neither, or a proposer costs money and there is no budget.
    """

    def __init__(
        self, offered: Sequence[str | Path] = (), *, proposers: Sequence[str] = (), budget_usd: float | None = None
    ) -> None:
        self._root = bootstrap.runs_folder().absolute()
        self._named = {folder.name: folder for folder in map(Path, offered) if (folder / JOURNAL).is_file()}
        given = [str(each) for each in offered if not (Path(each) / JOURNAL).is_file()]
        bundled = [(problem, False) for problem in bootstrap.bundled_problems()]
        self._problems = {
            each.name: (each, by_path) for each, by_path in [*bundled, *map(bootstrap.find_problem, given)]
        }
        self._proposers = (*FREE, *proposers)
        self._budget_usd = budget_usd
        self._started: list[Errand] = []
        self._opening: dict[str, Errand] = {}
        self._measuring: dict[Path, Errand] = {}
        self._lock = threading.RLock()
        for spec in proposers:
            self._check_price((spec,))

    def runs(self) -> Sequence[str]:
        """Return the names of the runs in the folder of runs, and of those that were offered."""
        return sorted(self._folders())

    def _folders(self) -> dict[str, Path]:
        return runs_below(self._root) | self._named

    def look(self, run: str, *, briefly: bool = False) -> History:
        """Return a run by its name, or a unique beginning of it."""
        known = self._folders()
        fits = [run] if run in known else sorted(name for name in known if name.startswith(run))
        if len(fits) == 1:
            return look(known[fits[0]], briefly=briefly)
        if not known:
            raise BadInput("there is no run here yet: `run` starts one")
        some = ", ".join((fits or sorted(known))[:10])
        if fits:
            raise BadInput(f"{run[:200]!r} fits several runs ({some}): give more of the name")
        raise BadInput(f"there is no run {run[:200]!r} here; there are: {some}")

    def certificate(self, history: History, version: int) -> str:
        """Return the note of a version's commit."""
        repo = bootstrap.run_repo(history.folder, history.state.run.target)
        note = bootstrap.notes_of(repo).note(history.state.versions[version].commit)
        return (note or b"").decode(errors="replace")

    def problems(self) -> "Sequence[Offered]":
        """Return the bundled problems, and those that were offered."""
        from selfwright.server.mcp import Offered

        return [Offered(name=name, description=each.description) for name, (each, _) in self._problems.items()]

    def proposers(self) -> Sequence[str]:
        """Return the free ones, and those that were offered."""
        return self._proposers

    def submit(self, history: History, *, files: Mapping[str, str], patch: str, parent: str, reason: str) -> int:
        """Hand in a change, as ``selfwright submit`` does."""
        from selfwright.evolve.submission import given_submission

        problem = life.problem_of(history)
        contents = {path: text.encode() for path, text in files.items()}
        submission = given_submission(contents, patch, is_editable=problem.is_editable)
        return hand_in(history, problem, submission, reason=reason, parent=parent, proposer="mcp")[0]

    def measure(self, history: History) -> Errand:
        """Measure what was handed in, in a process of its own: one for all that wait in a run."""
        with self._lock:
            known = self._measuring.get(history.folder)
            if known is None or not known.running:
                known = self._measuring[history.folder] = self._start("resume", history.folder, "--submissions")
            return known

    def start(
        self, problem: str, *, proposer: str, trials: int | None, wall_s: float | None, seed: int
    ) -> tuple[str, Errand]:
        """Begin a run in a process of its own, of a problem whose judge is as it was."""
        if problem not in self._problems:
            known = ", ".join(self._problems)
            raise BadInput(f"there is no problem {problem[:200]!r} here; there are: {known}")
        asked = self._asked(proposer)
        found, by_path = self._problems[problem]
        self._check_unchanged(found)
        where = f"{found.folder}/" if by_path else found.name
        words = ["--seed", seed, "--yes", *asked]
        words += ["--budget-usd", self._budget_usd] if self._budget_usd is not None else []
        with self._lock:
            folder = free_folder(found.name, self._root, self._opening)
            errand = self._start("run", where, "--dir", folder, *words, *_bounds(trials or life.DEFAULT_TRIALS, wall_s))
            self._opening[folder.name] = errand
        return folder.name, errand

    def resume(self, history: History, *, proposer: str, trials: int | None, wall_s: float | None) -> Errand | None:
        """Go on with a run, in a process of its own where nobody drives it."""
        state = history.state
        if holder := history.holder():
            if not state.control.paused:
                raise RunHeld(f"{history.folder.name} is running already ({holder}): `status` tells")
            life.resume(history.folder)
            return None
        asked, specs = self._asked(proposer), (proposer,) if proposer else state.run.proposers
        if state.budget.usd is None and self._costs(specs):
            self._check_price(specs)
            asked += ["--budget-usd", self._budget_usd]
        return self._start("resume", history.folder, *asked, *_bounds(trials, wall_s))

    def pause(self, history: History) -> str:
        """Pause it, as ``selfwright pause`` does."""
        return life.pause(history.folder)

    def stop(self, history: History) -> str:
        """Stop it, as ``selfwright stop`` does."""
        return life.stop(history.folder)

    def _start(self, *words: object) -> "Errand":
        with self._lock:
            self._started = [each for each in self._started if each.running]
            self._opening = {name: each for name, each in self._opening.items() if each.running}
            if len(self._started) >= AT_ONCE:
                raise BadInput(f"{AT_ONCE} processes that were started here still run: `stop` a run, or wait for it")
            errand = Errand([str(word) for word in words])
            self._started.append(errand)
            return errand

    def _asked(self, proposer: str) -> list[object]:
        """Return the words that ask a proposer: of none nothing."""
        if proposer and proposer not in self._proposers:
            raise BadInput(
                f"the proposer {proposer[:200]!r} is not offered here; offered are: {', '.join(self._proposers)}. "
                "A person may add it: `selfwright mcp --proposer ...`"
            )
        return ["--proposer", proposer] if proposer else []

    def _check_price(self, specs: Sequence[str]) -> None:
        if self._budget_usd is None and self._costs(specs):
            raise BadInput(
                f"{', '.join(specs)} may cost money, and a client could spend without bound: `selfwright mcp "
                "--budget-usd USD` says how much one run may spend; what is free: SELFWRIGHT_MODEL_PRICES=MODEL=0/0"
            )

    @staticmethod
    def _costs(specs: Sequence[str]) -> bool:
        """Whether proposers may cost money; whoever knows no price may."""
        agents = any(part.name in AGENTS for spec in specs for part in parse_spec(spec))
        made = bootstrap.make_proposer(specs, strongest_sandbox(trusted=False) if agents else "")
        return isinstance(made, Priced) and (made.most is None or made.most.usd != 0)

    @staticmethod
    def _check_unchanged(problem: "Problem") -> None:
        """Refuse a problem whose judge is another than when the server was started: a client may have written it."""
        now = bootstrap.find_problem(f"{problem.folder}/")[0]
        changed = [path for path in {*problem.locked, *now.locked} if problem.files.get(path) != now.files.get(path)]
        if changed:
            raise BadInput(
                f"{problem.name}: {', '.join(sorted(changed)[:5])} changed since this server was started, and nobody "
                "here may change what judges; a person looks at it and starts the server again"
            )


def _bounds(trials: int | None, wall_s: float | None) -> list[object]:
    given = {"--trials": trials, "--wall": f"{wall_s:.3f}s" if wall_s is not None else None}
    return [word for name, value in given.items() if value is not None for word in (name, value)]
