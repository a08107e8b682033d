"""Messages without what differs from one time to the next: numbers, addresses, paths, quoted text."""

import re

_STEPS = (
    (re.compile(r"0x[0-9a-fA-F]+"), "#"),
    (re.compile(r"(?<![\w.])(?:/[\w.@+-]+){2,}/?"), "/#"),
    (re.compile(r"\b[vt]\d+(?:\.\d+)?\b"), "@"),
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "#"),
    (re.compile(r"[-+]?(?<![A-Za-z_])\d[\d_]*(?:[.,]\d+)*(?:e[-+]?\d+)?"), "#"),
    (re.compile(r"#(?:[\s,x]+#)+"), "#"),
    (re.compile(r"b?'[^'\n]*'|b?\"[^\"\n]*\""), "'#'"),
    (re.compile(r"\s+"), " "),
)


def normalised(text: str) -> str:
    """Return the first line of a message so that two of one kind are equal: ``index # is out of bounds``."""
    line = text.strip().partition("\n")[0][:400]
    for pattern, instead in _STEPS:
        line = pattern.sub(instead, line)
    return line.strip()
