"""The auditor: takes one version after the other, reads its papers and measures it again from a fresh checkout.

Judge and problem are taken from v0, which the trailer's hash stands for, so that a judge that was changed later judges
nothing; the programs are those of the version's commit and of its parent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.audit.again import Again
from selfwright.audit.exhibit import Commit, Exhibit
from selfwright.audit.finding import Finding, differs, unchecked
from selfwright.audit.papers import read_papers
from selfwright.audit.remeasure import Bench, Say, measure_again
from selfwright.bench.problem import Problem, load_problem
from selfwright.core.change import Files
from selfwright.core.errors import JudgeFault, ProblemError, RepoError
from selfwright.core.job import is_executable
from selfwright.core.machine import Machine
from selfwright.core.path import check_paths
from selfwright.ports.engine import Engine
from selfwright.ports.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What the audit of one version, or of a run's journal, found.

    Attributes:
        name: ``v3``; ``journal``.
        commit: Its id; empty for a journal.
        title: The subject and the reason, as the commit says them.
        measured: Whether it was measured again; else its papers were read alone.
    """

    name: str
    findings: tuple[Finding, ...]
    commit: str = ""
    title: str = ""
    measured: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether it holds; None where nothing differs, and something that it takes to say so could not be checked."""
        if any(finding.holds is False for finding in self.findings):
            return False
        return None if self.lacks else True

    @property
    def lacks(self) -> tuple[str, ...]:
        """What could not be checked, and the answer is less for it."""
        return tuple(dict.fromkeys(finding.what for finding in self.findings if finding.lacks))


@dataclass(slots=True, kw_only=True)
class _Checkout:
    """A problem as v0 has it, laid out afresh, and the engine that measures with it."""

    problem: Problem
    engine: Engine | None = None
    again: dict[int, Again] = field(default_factory=dict)


class Auditor:
    """Audits versions of one repository. Close it: it holds engines.

    Args:
        scratch: An empty folder for the checkouts.
        make_engine: Problem → the engine that measures it, sandbox included.
        here: This machine.
        say: Told what is being measured.
    """

    def __init__(
        self, *, repo: Repo, scratch: Path, make_engine: Callable[[Problem], Engine], here: Machine, say: Say
    ) -> None:
        self._repo = repo
        self._scratch = scratch
        self._make_engine = make_engine
        self._here = here
        self._say = say
        self._checkouts: dict[str, _Checkout] = {}

    def audit(self, exhibit: Exhibit, *, measure: bool = True) -> Audited:
        """Return what is found of one version.

        Args:
            measure: Whether it is measured again, or its papers are read only.

        Raises:
            BadInput: The tree has a path that can not be laid out safely.
        """
        words = exhibit.commit.message.split("\n\n")
        title = words[1] if exhibit.commit.version and len(words) > 1 else words[0]
        try:
            checkout = self._checkout(exhibit)
            findings = read_papers(exhibit, self._repo, checkout.problem)
            if measure and any(each.what == "evaluator" and each.holds is False for each in findings):
                findings.append(unchecked("measured", "its judge is not the one that was hashed, and is not run"))
            elif measure:
                findings += self._measure(exhibit, checkout)
        except (ProblemError, JudgeFault) as error:
            findings = [differs("problem", f"it can not be judged here: {error}")]
        return Audited(
            name=f"v{exhibit.commit.version}", commit=exhibit.commit.id, title=title, findings=tuple(findings),
            measured=measure and not any(each.what in ("measured", "problem") for each in findings),
        )  # fmt: skip

    def close(self) -> None:
        """End all engines."""
        for checkout in self._checkouts.values():
            if checkout.engine is not None:
                checkout.engine.close()

    def _checkout(self, exhibit: Exhibit) -> _Checkout:
        base = exhibit.seed or exhibit.commit
        key = f"{base.id}:{exhibit.folder}"
        if key not in self._checkouts:
            folder = (
                self._scratch
                / str(len(self._checkouts))
                / (base.message.partition("\n\n")[2].partition(":")[0] or "problem")
            )
            _lay_out(folder, self._files(base.id, exhibit.folder))
            self._checkouts[key] = _Checkout(problem=load_problem(folder))
        return self._checkouts[key]

    def _measure(self, exhibit: Exhibit, checkout: _Checkout) -> list[Finding]:
        commit, problem = exhibit.commit, checkout.problem
        try:
            sides = {"candidate": self._program(exhibit, commit, problem)}
            if commit.version:
                parent = Commit.read(self._repo, commit.parents[0]) if commit.parents else commit
                sides["incumbent"] = self._program(exhibit, parent, problem)
        except RepoError as error:
            return [unchecked("measured", f"the version before is not here to be measured beside it: {error}")]
        said = exhibit.said("Seed")
        if not re.fullmatch("-?[0-9]{1,30}", said):
            return [differs("measured", f"the commit names no seed ({said!r}), so nothing can be drawn as it was")]
        if checkout.engine is None:
            checkout.engine = self._make_engine(problem)
        if int(said) not in checkout.again:
            checkout.again[int(said)] = Again(engine=checkout.engine, subject=problem.subject, seed=int(said))
        bench = Bench(
            exhibit=exhibit,
            problem=problem,
            again=checkout.again[int(said)],
            sides=sides,
            here=self._here,
            say=self._say,
        )
        return measure_again(bench)

    def _program(self, exhibit: Exhibit, commit: Commit, problem: Problem) -> Files:
        return {
            path: content
            for path, content in self._files(commit.id, exhibit.folder).items()
            if problem.is_editable(path)
        }

    def _files(self, commit: str, folder: str) -> Files:
        files = self._repo.read_files(commit, folder)
        return {path.removeprefix(folder): content for path, content in files.items()}


def _lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder; what is a program gets the right to run."""
    check_paths(files)
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if is_executable(content):
            place.chmod(0o755)
