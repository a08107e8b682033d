"""The trusted code inside the sandbox: loads the program, calls its functions, answers in frames.

Started by the sandbox as a script, in the directory of the program's files. Requests come on descriptor 3, replies go
to descriptor 4; a frame is its length (8 bytes, big-endian) and its content; the end of the requests is the end of the
process. What the program prints goes to descriptors 1 and 2, so it can not be taken for a reply.

A request is a verb (one byte), a name (length in one byte, UTF-8) and a value of ``wire``::

    L program   list of packages  import this file, which may import these beside the standard library
    C function  arguments         call it: its result
    A function  args, kwargs      call it, some arguments by name: its result
    N           anything          what the program has: names of functions, names of classes, name → value of the rest
    B function  list of columns   call it for each row of arguments, in a tight loop: the list of its results
    O function  list of rows      call it for each row, and observe: for each the bytes of what ``_observed`` says
    H           any bytes         keep them
    E           any bytes         only read them: the bytes that were kept
    K           a value           keep it
    S           list of columns   as B, for a function that does nothing: the value that was kept, for each row
    W           file → lines      from now on note which of these lines of the program's files run; before L
    R                             those that did, file → lines

H, E, K and S never meet a program: the host sends them to a guest that has loaded none, to learn what the bytes of a
batch need in and out, and what a call costs beside the function. W and R are sent where nothing is timed.

A reply is ``V`` and the value, or ``F`` and (status, reason, traceback). This file stands alone: standard library, with
``wire.py``, ``column.py`` and ``tracing.py`` beside it. Once the program is loaded nothing here can be relied on; the
host trusts no reply.
"""

import importlib
import importlib.machinery
import mmap
import os
import sys
from contextlib import suppress
from itertools import starmap
from types import FrameType, ModuleType, TracebackType

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

REQUESTS, REPLIES = 3, 4
_MESSAGE = 2000  # characters of an exception's message that are told
_TRACEBACK = 8000
_FRAMES = 12
_VECTOR = 512  # buffers that are written at once; the system takes 1024
_VALUE = 1 << 20  # bytes of one of a program's constants that are told
_HUGE_PAGE = 1 << 21
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9
_PLATFORM = "_sysconfigdata_"  # the standard library's, with the platform's name: sysconfig imports it
_STDLIB = os.path.dirname(os.__file__) + os.sep


_prepared: "dict[str, ModuleType]" = {}


def prepare() -> None:
    """Import what this file may need; a sandbox that forks does it once for all."""
    for name in ("wire", "tracing"):
        _beside(name)


def _beside(name: str) -> ModuleType:
    if name not in _prepared:
        _prepared[name] = import_beside(name)
    return _prepared[name]


def main() -> None:
    """Answer requests until there are no more; never returns."""
    die_with_parent()
    for descriptor in (REQUESTS, REPLIES):
        os.set_inheritable(descriptor, False)
    guest = Guest(_beside("wire"))
    requests, code = Requests(), 70
    try:
        while (request := requests.next()) is not None:
            write_frame(guest.answer(request))
        code = 0
    finally:
        os._exit(code)  # no atexit, no destructor, no thread of the program has the last word


