"""Globs over ``/`` separated paths, segment by segment: ``*`` stays within one, ``**`` is any number of them."""

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches(path: str, glob: str) -> bool:
    """Whether ``glob`` names ``path``."""
    return match_parts(path.split("/"), glob.split("/"))


def match_parts(path: Sequence[str], glob: Sequence[str]) -> bool:
    """Whether the segments of a glob name those of a path."""
    if not glob:
        return not path
    if glob[0] == "**":
        return any(match_parts(path[skip:], glob[1:]) for skip in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], glob[0]) and match_parts(path[1:], glob[1:])


def leads_to(folder: str, glob: str) -> bool:
    """Whether something below ``folder`` could be named by ``glob``."""
    wanted = glob.split("/")
    for depth, part in enumerate(folder.split("/")):
        if wanted[depth] == "**":
            return True
        if depth == len(wanted) - 1 or not fnmatchcase(part, wanted[depth]):
            return False
    return True


def is_literal(glob: str) -> bool:
    """Whether it names one path, as it is written."""
    return not set("*?[") & set(glob)
