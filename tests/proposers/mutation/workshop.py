"""What a kind of edit makes of a program: its texts, its words, and what the programs compute. No mock: they run."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

Kind = Callable[[Source], Iterator[Edit]]


def source(text: str, *modules: str) -> Source:
    return Source("p.py", textwrap.dedent(text).lstrip("\n"), modules=frozenset(modules))


def outcomes(kind: Kind, text: str, *modules: str) -> dict[str, str]:
    """Words → the program after each edit that a kind offers; every one of them must be a program."""
    one = source(text, *modules)
    found = {}
    for edit in kind(one):
        after = one.apply(edit)
        assert after is not None, edit.words
        found[edit.words] = after
    return found


def runs(text: str, call: str) -> Any:
    """What an expression says in a program."""
    names: dict[str, Any] = {}
    exec(compile(text, "p.py", "exec"), names)
    return eval(call, names)


def keeps(kind: Kind, text: str, *calls: str, modules: tuple[str, ...] = ()) -> dict[str, str]:
    """The same as ``outcomes``; each of the programs says what the first one says."""
    found = outcomes(kind, text, *modules)
    for words, after in found.items():
        for call in calls:
            assert runs(after, call) == runs(textwrap.dedent(text), call), (words, call, after)
    return found