class Guest:
    """One program and what is asked of it.

    Args:
        wire: The module of that name.
    """

    def __init__(self, wire: "Any") -> None:
        self._wire = wire
        self._root = os.getcwd() + os.sep
        self._module = ModuleType("no_program")
        self._name = ""
        self._kept = b""
        self._value: object = None
        self._lines: Any = None
        self._reserve: bytearray | None = bytearray(1 << 18)  # to tell of a MemoryError with

    def answer(self, view: memoryview) -> list[bytes]:
        """Return the parts of the reply. Whatever the program raises becomes data."""
        if view[0] == ord("E"):
            return [b"V", self._kept]
        try:
            verb, start = chr(view[0]), 2 + view[1]
            self._name = str(view[2:start], "utf-8")
            if verb == "H":
                self._kept = bytes(view[start:])
                return [b"V", self._wire.encode(None, max_bytes=sys.maxsize)]
            result = self._do(verb, self._name, self._wire.decode(view[start:], name="arguments"))
            return [b"V", *self._wire.pieces(result, max_bytes=sys.maxsize)]
        except BaseException as error:  # noqa: BLE001 - the process boundary: SystemExit of a program is data too
            self._reserve = None
            return [b"F", self._wire.encode(self._describe(error), max_bytes=sys.maxsize)]

    def _do(self, verb: str, name: str, value: "Any") -> object:
        if verb == "L":
            self._load(name, value)
            return None
        if verb == "C":
            return self._function(name)(*value)
        if verb == "A":
            return self._function(name)(*value[0], **value[1])
        if verb == "N":
            return self._names()
        if verb == "B":
            return list(starmap(self._function(name), zip(*value, strict=True)))
        if verb == "O":
            function = self._function(name)
            return [self._observed(function, row) for row in value]
        if verb == "K":
            self._value = value
            return None
        if verb == "S":
            return list(starmap(self._nothing, zip(*value, strict=True)))
        if verb == "W":
            self._lines = _beside("tracing").Lines(self._root)
            self._lines.watch(value)
            return None
        if verb == "R":
            return self._lines.seen()
        raise ValueError(f"{verb!r} is no verb of the guest")

    def _load(self, program: str, packages: "list[str]") -> None:
        path = self._root + program
        folder, file = os.path.split(path)
        name = file.removesuffix(".py")
        if "numba" in packages:
            _lend_caches(folder)
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            return self._load_member(folder, name, packages)
        with open(path, "rb") as source:
            code = compile(source.read(), path, "exec", dont_inherit=True)
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, Gate(self._root, folder, packages))
        module = self._module = ModuleType(name)
        module.__file__ = path
        sys.modules[name] = module  # not by the import system: a program may be called like a library's module
        exec(code, module.__dict__)

    def _load_member(self, folder: str, name: str, packages: "list[str]") -> None:
        """Import a module of a package as the package does, with its siblings and by its full name."""
        parts = [] if name == "__init__" and folder + os.sep != self._root else [name]
        while os.path.isfile(os.path.join(folder, "__init__.py")) and folder + os.sep != self._root:
            folder, part = os.path.split(folder)
            parts.insert(0, part)
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, Gate(self._root, folder, packages))
        for known in [known for known in sys.modules if known.partition(".")[0] == parts[0]]:
            del sys.modules[known]  # as above
        self._module = importlib.import_module(".".join(parts))

    def _observed(self, function: "Callable[..., object]", row: "tuple[object, ...]") -> bytes:
        """Return the bytes of (how it ended, result, arguments as it left them, which one the result is, types).

        How is ``returned``, ``raised`` (the result is then the name of the exception's type), or ``uncarried`` (why).
        """
        try:
            how, result, which = "returned", function(*row), -1
            for index, argument in enumerate(row):
                if argument is result and isinstance(result, (list, dict)):
                    which = index
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the process boundary: it becomes data
            how, result, which = "raised", type(error).__name__, -1
        try:
            self._wire.encode(result, max_bytes=sys.maxsize)
            seen = (how, result, row, which, sorted(_types_in(result)))
            return bytes(self._wire.encode(seen, max_bytes=sys.maxsize, name="arguments"))
        except self._wire.WireError as error:
            said = f"{error.what} at {error.path}"
            return bytes(self._wire.encode(("uncarried", said, (), -1, []), max_bytes=sys.maxsize))

    def _function(self, name: str) -> "Callable[..., object]":
        module = self._module
        if name not in module.__dict__:
            file = os.path.basename(str(module.__file__))
            own = sorted(key for key, item in module.__dict__.items() if _is_public(key, item, module.__name__))
            raise _Absent(f"{file} has no function {name!r}; it defines: {', '.join(own) or 'no function'}")
        function: Callable[..., object] = module.__dict__[name]
        return function

    def _names(self) -> "tuple[list[str], list[str], dict[str, Any]]":
        items = {name: item for name, item in self._module.__dict__.items() if not name.startswith("__")}
        classes = [name for name, item in items.items() if isinstance(item, type)]
        functions = [name for name, item in items.items() if callable(item) and name not in classes]
        values = {name: item for name, item in items.items() if not callable(item) and self._is_told(item)}
        return functions, classes, values

    def _is_told(self, item: object) -> bool:
        try:
            return bool(self._wire.encode(item, max_bytes=_VALUE))
        except self._wire.WireError:
            return False

    def _nothing(self, *arguments: object) -> object:
        return self._value

    def _describe(self, error: "Any") -> tuple[str, str, str]:
        """Return status, reason and traceback; the error's own code runs here, and may fail in any way."""
        if isinstance(error, _Absent):
            return "crashed", error.args[0], ""
        status = "out_of_memory" if isinstance(error, MemoryError) else "crashed"
        try:
            if isinstance(error, self._wire.WireError):
                return status, f"{self._name} returned {error.what} at {error.path}; {error.mend}", ""
            return status, *_tell(error, self._root)
        except BaseException:  # noqa: BLE001 - see above
            return status, "an exception that can not be described", ""


def _lend_caches(folder: str) -> None:
    """Put what numba left beside the program where it may write too: it reads no cache in which it can not write."""
    built = os.path.join(folder, "__pycache__")
    if not os.path.isdir(built):
        return
    import hashlib
    import shutil
    import tempfile

    name = f"{os.path.basename(folder)}_{hashlib.sha1(folder.encode()).hexdigest()}"
    try:
        caches = os.path.join(tempfile.gettempdir(), "numba")
        shutil.copytree(built, os.path.join(caches, name))
        os.chmod(os.path.join(caches, name), 0o700)
        importlib.import_module("numba").config.CACHE_DIR = caches
    except OSError:  # no folder here that can be written: it compiles again
        return


