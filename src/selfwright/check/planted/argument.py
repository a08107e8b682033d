"""Hands back one of its arguments."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the argument of number ``how["index"]``, or the first."""
    return arguments[how["index"] if how["index"] < len(arguments) else 0] if arguments else None
