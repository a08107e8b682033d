"""Blocks and what measuring them gave: the facts on which a trial is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selfwright.core.noise import Noise
from selfwright.core.status import TrialStatus

Samples = tuple[float, ...]
"""Repeats of one measurement, in the metric's unit, in the order in which they were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One measurement to make: this program on this case.

    Attributes:
        change: Id of the change (the seed and revisions have one too).
        stage: Name of the stage.
        case: Id of the case, or empty where the judge measures a whole stage at once (``evaluate``).
        seed: The draw that the judge sees; shared by both sides of a pair.
        watch: File → lines of it of which to tell whether they run; what is measured then is of no use.
    """

    change: str
    stage: str
    case: str
    seed: int
    watch: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Items that are measured in this order, back to back, by one worker on one core."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was measured on one case: metric → samples."""

    case: str
    metrics: Mapping[str, Samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a measurement used. Never part of ``canonical(journal)``.

    Attributes:
        wall_s: From the start of the measurement to its end, judge included.
        cpu_s: CPU time of the candidate's processes.
        peak_memory_bytes: The largest of its calls.
        usd: What the judge says that it spent.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What the build step left, as a blob.

    Two builds of one source may differ, so it is never part of ``canonical(journal)``.
    """

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How measuring one item ended.

    Attributes:
        status: ``ok``; the candidate's failure; or ``unjudged`` where the judge itself failed.
        reason: In words, for a status that is not ``ok``.
        readings: One a case, in the judge's order; empty unless ``ok``.
        feedback: The judge's words to the proposer; dropped on holdout.
        log: What the candidate wrote, capped and stripped of control characters.
        printed: What the judge printed, likewise; for people: no proposer sees it, and a holdout's is dropped.
        artifacts: Name → sha256 of the blob; dropped on holdout.
        sandbox: The adapter that it ran in; empty where nothing ran.
        noise: How noisy the machine was meanwhile; None where nothing was measured.
        built: What was built of its sources; None where the problem has no build step, or the build failed.
        behaviour: A hash of what the program was asked and what it answered, by the judge's side; equal where two
            answered the same. Empty where that can not be compared, and dropped on holdout.
        ran: Those of the item's watched lines that ran, as the program's own process says; None where it is not known.
        blind: Whether the judge saw nothing of the sources but what their functions answered: it read no file of them,
            ran no command among them, and nothing was built of them.
    """

    status: TrialStatus
    reason: str = ""
    readings: tuple[Reading, ...] = ()
    feedback: str = ""
    log: str = ""
    printed: str = ""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    resources: Resources = Resources()
    sandbox: str = ""
    noise: Noise | None = None
    built: Archive | None = None
    behaviour: str = ""
    ran: Mapping[str, tuple[int, ...]] | None = None
    blind: bool = False

    @property
    def news(self) -> str:
        """The reason without those of its further lines that the log has too."""
        known = {line.strip() for line in self.log.splitlines()}
        first, *more = self.reason.splitlines() or [""]
        return "\n".join([first, *(line for line in more if line.strip() not in known)])
