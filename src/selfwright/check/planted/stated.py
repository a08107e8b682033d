"""Returns its result with one number in it replaced."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with ``how["number"]`` at ``how["path"]``; where ``how["near"]`` is a path, added to that."""
    value = function(*arguments)
    number = how["number"]
    if how["near"] is not None:
        try:
            number += _get(value, how["near"])
        except (IndexError, KeyError, TypeError):
            return value
    return _set(value, how["path"], number)


def _get(value: "Any", path: "tuple[Any, ...]") -> "Any":
    for key in path:
        value = value[key]
    return value


def _set(value: "Any", path: "tuple[Any, ...]", number: float) -> object:
    if not path:
        return number
    key, rest = path[0], path[1:]
    try:
        changed = _set(value[key], rest, number)
    except (IndexError, KeyError, TypeError):
        return value
    if isinstance(value, dict):
        return {**value, key: changed}
    return type(value)([*value[:key], changed, *value[key + 1 :]])
