"""What the tools answer: one model each, whose schema a client is told. Text that nobody vouches for is a ``Quote``."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from selfwright.server.mcp.quote import Quote

T = TypeVar("T")
Numbers = dict[str, float]


class Answer(BaseModel):
    """Anything that a tool answers."""

    model_config = ConfigDict(frozen=True)


class Page(Answer, Generic[T]):
    """A part of a list."""

    items: list[T]
    total: int = Field(description="Of the whole list.")
    next_offset: int | None = Field(description="Where the next part begins; null where this is the last.")


class RunLine(Answer):
    """A run in a line."""

    run: str = Field(description="Its name, for the other tools.")
    problem: str
    standing: str = Field(description="running, paused, not running, or broken: then its journal can not be read.")
    trials: int = Field(description="That have their verdict.")
    version: int = Field(description="N of the best version vN; v0 is the start.")
    ended: str = Field(
        description="Why it ended: budget, exhausted, stopped, interrupted, failed; empty if it did not."
    )


class ProblemLine(Answer):
    """A problem that a run can be started of."""

    problem: str
    description: str


class Problems(Answer):
    """What can be started here."""

    problems: list[ProblemLine]
    proposers: list[str] = Field(description="Who may be asked for changes; of none the problem's own is taken.")


class MetricLine(Answer):
    """A metric."""

    name: str
    unit: str
    better: str = Field(description="lower or higher")
    noisy: bool


class VersionLine(Answer):
    """An adopted version."""

    version: int
    trial: str
    commit: str
    metrics: Numbers
    gain: str = Field(description="Over the version before, positive is better; empty for v0.")


class Status(Answer):
    """Where a run stands."""

    run: str
    problem: str
    standing: str
    objective: str
    constraints: list[str]
    minimum_effect: str
    metrics: list[MetricLine]
    editable: list[str] = Field(description="The files that a change may touch, as they are in the best version.")
    best: VersionLine | None = Field(description="Null while the seed is measured.")
    total_gain: str = Field(description="Of the best over v0, positive is better; empty while there is none.")
    trials: int
    waiting: int = Field(description="Changes that were handed in and have not become trials yet.")
    parked: int = Field(description="Trials that are undecided, and measured further at the end.")
    needs_person: list[str]
    budget: Numbers
    used: Numbers
    ended: str
    sandbox: str
    material: Quote = Field(description="The problem's description, and why the run ended.")


class TrialLine(Answer):
    """A trial in a line."""

    trial: str
    state: str
    version: int | None
    parents: list[str]
    change: str
    metrics: Numbers


class Log(Page[TrialLine]):
    """Trials, with what became of each and why it was proposed."""

    material: Quote


class Measurement(Answer):
    """One measurement; never of a holdout."""

    purpose: str
    stage: str
    case: str
    status: str
    metrics: dict[str, list[float]]


class Shown(TrialLine):
    """A trial in full."""

    cause: str = Field(description="Name of the cause of its failure; empty where it did not fail.")
    usd: float | None = Field(description="What its proposal cost; null where nobody knows.")
    measured: Page[Measurement]
    material: Quote = Field(description="Verdict, reason, diagnosis, what it and the judge printed.")


class File(Answer):
    """A file of a program."""

    path: str
    bytes: int


class Source(Answer):
    """A program, and the text of one file of it."""

    program: str = Field(description="Its lasting name: v3 or t12.")
    files: list[File]
    path: str
    material: Quote


class Diff(Answer):
    """What one program changed of another."""

    old: str
    new: str
    files: list[str]
    material: Quote = Field(description="A unified diff.")


class Failure(Answer):
    """Failures of one cause."""

    cause: str
    category: str
    severity: str
    trials: list[str] = Field(description="The newest 20.")
    times: int


class Failures(Answer):
    """Why trials fail, the most frequent cause first."""

    failures: list[Failure]
    material: Quote = Field(description="Causes and suggested mends, in the same order.")


class Certificate(Answer):
    """What the commit of a version carries: everything that was measured of it, and on what."""

    version: int
    commit: str
    material: Quote = Field(description="The certificate, JSON.")


class Suggestions(Answer):
    """What could be done next, by what the record says."""

    suggestions: list[str]


class Verdict(Answer):
    """What became of a change that was handed in."""

    run: str
    submission: int = Field(description="For the tool `verdict`, if it is not decided yet.")
    decided: bool
    adopted: bool | None = Field(description="Null while it is not decided.")
    trial: str = Field(description="Its trial, for the tool `show`; empty while it has none.")
    version: int | None
    words: str = Field(description="What to do next.")
    material: Quote | None = Field(description="The verdict, with the numbers behind it.")


class Steered(Answer):
    """What was done with a run."""

    run: str
    standing: str
    words: str
