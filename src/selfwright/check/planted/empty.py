"""Returns nothing of the right type."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with every list, array and bytes emptied; of a record, each of its parts."""
    value = function(*arguments)
    return "" if isinstance(value, str) else _emptied(value)


def _emptied(value: "Any") -> object:
    if isinstance(value, dict):
        return {key: _emptied(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_emptied, value))
    if getattr(value, "ndim", 0):
        return value[:0]
    return type(value)() if isinstance(value, (bytes, list)) else value
