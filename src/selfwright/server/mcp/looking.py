"""The tools that look. Each method is a tool; its docstring is what a model is told of it."""

from typing import Annotated

from pydantic import Field

from selfwright.core.errors import BadInput, SelfwrightError
from selfwright.diagnose import clusters, diagnosis_of
from selfwright.report.difference import differences
from selfwright.server.mcp import sight
from selfwright.server.mcp.answer import (
    Certificate,
    Diff,
    Failure,
    Failures,
    File,
    Log,
    Page,
    ProblemLine,
    Problems,
    RunLine,
    Shown,
    Source,
    Status,
    Suggestions,
    TrialLine,
    VersionLine,
)
from selfwright.server.mcp.desk import Desk
from selfwright.server.mcp.quote import quote
from selfwright.views.leaderboard import versions_table

RunName = Annotated[str, Field(max_length=200, description="A run's name, or a unique beginning of it.")]
AnyRun = Annotated[str, Field(max_length=200, description="A run's name, or a unique beginning; of none the only run.")]
Name = Annotated[
    str, Field(max_length=100, description="best, seed, v3, t12, or the beginning of a change id or commit.")
]
Offset = Annotated[int, Field(ge=0, le=1_000_000_000, description="Where to begin: `next_offset` of the last answer.")]
Limit = Annotated[int, Field(ge=1, le=100, description="So many at most.")]
FilePath = Annotated[str, Field(max_length=1000)]


