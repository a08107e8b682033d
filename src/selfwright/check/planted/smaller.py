"""Works on less than it was given, as a program does that has emptied its inputs."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result for arguments of which ``how["left"]`` items are left."""
    return function(*(_cut(value, how["left"]) for value in arguments))


def _cut(value: "Any", left: int) -> object:
    if hasattr(value, "dtype"):
        return value[:left] if value.ndim else value
    return value[:left] if isinstance(value, (list, tuple, bytes, str)) else value
