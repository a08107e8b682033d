"""Times as people write them: ``90s``, ``10m``, ``2h``."""

import re

from selfwright.core.errors import BadInput

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return seconds.

    Raises:
        BadInput: Not a positive number with ``s``, ``m`` or ``h``.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not match or float(match[1]) <= 0:
        raise BadInput(f"{text!r} is no time: write 90s, 10m or 2h")
    return float(match[1]) * _UNITS[match[2]]
