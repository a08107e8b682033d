"""A run as Python and a notebook look at it: what was tried, what is best, every event, a card, the report."""

import shlex
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import sandbox_note
from selfwright.core.lifecycle import State
from selfwright.core.verdict import Verdict
from selfwright.evolve.glance import glance, keep_outline
from selfwright.evolve.history import History
from selfwright.evolve.shelf import JOURNAL, find_run
from selfwright.proposers.specification import parse_spec

if TYPE_CHECKING:
    from selfwright.diagnose import Diagnosis
    from selfwright.report import Facts
    from selfwright.views.baseline import Standing
    from selfwright.views.run import Attempt

BASELINES = "baselines"
"""Folder of a run in which its baselines lie, each a run of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial, as it stands.

    Attributes:
        id: ``t12``: a name that ``Run.program`` takes.
        state: Where it stands in its life: ``proposed`` ... ``adopted``, ``rejected``, ``parked``, ``refused``, ...
        words: What became of it, for people: ``adopted: size 90 B, 10 % better than v0 (100)``.
        verdict: The gate's, with the numbers behind it; None where it never got so far.
        metrics: Metric → aggregate over the cases of the last public stage that it finished.
        version: N where it was adopted as vN.
        commit: Of that version.
        proposer: Who proposed it, and ``parents`` what it was made of.
        reason: Why it should be better, as its proposer says.
        diagnosis: Why it failed: category, severity, cause, mend; None where it did not.
    """

    id: str
    state: State | None
    words: str
    verdict: Verdict | None
    metrics: Mapping[str, float]
    version: int | None
    commit: str
    proposer: str
    parents: tuple[str, ...]
    reason: str
    diagnosis: "Diagnosis | None" = None

    @property
    def adopted(self) -> bool:
        """Whether it became a version."""
        return self.version is not None

    def __str__(self) -> str:
        """Return ``t12 adopted: size 90 B, ...``."""
        return f"{self.id} {self.words}"


class Run(History):
    """A run to look at: as it was when it was opened, or last caught up with.

    ``best`` is the incumbent (``files``, ``metrics``, ``version``, ``commit``), ``events()`` yields every record of the
    journal (``seq``, ``time_s``, ``event``), ``program("t12")`` any program, ``catch_up()`` takes in what came since.
    """

    @property
    def trials(self) -> list[Trial]:
        """All trials, in order; of a repaired one the last attempt."""
        return [self.trial(f"t{number}") for number in sorted(self.state.trials)]

    def trial(self, name: str) -> Trial:
        """Return the trial of a name: ``t12``, ``v3``, or the beginning of a change id or commit.

        Raises:
            BadInput: There is none, or more than one.
        """
        from selfwright.diagnose import diagnosis_of

        attempt: Attempt = self.find(name)
        said = attempt.proposed
        return Trial(
            id=attempt.id, state=attempt.state, words=attempt.ending, verdict=attempt.verdict,
            metrics=self.metrics(attempt), version=attempt.version, commit=self.commit(attempt),
            proposer=said.proposer, parents=said.parents, reason=said.reason,
            diagnosis=diagnosis_of(self.state, attempt),
        )  # fmt: skip

    def report(self) -> Path:
        """Write the report, one HTML file in the folder of the run, and return its path."""
        return report(self)

    def __repr__(self) -> str:
        """Return where it stands, in a line."""
        from selfwright.report import headline
        from selfwright.views.leaderboard import versions_table

        return f"<Run {self.folder}: {headline(self.state, versions_table(self.state))}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: headline, curve, versions."""
        from selfwright.report import render_card

        best = f"best: v{self.state.incumbent}; " if self.state.versions else ""
        return render_card(self.state, foot=f"{best}run.report() writes the whole story; it lies in {self.folder}")


def look(run: str | Path, *, briefly: bool = False) -> "Run":
    """Return a run to look at: its state, its programs, its events.

    Args:
        briefly: Of a long run without the trials that came to nothing: at once, where it was looked at before.

    Raises:
        BadInput: There is no such run.
        JournalError: Its journal is corrupt, or of a later version.
    """
    folder = find_run(str(run), bootstrap.runs_folder())
    files = bootstrap.open_files(folder, readonly=True)
    try:
        state = glance(folder, files.journal) if briefly else None
        history = Run(folder=folder, journal=files.journal, blobs=files.blobs, state=state)
        if not briefly:
            keep_outline(folder, history.state)
    except BaseException:
        files.close()
        raise
    weakref.finalize(history, files.close)  # open as long as somebody looks
    return history


def record(history: History, path: Path) -> int:
    """Write the proposals of a run as a recorded session; return how many there are."""
    from selfwright.evolve.recording import lines_of
    from selfwright.proposers.recorded import write_recording

    lines = list(lines_of(history))
    write_recording(path, lines)
    return len(lines)


def report(history: History) -> Path:
    """Write the report of a run, one HTML file, and return its path."""
    from selfwright.report import write_report

    path = history.folder / "report.html"
    write_report(path=path, state=history.state, load=history.load, facts=_facts(history))
    return path


def _facts(history: History) -> "Facts":
    from selfwright.report import Facts

    run = history.state.run
    name = run.subject.removeprefix("problem:")
    return Facts(
        name=name, description=run.description, run=str(history.folder), proposals=names_of(run.proposers),
        confinement=sandbox_note(run.sandbox), tiers=run.tiers, phases=run.phases, success=run.success,
        standings=standings(history),
    )  # fmt: skip


def standings(history: History) -> "tuple[Standing, ...]":
    """Return where a run stands beside its baselines, the run itself first; of none, nothing."""
    from selfwright.views.baseline import standing

    folders = sorted((history.folder / BASELINES).glob(f"*/{JOURNAL}"))
    found = [standing(folder.parent.name, look(folder.parent).state) for folder in folders]
    return (standing("", history.state), *found) if found else ()


def names_of(specs: Sequence[str]) -> str:
    """Return who proposes, in words: ``recorded, then numeric and mutate``."""
    return ", then ".join(" and ".join(part.name for part in parse_spec(spec)) for spec in specs)


def commits(history: History) -> str:
    """Return the commits of the evolved branch, newest first: short id and subject, as git has them."""
    from selfwright.views.run import own_commits

    state = history.state
    if not state.versions:
        return "no version yet"
    repo = bootstrap.run_repo(history.folder, state.run.target)
    lines = [f"  {each.commit[:7]} {repo.message(each.commit).splitlines()[0]}" for each in reversed(state.versions)]
    command = ["git", f"--git-dir={repo.git_dir}", "log", "--oneline", *own_commits(state)]
    return "\n".join([shlex.join(command), *lines])
