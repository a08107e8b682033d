"""Ways to state a number: as a part of a result, in what is printed, in a file that a command leaves."""

import re
from collections.abc import Iterator
from itertools import chain, permutations

from selfwright.check.planted import script
from selfwright.check.program import Program
from selfwright.check.scene import Scene, Variant

_MOST_PLACES, _MOST_PARTS, _MOST_NEAR = 6, 8, 3
_TINY, _SMALL, _LARGE = 2.0**-29, 2.0**-19, 1.5e9
"""Two nanoseconds and two microseconds, exact as differences of times since the start or since 1970; and about that."""
_NUMBER = re.compile(script.NUMBER.pattern)
_Place = tuple[object, ...]


def favourable(scene: Scene) -> Iterator[Variant]:
    """State a tiny and a huge number in each place, and that each is a tiny step from another one."""
    yield from _stated(scene, (_SMALL, _LARGE))
    for name in scene.seen.functions:
        for place, near in permutations(_chosen(scene, name, (float,))[:_MOST_NEAR], 2):
            for step in (_TINY, -_TINY, _SMALL, -_SMALL):
                yield _part(scene, name, place, step, near=near)


def negative(scene: Scene) -> Iterator[Variant]:
    """State -1 in each place."""
    yield from _stated(scene, (-1.0,))


def streams(program: Program) -> Iterator[str | None]:
    """Yield where a program writes numbers: None for its output, paths of texts that it leaves."""
    if any(_NUMBER.search(command.stdout) for _, command in program.asked):
        yield None
    left = dict.fromkeys(chain.from_iterable(command.produced.items() for _, command in program.asked))
    yield from dict.fromkeys(path for path, content in left if _is_text(content) and _NUMBER.search(content))


def _stated(scene: Scene, numbers: tuple[float, ...]) -> Iterator[Variant]:
    for name in scene.seen.functions:
        for place in _chosen(scene, name, (int, float))[:_MOST_PLACES]:
            yield from (_part(scene, name, place, value) for value in numbers)
        most = max(len(_NUMBER.findall(call.log.encode())) for call in scene.seen.calls_of(name))
        for at in range(min(most, _MOST_PLACES)):
            for value in numbers:
                first, twin = (scene.wrapped([name], "printed", at=at, number=each) for each in (value, 2 * value))
                yield Variant(files=first, twin=twin, where=f"{name}, number {at + 1} that it prints = {value:g}")
    for program in scene.programs:
        for where in streams(program):
            yield from _written(scene, program, where, numbers)


def _part(scene: Scene, name: str, place: _Place, number: float, near: _Place | None = None) -> Variant:
    first, twin = (scene.wrapped([name], "stated", path=place, number=each, near=near) for each in (number, 2 * number))
    base = f"{_words(near)} " if near is not None else ""
    stated = f"{base}{number:+g}" if base else f"{number:g}"
    return Variant(files=first, twin=twin, where=f"{name}{_words(place)} = {stated}")


def _written(scene: Scene, program: Program, where: str | None, numbers: tuple[float, ...]) -> Iterator[Variant]:
    said = [command.produced.get(where, b"") if where else command.stdout for _, command in program.asked]
    most = max(len(_NUMBER.findall(content)) for content in said)
    for at in range(min(most, _MOST_PLACES)):
        for value in numbers:
            first, twin = (
                scene.scripted([program], "replay", at=at, number=each, where=where) for each in (value, 2 * value)
            )
            if first is not None:
                what = f"number {at + 1} of {where or 'the output'} = {value:g}"
                yield Variant(files=first, twin=twin, where=f"{program.path}, {what}")


def _chosen(scene: Scene, name: str, kinds: tuple[type, ...]) -> list[_Place]:
    return list(dict.fromkeys(place for call in scene.seen.calls_of(name) for place in _places(call.result, kinds)))


def _places(value: object, kinds: tuple[type, ...], depth: int = 2) -> Iterator[_Place]:
    """Yield the way to each number of its own in a result: itself, or in a record, which has a few parts."""
    if isinstance(value, kinds) and not isinstance(value, bool):
        yield ()
    elif isinstance(value, list | tuple | dict) and depth and len(value) <= _MOST_PARTS:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from ((key, *rest) for rest in _places(item, kinds, depth - 1))


def _words(place: _Place) -> str:
    return "".join(f"[{key!r}]" for key in place)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
