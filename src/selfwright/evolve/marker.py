"""``EVOLVE-BLOCK`` markers, by which owners of other engines' programs say which lines may change."""

from selfwright.core.errors import BadInput

_START, _END = b"EVOLVE-BLOCK-START", b"EVOLVE-BLOCK-END"


def check_blocks(path: str, before: bytes, after: bytes) -> None:
    """Accept a new text that differs from the old one between markers only; one without markers may change anywhere.

    Raises:
        BadInput: A line outside has changed, or a marker is gone; names the first.
    """
    if _START not in before:
        return
    kept, found = _outside(before), _outside(after)
    if kept == found:
        return
    line = next((each for each, other in zip(kept, found, strict=False) if each != other), None)
    what = line.decode(errors="replace").strip() if line is not None else "the last lines"
    raise BadInput(
        f"{path}: only lines between EVOLVE-BLOCK-START and EVOLVE-BLOCK-END may change, and both stay; outside "
        f"there is a change at {what!r:.100}"
    )


def _outside(content: bytes) -> list[bytes]:
    """Return the lines outside of blocks, markers included; blank lines do not count."""
    lines, inside = [], False
    for line in content.splitlines():
        inside = inside and _END not in line
        if not inside and line.strip():
            lines.append(line.rstrip())
        inside = inside or _START in line
    return lines
