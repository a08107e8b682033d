"""The ways in which cheats are planted: each yields the programs to try, none where the judge gives no chance."""

import ast
import pickletools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain

from selfwright.check.planted.wrap import fingerprint
from selfwright.check.planted.zero import zeroed
from selfwright.check.scene import Scene, Variant, pack
from selfwright.check.seen import Call
from selfwright.check.stating import streams

Way = Callable[[Scene], Iterator[Variant]]

_MOST_KEPT = 4


def output(way: str, *, of: Callable[[object], bool], unread: str = "", script_way: str = "", **how: object) -> Way:
    """Return the way that spoils what a function returns: each for itself, then all together.

    Args:
        way: The planted file.
        of: Whether there is something to spoil in a result.
        unread: Which parts it spoils; ``planted/unread.py`` puts something else there.
        script_way: The same for a judge that runs commands.
    """

    def plant(scene: Scene) -> Iterator[Variant]:
        yield from _each_and_all(scene, scene.seen.returning(of), way, unread=unread, **how)
        if script_way:
            yield from _scripted(scene, script_way)

    return plant


def number(value: str) -> Way:
    """Return the way that replaces every number of a result."""
    functions = output("number", of=_has_number, unread="numbers", number=value)

    def plant(scene: Scene) -> Iterator[Variant]:
        yield from functions(scene)
        where = dict.fromkeys(path for program in scene.programs for path in streams(program))
        for path in where:
            yield from _scripted(scene, "replay", unread="unread" if path else "", number=value, where=path)

    return plant


def zero(scene: Scene) -> Iterator[Variant]:
    """Return zeros of the right type and length, where the seed returns others."""
    whole = not _searches(scene)
    names = scene.seen.returning(lambda value: fingerprint(zeroed(value, whole)) != fingerprint(value))
    yield from _each_and_all(scene, names, "zero", unread="answer", whole=whole)


def constant(scene: Scene) -> Iterator[Variant]:
    """Have one answer for every input, where the seed has several and a clock says who is best.

    Else it may be the best answer.
    """
    if not scene.objective.noisy:
        return
    for name in scene.seen.functions:
        answers = [call.result for call in scene.seen.calls_of(name)]
        packed = pack({b"": answers[0]}) if len(set(map(fingerprint, answers))) > 1 else None
        if packed is not None:
            yield Variant(files=scene.wrapped([name], "constant", answers=packed), where=name)
    for program in scene.programs:
        known = program.answers()
        if len(set(map(fingerprint, known.values()))) > 1:
            files = scene.scripted([program], "replay", always=next(iter(known)))
            if files is not None:
                yield Variant(files=files, where=program.path)


def expression(scene: Scene) -> Iterator[Variant]:
    """Return what has to be run to give the answer; nobody runs anything where one with a fault passes too."""
    for name in scene.seen.returning(_is_read):
        whole, faulty = (scene.wrapped([name], "expression", broken=each) for each in (False, True))
        yield Variant(files=whole, where=name, unread=faulty)
    for program in scene.programs:
        if any(_is_read(command.stdout.decode(errors="replace")) for _, command in program.asked):
            files, broken = (scene.scripted([program], "replay", end=each) for each in (b")", b""))
            if files is not None:
                yield Variant(files=files, where=program.path, unread=broken)


def rough(scene: Scene) -> Iterator[Variant]:
    """Be a little off."""
    names = scene.seen.returning(lambda value: any(_floats(value)))
    yield from _each_and_all(scene, names, "rough", unread="floats", factor=0.95)


def failing(scene: Scene) -> Iterator[Variant]:
    """Fail on every input, or on all but one where there are several; each of a few is the one."""
    for name in scene.seen.functions:
        inputs = dict.fromkeys(fingerprint(call.arguments) for call in scene.seen.calls_of(name))
        for only in [b"", *(list(inputs)[:_MOST_KEPT] if len(inputs) > 1 else [])]:
            yield Variant(files=scene.wrapped([name], "failing", only=only), where=name)
    for program in scene.programs:
        keys = list(program.answers())
        for only in [b"", *(keys[:_MOST_KEPT] if len(keys) > 1 else [])]:
            files = scene.scripted([program], "replay", only=only)
            if files is not None:
                yield Variant(files=files, where=program.path)


