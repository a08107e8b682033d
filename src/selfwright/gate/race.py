"""Pairs are a budget: which comparison is worth its next pair, and which is parked with its evidence.

Deciding every candidate costs some 130 pairs for each that is no better. Here a candidate keeps its turn while it is
promising: a dozen pairs or so where it is no better. What is parked has lost nothing: an e-process may be stopped and
taken up again at any time, so nothing here needs to be right for an adoption to be. ``benchmarks/test_gate.py`` shows
what it saves, and how many gains it parks.
"""

import math
from collections.abc import Sequence
from itertools import chain
from statistics import median

from selfwright.gate.evidence import ENOUGH
from selfwright.gate.pairs import REJECT_AT, Weighed

FEW = 6
"""So many pairs a comparison gets, unless it is far behind."""

PARK_AT = -3.5
"""Promise at which a comparison is parked."""

MEMORY = 8
"""Comparisons, with the newest, that tell how noisy the machine is."""

GLANCE, BEHIND = 2, 4.0
"""So many pairs are enough where each was lost by more than so many units of the noise."""

_STRAY = 2.5
_UNIT = 1.48


def goes_on(weighed: Weighed, before: Sequence[Weighed] = ()) -> bool:
    """Whether a comparison is worth another pair: it is promising, or will be rejected in a few.

    What lost its first two pairs by far is not; where the noise is not known from others yet, every one gets a few.

    Args:
        before: Comparisons that were measured on this machine before it, newest last.
    """
    if weighed.tried < FEW:
        return not _far_behind(weighed, before)
    nearly_rejected = max(weighed.worse, weighed.too_little) >= REJECT_AT / 4
    return nearly_rejected or promise(weighed, before) > PARK_AT


def hope(weighed: Weighed, since: float = 0.0) -> float:
    """Return by how much more than the minimum effect a parked comparison would gain, were its median pair the truth.

    At zero or above it is worth being resumed, the greatest first: what gains little is parked like what gains nothing,
    but the median of a dozen pairs tells them apart to some degree. What had no turn yet promises most.

    Args:
        since: What has been gained since by other candidates, as a difference.
    """
    if not weighed.tried:
        return math.inf
    typical = weighed.typical()
    return -math.inf if typical is None else typical - since - weighed.wanted


def holds_on(weighed: Weighed) -> bool:
    """Whether a comparison that was resumed is worth another pair: its median is nearer to a gain than to none."""
    typical = weighed.typical()
    return typical is not None and typical >= weighed.wanted / 2


def promise(weighed: Weighed, before: Sequence[Weighed] = ()) -> float:
    """Return how promising a comparison is, a sum over its pairs: it falls where there is no gain, and rises where.

    Each pair adds its difference in units of the noise, at most 1 in size, less half a unit (halfway to a gain
    that a few dozen pairs can tell) or the minimum effect, the greater. What strays by more than 2.5 units is
    a burst, and says nothing. The noise is that of several comparisons, since a few pairs hardly know their own.
    """
    noise = _noise((*before[-(MEMORY - 1) :], weighed))
    everything = list(chain(*noise.values()))
    total = 0.0
    for case, differences in weighed.differences.items():
        unit = _UNIT * median(noise[case] if len(noise[case]) >= ENOUGH else everything)
        for difference in differences:
            away = difference - max(weighed.wanted, unit / 2)
            if 0 < abs(away) <= _STRAY * unit:
                total += min(1.0, max(-1.0, away / unit))
    return total


def _far_behind(weighed: Weighed, before: Sequence[Weighed]) -> bool:
    """Whether a glance shows that it lost: every pair, in every case that others were measured in, and by far."""
    noise = _noise(before[-(MEMORY - 1) :])
    if len(weighed.pairs) < GLANCE or not noise or not weighed.differences.keys() >= noise.keys():
        return False
    for case, differences in weighed.differences.items():
        sizes = [size for size in noise.get(case, ()) if size > 0]  # what measures the same tells nothing of the noise
        if len(sizes) < ENOUGH or max(differences) >= -max(BEHIND * _UNIT * median(sizes), weighed.wanted):
            return False
    return True


def _noise(comparisons: Sequence[Weighed]) -> dict[str, list[float]]:
    """Return case → sizes of the deviations in all comparisons."""
    noise: dict[str, list[float]] = {}
    for each in comparisons:
        for case, sizes in _deviations(each).items():
            noise.setdefault(case, []).extend(sizes)
    return noise


def _deviations(weighed: Weighed) -> dict[str, list[float]]:
    """Return case → sizes of the deviations from what is typical of the case, or of all where it has few pairs."""
    everything = list(chain(*weighed.differences.values()))
    middle = median(everything) if everything else 0.0
    found = {}
    for case, differences in weighed.differences.items():
        typical = median(differences) if len(differences) >= ENOUGH else middle
        found[case] = [abs(difference - typical) for difference in differences]
    return found
