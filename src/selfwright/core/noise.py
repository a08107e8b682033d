"""How noisy the machine was while something was measured."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What else happened on the machine. Never part of ``canonical(journal)``; 0 where the system does not tell.

    Attributes:
        steal: Share of the time of the worker's cores that the hypervisor gave to others, 0 to 1.
        switches: How often the worker, its ended children and its boxes had to leave a core although they could have
            gone on.
        load: Processes that ran or wanted to, mean of the last minute, at the end.
    """

    steal: float = 0.0
    switches: int = 0
    load: float = 0.0

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.steal:.1%} stolen, {self.switches} involuntary switches, load {self.load:.1f}"


def worst(noises: Iterable[Noise | None]) -> Noise | None:
    """Return the largest of each; None where nothing is known."""
    known = [noise for noise in noises if noise is not None]
    if not known:
        return None
    return Noise(
        steal=max(noise.steal for noise in known),
        switches=max(noise.switches for noise in known),
        load=max(noise.load for noise in known),
    )
