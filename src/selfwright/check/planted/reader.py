"""Looks for the files of the evaluator, and says what it could read."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def prepare(program: "dict[str, Any]", how: "dict[str, Any]") -> None:
    """Print ``how["word"]`` and the path of each file of ``how["paths"]`` that can be read."""
    for path in how["paths"]:
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError:
            continue
        sys.stderr.write(f"{how['word']} {path}\n")
        sys.stderr.flush()


def act(function: "Callable[..., object]", arguments: "tuple[Any, ...]", how: "dict[str, Any]") -> object:
    """Return what the function returns."""
    return function(*arguments)
