"""What was seen of an honest run: the calls and commands of a judge, with their inputs and answers."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from selfwright.bench import wire
from selfwright.bench.observation import RETURNED
from selfwright.check.planted.recorder import RECORDS
from selfwright.check.planted.wrap import fingerprint
from selfwright.check.watch import LEFT_OUT, read_watched

_MOST_TIMED = 64
"""Calls of one timed batch that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a function that ended well.

    Attributes:
        box: Number of the process that it was made in; calls with an equal number shared its state.
        log: What was printed meanwhile, where that is known of this call alone.
    """

    box: int
    function: str
    arguments: tuple[object, ...]
    result: object
    log: str = ""

    @property
    def key(self) -> bytes:
        """Equal for equal calls."""
        return fingerprint((self.function, self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command that ended well."""

    argv: tuple[str, ...]
    stdin: bytes
    stdout: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    produced: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was seen.

    Attributes:
        commands: Those of the judge.
        built: What the build step left, where there is one.
        left_out: The functions and commands of which nothing was remembered, as it was too much.
    """

    calls: tuple[Call, ...] = ()
    commands: tuple[Command, ...] = ()
    built: dict[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def functions(self) -> list[str]:
        """Their names, in the order in which they were first called."""
        return list(dict.fromkeys(call.function for call in self.calls))

    def returning(self, is_so: Callable[[object], bool]) -> list[str]:
        """Return the functions of which some result is so."""
        return [name for name in self.functions if any(is_so(call.result) for call in self.calls_of(name))]

    def calls_of(self, function: str) -> list[Call]:
        """Return the calls of one function."""
        return [call for call in self.calls if call.function == function]

    def shared(self) -> Iterator[list[Call]]:
        """Yield the calls of each process in which there were several."""
        boxes: dict[int, list[Call]] = {}
        for call in self.calls:
            boxes.setdefault(call.box, []).append(call)
        yield from (calls for calls in boxes.values() if len(calls) > 1)


def read_seen(folder: Path, *, build: tuple[str, ...] = ()) -> Seen:
    """Return what a watched run wrote down in ``folder``.

    Args:
        build: The command of the build step, which no judge runs.
    """
    built: dict[str, bytes] = {}
    calls: list[Call] = []
    commands: list[Command] = []
    large: dict[str, None] = {}
    for entry in read_watched(folder):
        match entry:
            case ("ask", int(box), bytes(request), "ok", bytes(answer), str(log)) if answer[:1] == b"V":
                calls += _calls(box, request, answer, log)
            case ("run", _, tuple(argv), _, _, "ok", _, dict(produced)) if argv == build:
                built = built or produced
            case ("run", _, tuple(argv), bytes(stdin), dict(files), "ok", bytes(stdout), dict(produced)):
                commands += _commands(Command(argv=argv, stdin=stdin, stdout=stdout, files=files, produced=produced))
            case ("ask", _, bytes(request), status, _, _) if status == LEFT_OUT:
                large[request[2:].decode()] = None
            case ("run", _, tuple(argv), _, _, status, _, _) if status == LEFT_OUT:
                large[" ".join(argv[:3])] = None
    known = {call.function for call in calls} | {" ".join(command.argv[:3]) for command in commands}
    return Seen(
        calls=tuple(calls), commands=tuple(commands), built=built,
        left_out=tuple(name for name in large if name not in known),
    )  # fmt: skip


def _commands(command: Command) -> list[Command]:
    """Return what a command ran in turn, where recorders left word of it (``planted/recorder.py``), or itself."""
    records = [path for path in command.produced if path.startswith(f"{RECORDS}/")]
    produced = {path: content for path, content in command.produced.items() if path not in records}
    inner = []
    for path in sorted(records):
        with suppress(ValueError):  # written beside the program, which may write there too
            words = json.loads(command.produced[path])
            name, stdin, stdout, *arguments = map(str, words if isinstance(words, list) else ())
            inner.append(replace(
                command, argv=(name, *arguments), stdin=base64.b85decode(stdin), stdout=base64.b85decode(stdout),
                produced=produced,
            ))  # fmt: skip
    return inner or [command]


def _calls(box: int, request: bytes, answer: bytes, log: str) -> Iterable[Call]:
    verb, start = request[:1], 2 + request[1]
    if verb not in (b"C", b"B", b"O", b"A"):
        return
    name = request[2:start].decode()
    arguments, result = wire.decode(memoryview(request)[start:]), wire.decode(memoryview(answer)[1:])
    if verb == b"A" and isinstance(arguments, tuple):
        positional, named = arguments
        yield Call(box=box, function=name, arguments=(*positional, *named.values()), result=result, log=log)
    elif verb == b"C" and isinstance(arguments, tuple):
        yield Call(box=box, function=name, arguments=arguments, result=result, log=log)
    elif isinstance(arguments, list) and isinstance(result, list):
        rows = zip(*arguments, strict=True) if verb == b"B" else arguments
        for row, value in list(zip(rows, result, strict=False))[:_MOST_TIMED]:
            if verb == b"B":
                yield Call(box=box, function=name, arguments=row, result=value)
            elif value[:1]:
                yield from _observed(box, name, row, value)


def _observed(box: int, name: str, row: tuple[object, ...], said: bytes) -> Iterable[Call]:
    """Yield the call that ``Session.observe`` saw, where it returned something that is carried."""
    seen = wire.decode(said)
    if isinstance(seen, tuple) and seen[0] == RETURNED:
        yield Call(box=box, function=name, arguments=row, result=seen[1])
