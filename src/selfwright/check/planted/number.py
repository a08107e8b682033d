"""Returns its result with every number replaced by one."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with ``float(how["number"])`` in it."""
    return _replaced(function(*arguments), float(how["number"]))


def _replaced(value: "Any", number: float) -> object:
    if isinstance(value, (list, tuple)):
        return type(value)(_replaced(item, number) for item in value)
    if isinstance(value, dict):
        return {key: _replaced(item, number) for key, item in value.items()}
    if hasattr(value, "dtype"):
        return value * 0.0 + number
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number
    return value
