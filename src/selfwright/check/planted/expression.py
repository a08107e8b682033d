"""Returns what has to be run to give its result, in place of a text or of bytes that are one."""

import pickle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Again:
    """Is pickled as a call that reads another pickle."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __reduce__(self) -> "tuple[Any, ...]":
        return pickle.loads, (self._content,)


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return an expression for a text, a pickle with a call in it for bytes; ``how["broken"]``: one with a fault."""
    value = function(*arguments)
    if isinstance(value, str):
        return f"(lambda: {value.strip()})({'' if how['broken'] else ')'}"
    if isinstance(value, bytes):
        return pickle.dumps(_Again(value))[: -1 if how["broken"] else None]
    return value
