"""Membership asked of a set or of a dictionary itself, where it was asked of a list, a tuple or the keys."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import fresh, names_in
from selfwright.proposers.mutation.source import Loop, Source

_LITERAL = (cst.Integer, cst.Float, cst.SimpleString, cst.ConcatenatedString)


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every `in` that could be asked of something faster."""
    for target in source.all(cst.ComparisonTarget):
        if not isinstance(target.operator, cst.In | cst.NotIn):
            continue
        where, within = source.where(target), target.comparator
        match within:
            case cst.List(elements=[_, *_] as elements) | cst.Tuple(elements=[_, *_] as elements):
                if all(isinstance(each.value, _LITERAL) for each in elements):
                    made = cst.parse_expression(f"{{{', '.join(source.code(each.value) for each in elements)}}}")
                    yield Edit(
                        old=(within,), new=(made,), words=f"looked into a set for {source.quote(within)} {where}"
                    )
            case cst.Call(func=cst.Attribute(value=whose, attr=cst.Name(value="keys")), args=[]):
                yield Edit(old=(within,), new=(whose,), words=f"looked into {source.quote(whose)} without keys {where}")
            case cst.Name() | cst.Call(func=cst.Name(value="list" | "tuple" | "sorted"), args=[_]):
                yield from _prepared(source, target, within)


def _is_fast(source: Source, loop: Loop, within: cst.BaseExpression) -> bool:
    """Whether what is asked is a set or a dictionary already, as far as its assignment tells."""
    for assign in source.all(cst.Assign):
        if source.function(assign) in (source.function(loop), None) and any(
            source.code(target.target) == source.code(within) for target in assign.targets
        ):
            match assign.value:
                case cst.Set() | cst.Dict() | cst.SetComp() | cst.DictComp():
                    return True
                case cst.Call(func=cst.Name(value="set" | "frozenset" | "dict" | "range")):
                    return True
    return False


def _prepared(source: Source, target: cst.ComparisonTarget, within: cst.BaseExpression) -> Iterator[Edit]:
    """Yield a set that is made before the loop which asks it."""
    loop = source.loop(target)
    if loop is None or source.function(loop) is None or not source.siblings(loop):
        return
    inside, found = names_in(loop), names_in(within)
    if found.loads & (inside.stores | inside.touched) or _is_fast(source, loop, within):
        return
    name = fresh("members", source.names)
    changed = loop.deep_replace(within, cst.Name(name))
    if not isinstance(changed, cst.For | cst.While):
        return
    made = cst.parse_statement(f"{name} = set({source.code(within)})\n").with_changes(leading_lines=loop.leading_lines)
    words = f"made a set of {source.quote(within)} before the loop that looks into it {source.where(loop)}"
    yield Edit(old=(loop,), new=(made, changed.with_changes(leading_lines=())), words=words)
