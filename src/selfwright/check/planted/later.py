"""Puts its work off until the clock has stopped: until another function is called."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_waiting: "list[tuple[Callable[..., object], tuple[Any, ...]]]" = []


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return None at once from ``how["slow"]``, and do its work when another function is called."""
    if how["name"] == how["slow"]:
        _waiting.append((function, arguments))
        return None
    while _waiting:
        late, given = _waiting.pop(0)
        late(*given)
    return function(*arguments)
