"""Crossover: a function or a constant of another program of the archive takes the place of the one of the same name."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import names_in
from selfwright.proposers.mutation.source import Source


def crossings(source: Source, donor: Source, name: str) -> Iterator[Edit]:
    """Yield every function and assignment of the module, or method, that the donor has in another wording.

    What a donor's function needs of its module, and this source has not, comes along in front of it.

    Args:
        name: What the donor is called: ``t12``.
    """
    theirs, ours = _parts(donor), _parts(source)
    for key, part in ours.items():
        other = theirs.get(key)
        if other is None or not source.may_change(part) or source.code(part).strip() == donor.code(other).strip():
            continue
        top = source.holders[part] is source.module
        brought = _needed(source, donor, other) if top else []
        words = f"took `{key}` from {name}"
        lines = getattr(part, "leading_lines", ())
        first, *rest = [*brought, other]
        yield Edit(old=(part,), new=(first.with_changes(leading_lines=lines), *rest), words=words)


def _parts(source: Source) -> dict[str, cst.BaseStatement]:
    """Return qualified name → the statement that defines it: functions, methods, assignments of the module."""
    found: dict[str, cst.BaseStatement] = {}
    for statement in source.module.body:
        match statement:
            case cst.FunctionDef(name=cst.Name(value=name)):
                found[name] = statement
            case cst.ClassDef(name=cst.Name(value=name), body=cst.IndentedBlock(body=members)):
                for member in members:
                    if isinstance(member, cst.FunctionDef):
                        found[f"{name}.{member.name.value}"] = member
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]):
                found[name] = statement
    return found


def _needed(source: Source, donor: Source, part: cst.BaseStatement) -> list[cst.CSTNode]:
    """Return the statements of the donor's module that a part needs and the source has not, in the donor's order."""
    have = {name for each in source.module.body for name in _defined(each)}
    wanted = names_in(part).loads
    found: set[cst.CSTNode] = set()
    while more := {
        each for each in donor.module.body if each is not part and each not in found and _defined(each) & wanted - have
    }:
        found |= more
        wanted |= names_in(*more).loads
    return [each for each in donor.module.body if each in found]


def _defined(statement: cst.CSTNode) -> set[str]:
    """Return the names that a statement of a module binds there."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return {statement.name.value}
    return names_in(statement).stores
