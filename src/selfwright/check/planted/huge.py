"""Returns far more than was asked for."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


MOST = 1 << 20


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with about 1 MiB more in every list, array and bytes; of a record, in each of its parts."""
    value = function(*arguments)
    return value * (MOST // (len(value) or 1)) if isinstance(value, str) else _padded(value)


def _padded(value: "Any") -> object:
    if isinstance(value, dict):
        return {key: _padded(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_padded, value))
    if getattr(value, "ndim", 0):
        return value.repeat(max(2, MOST // max(1, value.nbytes)), axis=0)
    if isinstance(value, (bytes, list)) and value:
        return value * max(2, MOST // (len(value) if isinstance(value, bytes) else 40 * len(value)))
    return value
