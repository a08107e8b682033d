"""Plain loops of arithmetic over numbers left to numpy, where a candidate may import it."""

import ast
from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.accumulation import accumulations
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

_IMPORT = "numpy as np"
_FUNCTIONS = {
    "abs": "np.abs", "math.sqrt": "np.sqrt", "math.sin": "np.sin", "math.cos": "np.cos", "math.tan": "np.tan",
    "math.exp": "np.exp", "math.log": "np.log", "math.log2": "np.log2", "math.log10": "np.log10",
    "math.floor": "np.floor", "math.ceil": "np.ceil", "math.hypot": "np.hypot", "math.atan2": "np.arctan2",
    "math.fabs": "np.abs", "math.tanh": "np.tanh", "math.atan": "np.arctan",
    "min": "np.minimum", "max": "np.maximum",
}  # fmt: skip
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_BITWISE = (ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every loop that gathers arithmetic, and every comprehension and sum of arithmetic."""
    if "numpy" not in source.modules:
        return
    for each in accumulations(source):
        text = _vectorised(each.item, each.target, each.iterable) if each.simple else None
        ending = {"list": ".tolist()", "sum": ".sum().item()"}.get(each.kind)
        if text is not None and ending is not None:
            loop, first = each.statements[-1], each.statements[0]
            made = cst.parse_statement(f"{each.name} = {text}{ending}\n")
            made = made.with_changes(leading_lines=first.leading_lines)  # type: ignore[attr-defined]  # a statement's
            words = f"left the loop over {each.target} {source.where(loop)} to numpy"
            yield Edit(old=each.statements, new=(*each.between, made), words=words, needs=_IMPORT)
    for node in source.nodes:
        yield from _comprehended(source, node)


def _comprehended(source: Source, node: cst.CSTNode) -> Iterator[Edit]:
    match node:
        case cst.ListComp() as inner:
            ending = ".tolist()"
        case cst.Call(
            func=cst.Name(value="sum" | "min" | "max" as function),
            args=[cst.Arg(value=cst.GeneratorExp() | cst.ListComp() as inner, keyword=None, star="")],
        ):
            ending = f".{function}().item()"
        case _:
            return
    clause = inner.for_in
    if clause.ifs or clause.inner_for_in is not None or clause.asynchronous is not None:
        return
    text = _vectorised(source.code(inner.elt), source.code(clause.target), source.code(clause.iter))
    if text is not None:
        words = f"left {source.quote(node)} {source.where(node)} to numpy"
        yield Edit(old=(node,), new=(cst.parse_expression(text + ending),), words=words, needs=_IMPORT)


def _vectorised(item: str, target: str, iterable: str) -> str | None:
    """Return arithmetic over arrays that says the same as an item for each element, or None where it can not."""
    try:
        tree, over, names = (ast.parse(text.strip(), mode="eval").body for text in (item, iterable, target))
    except SyntaxError:
        return None
    arrays = _arrays(names, over)
    if arrays is None:
        return None
    arithmetic = _Arithmetic(arrays)
    try:
        made = arithmetic.visit(tree)
    except _NoArithmeticError:
        return None
    return f"({ast.unparse(made)})" if arithmetic.used else None


def _arrays(target: ast.expr, over: ast.expr) -> dict[str, str] | None:
    """Return loop variable → the array of all its values, as text."""
    match (target, over):
        case (ast.Name(id=name), ast.Call(func=ast.Name(id="range"), keywords=[])):
            return {name: f"np.arange{ast.unparse(over).removeprefix('range')}"}
        case (ast.Name(id=name), ast.Name() | ast.Attribute() | ast.Subscript()):
            return {name: f"np.asarray({ast.unparse(over)})"}
        case (ast.Tuple(elts=names), ast.Call(func=ast.Name(id="zip"), args=parts, keywords=[])):
            if len(names) == len(parts) and all(isinstance(each, ast.Name) for each in names):
                return {ast.unparse(name): f"np.asarray({ast.unparse(part)})" for name, part in zip(names, parts)}  # noqa: B905  # the line above says so
    return None


class _NoArithmeticError(Exception):
    """There is something in it that arrays do not do."""


class _Arithmetic(ast.NodeTransformer):
    """Puts arrays in the place of loop variables.

    Attributes:
        used: Whether there was one.
    """

    def __init__(self, arrays: dict[str, str]) -> None:
        self._arrays, self.used = arrays, False

    def visit(self, node: ast.AST) -> ast.AST:
        match node:
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC + _BITWISE):
                return ast.BinOp(left=self._of(left), op=op, right=self._of(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return ast.UnaryOp(op=sign, operand=self._of(operand))
            case ast.Constant(value=int() | float()):
                return node
            case ast.Name(id=name) if name in self._arrays:
                self.used = True
                return ast.parse(self._arrays[name], mode="eval").body
            case ast.Name():
                return node
            case ast.Call(func=function, args=args, keywords=[]) if ast.unparse(function) in _FUNCTIONS:
                other = ast.parse(_FUNCTIONS[ast.unparse(function)], mode="eval").body
                return ast.Call(func=other, args=[self._of(each) for each in args], keywords=[])
            case ast.Subscript(value=ast.Name(id=whole), slice=ast.Name(id=index)) if index in self._arrays:
                self.used = True
                return ast.parse(f"np.asarray({whole})[{self._arrays[index]}]", mode="eval").body
        raise _NoArithmeticError

    def _of(self, node: ast.expr) -> ast.expr:
        made = self.visit(node)
        assert isinstance(made, ast.expr)  # an expression stays one
        return made
