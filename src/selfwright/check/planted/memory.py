"""Keeps every answer, and gives it again for the same input."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


if TYPE_CHECKING:
    from selfwright.check.planted.wrap import fingerprint  # which stands before this in a planted program
_known: "dict[bytes, object]" = {}


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return what was returned for these arguments before."""
    key = fingerprint((how["name"], arguments))
    if key not in _known:
        _known[key] = function(*arguments)
    return _known[key]
