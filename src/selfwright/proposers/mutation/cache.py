"""Functions that look pure remember what they have computed: `functools.cache`."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import PURE, PURE_MODULES, names_in
from selfwright.proposers.mutation.source import Source

_UNHASHABLE = ("list", "dict", "set", "array", "List", "Dict", "Set", "Sequence", "Iter", "Callable", "bytearray")


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every function of the module that looks pure and takes what looks hashable."""
    own = {each.name.value: each for each in source.module.body if isinstance(each, cst.FunctionDef)}
    pure = {name for name, each in own.items() if _is_pure(each)}
    while unsure := {name for name in pure if not _calls(own[name]) <= pure}:
        pure -= unsure
    for function in source.all(cst.FunctionDef):
        if own.get(function.name.value) is function and function.name.value in pure and _suits(source, function):
            decorator = cst.Decorator(decorator=cst.parse_expression("functools.cache"))
            yield Edit(
                old=(function,), new=(function.with_changes(decorators=[decorator]),),
                words=f"let `{function.name.value}` remember its results (functools.cache)", needs="functools",
            )  # fmt: skip


def _is_pure(function: cst.FunctionDef) -> bool:
    """Whether a function changes nothing that was there before, as far as names tell."""
    found = names_in(function.body)
    params = names_in(function.params).stores
    return not function.asynchronous and found.touched <= found.stores - params and "*" not in found.called


def _calls(function: cst.FunctionDef) -> set[str]:
    """Return what it calls that is not known to be pure; a method of its own objects is."""
    stores = names_in(function.body).stores
    return {
        name
        for name in names_in(function.body).called
        if name not in PURE and name.partition(".")[0] not in PURE_MODULES | stores and not name.startswith(".")
    }


def _suits(source: Source, function: cst.FunctionDef) -> bool:
    """Whether it takes something hashable, and returns something that nobody can change."""
    params = function.params
    simple = params.params and not (params.kwonly_params or params.star_kwarg or function.decorators)
    if not simple or isinstance(params.star_arg, cst.Param):
        return False
    said = " ".join(source.code(param.annotation.annotation) for param in params.params if param.annotation is not None)
    if any(word in said for word in _UNHASHABLE):
        return False
    returned = [each.value for each in source.within(function) if isinstance(each, cst.Return) and each.value]
    if not returned or any(isinstance(each, cst.List | cst.Dict | cst.Set | cst.ListComp) for each in returned):
        return False
    untyped = {param.name.value for param in params.params if param.annotation is None}
    return not any(_is_walked(node, untyped) for node in source.within(function))


def _is_walked(node: cst.CSTNode, params: set[str]) -> bool:
    """Whether a parameter is used there as a list would be, run over or looked into; or the function is a generator."""
    match node:
        case cst.For(iter=cst.Name(value=name)) | cst.CompFor(iter=cst.Name(value=name)):
            return name in params
        case cst.Subscript(value=cst.Name(value=name)):
            return name in params
    return isinstance(node, cst.Yield)
