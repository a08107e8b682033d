"""Returns its result in another shape."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with lists and arrays cut by one, or (``how["longer"]``) with every item twice."""
    return _changed(function(*arguments), how["longer"])


def _changed(value: "Any", longer: bool) -> object:
    if isinstance(value, dict):
        return {key: _changed(item, longer) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_changed(item, longer) for item in value)
    if getattr(value, "ndim", 0):
        return value.repeat(2, axis=0) if longer else value[:-1]
    if isinstance(value, list):
        return value * 2 if longer else value[:-1]
    return value