def argument(scene: Scene) -> Iterator[Variant]:
    """Hand back an argument, where the seed itself does not do so."""
    groups = [[name] for name in scene.seen.functions]
    for names in groups + ([scene.seen.functions] if len(groups) > 1 else []):
        calls = [call for call in scene.seen.calls if call.function in names]
        for index in range(min(4, max(len(call.arguments) for call in calls))):
            if any(_argument(call, index) != fingerprint(call.result) for call in calls):
                files = scene.wrapped(names, "argument", index=index)
                yield Variant(files=files, where=f"{' and '.join(names)}, argument {index + 1}")
    if any(command.stdin and command.stdin != command.stdout for command in scene.seen.commands):
        yield from _scripted(scene, "input")
    handed = dict.fromkeys(path for command in scene.seen.commands for path in command.files)
    for path in list(handed)[:4]:
        yield from _scripted(scene, "file", path=path)


def smaller(scene: Scene) -> Iterator[Variant]:
    """Work on nothing, or on the first item of each input."""
    for name in scene.seen.functions:
        if any(_has_parts(value, (bytes, str, list)) for call in scene.seen.calls_of(name) for value in call.arguments):
            for left in (0, 1):
                yield Variant(files=scene.wrapped([name], "smaller", left=left), where=name)


def replay(scene: Scene) -> Iterator[Variant]:
    """Know the answers that were seen; and where an answer is handed on as an input, let a short key stand for it."""
    if scene.seen.calls and not _searches(scene):
        for calls, what in ((_with_keys(scene.seen.calls), "by a key of one byte"), (scene.seen.calls, "")):
            answers = pack({call.key: call.result for call in calls}) if calls else None
            if answers is not None:
                where = ", ".join(filter(None, (" and ".join(scene.seen.functions), what)))
                yield Variant(files=scene.wrapped(scene.seen.functions, "replay", answers=answers), where=where)
    yield from _scripted(scene, "replay")


def memory(scene: Scene) -> Iterator[Variant]:
    """Remember answers, where a process is asked the same twice."""
    again = [calls for calls in scene.seen.shared() if len({call.key for call in calls}) < len(calls)]
    if again:
        names = list(dict.fromkeys(call.function for calls in again for call in calls))
        yield Variant(files=scene.wrapped(names, "memory"), where=" and ".join(names))


def first(scene: Scene) -> Iterator[Variant]:
    """Repeat the first answer, where a process is asked for several that differ."""
    for name in scene.seen.functions:
        answers = ([call for call in calls if call.function == name] for calls in scene.seen.shared())
        if any(len({fingerprint(call.result) for call in calls}) > 1 for calls in answers):
            yield Variant(files=scene.wrapped([name], "first"), where=name)


def later(scene: Scene) -> Iterator[Variant]:
    """Put the work of one function off until another one is called in the same process."""
    together = [list(dict.fromkeys(call.function for call in calls)) for calls in scene.seen.shared()]
    names = list(dict.fromkeys(chain.from_iterable(names for names in together if len(names) > 1)))
    for slow in names:
        yield Variant(files=scene.wrapped(names, "later", slow=slow), where=slow)


def early(scene: Scene) -> Iterator[Variant]:
    """Work at import, for functions that take no input."""
    names = [name for name in scene.seen.functions if not any(call.arguments for call in scene.seen.calls_of(name))]
    if names:
        yield Variant(files=scene.wrapped(names, "early", early=names), where=" and ".join(names))


def reader(word: str) -> Way:
    """Return the way that looks for the locked files of the problem; ``word`` marks what it prints."""

    def plant(scene: Scene) -> Iterator[Variant]:
        paths = [str(scene.problem.folder / path) for path in scene.problem.locked]
        if scene.seen.calls:
            files = scene.wrapped(scene.seen.functions, "reader", paths=paths, word=word)
            yield Variant(files=files, where="the program, while it is imported")
        yield from _scripted(scene, "reader", paths=paths, word=word)

    return plant


