"""Fails, but for one input that it knows."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


if TYPE_CHECKING:
    from selfwright.check.planted.wrap import fingerprint  # which stands before this in a planted program


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return what the function returns for arguments of the fingerprint ``how["only"]``; raise for others."""
    if fingerprint(arguments) != how["only"]:
        raise RuntimeError("selfwright: this program fails here")
    return function(*arguments)
