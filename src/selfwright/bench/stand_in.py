"""Stands in for a program in front of an evaluator that was written for another engine, and was not changed.

The evaluator gets ``STUB`` as its program. Whoever imports that, in the evaluator's process or in a process that it
started, finds the names of the real program: constants as they are, functions as proxies whose calls the host carries
into the program's own sandbox. This file runs in the evaluator's jail, which no candidate shares; it stands alone, with
``wire.py`` and ``column.py`` beside it.

In the evaluator's own process a thread of the guest exchanges the frames. Any other process writes its request into a
file and the file's name into a FIFO, and reads the answer from a FIFO of its own.
"""

import importlib.util
import itertools
import os
import select
import sys
import tempfile

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

STUB = b'''"""Stands in for the program, which runs in a sandbox of its own; its functions are called there."""
import importlib.util as _util
import os as _os
import sys as _sys
import tempfile as _tempfile

_module = _sys.modules.get("selfwright_stand_in")
if _module is None:
    _path = _os.path.join(_tempfile.gettempdir(), "selfwright_doors", "stand_in.py")
    _spec = _util.spec_from_file_location("selfwright_stand_in", _path)
    _module = _util.module_from_spec(_spec)
    _sys.modules["selfwright_stand_in"] = _module
    _spec.loader.exec_module(_module)
_module.stand_in(globals())
'''
DOORS, DOOR = "selfwright_doors", "requests"
"""Folder below that for temporary files, and the FIFO in it; this file lies there too, for other processes."""

_connection: "dict[int, Callable[[tuple[Any, ...]], Any]]" = {}
"""Of the guest's own process, by its number; a fork has another."""
_numbers = itertools.count()


class ProgramError(RuntimeError):
    """What the program raised, or how its process ended, in words."""


class ProgramTimeout(ProgramError, TimeoutError):
    """The program did not answer in time."""


class ProgramMemory(ProgramError, MemoryError):
    """The program needed more memory than it may have."""


def connect(ask: "Callable[[tuple[Any, ...]], Any]") -> None:
    """Let this process, and no fork of it, ask by ``ask``."""
    _connection[os.getpid()] = ask


def stand_in(names: "dict[str, Any]") -> None:
    """Fill the globals of a module with what the program has.

    Raises:
        ProgramError: The program can not be imported.
    """
    if names.get("__name__") == "__main__":
        _ask(("unfit", "the program is run as a script"))
    session, functions, classes, values = _ask(("load",))
    names.update(values)
    for name in functions:
        names[name] = _proxy(session, name)
    for name in classes:
        names[name] = _refusing(name)


def _proxy(session: int, name: str) -> "Callable[..., Any]":
    def proxy(*args: "Any", **kwargs: "Any") -> "Any":
        return _ask(("call", session, name, args, kwargs))

    proxy.__name__ = proxy.__qualname__ = name
    return proxy


def _refusing(name: str) -> "Callable[..., Any]":
    def refuse(*args: "Any", **kwargs: "Any") -> "Any":
        why = f"it makes an object of the program's class {name}, which can not be carried"
        _ask(("unfit", why))
        raise ProgramError(why)

    refuse.__name__ = refuse.__qualname__ = name
    return refuse


def _ask(message: "tuple[Any, ...]") -> "Any":
    ask = _connection.get(os.getpid())
    answer = ask(message) if ask else _ask_through_door(message)
    if answer[0] == "value":
        return answer[1]
    _, kind, reason = answer
    raise {"timed_out": ProgramTimeout, "out_of_memory": ProgramMemory}.get(kind, ProgramError)(reason)


def _ask_through_door(message: "tuple[Any, ...]") -> "Any":
    wire, folder = load_beside("wire"), os.path.join(tempfile.gettempdir(), DOORS)
    name = os.path.join(folder, f"{os.getpid()}-{next(_numbers)}")
    try:
        content = wire.encode(message, max_bytes=sys.maxsize, name="arguments")
    except wire.WireError as error:
        message = ("unfit", f"{message[2]}: {error}")
        content = wire.encode(message, max_bytes=sys.maxsize)
    with open(f"{name}.request", "wb") as file:
        file.write(content)
    os.mkfifo(f"{name}.answer")
    answers = os.open(f"{name}.answer", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with open(os.path.join(folder, DOOR), "wb", buffering=0) as door:
            door.write(f"{name}\n".encode())
        answer = wire.decode(_read_frame(answers), name="answer")
    finally:
        os.close(answers)
        os.unlink(f"{name}.answer")
    if message[0] == "unfit" and answer[0] == "value":
        raise ProgramError(message[1])
    return answer


def _read_frame(descriptor: int) -> bytes:
    content, wanted = bytearray(), 8
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(content) < wanted:
        poll.poll()
        received = os.read(descriptor, 1 << 20)
        if not received:
            raise ProgramError("the evaluator's process has ended")
        content += received
        if len(content) >= 8:
            wanted = 8 + int.from_bytes(content[:8], "big")
    return bytes(content[8:])


def load_beside(name: str) -> "Any":
    """Return a module that lies beside this file, under a name that no evaluator uses."""
    known = f"selfwright_{name}"
    if known not in sys.modules:
        folder = os.path.dirname(os.path.abspath(__file__))
        sys.path.insert(0, folder)
        try:
            spec = importlib.util.spec_from_file_location(known, os.path.join(folder, f"{name}.py"))
            assert spec is not None and spec.loader is not None
            module = sys.modules[known] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(folder)
            sys.modules.pop("column", None)  # an evaluator may have a module of that name
    return sys.modules[known]
