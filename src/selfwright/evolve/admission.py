"""Admission: what a proposal would make of its parent, or why it may not. Nothing of it is executed.

A refusal is a sentence for the proposer: what is wrong, where, and what is allowed.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES

from selfwright.bench.problem import Problem
from selfwright.core.change import Files, Origin, Proposal, Tree, tree_of
from selfwright.core.errors import BadInput
from selfwright.core.glob import leads_to, matches
from selfwright.core.path import check_files, check_path, check_program
from selfwright.evolve.marker import check_blocks
from selfwright.evolve.origin import origin_of
from selfwright.evolve.patch import apply_patch, paths_in
from selfwright.evolve.syntax import Syntax, read

_MODULES = (".py", *EXTENSION_SUFFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a change may touch and import.

    Attributes:
        modules: Top-level packages beyond the standard library.
        program: The file whose functions the judge calls.
        locked: The files of the problem that no change may touch.
        beside: Locked files that it finds beside its own.
        built: Globs of what the build step makes; an extension module among it may be imported.
        marked: Whether it is another engine's: ``EVOLVE-BLOCK`` markers bind, and imports are left to the sandbox.
    """

    is_editable: Callable[[str], bool]
    modules: tuple[str, ...]
    program: str
    locked: tuple[str, ...] = ()
    built: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    marked: bool = False

    @classmethod
    def of(cls, problem: Problem) -> "Rules":
        """Return the rules of a problem."""
        return cls(
            is_editable=problem.is_editable,
            modules=problem.environment.modules,
            program=problem.program,
            locked=problem.locked,
            beside=tuple(problem.beside_files()),
            built=problem.build.produce if problem.build else (),
            marked=problem.foreign is not None,
        )

    def may_import(self, name: str, files: Files) -> bool:
        """Whether a top-level module is the standard library's, declared, a sibling of the program, or built."""
        if name in sys.stdlib_module_names or name in self.modules:
            return True
        folder = self.program.rpartition("/")[0]
        for start in {name, f"{folder}/{name}"}:
            if any(path == f"{start}.py" or path.startswith(f"{start}/") for path in (*files, *self.beside)):
                return True
            endings = [start + ending for ending in _MODULES]
            if any(leads_to(start, glob) or any(matches(path, glob) for path in endings) for glob in self.built):
                return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What may be tried.

    Attributes:
        files: The whole resulting editable tree.
    """

    files: Files
    tree: Tree
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why it may not be tried.

    Attributes:
        reason: For the proposer.
        inert: Whether it is nothing but a change that changes nothing.
    """

    reason: str
    inert: bool = False


def admit(proposal: Proposal, parent: Files, *, rules: Rules) -> Admitted | Refusal:
    """Return what a proposal makes of its parent, where everything in it is allowed, parses and may be imported."""
    if proposal.fault:
        return Refusal(reason=proposal.fault)
    try:
        changed = dict(proposal.files)
        _check_locks((*changed, *paths_in(proposal.patch)), parent, rules)
        if proposal.patch:
            changed |= apply_patch(proposal.patch, _overlay(parent, changed))
        check_files(changed)
        _check_deletions(changed, parent, rules)
        files = _overlay(parent, changed)
        check_program(files, rules.locked)
        if rules.marked:
            for path in files.keys() & parent.keys():
                check_blocks(path, parent[path], files[path])
        tree = tree_of(files)
        if tree == tree_of(parent):
            return Refusal(reason="it changes nothing: the result equals its parent", inert=True)
        # All of them where one went, because others may import it.
        _check_sources(files, files if None in changed.values() else changed, rules, parent=parent)
    except BadInput as error:
        return Refusal(reason=str(error))
    return Admitted(files=files, tree=tree, origin=origin_of(parent, files))


def check_seed(files: Files, *, rules: Rules) -> None:
    """Accept a seed by what every change of it will be held to; how large it is does not matter.

    Raises:
        BadInput: A file has a name that is refused, does not parse, or imports what is not declared.
    """
    check_program(files, rules.locked)
    _check_sources(files, files, rules, parent={})


def _overlay(parent: Files, changed: dict[str, bytes | None]) -> dict[str, bytes]:
    return {path: content for path, content in {**parent, **changed}.items() if content is not None}


def _check_locks(paths: Iterable[str], parent: Files, rules: Rules) -> None:
    for path in paths:
        check_path(path)
        if not rules.is_editable(path):
            raise BadInput(f"{path} is locked; this problem lets you change {', '.join(sorted(parent))}")


def _check_deletions(changed: dict[str, bytes | None], parent: Files, rules: Rules) -> None:
    for path, content in changed.items():
        if content is None and path == rules.program:
            raise BadInput(f"{path} is the program that the judge calls and can not be deleted; give its new text")
        if content is None and path not in parent:
            raise BadInput(f"{path} can not be deleted: it is not there")


def _check_sources(files: Files, paths: Iterable[str], rules: Rules, *, parent: Files) -> None:
    for path in paths:
        if path.endswith(".py"):
            syntax = _read(path, files[path], like=parent.get(path, b""))
            if not rules.marked:  # programs of other engines name in passing what they do without
                _check_imports(path, syntax, files, rules)


def _read(path: str, content: bytes, *, like: bytes) -> Syntax:
    try:
        content.decode()
        return read(content, like=like)
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start]
        raise BadInput(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8; write the file as UTF-8") from error
    except SyntaxError as error:
        text = f": {error.text.strip()!r}" if error.text else ""
        raise BadInput(f"{path}, line {error.lineno or 1}: does not parse: {error.msg}{text}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"{path}: does not parse: {error or 'it is nested too deeply'}") from error


def _check_imports(path: str, syntax: Syntax, files: Files, rules: Rules) -> None:
    modules = rules.modules
    for line, name in syntax.imports:
        if not rules.may_import(name, files):
            raise BadInput(
                f"{path}, line {line}: imports {name!r}, which this problem does not declare: allowed are "
                f"{', '.join(modules)}{' and ' if modules else ''}the standard library; "
                "declare it in [environment] python"
            )
