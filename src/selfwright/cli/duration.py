"""Times on the command line: ``90s``, ``10m``, ``2h``."""

import typer

from selfwright.core.duration import seconds
from selfwright.core.errors import BadInput


def parse_duration(text: str) -> float:
    """Return seconds.

    Raises:
        typer.BadParameter: Not a positive number with ``s``, ``m`` or ``h``.
    """
    try:
        return seconds(text)
    except BadInput as error:
        raise typer.BadParameter(str(error)) from error


def show_duration(seconds: float) -> str:
    """Return ``1m20s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
