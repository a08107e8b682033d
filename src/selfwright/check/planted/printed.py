"""Does its work, and prints another number than it would."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return the result; of what is printed meanwhile, replace number ``how["at"]`` by ``how["number"]``."""
    import contextlib
    import io
    import re
    import sys

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        value = function(*arguments)
    text = said.getvalue()
    found = list(re.finditer(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text))[how["at"] : how["at"] + 1]
    for match in found:
        text = text[: match.start()] + str(how["number"]) + text[match.end() :]
    sys.stdout.write(text)
    sys.stdout.flush()
    return value
