"""Other functions of a family called: `min` for `max`, `sum` for `len`, `math.floor` for `math.ceil`; or one's own."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

FAMILIES = (
    ("min", "max"),
    ("any", "all"),
    ("sum", "max", "min", "len"),
    ("sorted", "reversed", "list"),
    ("list", "tuple", "set"),
    ("int", "round"),
    ("math.floor", "math.ceil", "math.trunc", "round"),
    ("math.sin", "math.cos"),
    ("math.log", "math.log2", "math.log10", "math.log1p", "math.sqrt"),
    ("math.exp", "math.expm1"),
    ("np.min", "np.max", "np.mean", "np.median"),
    ("np.mean", "np.median", "np.average"),
    ("np.sum", "np.prod"),
    ("np.argmin", "np.argmax"),
    ("np.floor", "np.ceil", "np.rint", "np.trunc"),
    ("np.sin", "np.cos"),
    ("np.abs", "np.square"),
    ("np.minimum", "np.maximum"),
    ("np.zeros", "np.ones"),
    ("np.cumsum", "np.cumprod"),
    (".append", ".appendleft"),
    (".find", ".rfind"),
    (".index", ".rindex"),
    (".lstrip", ".rstrip", ".strip"),
    (".min", ".max", ".mean"),
    (".argmin", ".argmax"),
    ("random.random", "random.gauss"),
)
"""A name, a name of a module, or a method of anything."""

_OTHERS = {
    name: tuple(dict.fromkeys(other for family in FAMILIES if name in family for other in family if other != name))
    for name in dict.fromkeys(name for family in FAMILIES for name in family)
}


def edits(source: Source) -> Iterator[Edit]:
    """Yield every call of a relative, of another function of the file, with two arguments swapped, or left out."""
    own = {
        each.name.value: _arity(each)
        for each in source.module.body
        if isinstance(each, cst.FunctionDef) and _arity(each) is not None
    }
    for call in source.all(cst.Call):
        place = source.where(call)
        for name in _relatives(source, call.func, own):
            yield Edit(
                old=(call,), new=(call.with_changes(func=cst.parse_expression(name)),),
                words=f"called `{name}` for {source.quote(call.func)} {place}",
            )  # fmt: skip
        if len(call.args) >= 2 and _plain(call.args[0]) and _plain(call.args[1]):
            first, second, *rest = call.args
            swapped = [first.with_changes(value=second.value), second.with_changes(value=first.value), *rest]
            yield Edit(
                old=(call,), new=(call.with_changes(args=swapped),),
                words=f"swapped the first two arguments of {source.quote(call)} {place}",
            )  # fmt: skip
        if len(call.args) == 1 and _plain(call.args[0]) and isinstance(call.func, cst.Name):
            words = f"took `{call.func.value}` away from {source.quote(call)} {place}"
            yield Edit(old=(call,), new=(call.args[0].value,), words=words)


def _relatives(source: Source, function: cst.BaseExpression, own: dict[str, int | None]) -> Iterator[str]:
    match function:
        case cst.Name(value=name) if name in own:
            yield from (other for other, arity in own.items() if other != name and arity == own[name])
        case cst.Name(value=name):
            yield from (other for other in _OTHERS.get(name, ()) if "." not in other)
        case cst.Attribute(value=cst.Name(value=module)) if source.code(function) in _OTHERS:
            others = _OTHERS[source.code(function)]
            yield from (other for other in others if other.startswith(f"{module}.") or "." not in other)
        case cst.Attribute(attr=cst.Name(value="append")) if "deque" not in source.text:
            return  # a list has no relative of it
        case cst.Attribute(value=value, attr=cst.Name(value=method)) if f".{method}" in _OTHERS:
            whose = source.code(value)
            yield from (whose + other for other in _OTHERS[f".{method}"])
        case _:
            return


def _arity(function: cst.FunctionDef) -> int | None:
    """Return how many arguments a function takes, or None where that varies."""
    params = function.params
    if params.kwonly_params or params.posonly_params or params.star_kwarg is not None:
        return None
    if isinstance(params.star_arg, cst.Param) or any(param.default is not None for param in params.params):
        return None
    return len(params.params)


def _plain(arg: cst.Arg) -> bool:
    return arg.keyword is None and not arg.star
