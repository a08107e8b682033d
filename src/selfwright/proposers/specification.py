"""How proposers are named on the command line: ``recorded:FILE``, ``numeric+mutate``, ``3*numeric+mutate``."""

import re
from dataclasses import dataclass

from selfwright.core.errors import BadInput

_PLUS = re.compile(r"\+(?=(?:[0-9.]+\*)?[a-z][a-z0-9_-]*(?::|\+|$))")
"""Joins two parts where a name follows, so that a file may have a plus in its name: ``recorded:a+b.jsonl``."""
_PART = re.compile(r"(?:(?P<weight>[0-9.]+)\*)?(?P<name>[^:*+]+)(?::(?P<argument>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One proposer.

    Attributes:
        weight: Its share against the others'; None where no weight was given.
    """

    name: str
    argument: str = ""
    weight: float | None = None

    def __str__(self) -> str:
        """Return it as it is written, without its weight: ``recorded:FILE``."""
        return f"{self.name}:{self.argument}" if self.argument else self.name


def parse_spec(spec: str) -> tuple[Part, ...]:
    """Return the parts of ``[WEIGHT*]NAME[:ARG]+...``.

    Raises:
        BadInput: A part has no name, or a weight that is no positive number.
    """
    return tuple(_part(text, spec) for text in _PLUS.split(spec))


def spell(parts: tuple[Part, ...]) -> str:
    """Return what ``parse_spec`` reads as these parts."""
    return "+".join(str(part) if part.weight is None else f"{part.weight:g}*{part}" for part in parts)


def _part(text: str, spec: str) -> Part:
    found = _PART.fullmatch(text)
    if found is None:
        raise BadInput(f"proposer {spec!r}: {text!r} is no proposer; write NAME, NAME:ARG, or several: 3*NAME+NAME:ARG")
    try:
        weight = float(found["weight"]) if found["weight"] else None
    except ValueError:
        weight = 0.0
    if weight is not None and weight <= 0:
        raise BadInput(f"proposer {spec!r}: the weight {found['weight']!r} is no positive number; write it as 3*NAME")
    return Part(name=found["name"], argument=found["argument"] or "", weight=weight)
