"""Marks what a proposer should look at: the function and what it calls, by comments that engines know."""

import re
from itertools import pairwise

from selfwright.oracle.target import Target

_START, _END = b"# EVOLVE-BLOCK-START", b"# EVOLVE-BLOCK-END"
_MARK = re.compile(rb"^[ \t]*# EVOLVE-BLOCK-(?:START|END)\r?\n", re.MULTILINE)


def marked(target: Target) -> bytes:
    """Return the file with the comments around its functions; as it is where it has such comments already."""
    content = target.file.read_bytes()
    if _START in content:
        return content
    lines = content.split(b"\n")
    spans = sorted(
        (min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.end_lineno or node.lineno)
        for node in target.reached()
    )
    spans = spans[:1] + [after for before, after in pairwise(spans) if after[0] > before[1]]
    for first, last in reversed(spans):
        line = lines[first - 1]
        indent = line[: len(line) - len(line.lstrip())]
        end = b"\r" if line.endswith(b"\r") else b""
        lines.insert(last, indent + _END + end)
        lines.insert(first - 1, indent + _START + end)
    return b"\n".join(lines)


def unmarked(content: bytes, target: Target) -> bytes:
    """Return a program without the comments that ``marked`` has put into it."""
    return content if _START in target.file.read_bytes() else _MARK.sub(b"", content)
