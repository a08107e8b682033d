"""``EVOLVE-BLOCK`` markers in a Python source: where a file has them, only the lines between them may change."""

import re

_MARKER = re.compile(r"^[ \t]*#[ \t]*EVOLVE-BLOCK-(START|END)\b[^\n]*$", re.MULTILINE)


def blocks(text: str) -> list[tuple[int, int]] | None:
    """Return the lines of the markers of each block, from 1; None where there is no marker.

    Raises:
        ValueError: The markers do not come in pairs; names the line.
    """
    marks = [(match[1], text.count("\n", 0, match.start()) + 1) for match in _MARKER.finditer(text)]
    if not marks:
        return None
    for index, (kind, line) in enumerate(marks):
        if kind != ("START", "END")[index % 2]:
            raise ValueError(f"{line}: EVOLVE-BLOCK-{kind} has no {'END' if kind == 'START' else 'START'} before it")
    if len(marks) % 2:
        raise ValueError(f"{marks[-1][1]}: EVOLVE-BLOCK-START has no END; add a line `# EVOLVE-BLOCK-END`")
    lines = [line for _, line in marks]
    return list(zip(lines[::2], lines[1::2], strict=True))


def outside(text: str) -> list[str]:
    """Return what stands outside the blocks, markers included.

    Raises:
        ValueError: The markers do not come in pairs.
    """
    lines, ends = text.split("\n"), [0]
    for start, end in blocks(text) or ():
        ends += [start, end - 1]
    return ["\n".join(lines[a:b]) for a, b in zip(ends[::2], [*ends[1::2], len(lines)], strict=True)]
