"""What is read off a finished program: a time or a peak that its supervisor took, or a number that it printed."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from selfwright.core.errors import BadInput
from selfwright.core.job import Reply
from selfwright.core.metric import Better, Metric
from selfwright.core.printable import one_line

_NAME = re.compile(r"[^\s=:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """A metric, and how its value is read.

    Attributes:
        read: Returns the value of a program that ended well; a number without meaning, and a ``ValueError`` with the
            reason, where there is none.
    """

    metric: Metric
    read: Callable[[Reply], float]

    def value(self, reply: Reply, *, by_ratio: bool) -> float:
        """Return the value; where it is compared by ratio it is positive.

        Raises:
            ValueError: There is none, in words.
        """
        value = self.read(reply)
        if not math.isfinite(value):
            raise ValueError(f"{self.metric.name} is {value:g}; only finite numbers can be compared")
        if by_ratio and value <= 0:
            raise ValueError(
                f"{self.metric.name} is {value:g}, and a percentage needs positive numbers; give "
                "an amount where zero can be crossed: --minimum-effect 0.1"
            )
        return value


def yardstick(name: str, better: str | None = None) -> Yardstick:
    """Return the yardstick of a name: ``wall``, ``cpu`` or ``peak_memory``, else of a number that the program prints.

    Args:
        better: ``lower`` or ``higher``; needed for what a program prints. The others are better when lower.

    Raises:
        BadInput: The name can not stand before a ``=``, or ``better`` is missing or wrong.
    """
    if better not in (None, *Better):
        raise BadInput(f"{better!r} is no direction; say lower or higher")
    if name in _TAKEN:
        if better == Better.HIGHER:
            raise BadInput(f"{name} is better when it is lower; leave --better out")
        return _TAKEN[name]
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name of a number; the program prints NAME=value or NAME: value")
    if better is None:
        raise BadInput(f"is {name} better when lower or when higher? say --better lower or --better higher")
    metric = Metric(name=name, better=Better(better), noisy=True)
    return Yardstick(metric=metric, read=lambda reply: printed(name, reply.payload))


def printed(name: str, output: bytes) -> float:
    """Return the number that a program printed last as ``NAME=value`` or ``NAME: value``.

    Raises:
        ValueError: There is none, in words.
    """
    found = re.findall(rf"(?<![\w.-]){re.escape(name)}[ \t]*[=:][ \t]*(\S+)".encode(), output)
    if not found:
        raise ValueError(f"it printed no {name}; print {name}=value or {name}: value on standard output")
    try:
        return float(found[-1].rstrip(b",;"))
    except ValueError:
        raise ValueError(f"it printed {name}={one_line(found[-1].decode(errors='replace'))}, no number") from None


def _peak_mib(reply: Reply) -> float:
    if not reply.peak_memory_bytes:
        raise ValueError(
            "it took less memory than selfwright itself, so its peak is not known; let the program print its "
            "own, such as `rss=12.5`, and say `--metric rss --better lower`"
        )
    return reply.peak_memory_bytes / 2**20


_TAKEN = {
    "wall": Yardstick(metric=Metric(name="wall", unit="s", noisy=True), read=lambda reply: reply.wall_s),
    "cpu": Yardstick(metric=Metric(name="cpu", unit="s", noisy=True), read=lambda reply: reply.cpu_s),
    "peak_memory": Yardstick(metric=Metric(name="peak_memory", unit="MiB", noisy=True), read=_peak_mib),
}
