"""Other operators: arithmetic, comparisons, and/or, augmented ones; an operand alone; a condition turned round."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source, bracketed

_BINARY: dict[type[cst.BaseBinaryOp], tuple[type[cst.BaseBinaryOp], ...]] = {
    cst.Add: (cst.Subtract,),
    cst.Subtract: (cst.Add,),
    cst.Multiply: (cst.Divide, cst.FloorDivide, cst.Add),
    cst.Divide: (cst.Multiply, cst.FloorDivide),
    cst.FloorDivide: (cst.Divide, cst.Multiply, cst.Modulo),
    cst.Modulo: (cst.FloorDivide,),
    cst.Power: (cst.Multiply,),
    cst.LeftShift: (cst.RightShift,),
    cst.RightShift: (cst.LeftShift,),
    cst.BitAnd: (cst.BitOr, cst.BitXor),
    cst.BitOr: (cst.BitAnd, cst.BitXor),
    cst.BitXor: (cst.BitAnd, cst.BitOr),
}
_AUGMENTED: dict[type[cst.BaseAugOp], tuple[type[cst.BaseAugOp], ...]] = {
    cst.AddAssign: (cst.SubtractAssign,),
    cst.SubtractAssign: (cst.AddAssign,),
    cst.MultiplyAssign: (cst.DivideAssign, cst.AddAssign),
    cst.DivideAssign: (cst.MultiplyAssign, cst.FloorDivideAssign),
    cst.FloorDivideAssign: (cst.DivideAssign, cst.RightShiftAssign),
    cst.LeftShiftAssign: (cst.RightShiftAssign,),
    cst.RightShiftAssign: (cst.LeftShiftAssign,),
    cst.BitAndAssign: (cst.BitOrAssign,),
    cst.BitOrAssign: (cst.BitAndAssign, cst.BitXorAssign),
    cst.BitXorAssign: (cst.BitOrAssign,),
}
_COMPARED: dict[type[cst.BaseCompOp], tuple[type[cst.BaseCompOp], ...]] = {
    cst.LessThan: (cst.LessThanEqual, cst.GreaterThan),
    cst.LessThanEqual: (cst.LessThan, cst.GreaterThanEqual),
    cst.GreaterThan: (cst.GreaterThanEqual, cst.LessThan),
    cst.GreaterThanEqual: (cst.GreaterThan, cst.LessThanEqual),
    cst.Equal: (cst.NotEqual,),
    cst.NotEqual: (cst.Equal,),
    cst.In: (cst.NotIn,),
    cst.NotIn: (cst.In,),
    cst.Is: (cst.IsNot,),
    cst.IsNot: (cst.Is,),
}
_BOOLEAN: dict[type[cst.BaseBooleanOp], type[cst.BaseBooleanOp]] = {cst.And: cst.Or, cst.Or: cst.And}


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every other operator, every operand alone, and every condition turned round."""
    for node in source.nodes:
        for new in (*_others(node), *_conditions(source, node)):
            words = f"replaced {source.quote(node)} by {source.quote(new)} {source.where(node)}"
            yield Edit(old=(node,), new=(new,), words=words)


def _others(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    match node:
        case cst.BinaryOperation(left=left, operator=operator, right=right):
            for binary in _BINARY.get(type(operator), ()):
                yield node.with_changes(left=_tight(left), operator=binary(**_spaces(operator)), right=_tight(right))
            yield from (left, right)
            if isinstance(operator, cst.Subtract | cst.Divide | cst.FloorDivide | cst.Modulo | cst.Power):
                yield node.with_changes(left=bracketed(right), right=bracketed(left))
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            boolean = _BOOLEAN[type(operator)](**_spaces(operator))
            yield node.with_changes(left=_tight(left), operator=boolean, right=_tight(right))
            yield from (left, right)
        case cst.Comparison(comparisons=[*targets]):
            for at, target in enumerate(targets):
                words = isinstance(target.operator, cst.In | cst.NotIn | cst.Is | cst.IsNot)
                spaces = {} if words else _spaces(target.operator)
                for compared in _COMPARED.get(type(target.operator), ()):
                    changed = target.with_changes(operator=compared(**spaces))
                    yield node.with_changes(comparisons=[*targets[:at], changed, *targets[at + 1 :]])
        case cst.UnaryOperation(operator=cst.Not() | cst.Minus() | cst.BitInvert(), expression=inner):
            yield inner
        case cst.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case cst.AugAssign(operator=operator):
            for augmented in _AUGMENTED.get(type(operator), ()):
                yield node.with_changes(operator=augmented(**_spaces(operator)))


def _tight(operand: cst.BaseExpression) -> cst.BaseExpression:
    """Return an operand that holds together under another operator."""
    bitwise = cst.BitAnd | cst.BitOr | cst.BitXor | cst.LeftShift | cst.RightShift
    loose = isinstance(operand, cst.BooleanOperation | cst.IfExp | cst.Lambda | cst.NamedExpr) or (
        isinstance(operand, cst.BinaryOperation) and isinstance(operand.operator, bitwise)
    )
    return bracketed(operand) if loose else operand


def _conditions(source: Source, node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """Yield a condition turned round."""
    holder = source.holders.get(node)
    if not isinstance(node, cst.BaseExpression) or not isinstance(holder, cst.If | cst.IfExp | cst.CompIf):
        return
    if holder.test is node and not isinstance(node, cst.UnaryOperation | cst.Comparison):
        yield cst.UnaryOperation(operator=cst.Not(), expression=bracketed(node))


def _spaces(operator: cst.CSTNode) -> dict[str, Any]:
    """Return the spaces around an operator that is made of signs, for another one."""
    return {name: getattr(operator, name) for name in ("whitespace_before", "whitespace_after")}
