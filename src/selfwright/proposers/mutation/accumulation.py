"""Loops that gather something: what is gathered, over what, under which conditions. Read, not changed.

`total = 0` and `for x in xs: total += f(x)` say together what `sum(f(x) for x in xs)` says alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from selfwright.proposers.mutation.names import names_in, read_later
from selfwright.proposers.mutation.source import Source, following

_EMPTY = {"[]": "list", "list()": "list", "set()": "set", "{}": "dict", "dict()": "dict", '""': "str", "''": "str"}
_EMPTY |= {"0": "sum", "0.0": "sum", 'b""': "bytes", "b''": "bytes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accumulation:
    """A loop that gathers, and the statement that its result begins with.

    Attributes:
        kind: ``list``, ``set``, ``dict``, ``sum``, ``str`` or ``bytes``.
        statements: From the one that makes it empty to the loop: what a rewrite replaces.
        between: Those between the two; they do not know the name.
        name: What is gathered into.
        item: The text of what is gathered, ``key: value`` of a dict.
        clauses: ``for x in xs if x`` as text.
        target: The loop's variable as text.
        iterable: What the innermost loop runs over.
        simple: Whether there is one loop and no condition.
    """

    kind: str
    statements: Sequence[cst.BaseStatement]
    between: Sequence[cst.BaseStatement]
    name: str
    item: str
    clauses: str
    target: str
    iterable: str
    simple: bool

    @property
    def expression(self) -> str:
        """The same as one expression."""
        generator = f"{self.item} {self.clauses}"
        match self.kind:
            case "list":
                return f"[{generator}]"
            case "set" | "dict":
                return f"{{{generator}}}"
            case "sum":
                return f"sum([{generator}])"
            case "str":
                return f'"".join([{generator}])'
        return f'b"".join([{generator}])'


def accumulations(source: Source) -> Iterator[Accumulation]:
    """Yield the loops that only gather, where nothing else looks at what they leave behind."""
    for loop in source.all(cst.For):
        function, siblings = source.function(loop), source.siblings(loop)
        found = _gathered(source, loop)
        if function is None or found is None:
            continue
        at = next((index for index, each in enumerate(siblings) if each is loop), 0)
        begin = _begin(source, siblings[:at], found.name)
        if begin is None or not _fits(siblings[begin], found, source):
            continue
        between = siblings[begin + 1 : at]
        if read_later(following(source, loop), names_in(loop).stores - {found.name}):
            continue  # the loop's variable is looked at afterwards
        yield Accumulation(
            kind=_EMPTY[_value(source, siblings[begin])] if not found.method else found.kind,
            statements=siblings[begin : at + 1], between=between, name=found.name, item=found.item,
            clauses=found.clauses, target=found.target, iterable=found.iterable, simple=found.depth == 1,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    name: str
    kind: str
    method: bool
    item: str
    clauses: str
    target: str
    iterable: str
    depth: int


def _gathered(source: Source, loop: cst.For) -> _Gathered | None:
    """Return what a loop gathers, or None where it does anything else."""
    clauses, depth, statement = [], 0, loop
    target = iterable = ""
    inner: cst.BaseCompoundStatement | cst.BaseStatement = statement
    while True:
        match inner:
            case cst.For(orelse=None, asynchronous=None):
                target, iterable = source.code(inner.target), source.code(inner.iter)
                clauses.append(f"for {target} in {_tight(source, inner.iter)}")
            case cst.If(orelse=None):
                clauses.append(f"if {_tight(source, inner.test)}")
            case _:
                break
        depth += 1
        if not isinstance(inner.body, cst.IndentedBlock) or len(inner.body.body) != 1:
            return None
        inner = inner.body.body[0]
    if not isinstance(inner, cst.SimpleStatementLine) or len(inner.body) != 1:
        return None
    what = _what(source, inner.body[0])
    if what is None:
        return None
    name, kind, item, method = what
    text = f"{item} {' '.join(clauses)}"
    heard = names_in(cst.parse_expression(f"{{{text}}}"))
    if name in heard.all or heard.leaves or "\n" in text or "#" in text:
        return None
    return _Gathered(
        name=name, kind=kind, method=method, item=item, clauses=" ".join(clauses), target=target, iterable=iterable,
        depth=depth,
    )  # fmt: skip


def _what(source: Source, small: cst.BaseSmallStatement) -> tuple[str, str, str, bool] | None:
    """Return name, kind and item of ``a.append(item)``, ``a.add(item)``, ``a[key] = item`` or ``a += item``."""
    match small:
        case cst.Expr(
            value=cst.Call(
                func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="append" | "add" as method)),
                args=[cst.Arg(keyword=None, star="", value=value)],
            )
        ):
            return name, {"append": "list", "add": "set"}[method], _tight(source, value), True
        case cst.Assign(
            targets=[
                cst.AssignTarget(
                    target=cst.Subscript(
                        value=cst.Name(value=name), slice=[cst.SubscriptElement(slice=cst.Index(value=key, star=None))]
                    )
                )
            ],
            value=value,
        ):
            return name, "dict", f"{_tight(source, key)}: {_tight(source, value)}", True
        case cst.AugAssign(target=cst.Name(value=name), operator=cst.AddAssign(), value=value):
            return name, "sum", _tight(source, value), False
    return None


def _tight(source: Source, node: cst.BaseExpression) -> str:
    """Return the text of an expression as part of another one."""
    text = source.code(node)
    loose = isinstance(node, cst.IfExp | cst.Lambda | cst.Tuple | cst.NamedExpr | cst.GeneratorExp) and not node.lpar
    return f"({text})" if loose else text


def _begin(source: Source, before: Sequence[cst.BaseStatement], name: str) -> int | None:
    """Return which of the statements before a loop last knew the name."""
    for index in range(len(before) - 1, -1, -1):
        if name in names_in(before[index]).all:
            return index
    return None


def _fits(statement: cst.BaseStatement, found: _Gathered, source: Source) -> bool:
    """Whether a statement makes the name empty, of the kind that the loop gathers."""
    kind = _EMPTY.get(_value(source, statement), "")
    return kind == found.kind if found.method else kind in ("sum", "str", "bytes")


def _value(source: Source, statement: cst.BaseStatement) -> str:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value)]):
            return source.code(value)
    return ""
