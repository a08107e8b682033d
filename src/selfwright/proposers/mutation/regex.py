"""Regular expressions compiled once: `re.sub` and its siblings look a pattern up in each call."""

from collections.abc import Iterator, Sequence

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.lift import Replace, lifted
from selfwright.proposers.mutation.names import fresh
from selfwright.proposers.mutation.source import Source

_FLAGS_AT = {"match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4, "subn": 4}
"""Function of ``re`` → which of its arguments the flags are."""
_REMEMBERED = "functools.lru_cache(maxsize=512)"
"""As many patterns as ``re`` remembers."""


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every pattern: a literal one is compiled when the module is loaded, another one remembered."""
    seen: set[tuple[cst.CSTNode | None, str, str]] = set()
    calls = [each for each in source.all(cst.Call) if _name(each)]
    for call in calls:
        key = _key(source, call)
        if key is None or key in seen:
            continue
        seen.add(key)
        alike = [each for each in calls if _key(source, each) == key]
        edit = (_compiled if _is_literal(call.args[0].value) else _remembered)(source, call, alike)
        if edit is not None:
            yield edit


def _name(call: cst.Call) -> str:
    """Return which function of ``re`` is called, in a way that can be said otherwise; else nothing."""
    match call:
        case cst.Call(
            func=cst.Attribute(value=cst.Name(value="re"), attr=cst.Name(value=name)),
            args=[cst.Arg(keyword=None, star=""), *rest],
        ) if name in _FLAGS_AT and rest and all(each.star == "" for each in rest):
            return name
    return ""


def _key(source: Source, call: cst.Call) -> tuple[cst.CSTNode | None, str, str] | None:
    """Return what calls have in common that can share a pattern; None where the flags are not written there."""
    flags = _flags(call)
    if flags is not None and (names := _names(flags.value)) and not all(name in ("re", *_FLAG_NAMES) for name in names):
        return None
    text = (
        f"{source.code(call.args[0].value)}, {source.code(flags.value)}" if flags else source.code(call.args[0].value)
    )
    kind = text if _is_literal(call.args[0].value) else ""
    return (source.function(call), _name(call), kind) if kind or flags is None else None


def _compiled(source: Source, call: cst.Call, alike: Sequence[cst.Call]) -> Edit | None:
    name, flags = _name(call), _flags(call)
    bound = fresh(f"_{name}", source.names)
    said = source.code(call.args[0].value) + (f", {source.code(flags.value)}" if flags else "")
    marked = f" with {source.quote(flags.value)}" if flags else ""
    words = f"compiled the pattern {source.quote(call.args[0].value)}{marked} once {source.where(call)}"

    def replace(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.Call)  # it was one
        return node.with_changes(func=cst.Name(bound), args=_rest(node))

    replaced: dict[cst.CSTNode, Replace] = dict.fromkeys(alike, replace)
    return lifted(source, replaced, f"{bound} = re.compile({said}).{name}", words)


def _remembered(source: Source, call: cst.Call, alike: Sequence[cst.Call]) -> Edit | None:
    name = _name(call)
    bound = fresh(f"_{name}_of", source.names)
    words = f"remembered what patterns are compiled to for `re.{name}` {source.where(call)}"

    def replace(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.Call)  # it was one
        pattern = node.args[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(func=cst.Call(func=cst.Name(bound), args=[pattern]), args=_rest(node))

    replaced: dict[cst.CSTNode, Replace] = dict.fromkeys(alike, replace)
    made = f"{bound} = {_REMEMBERED}(lambda pattern: re.compile(pattern).{name})"
    return lifted(source, replaced, made, words, needs="functools")


_FLAG_NAMES = frozenset({
    "A", "ASCII", "I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "U", "UNICODE", "X", "VERBOSE", "L", "LOCALE",
})  # fmt: skip


def _flags(call: cst.Call) -> cst.Arg | None:
    at = _FLAGS_AT[_name(call)]
    for index, arg in enumerate(call.args):
        if (arg.keyword is None and index == at) or (arg.keyword is not None and arg.keyword.value == "flags"):
            return arg
    return None


def _rest(call: cst.Call) -> list[cst.Arg]:
    """Return the arguments behind the pattern, flags apart."""
    flags = _flags(call)
    rest = [arg for arg in call.args[1:] if arg is not flags]
    return [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in rest]


def _is_literal(node: cst.BaseExpression) -> bool:
    match node:
        case cst.SimpleString():
            return True
        case cst.ConcatenatedString(left=left, right=right):
            return _is_literal(left) and _is_literal(right)
    return False


def _names(node: cst.BaseExpression) -> set[str]:
    match node:
        case cst.Name(value=name):
            return {name}
        case cst.Attribute(value=value, attr=attr):
            return _names(value) | {attr.value}
        case cst.BinaryOperation(left=left, right=right):
            return _names(left) | _names(right)
        case cst.Integer():
            return set()
    return {"*"}
