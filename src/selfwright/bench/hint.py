"""Which key of ``problem.toml`` a failure seems to speak of.

The kernel refuses without saying why, and the words that come back are the candidate's: good for a hint in a reason,
never for a status.
"""

import re
from collections.abc import Collection

from selfwright.core.limits import Limits, Profile

_MET = {
    "processes": re.compile(r"can't start new thread|[Cc]annot fork|Resource temporarily unavailable"),
    "files_mb": re.compile(
        r"SIGXFSZ|File too large|File size limit exceeded|No space left on device|the produced files have more"
    ),
    "memory_mb": re.compile(
        r"memory limit of|Cannot allocate memory|failed to map segment|Memory allocation still failed"
    ),
    "output_mb": re.compile(r"output limit of"),
}
_LATE = re.compile(r"(?:no answer within|more CPU time than the deadline of) (\S+) s")
_REFUSED = {
    "network": re.compile(r"Operation not permitted|Temporary failure in name resolution"),
    "exec": re.compile(r"Operation not permitted"),
}
_ABOUT = {
    "network": re.compile(r"\bsocket\b|\bconnect\b|\bcreate_connection\b|\burlopen\b|name resolution"),
    "exec": re.compile(r"\bsubprocess\b|\bexec[lv]p?e?\b|\bposix_spawnp?\b"),
}
"""What only one of them is about. The kernel says the same of both."""
_KEY = re.compile(r"\(((?:limits|build)\.\w+) (?:=|lacks) [^()]*\)$")
EVERYTHING = tuple(_REFUSED)
_LAST = 4
"""Lines of a log: what was said before is not what it ended with."""


def hint(reason: str, log: str, limits: Limits, *, granted: Collection[str], table: str = "limits") -> str:
    """Return such as `` (limits.files_mb = 64)``, to be put behind a reason, or nothing.

    Args:
        granted: What of ``limits.allow`` it may do; see ``granted``.
        table: Where the limits stand in the problem file.
    """
    said = "\n".join([reason, *log.splitlines()[-_LAST:]])
    for key, words in _MET.items():
        if words.search(said):
            return f" ({table}.{key} = {getattr(limits, key)})"
    if (late := _LATE.search(reason)) and late[1] == f"{limits.wall_s:g}":  # else the judge gave it less
        return f" ({table}.wall_s = {limits.wall_s:g})"
    refused = [name for name, words in _REFUSED.items() if words.search(said)]
    refused = [name for name in refused if _ABOUT[name].search(said)] or refused
    if lacking := [f'"{name}"' for name in refused if name not in granted]:
        return f" ({table}.allow lacks {' and '.join(lacking)})"
    return ""


def hinted(reason: str) -> str:
    """Return the key that was put behind a reason, such as ``limits.files_mb``, or nothing."""
    first = reason.partition("\n")[0]
    return found[1] if (found := _KEY.search(first)) else ""


def granted(limits: Limits, *, contains: bool, command: bool) -> tuple[str, ...]:
    """Return what of ``exec`` and ``network`` something may do.

    Args:
        contains: Whether its sandbox refuses anything.
        command: Whether it is a command; such a one is a program that was started, and may start others.
    """
    if not contains:
        return EVERYTHING
    return (*limits.allow, *(("exec",) if command or limits.profile is not Profile.PYTHON else ()))
