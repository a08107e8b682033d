"""Calls of small built-in functions said in the language itself: `min(a, b)`, `return any(...)`, `"{}".format(a)`."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import names_in
from selfwright.proposers.mutation.source import Source


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every such call."""
    for node in source.nodes:
        for text in _expressions(source, node):
            words = f"wrote `{text}` for {source.quote(node)} {source.where(node)}"
            yield Edit(old=(node,), new=(cst.parse_expression(text),), words=words)
        if isinstance(node, cst.SimpleStatementLine):
            yield from _looped(source, node)


def _expressions(source: Source, node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.Call(
            func=cst.Name(value="min" | "max" as name),
            args=[cst.Arg(keyword=None, star="", value=one), cst.Arg(keyword=None, star="", value=other)],
        ) if _is_cheap(one) and _is_cheap(other):
            sign, (first, second) = {"min": "<", "max": ">"}[name], (source.code(one), source.code(other))
            yield f"{second} if {second} {sign} {first} else {first}"
        case cst.Call(func=cst.Name(value="dict" | "list" | "tuple" as name), args=[]):
            yield {"dict": "{}", "list": "[]", "tuple": "()"}[name]
        case cst.Call(
            func=cst.Attribute(value=cst.Name() as text, attr=cst.Name(value="startswith" | "endswith" as name)),
            args=[cst.Arg(keyword=None, star="", value=cst.SimpleString() as sought)],
        ) if (length := len(sought.evaluated_value)) and not isinstance(sought.evaluated_value, bytes):
            part = f":{length}" if name == "startswith" else f"-{length}:"
            yield f"{source.code(text)}[{part}] == {source.code(sought)}"
        case cst.Call(
            func=cst.Attribute(value=cst.SimpleString() as form, attr=cst.Name(value="format")), args=args
        ) if all(arg.keyword is None and arg.star == "" for arg in args):
            yield from _formatted(form, [source.code(arg.value) for arg in args], "{}")
        case cst.BinaryOperation(
            left=cst.SimpleString() as form, operator=cst.Modulo(), right=cst.Tuple(elements=elements)
        ) if all(isinstance(each, cst.Element) for each in elements):
            yield from _formatted(form, [source.code(each.value) for each in elements], "%s")
        case cst.Call(
            func=cst.Name(value="list" | "set" | "tuple" | "sum" | "sorted" as name), args=[cst.Arg(value=whole)]
        ):
            if inner := _mapped(source, whole):
                yield {"list": f"[{inner}]", "set": f"{{{inner}}}"}.get(name, f"{name}([{inner}])")
            elif name == "set" and isinstance(whole, cst.GeneratorExp | cst.ListComp):
                yield f"{{{_inner(source, whole)}}}"
        case cst.Call(
            func=cst.Attribute(value=cst.SimpleString(), attr=cst.Name(value="join")) as join,
            args=[cst.Arg(value=whole)],
        ) if inner := _mapped(source, whole):
            yield f"{source.code(join)}([{inner}])"
        case cst.Call(
            func=cst.Name(value="dict"),
            args=[
                cst.Arg(
                    value=cst.GeneratorExp(elt=cst.Tuple(elements=[key, value]))
                    | cst.ListComp(elt=cst.Tuple(elements=[key, value])) as whole
                )
            ],
        ):
            yield f"{{{source.code(key.value)}: {source.code(value.value)} {source.code(whole.for_in).strip()}}}"


def _looped(source: Source, line: cst.SimpleStatementLine) -> Iterator[Edit]:
    """Yield a loop that returns for ``return any(...)`` and ``return all(...)``: a generator costs more."""
    match line.body:
        case [
            cst.Return(
                value=cst.Call(
                    func=cst.Name(value="any" | "all" as name), args=[cst.Arg(value=cst.GeneratorExp() as whole)]
                )
            )
        ] if whole.for_in.inner_for_in is None:
            pass
        case _:
            return
    clause = whole.for_in
    tests = [source.code(each.test) for each in clause.ifs]
    tests.append(source.code(whole.elt) if name == "any" else f"not ({source.code(whole.elt)})")
    found, otherwise = ("True", "False") if name == "any" else ("False", "True")
    test = " and ".join(f"({each})" for each in tests) if len(tests) > 1 else tests[0]
    text = f"for {source.code(clause.target)} in {source.code(clause.iter)}:\n    if {test}:\n        return {found}\n"
    if "\n" in source.code(whole) or "#" in source.code(whole):
        return
    loop = cst.parse_statement(text).with_changes(leading_lines=line.leading_lines)
    after = cst.parse_statement(f"return {otherwise}\n")
    words = f"spelled {source.quote(line)} out as a loop {source.where(line)}"
    yield Edit(old=(line,), new=(loop, after), words=words)


def _is_cheap(node: cst.BaseExpression) -> bool:
    """Whether an expression may be said twice: it computes nothing, or next to nothing."""
    match node:
        case cst.Name() | cst.Integer() | cst.Float():
            return True
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right):
            return _is_cheap(left) and _is_cheap(right) and isinstance(right, cst.Name | cst.Integer)
    return False


def _formatted(form: cst.SimpleString, values: list[str], field: str) -> Iterator[str]:
    """Yield an f-string for a format whose fields are all plain."""
    text = form.raw_value
    quotes = form.quote
    rest = "%" if field == "%s" else "{}"
    parts = text.split(field)
    if form.prefix or len(quotes) != 1 or len(parts) != len(values) + 1 or not values:
        return
    if any(set(part) & set("{}%\\" if rest == "%" else "{}\\") for part in parts):
        return
    if any(set(value) & {"'", '"', "\\", "\n", "#", "{", "}", "!", ":"} for value in values):
        return
    end = "!s" if field == "%s" else ""
    said = "".join(f"{part}{{{value}{end}}}" for part, value in zip(parts, values, strict=False)) + parts[-1]
    yield f"f{quotes}{said}{quotes}"


def _mapped(source: Source, node: cst.BaseExpression) -> str:
    """Return the inside of a comprehension for ``map`` or ``filter`` of a lambda; nothing for anything else."""
    match node:
        case cst.Call(
            func=cst.Name(value="map" | "filter" as name),
            args=[cst.Arg(value=cst.Lambda(params=params, body=body)), cst.Arg(value=over, star="")],
        ) if len(params.params) == 1 and not (params.kwonly_params or params.star_kwarg or params.params[0].default):
            item, said = params.params[0].name.value, source.code(body)
            if names_in(body).leaves or "\n" in said:
                return ""
            over_said = source.code(over)
            return (
                f"({said}) for {item} in {over_said}"
                if name == "map"
                else f"{item} for {item} in {over_said} if {said}"
            )
    return ""


def _inner(source: Source, whole: cst.GeneratorExp | cst.ListComp) -> str:
    text = source.code(whole).strip()
    return text[1:-1].strip() if text[:1] in "([" else text