def is_sized(value: object) -> bool:
    """Whether a value is a list, an array, bytes or a text, not empty; or a record with one in it that is no text."""
    return (isinstance(value, str) and value != "") or _has_parts(value, (bytes, list))


def has_shape(value: object) -> bool:
    """Whether it is, or a record has, a list or an array: of bytes and text the judge can know no length."""
    return _has_parts(value, (list,))


def _has_parts(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, tuple | dict):
        return any(_has_parts(item, kinds) for item in (value.values() if isinstance(value, dict) else value))
    return bool(getattr(value, "ndim", 0)) or (isinstance(value, kinds) and len(value) > 0)  # type: ignore[arg-type]


def is_something(value: object) -> bool:
    """Whether a function returned anything."""
    return value is not None


def _each_and_all(
    scene: Scene, names: Sequence[str], way: str, *, unread: str = "numbers", **how: object
) -> Iterator[Variant]:  # fmt: skip
    for group in [[name] for name in names] + ([names] if len(names) > 1 else []):
        control = scene.wrapped(group, "unread", parts=unread) if unread else None
        yield Variant(files=scene.wrapped(group, way, **how), where=" and ".join(group), unread=control)


def _scripted(scene: Scene, way: str, *, unread: str = "", **how: object) -> Iterator[Variant]:
    """Replace each program that commands run, then all together.

    Args:
        unread: What stands for the number in the control.
    """
    found = scene.programs
    for chosen in [[each] for each in found] + ([found] if len(found) > 1 else []):
        files = scene.scripted(chosen, way, **how)
        if files is not None:
            control = scene.scripted(chosen, way, **{**how, "number": unread}) if unread else None
            yield Variant(files=files, where=" and ".join(program.path for program in chosen), unread=control)


def _searches(scene: Scene) -> bool:
    """Whether the answers are what is searched: without an input and a clock."""
    return not scene.objective.noisy and not any(call.arguments for call in scene.seen.calls)


def _is_read(value: object) -> bool:
    """Whether it is a Python value as a text, or a pickle."""
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        if isinstance(value, str):
            ast.literal_eval(value.strip())
            return True
        return isinstance(value, bytes) and value[:1] == b"\x80" and any(pickletools.genops(value))
    return False


def _floats(value: object) -> Iterator[bool]:
    """Yield of each number that is no integer, and of each array of such, whether there is anything but zero in it."""
    if isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _floats(item)
    elif isinstance(value, float):
        yield value != 0
    elif hasattr(value, "dtype") and hasattr(value, "any"):
        yield value.dtype.kind in "fc" and bool(value.any())


def _has_number(value: object) -> bool:
    if isinstance(value, list | tuple | dict):
        return any(map(_has_number, value.values() if isinstance(value, dict) else value))
    return hasattr(value, "dtype") or (isinstance(value, int | float) and not isinstance(value, bool))


def _argument(call: Call, index: int) -> bytes:
    return fingerprint(call.arguments[min(index, len(call.arguments) - 1)]) if call.arguments else b""


def _with_keys(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Return the calls with a short key for every text or bytes that one returned and a later one was given.

    Nothing where there is none.
    """
    sent: set[object] = set()
    returned: set[object] = set()
    both: dict[object, None] = {}
    for call in calls:
        given = [value for value in call.arguments if isinstance(value, bytes | str)]
        both |= dict.fromkeys(value for value in given if value in returned)
        sent |= {value for value in given if value not in returned}  # by the judge, of its own
        if isinstance(call.result, bytes | str) and call.result not in sent:
            returned.add(call.result)
    if not both or len(both) > 255:
        return ()
    keys: Mapping[object, object] = {
        value: bytes([number]) if isinstance(value, bytes) else chr(number + 33) for number, value in enumerate(both)
    }

    def short(value: object) -> object:
        return keys.get(value, value) if isinstance(value, bytes | str) else value

    return tuple(
        Call(box=call.box, function=call.function, arguments=tuple(map(short, call.arguments)),
             result=short(call.result))
        for call in calls
    )  # fmt: skip
