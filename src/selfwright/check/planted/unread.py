"""Does its work, and returns something else in place of some parts: who looks at them must notice."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with a text for its numbers, or for its lists, arrays and bytes; or None for all of it.

    Of its numbers ``floats`` leaves the integers; ``answer`` is those of a record, and of anything else all of it.
    """
    value = function(*arguments)
    if how["parts"] == "all" or (how["parts"] == "answer" and not isinstance(value, (tuple, dict))):
        return None
    return _fractions(value) if how["parts"] in ("floats", "answer") else _blanked(value, how["parts"] == "numbers")


def _fractions(value: "Any") -> object:
    if isinstance(value, dict):
        return {key: _fractions(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_fractions, value))
    if isinstance(value, float) or (hasattr(value, "dtype") and value.dtype.kind in "fc"):
        return "selfwright: not what was asked for"
    return value


def _blanked(value: "Any", numbers: bool) -> object:
    if isinstance(value, dict):
        return {key: _blanked(item, numbers) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_blanked(item, numbers) for item in value)
    if isinstance(value, list) and numbers:
        return [_blanked(item, numbers) for item in value]
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, float)) and not numbers:
        return value
    if isinstance(value, bytes) and numbers:
        return value
    return "selfwright: not what was asked for"
