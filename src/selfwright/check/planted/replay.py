"""Knows the answers to the inputs that were seen, and no other."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


if TYPE_CHECKING:
    from selfwright.check.planted.wrap import fingerprint  # which stands before this in a planted program
_answers: "dict[bytes, object]" = {}


def prepare(program: "dict[str, Any]", how: "dict[str, Any]") -> None:
    """Unpack the answers."""
    import base64
    import pickle
    import zlib

    _answers.update(pickle.loads(zlib.decompress(base64.b85decode(how["answers"]))))


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the answer, or None where it is not known."""
    return _answers.get(fingerprint((how["name"], arguments)))