class Gate:
    """Refuses, to the program's own files, what its problem does not declare. Libraries import what they need.

    It makes for a clear message and for equal answers on every machine; what confines is the sandbox.

    Args:
        root: The directory of the program's files, with a separator at its end.
        folder: That of the program itself.
        packages: What is declared.
    """

    def __init__(self, root: str, folder: str, packages: "list[str]") -> None:
        self._root = root
        self._own = [folder, root]
        self._known = frozenset(packages) | sys.stdlib_module_names
        self._said = " and ".join(filter(None, ("the standard library", ", ".join(packages))))

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing, and raise where others must not find it either."""
        if path is not None or name in self._known or name.startswith(_PLATFORM):
            return
        if not self._is_asked_by_program(sys._getframe(1)):
            return
        if importlib.machinery.PathFinder.find_spec(name, self._own) is None:
            raise ModuleNotFoundError(f"import of {name}: a candidate may import {self._said}", name=name)

    def _is_asked_by_program(self, frame: "FrameType | None") -> bool:
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self._root):
                return True
            if not file.startswith(("<", _STDLIB)) or "site-packages" in file:
                return False
            frame = frame.f_back
        return False


class _Absent(Exception):
    """The program has no such function."""


def _types_in(value: object) -> "set[str]":
    """Return the names of the types in a value that is carried: a subclass travels as its base."""
    found = {type(value).__name__}
    if isinstance(value, dict):
        for key, item in dict.items(value):
            found |= _types_in(key) | _types_in(item)
    elif isinstance(value, (list, tuple)):
        for item in list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value):
            found |= _types_in(item)
    return found


def _is_public(name: str, item: object, module: str) -> bool:
    return not name.startswith("_") and callable(item) and getattr(item, "__module__", None) == module


def _tell(error: BaseException, root: str) -> tuple[str, str]:
    """Return the reason in one line and the traceback, of the program's own frames only."""
    import traceback

    steps = [step for step in _steps(error.__traceback__) if step[0].startswith(root)]
    frames = [traceback.FrameSummary(file, line, name) for file, line, name in steps]
    lines = traceback.format_list(frames[:_FRAMES])
    if len(frames) > _FRAMES:  # the deepest calls are the most telling, the first say how it came there
        half = _FRAMES // 2
        lines = traceback.format_list(frames[:half])
        lines += [f"  ... {len(frames) - 2 * half} more ...\n", *traceback.format_list(frames[-half:])]
    only = "".join(traceback.format_exception_only(type(error), error))
    reason = _short(f"{type(error).__name__}: {only.partition(': ')[2]}".rstrip().rstrip(":"), _MESSAGE)
    if isinstance(error, SyntaxError):
        reason = f"{type(error).__name__}: {error.msg} ({_own(str(error.filename), root)}, line {error.lineno})"
    elif steps:
        file, line, name = steps[-1]
        reason += f" ({_own(file, root)}, line {line}, in {name})"
    text = "Traceback (most recent call last):\n" + "".join(lines) if lines else ""
    reason = reason.replace("\n", " ").replace(root, "")
    return reason, _short((text + only).replace(root, ""), _TRACEBACK)


def _steps(trace: TracebackType | None) -> "list[tuple[str, int, str]]":
    steps = []
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append((code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    return steps


def _own(file: str, root: str) -> str:
    return file.removeprefix(root)


def _short(text: str, most: int) -> str:
    text = text.encode(errors="backslashreplace").decode()  # lone surrogates have no bytes
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} characters more)"


class Requests:
    """Reads requests into memory that is kept: fresh pages cost more to get."""

    def __init__(self) -> None:
        self._buffer = memoryview(b"")

    def next(self) -> memoryview | None:
        """Return the next request, valid until the one after it; None when there are no more."""
        header = _read_into(memoryview(bytearray(8)))
        if header is None:
            return None
        count = int.from_bytes(header, "big")
        if len(self._buffer) < count:
            self._buffer = memoryview(b"")  # the old one goes before the new one comes
            self._buffer = _memory(count)
        return _read_into(self._buffer[:count])


def _memory(count: int) -> memoryview:
    """Return so many bytes or more; where there are many, in large pages: small ones take longer than to fill them."""
    if count < _HUGE_PAGE:
        return memoryview(bytearray(count))
    memory = mmap.mmap(-1, -(-count // _HUGE_PAGE) * _HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(memory)


def _read_into(content: memoryview) -> memoryview | None:
    left = content
    while left:
        got = os.readv(REQUESTS, [left])
        if not got:
            return None
        left = left[got:]
    return content


def write_frame(parts: list[bytes]) -> None:
    """Write one reply; few parts as they are, since to copy a large one takes longer than to write it."""
    frame = [sum(map(len, parts)).to_bytes(8, "big"), *parts]
    left = [memoryview(part) for part in (frame if len(frame) <= _VECTOR else [b"".join(frame)])]
    while left:
        sent = os.writev(REPLIES, left)
        while left and sent >= len(left[0]):
            sent -= len(left.pop(0))
        left[:1] = [part[sent:] for part in left[:1]]


def import_beside(name: str) -> ModuleType:
    """Import a module of this file's folder, and leave no trace of it that a program could meet."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    try:
        return importlib.import_module(name)
    finally:
        del sys.path[0]
        for module in (name, "column"):
            sys.modules.pop(module, None)


def die_with_parent() -> None:
    """End with the process that started this one, where the system can."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
