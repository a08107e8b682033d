"""Returns its result with zeros in it: of the right type and length."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result zeroed; of whole answers, ``how["whole"]`` says so, not its fractions alone."""
    return zeroed(function(*arguments), how["whole"])


def zeroed(value: "Any", whole: bool) -> object:
    """Return zero for every fraction; where it is a ``whole`` answer, also for integers, bytes and signs of a text."""
    if isinstance(value, list):
        return [zeroed(item, whole) for item in value]
    if isinstance(value, tuple):
        return tuple(zeroed(item, False) for item in value)
    if isinstance(value, dict):
        return {key: zeroed(item, False) for key, item in value.items()}
    if hasattr(value, "dtype"):
        return (value * 0).astype(value.dtype) if value.dtype.kind in ("fciu" if whole else "fc") else value
    if isinstance(value, float) or (whole and type(value) is int):
        return type(value)(0)
    if whole and isinstance(value, bytes):
        return bytes(len(value))
    if whole and isinstance(value, str):
        return "".join(sign if sign.isspace() else "0" for sign in value)
    return value
