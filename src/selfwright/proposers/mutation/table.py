"""Constants that a function builds in each call, built once: tables, translations, imports."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.lift import lifted, module_level
from selfwright.proposers.mutation.names import fresh, names_in
from selfwright.proposers.mutation.source import Source

_READING = frozenset({"get", "items", "keys", "values", "index", "count"})
"""Methods that change nothing, and give nothing away that could be changed where all of it is literals."""
_CALLS = frozenset({"re.compile", "frozenset", "str.maketrans", "operator.itemgetter", "operator.attrgetter"})


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every constant that is built in a function, and for every import in one."""
    for node in source.nodes:
        if source.function(node) is None:
            continue
        found = _import(source, node) if isinstance(node, cst.SimpleStatementLine) else None
        if isinstance(node, cst.BaseExpression) and _is_constant(source, node) and not _is_default(source, node):
            name = fresh(f"_{_kind(node)}", source.names)
            words = f"built {source.quote(node)} once {source.where(node)}"
            made = f"{name} = {source.code(node)}"
            found = lifted(source, {node: lambda _, name=name: cst.Name(name)}, made, words)  # type: ignore[misc]  # mypy knows no defaults of a lambda
        if found is not None:
            yield found


def _is_constant(source: Source, node: cst.BaseExpression) -> bool:
    """Whether an expression is a table that is only read, or a call that makes the same of literals each time."""
    match node:
        case cst.Dict(elements=[_, *_]) | cst.List(elements=[_, *_]) | cst.Set(elements=[_, *_]):
            return _is_literal(node) and _is_read(source, node)
        case cst.Call(func=cst.Attribute() | cst.Name() as function, args=[_, *_] as args):
            return source.code(function) in _CALLS and all(
                arg.star == "" and (_is_literal(arg.value) or _is_flag(arg.value)) for arg in args
            )
    return False


def _is_read(source: Source, node: cst.BaseExpression) -> bool:
    holder = source.holders[node]
    match holder:
        case cst.Attribute(attr=cst.Name(value=name)):
            above = source.holders[holder]
            return name in _READING and isinstance(above, cst.Call) and above.func is holder
        case cst.Subscript(value=value):
            return value is node and not isinstance(source.holders[holder], cst.AssignTarget | cst.AugAssign | cst.Del)
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            return isinstance(node, cst.Dict)
    return False


def _is_literal(node: cst.BaseExpression) -> bool:
    match node:
        case cst.Integer() | cst.Float() | cst.SimpleString() | cst.ConcatenatedString():
            return not isinstance(node, cst.ConcatenatedString) or (_is_literal(node.left) and _is_literal(node.right))
        case cst.Name(value="None" | "True" | "False"):
            return True
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            return _is_literal(inner)
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            return all(isinstance(each, cst.Element) and _is_literal(each.value) for each in elements)
        case cst.Dict(elements=elements):
            return all(
                isinstance(each, cst.DictElement) and _is_literal(each.key) and _is_literal(each.value)
                for each in elements
            )
    return False


def _is_flag(node: cst.BaseExpression) -> bool:
    match node:
        case cst.Attribute(value=cst.Name(value="re")):
            return True
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _is_flag(left) and _is_flag(right)
    return False


def _is_default(source: Source, node: cst.CSTNode) -> bool:
    """Whether it is built once already: it stands in the parameters of a function of the module."""
    top = module_level(source, node)
    return top is None or any(isinstance(each, cst.Parameters | cst.Decorator) for each in source.above(node))


def _kind(node: cst.BaseExpression) -> str:
    return {cst.Dict: "table", cst.List: "items", cst.Set: "members"}.get(type(node), "made")


def _import(source: Source, line: cst.SimpleStatementLine) -> Edit | None:
    """Return the edit that takes an import out of a function."""
    match line.body:
        case [cst.Import() | cst.ImportFrom(relative=[]) as small] if len(source.siblings(line)) > 1:
            pass
        case _:
            return None
    top = module_level(source, line)
    rest = [each for each in source.module.body if each is not top]
    bound = names_in(small).stores
    if top is None or not bound or bound & names_in(*rest).stores:
        return None
    changed = top.deep_remove(line)
    if not isinstance(changed, cst.FunctionDef | cst.ClassDef):
        return None
    first = line.with_changes(leading_lines=top.leading_lines)
    blank = cst.EmptyLine(indent=False)
    words = f"took {source.quote(line)} out of the function {source.where(line)}"
    return Edit(old=(top,), new=(first, changed.with_changes(leading_lines=(blank, blank))), words=words)
