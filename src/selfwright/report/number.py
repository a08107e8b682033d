"""Numbers and text as people read them: aligned decimals, and no character that hides what it is."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""Return ``text`` with control, direction and invisible characters spelled out, as in ``\u202e``.

    A diff must not read otherwise than it runs (CVE-2021-42574, "Trojan Source"), and XML has no such characters.
    """
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def decimals(values: Iterable[float], digits: int = 4) -> int:
    """Return how many decimals a column needs, for its smallest number to show ``digits`` significant ones."""
    sizes = [abs(value) for value in values if value]
    if not sizes or all(size == round(size) for size in sizes):
        return 0
    return max(0, min(6, digits - 1 - math.floor(math.log10(min(sizes)))))


def number(value: float, places: int) -> str:
    """Return ``value`` with so many decimals and with separators: ``1,163,750``."""
    if value and not 1e-5 <= abs(value) < 1e12:
        return f"{value:.3g}"
    return f"{value:,.{places}f}"


def short(value: float) -> str:
    """Return ``value`` with three significant digits and without an exponent where it can be helped."""
    return number(value, decimals([value], 3))


def duration(seconds: float) -> str:
    """Return ``0.31 s``, ``48 s``, ``3 min 12 s`` or ``2 h 05 min``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def moment(time_s: float) -> str:
    """Return ``2026-03-01 12:00:00 UTC`` for seconds since the epoch."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
