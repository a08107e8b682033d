"""Works once in each process, and gives its first answer ever after."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_first: "dict[str, object]" = {}


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return what the first call of this function returned."""
    if how["name"] not in _first:
        _first[how["name"]] = function(*arguments)
    return _first[how["name"]]
