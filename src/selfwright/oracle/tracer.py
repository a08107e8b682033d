"""The tracer: writes down what one function is called with, while a person's own tests run.

It is copied, as ``sitecustomize.py``, into a folder that their Python looks into first, with ``orders.json`` beside it.
So it runs in processes of theirs, with their Python and their packages: standard library and ``wire`` only, no word on
their output, and whatever goes wrong in it is not allowed to matter to them.
"""

import functools
import hashlib
import importlib
import importlib.machinery
import json
import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

IMPORTED, ROW, UNCARRIED = b"I", b"R", b"U"
"""What a frame says: the file was imported; a call; a call with something that is not carried."""
MOST_ROWS = 2_000
MOST_ROW_BYTES = 1 << 18
_HERE = os.path.dirname(os.path.abspath(__file__))


class Book:
    """Takes down calls, each once, in a file of this process's own.

    Args:
        folder: Where the file is made.
        wire: The module of that name.
    """

    def __init__(self, folder: str, wire: "Any") -> None:
        self._folder = folder
        self._wire = wire
        self._lock = threading.Lock()
        self._known: set[bytes] = set()
        self._inside = threading.local()

    def call(self, arguments: "tuple[object, ...]", named: "dict[str, object]") -> None:
        """Take down a call before it is made, because it may change its arguments."""
        if len(self._known) >= MOST_ROWS or getattr(self._inside, "busy", False):
            return
        self._inside.busy = True  # to look at an argument may call the function
        try:
            self.frame(ROW, self._wire.encode((arguments, named), max_bytes=MOST_ROW_BYTES, name="arguments"))
        except self._wire.WireError as error:
            self.frame(UNCARRIED, f"{error.what} at {error.path}".encode(errors="replace"))
        except Exception:  # noqa: BLE001 - an object of theirs that can not be looked at: their test goes on
            self.frame(UNCARRIED, b"an object that can not be looked at")
        finally:
            self._inside.busy = False

    def frame(self, kind: bytes, content: bytes) -> None:
        """Write one frame: kind, length (8 bytes, big-endian), content; a call only once."""
        digest = hashlib.blake2b(content, digest_size=16).digest()
        with self._lock:
            if kind == ROW and digest in self._known:
                return
            self._known.add(digest)
            path = os.path.join(self._folder, f"{os.getpid()}.rec")  # a forked child has another number
            with open(path, "ab") as file:
                file.write(kind + len(content).to_bytes(8, "big") + content)


class Finder:
    """Finds a module as everybody else does, and where it is the file in question, wraps its function.

    Args:
        file: Real path of the file.
        function: Name of the function in it.
    """

    def __init__(self, file: str, function: str, book: Book) -> None:
        folder, name = os.path.split(file)
        stem = os.path.splitext(name)[0]
        self._name = os.path.basename(folder) if stem == "__init__" else stem
        self._file = file
        self._function = function
        self._book = book

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Return the spec of the others, with a loader that wraps; None where it is another file."""
        if name.rpartition(".")[2] != self._name:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                break
        else:
            return None
        if spec.origin and os.path.realpath(spec.origin) == self._file and hasattr(spec.loader, "exec_module"):
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: self._executed(execute, module)
        return spec

    def _executed(self, execute: "Callable[[ModuleType], None]", module: "ModuleType") -> None:
        execute(module)
        self._book.frame(IMPORTED, self._file.encode(errors="replace"))
        function = getattr(module, self._function, None)
        if callable(function):
            setattr(module, self._function, _recorded(function, self._book))


def _recorded(function: "Callable[..., object]", book: Book) -> "Callable[..., object]":
    @functools.wraps(function)
    def recorded(*arguments: object, **named: object) -> object:
        book.call(arguments, named)
        return function(*arguments, **named)

    return recorded


def begin() -> None:
    """Follow the orders beside this file, then be as if this file had not been there."""
    with open(os.path.join(_HERE, "orders.json"), encoding="utf-8") as file:
        orders = json.load(file)
    sys.path.insert(0, orders["wire"])
    try:
        wire = importlib.import_module("wire")
    finally:
        sys.path.remove(orders["wire"])
        for name in ("wire", "column"):
            sys.modules.pop(name, None)
    sys.meta_path.insert(0, Finder(orders["file"], orders["function"], Book(orders["folder"], wire)))
    _make_way()


def _make_way() -> None:
    """Run the ``sitecustomize`` that they have without us."""
    others = [folder for folder in sys.path if os.path.abspath(folder or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    import importlib.util

    begin()
