"""What a report says that the journal does not hold."""

from dataclasses import dataclass

from selfwright.core.milestone import Phase, Success, Tier
from selfwright.views.baseline import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The problem as people know it, and where the run lies.

    Attributes:
        name: The problem's.
        description: The problem's, as its file says it.
        run: The run's folder, as the page's commands name it.
        proposals: Where proposals come from, in a word or two: ``recorded``, ``live``, ``recorded, then numeric``.
        confinement: What the sandbox says of itself, e.g. that it does not contain hostile code.
        standings: The run and its baselines, side by side; empty where none was asked for.
        note: What a person should know of the data, e.g. which clips serve; where empty, the journal's own note.
    """

    name: str
    description: str
    run: str
    proposals: str
    confinement: str = ""
    note: str = ""
    tiers: tuple[Tier, ...] = ()
    phases: tuple[Phase, ...] = ()
    success: tuple[Success, ...] = ()
    standings: tuple[Standing, ...] = ()