class Looking:
    """The tools that change nothing.

    Args:
        desk: What is behind them.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def problems(self) -> Problems:
        """List the problems that a run can be started of here, and who may be asked for changes."""
        lines = [ProblemLine(problem=each.name, description=each.description) for each in self._desk.problems()]
        return Problems(problems=lines, proposers=list(self._desk.proposers()))

    def runs(self, offset: Offset = 0, limit: Limit = 20) -> Page[RunLine]:
        """List the runs, a line each."""
        names = sight.page(self._desk.runs(), offset, limit)
        return Page(items=[self._line(name) for name in names.items], total=names.total, next_offset=names.next_offset)

    def _line(self, name: str) -> RunLine:
        try:
            history = self._desk.look(name, briefly=True)
        except SelfwrightError:
            return RunLine(run=name, problem="", standing="broken", trials=0, version=0, ended="")
        state, ended = history.state, history.state.control.ended
        return RunLine(
            run=name, problem=state.run.subject.removeprefix("problem:"), standing=sight.standing(history),
            trials=state.verdicts, version=state.incumbent, ended=ended.why if ended else "",
        )  # fmt: skip

    def status(self, run: AnyRun = "") -> Status:
        """Say where a run stands: its objective, its best version, budget, what waits, whether anybody drives it."""
        return sight.status(self._desk.look(run))

    def log(self, run: RunName, offset: Offset = 0, limit: Limit = 20) -> Log:
        """List the trials of a run in order, with what became of each."""
        history = self._desk.look(run)
        part = sight.page(history.state.attempts(), offset, limit)
        return Log(
            items=[sight.trial_line(history, each) for each in part.items], total=part.total,
            next_offset=part.next_offset, material=quote("trials", "\n".join(map(sight.line_of, part.items))),
        )  # fmt: skip

    def show(self, run: RunName, trial: Name = "best", offset: Offset = 0, text_offset: Offset = 0) -> Shown:
        """Show one trial: verdict, measurements, why it failed, what it and the judge printed.

        `offset` goes on with the measurements, `text_offset` with the text.
        """
        history = self._desk.look(run)
        attempt = history.find(trial)
        diagnosis = diagnosis_of(history.state, attempt)
        return Shown(
            **dict(sight.trial_line(history, attempt)), cause=diagnosis.name if diagnosis else "",
            usd=attempt.proposed.cost.usd, measured=sight.page(sight.measurements(history, attempt), offset, 50),
            material=quote(f"what is said of {attempt.id}", sight.told(history, attempt), offset=text_offset),
        )  # fmt: skip

    def source(self, run: RunName, trial: Name = "best", path: FilePath = "", offset: Offset = 0) -> Source:
        """Read a program: its files, and the text of one of them (of no path the first)."""
        history = self._desk.look(run)
        program = history.program(trial)
        found, text = sight.text_of(history, trial, path)
        return Source(
            program=program.name, path=found, material=quote(f"{program.name}, {found}", text, offset=offset),
            files=[File(path=each, bytes=len(content)) for each, content in sorted(program.files.items())],
        )  # fmt: skip

    def diff(self, run: RunName, trial: Name = "best", against: Name = "", offset: Offset = 0) -> Diff:
        """Show what a program changed, as a unified diff against another one; of none against its parent."""
        history = self._desk.look(run)
        new = history.find(trial)
        parents = new.proposed.parents
        old = history.find(against or (parents[0] if parents else "seed"))
        found = differences(old.proposed.tree, new.proposed.tree, history.blobs.get)
        lines = [
            line
            for each in found
            for line in (f"--- a/{each.path}", f"+++ b/{each.path}", *(part.text for part in each.lines), each.note)
            if line
        ]
        return Diff(
            old=old.id if old.proposed.trial else "seed", new=new.id if new.proposed.trial else "seed",
            files=[each.path for each in found], material=quote("diff", "\n".join(lines), offset=offset),
        )  # fmt: skip

    def lineage(self, run: RunName, trial: Name = "best", offset: Offset = 0, limit: Limit = 20) -> Page[TrialLine]:
        """List the ancestors of a trial, from itself back to the seed."""
        history = self._desk.look(run)
        part = sight.page(list(sight.ancestors(history, trial)), offset, limit)
        return Page(
            items=[sight.trial_line(history, each) for each in part.items], total=part.total,
            next_offset=part.next_offset,
        )  # fmt: skip

    def best(self, run: AnyRun = "", offset: Offset = 0, limit: Limit = 20) -> Page[VersionLine]:
        """List the adopted versions with their numbers and gains, the best first; `source` reads one."""
        rows = versions_table(self._desk.look(run, briefly=True).state)
        return sight.page([sight.version_line(each) for each in reversed(rows)], offset, limit)

    def failures(self, run: AnyRun = "", offset: Offset = 0) -> Failures:
        """List why trials of a run fail: trials with the same root cause together, the most frequent first."""
        found = clusters(self._desk.look(run).state)[offset : offset + 20]
        return Failures(
            failures=[
                Failure(
                    cause=each.diagnosis.name, category=each.diagnosis.category, severity=each.diagnosis.severity,
                    trials=list(each.trials[-20:]), times=len(each.trials),
                )
                for each in found
            ],
            material=quote("causes and mends", "\n".join(str(each) for each in found)),
        )  # fmt: skip

    def certificate(
        self, run: RunName, version: Annotated[int, Field(ge=1, le=1_000_000)], offset: Offset = 0
    ) -> Certificate:
        """Read the certificate of an adopted version: everything that was measured of it, and on what machine."""
        history = self._desk.look(run, briefly=True)
        if version > history.state.incumbent:
            raise BadInput(f"{run} has no v{version}: the newest is v{history.state.incumbent}, and v0 has none")
        text = self._desk.certificate(history, version)
        if not text:
            raise BadInput(f"the certificate of v{version} is not in its repository: a person may `selfwright audit`")
        commit = history.state.versions[version].commit
        return Certificate(
            version=version, commit=commit, material=quote(f"certificate of v{version}", text, offset=offset)
        )

    def suggestions(self, run: AnyRun = "") -> Suggestions:
        """Say what could be done next with a run, by what its record says."""
        return Suggestions(suggestions=list(sight.suggestions(self._desk.look(run))))

    # As resources ----------------------------------------------------------------------------------------------------

    def index(self) -> str:
        """Return the names of the runs, a line each."""
        return "\n".join(self._desk.runs())

    def page(self, run: str) -> str:
        """Return the page of a run, Markdown."""
        from selfwright.report.blog import entries

        history = self._desk.look(run)
        told = "\n\n".join(str(each) for each in entries(history.state, history.blobs.get)[-20:])
        facts = sight.status(history).model_dump_json(indent=1)
        return f"# {history.folder.name}\n\n{facts}\n\n{quote('what was learned', told).text}\n"

    def file(self, run: str, program: str, path: str) -> str:
        """Return a file of a program, as it is."""
        return sight.text_of(self._desk.look(run), program, path)[1]
