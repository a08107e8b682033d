"""Figures in a text: each must be in the record, or the text is refused.

So that a model may word what a run found, and no more. A figure may be rounded, given in another size of its unit, or
be a percentage or a ratio of two values of one metric. It is not seen whether a figure stands with the right words.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d[\d,]*\d|\d)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_UNIT = re.compile(r"\s?(%|percent\b|[A-Za-zµ×]+(?:/s)?)")
_SIZES: Mapping[str, tuple[str, float]] = {
    "s": ("s", 1.0), "seconds": ("s", 1.0), "ms": ("s", 1e-3), "µs": ("s", 1e-6), "us": ("s", 1e-6), "ns": ("s", 1e-9),
    "B": ("B", 1.0), "bytes": ("B", 1.0), "kB": ("B", 1e3), "KB": ("B", 1e3), "MB": ("B", 1e6), "GB": ("B", 1e9),
    "KiB": ("B", 1024.0), "MiB": ("B", 1024.0**2), "GiB": ("B", 1024.0**3), "dB": ("dB", 1.0),
    "bps": ("bps", 1.0), "kbps": ("bps", 1e3), "Mbps": ("bps", 1e6), "Gbps": ("bps", 1e9),
    "USD": ("USD", 1.0), "min": ("s", 60.0), "minutes": ("s", 60.0), "h": ("s", 3600.0), "hours": ("s", 3600.0),
}  # fmt: skip
"""Unit → what it is a size of, and how many of that it is."""
_PERCENT = ("%", "percent")
_TIMES = ("x", "×", "times", "fold")
_WORDS = {
    word: number for number, word in enumerate(
        ("zero", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"))
    if word
} | {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6}  # fmt: skip
_RATIOS = {
    "half": 2.0, "halved": 2.0, "halves": 2.0, "twice": 2.0, "double": 2.0, "doubled": 2.0, "doubles": 2.0,
    "thrice": 3.0, "triple": 3.0, "tripled": 3.0, "quarter": 4.0, "tenfold": 10.0, "twofold": 2.0, "threefold": 3.0,
}  # fmt: skip
_NEAR = 0.05
"""The most that rounding may change a figure, as a fraction of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of the record.

    Attributes:
        name: Of the metric, or of what is counted.
        unit: As the record has it; ``%`` of a percentage, empty of a count.
        ratios: Whether it may be compared with others of that name: by how many per cent, how many times.
    """

    name: str
    value: float
    unit: str = ""
    ratios: bool = False


def unproven(text: str, figures: Sequence[Figure], *, names: Sequence[str] = ()) -> list[str]:
    """Return what of a text is a figure that the record does not have; nothing where all of it is proven.

    Args:
        names: Words with digits in them that may stand there: ``v3``, ``t12``, a path, the name of a metric.
    """
    left = text
    for name in sorted(names, key=len, reverse=True):
        left = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\d)", lambda found: " " * len(found[0]), left)
    found = list(_unproven_numbers(left, figures))
    found += [f"{each[0]!r}" for each in re.finditer(r"[A-Za-z]+", left) if not _word_holds(each[0].lower(), figures)]
    rest = _NUMBER.sub(lambda number: " " * len(number[0]), left)
    return found + [
        f"{each!r}" for each in rest if each.isnumeric() or unicodedata.category(each) in ("Nd", "Nl", "No")
    ]


def _unproven_numbers(text: str, figures: Sequence[Figure]) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        digits = found[0].replace(",", "").replace("−", "-")
        unit = _UNIT.match(text, found.end())
        value = abs(float(digits))
        if not any(_rounds(each, value, digits) for each in _candidates(unit[1] if unit else "", figures)):
            yield (found[0] + (unit[0] if unit else "")).strip()


def _candidates(unit: str, figures: Sequence[Figure]) -> Iterator[float]:
    """Yield what a figure with that unit may be."""
    if unit in _PERCENT:
        yield from (abs(each.value) for each in figures if each.unit == "%")
        yield from (abs(one - other) / abs(other) * 100 for one, other in _pairs(figures))
    elif unit in _TIMES:
        yield from (abs(one / other) for one, other in _pairs(figures))
    elif unit in _SIZES:
        base, size = _SIZES[unit]
        for each in figures:
            known, factor = _SIZES.get(each.unit, (each.unit, 1.0))
            if known == base:
                yield abs(each.value) * factor / size
    else:
        known_units = {each.unit for each in figures} - {"", "%", "1"}
        named = unit if unit in known_units else ""
        yield from (abs(each.value) for each in figures if each.unit != "%" and named in ("", each.unit))


def _pairs(figures: Sequence[Figure]) -> Iterator[tuple[float, float]]:
    """Yield two values of one metric each."""
    for one in figures:
        for other in figures:
            if one.ratios and other.ratios and one.name == other.name and other.value and one is not other:
                yield one.value, other.value


def _rounds(value: float, shown: float, digits: str) -> bool:
    """Whether a value is shown so, with the decimals that are there."""
    mantissa, _, exponent = digits.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    if not math.isfinite(value) or abs(value - shown) > unit * 0.5 * (1 + 1e-9):
        return False
    return abs(value - shown) <= _NEAR * max(value, shown)


def _word_holds(word: str, figures: Sequence[Figure]) -> bool:
    if word in _WORDS:
        return any(_WORDS[word] == abs(each.value) for each in figures)
    if word in _RATIOS:
        ratio = _RATIOS[word]
        return any(abs(abs(one / other) - ratio) <= _NEAR * ratio for one, other in _pairs(figures))
    return True
