"""Other constants: numbers nearby and far away, true for false. What a comment marks for tuning stays in its range."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.literal import Number, bounds_of
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

_OTHER = {"True": ("False",), "False": ("True",)}
_FACTORS = (0.5, 0.8, 0.95, 1.05, 1.25, 2.0)


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every other value of every constant."""
    for node in source.nodes:
        others: list[tuple[str, cst.BaseExpression]] = []
        if isinstance(node, cst.Name):
            others = [(name, cst.Name(name)) for name in _OTHER.get(node.value, ())]
        elif isinstance(node, cst.Integer | cst.Float):
            others = [(repr(value), _spelled(value)) for value in _nearby(source, node)]
        if others:
            text, place = source.quote(node), _place(source, node)
            for said, other in others:
                yield Edit(old=(node,), new=(other,), words=f"replaced {text} by `{said}` {place}")


def _nearby(source: Source, node: cst.Integer | cst.Float) -> list[Number]:
    """Return other values: steps and factors for a whole number, factors for any."""
    value = node.evaluated_value
    negative = isinstance(source.holders.get(node), cst.UnaryOperation)
    if isinstance(value, int):
        found: list[Number] = [value - 1, value + 1, value * 2, value // 2, round(value * 0.8), round(value * 1.25), 0]
    else:
        found = [float(f"{value * factor:.4g}") for factor in _FACTORS] if value else [1.0, 0.1, -0.1]
    mark = source.marks.get(node)
    if mark is not None and not negative:
        low, high, choices = bounds_of(value, mark)
        found = [each for each in [*choices, *found] if low <= each <= high and (not choices or each in choices)]
    elif mark is not None:
        return []  # the sign belongs to the range: left to `numeric`
    return [each for each in dict.fromkeys(found) if each != value]


def _spelled(value: Number) -> cst.BaseExpression:
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
