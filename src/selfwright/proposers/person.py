"""A person, who proposes by `selfwright submit` when there is something to say, and whom nobody asks."""

from selfwright.core.change import Proposal
from selfwright.ports.proposer import Ask


class Person:
    """Proposes nothing by itself: a run that is opened with it measures its seed, and then waits for submissions."""

    name = "person"
    lag: int | None = 1  # whoever joins the run later may need to see every verdict

    def ask(self, ask: Ask) -> Proposal | None:
        return None
