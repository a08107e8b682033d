"""Other constants: numbers nearby and far away, true for false. What a comment marks for tuning stays in its range."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mark import Mark, Number, Value, is_same
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import LITERAL, Source

_NAMED = {"True": True, "False": False, "None": None}
_FACTORS = (0.5, 0.8, 0.95, 1.05, 1.25, 2.0)


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every other value of every constant."""
    for node in source.nodes:
        others = list(_others(source, node)) if isinstance(node, LITERAL) else []
        if others:
            text, place = source.quote(node), _place(source, node)
            for value in others:
                yield Edit(old=(node,), new=(_spelled(value),), words=f"replaced {text} by `{value!r}` {place}")


def _others(source: Source, node: cst.CSTNode) -> Iterator[Value]:
    """Yield other values: of what a mark is about its choices, of a number those nearby, of a truth the other."""
    if isinstance(node, cst.Name) and node.value not in _NAMED:
        return
    mark = source.marks.get(node)
    value = _NAMED[node.value] if isinstance(node, cst.Name) else node.evaluated_value  # type: ignore[attr-defined]  # LITERAL
    if mark is not None and isinstance(source.holders.get(node), cst.UnaryOperation):
        return  # the sign belongs to the range: left to `numeric`
    if mark is not None and mark.exact and mark.concerns(value):
        yield from (choice for choice in mark.choices or () if not is_same(choice, value))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(node, cst.Integer | cst.Float):
        yield from _nearby(node.evaluated_value, mark)


def _nearby(value: Number, mark: Mark | None) -> list[Number]:
    """Return other values: steps and factors for a whole number, factors for any."""
    if isinstance(value, int):
        found: list[Number] = [value - 1, value + 1, value * 2, value // 2, round(value * 0.8), round(value * 1.25), 0]
    else:
        found = [float(f"{value * factor:.4g}") for factor in _FACTORS] if value else [1.0, 0.1, -0.1]
    if mark is not None:
        bounds = mark.bounds(value)
        listed = [each for each in bounds.choices if isinstance(each, int | float)]
        found = [each for each in listed or found if bounds.low <= each <= bounds.high]
    return [each for each in dict.fromkeys(found) if each != value]


def _spelled(value: Value) -> cst.BaseExpression:
    if value is None or isinstance(value, bool):
        return cst.Name(repr(value))
    if isinstance(value, str | bytes):
        return cst.SimpleString(repr(value))
    kind = cst.Integer if isinstance(value, int) else cst.Float
    number = kind(repr(abs(value)))
    return number if value >= 0 else cst.UnaryOperation(operator=cst.Minus(), expression=number)


def _place(source: Source, node: cst.CSTNode) -> str:
    """Return what a constant is assigned to, and where."""
    for holder in source.above(node):
        match holder:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                return f"in {name} {source.where(node)}"
            case cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                break
    return source.where(node)
