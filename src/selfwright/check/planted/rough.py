"""Returns its result with every number that is no integer a little off."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result with ``how["factor"]`` times each of these numbers."""
    return _scaled(function(*arguments), how["factor"])


def _scaled(value: "Any", factor: float) -> object:
    if isinstance(value, (list, tuple)):
        return type(value)(_scaled(item, factor) for item in value)
    if isinstance(value, dict):
        return {key: _scaled(item, factor) for key, item in value.items()}
    if hasattr(value, "dtype"):
        return (value * factor).astype(value.dtype) if value.dtype.kind in "fc" else value
    return value * factor if isinstance(value, float) else value
