"""Small things said the fast way: `x * x` for `x ** 2`, `min(xs)` for `sorted(xs)[0]`, items instead of indices."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import fresh, names_in
from selfwright.proposers.mutation.source import Loop, Source

_POWERS = {"2": "{0} * {0}", "3": "{0} * {0} * {0}", "0.5": "math.sqrt({0})", "1": "{0}"}
_BITS = {"2": 1, "4": 2, "8": 3, "16": 4, "32": 5, "64": 6, "128": 7, "256": 8, "1024": 10, "65536": 16}


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for everything that can be said the fast way."""
    for node in source.nodes:
        for text, needs in _expressions(source, node):
            made = cst.parse_expression(text)
            words = f"wrote `{text}` for {source.quote(node)} {source.where(node)}"
            yield Edit(old=(node,), new=(made,), words=words, needs=needs)
    for assign in source.all(cst.Assign):
        yield from _augmented(source, assign)
    for loop in source.loops:
        yield from _items(source, loop)
        yield from _counted(source, loop)


def _expressions(source: Source, node: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """Yield what says the same, and the module that it needs."""
    match node:
        case cst.BinaryOperation(
            left=cst.Name(value=name), operator=cst.Power(), right=cst.Integer(value=power) | cst.Float(value=power)
        ) if power in _POWERS:
            yield _POWERS[power].format(name), "math" if power == "0.5" else ""
        case cst.BinaryOperation(left=left, operator=operator, right=cst.Integer(value=size)) if size in _BITS:
            text = source.code(left) if isinstance(left, cst.Name | cst.Call) or left.lpar else f"({source.code(left)})"
            if isinstance(operator, cst.FloorDivide):
                yield f"{text} >> {_BITS[size]}", ""
            elif isinstance(operator, cst.Modulo):
                yield f"{text} & {int(size) - 1}", ""
        case cst.Subscript(
            value=cst.Call(func=cst.Name(value="sorted"), args=[cst.Arg(value=whole, keyword=None, star="")]),
            slice=[cst.SubscriptElement(slice=cst.Index(value=index))],
        ) if source.code(index) in ("0", "-1"):
            yield f"{'min' if source.code(index) == '0' else 'max'}({source.code(whole)})", ""
        case cst.Call(
            func=cst.Name(value="any" | "all" as function),
            args=[cst.Arg(value=cst.ListComp() as whole, keyword=None, star="")],
        ) if not names_in(whole).leaves:
            yield f"{function}({source.code(whole).strip()[1:-1].strip()})", ""
        case cst.Call(
            func=cst.Name(value="sum" | "max" | "min" | "set" | "tuple" | "sorted" as function),
            args=[cst.Arg(value=cst.GeneratorExp() as whole, keyword=None, star="")],
        ):
            text = source.code(whole).strip()
            yield f"{function}([{text[1:-1] if text.startswith('(') else text}])", ""
        case cst.Call(
            func=cst.Attribute(value=cst.SimpleString(), attr=cst.Name(value="join")) as join,
            args=[cst.Arg(value=cst.GeneratorExp() as whole)],
        ):
            text = source.code(whole).strip()
            yield f"{source.code(join)}([{text[1:-1] if text.startswith('(') else text}])", ""
        case cst.ListComp(
            elt=cst.Name(value=item),
            for_in=cst.CompFor(target=cst.Name(value=other), iter=whole, ifs=[], inner_for_in=None),
        ) if item == other:
            yield f"list({source.code(whole)})", ""
        case cst.Call(
            func=cst.Name(value="list" | "set" | "tuple" as kind),
            args=[cst.Arg(value=cst.ListComp() | cst.List() as whole, keyword=None, star="")],
        ) if kind == "list":
            yield source.code(whole), ""


def _augmented(source: Source, assign: cst.Assign) -> Iterator[Edit]:
    """Yield ``a += b`` for ``a = a + b``."""
    match assign:
        case cst.Assign(
            targets=[cst.AssignTarget(target=target)],
            value=cst.BinaryOperation(left=left, operator=cst.Add(), right=right, lpar=()),
        ) if source.code(left) == source.code(target):
            made = cst.AugAssign(target=target, operator=cst.AddAssign(), value=right)
            words = f"wrote `{source.code(made)}` for {source.quote(assign)} {source.where(assign)}"
            yield Edit(old=(assign,), new=(made,), words=words)


def _items(source: Source, loop: Loop) -> Iterator[Edit]:
    """Yield a loop over items for one over their indices, where the index serves to look them up."""
    match loop:
        case cst.For(
            target=cst.Name(value=index),
            iter=cst.Call(
                func=cst.Name(value="range"),
                args=[cst.Arg(value=cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=cst.Name(value=whole))]))],
            ),
        ) if whole not in (inside := names_in(loop.body)).stores | inside.touched and index not in inside.stores:
            name = fresh("item", source.names)
            looked_up = _LookedUp(whole, index, name)
            body = loop.body.visit(looked_up)
            if not looked_up.count or not isinstance(body, cst.BaseSuite):
                return
            alone = index not in names_in(body).all
            head = f"for {name} in {whole}" if alone else f"for {index}, {name} in enumerate({whole})"
            made = cst.ensure_type(cst.parse_statement(f"{head}: pass\n"), cst.For)
            changed = loop.with_changes(target=made.target, iter=made.iter, body=body)
            words = f"let the loop over {index} {source.where(loop)} run over the items of {whole}"
            yield Edit(old=(loop,), new=(changed,), words=words)


def _counted(source: Source, loop: Loop) -> Iterator[Edit]:
    """Yield ``for i in range(i, n)`` for ``while i < n`` that ends in ``i += 1``."""
    match loop:
        case cst.While(
            test=cst.Comparison(
                left=cst.Name(value=index),
                comparisons=[cst.ComparisonTarget(operator=cst.LessThan(), comparator=bound)],
            ),
            orelse=None,
            body=cst.IndentedBlock(
                body=[
                    *rest,
                    cst.SimpleStatementLine(
                        body=[cst.AugAssign(target=cst.Name(value=again), operator=cst.AddAssign(), value=step)]
                    ),
                ]
            ) as block,
        ) if rest and again == index and source.code(step) == "1":
            inside = names_in(*rest)
            if index in inside.stores or names_in(bound).all & (inside.stores | inside.touched) or inside.leaves:
                return
            made = cst.ensure_type(
                cst.parse_statement(f"for {index} in range({index}, {source.code(bound)}): pass\n"), cst.For
            )
            changed = made.with_changes(body=block.with_changes(body=rest), leading_lines=loop.leading_lines)
            # Behind a `while` the index is the bound; behind a `for` it is one less.
            after = cst.parse_statement(f"{index} = max({index}, {source.code(bound)})\n")
            words = f"turned the loop while {source.quote(loop.test)} {source.where(loop)} into a loop over a range"
            yield Edit(old=(loop,), new=(changed, after), words=words)


class _LookedUp(cst.CSTTransformer):
    """Reads an item where it was looked up by its index."""

    def __init__(self, whole: str, index: str, name: str) -> None:
        super().__init__()
        self._sought, self._name, self.count = (whole, index), name, 0

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:  # noqa: N802  # libcst finds it by this name
        """Take the place of a look-up."""
        match updated_node:
            case cst.Subscript(
                value=cst.Name(value=whole),
                slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=index), star=None))],
            ) if (whole, index) == self._sought:
                self.count += 1
                return cst.Name(self._name)
        return updated_node
