"""The programs that the commands of a judge run, and how another one takes the place of such a file."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from selfwright.check.planted import script
from selfwright.check.seen import Command
from selfwright.core.change import Files
from selfwright.core.job import is_executable

_PYTHON = "#!/usr/bin/env python3\n"
_ORIGINAL, _PLANTED = ".original", ".planted"
"""What the names of files end in that lie beside one that was replaced: what it was, and what it hands on to."""
_HAND_ON = """import os, sys
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), {original!r})
argv = [*{by!r}, path, *sys.argv[1:]]
os.execvp(argv[0], argv if {by!r} else sys.argv)
"""
_RUN_OR_IMPORT = """
if __name__ == "__main__":
    main(how)
else:
    with open(beside(how["original"])) as file:
        exec(compile(file.read(), __file__, "exec"))
"""


class Language(StrEnum):
    """What a program is run by."""

    PYTHON = "python3"
    SHELL = "sh"
    ITSELF = ""
    """By the system, which knows its first bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A file that is run.

    Attributes:
        asked: What it was given and what came of it: the words after its name, and the command that holds them.
    """

    path: str
    content: bytes
    language: Language
    asked: tuple[tuple[tuple[str, ...], Command], ...] = ()

    @property
    def by(self) -> list[str]:
        """The words that come before its path where it is run."""
        return [] if is_executable(self.content) else [str(self.language)]

    @property
    def beside(self) -> str:
        """The path of its original, where another has its place."""
        return self.path + _ORIGINAL

    def answers(self) -> dict[bytes, object]:
        """Return what ``planted/script.py`` replays."""
        return {
            script.key(list(words), command.stdin): (command.stdout, command.produced) for words, command in self.asked
        }

    def replaced(self, source: str) -> Files:
        """Return the files of a program in Python that takes its place."""
        name = PurePosixPath(self.path).name
        if self.language is Language.PYTHON:
            return {self.path: (self._head() + source).encode()}
        if self.language is Language.ITSELF:
            return {self.path: (_PYTHON + source).encode()}
        call = f'exec python3 "$(dirname "$0")/{name}{_PLANTED}" "$@"\n'
        return {self.path: (self._head() + call).encode(), self.path + _PLANTED: source.encode()}

    def in_shell(self, source: str) -> Files:
        """Return the same for a line of the shell: nearest to what is small and starts at once; not for Python."""
        return {self.path: ((self._head() if self.language is Language.SHELL else "#!/bin/sh\n") + source).encode()}

    def handed_on(self) -> Files:
        """Return a program in its place that runs the original."""
        source = _HAND_ON.format(original=PurePosixPath(self.beside).name, by=self.by)
        return {**self.replaced(source), self.beside: self.content}

    def recorded(self, source: str) -> Files:
        """Return the same with ``planted/recorder.py``, its ``source``, in between; an import finds the original."""
        how = {
            "path": self.path, "original": PurePosixPath(self.beside).name, "by": self.by,
            "root": "../" * self.path.count("/"),
        }  # fmt: skip
        return {**self.replaced(f"{source}\nhow = {how!r}\n{_RUN_OR_IMPORT}"), self.beside: self.content}

    def _head(self) -> str:
        first = self.content.partition(b"\n")[0]
        return first.decode(errors="replace") + "\n" if first.startswith(b"#!") else ""


def language(path: str, content: bytes) -> Language | None:
    """Return what a file is run by; None of one that is no program."""
    first = content.partition(b"\n")[0]
    if path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
        return Language.PYTHON
    if path.endswith(".sh") or (first.startswith(b"#!") and b"sh" in first.rpartition(b"/")[2]):
        return Language.SHELL
    return Language.ITSELF if is_executable(content) else None


def programs(commands: Iterable[Command], files: Files) -> list[Program]:
    """Return the programs among ``files`` that are words of commands, in order; of each command the first."""
    found: dict[str, list[tuple[tuple[str, ...], Command]]] = {}
    for command in commands:
        index = named(command, files)
        if index is not None:
            words = command.argv[index + 1 :]
            found.setdefault(PurePosixPath(command.argv[index]).as_posix(), []).append((words, command))
    return [replace(program, asked=tuple(found[program.path])) for program in runnable(files) if program.path in found]


def whole(path: str, commands: Iterable[Command]) -> list[Program]:
    """Return a program that stands for all of a command, where none of its words can be replaced.

    Args:
        path: Where it is thought to lie.
    """
    asked = tuple((command.argv[1:], command) for command in commands)
    if not asked:
        return []
    words = asked[0][1].argv
    line = shlex.join(["python3" if words[0] == "python" else words[0], *words[1:]])
    content = f"#!/bin/sh\nexec {line}\n".encode()
    return [Program(path=path, content=content, language=Language.SHELL, asked=asked)]


def named(command: Command, files: Files) -> int | None:
    """Return which word of a command is the first to name a program; None where none does."""
    for index, word in enumerate(command.argv):
        path = PurePosixPath(word).as_posix()
        if path in files and language(path, files[path]) is not None:
            return index
    return None


def runnable(files: Files) -> list[Program]:
    """Return every file that is a program."""
    kinds = ((path, content, language(path, content)) for path, content in files.items())
    return [Program(path=path, content=content, language=kind) for path, content, kind in kinds if kind is not None]
