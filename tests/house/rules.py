"""The rules of the house as small pure functions.

Each takes a file and returns its offences, one line each: `file:line: what; mend`. The tests say what a rule is applied
to, and prove that it finds a planted offender. Import rules are import-linter's (pyproject.toml).
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

MOST_FILE_LINES = 300
MOST_CLASS_LINES = 200
MOST_FUNCTION_LINES = 50
MOST_POSITIONAL = 8

Function = ast.FunctionDef | ast.AsyncFunctionDef


# --------------------------------------------------------------------------------------------------------------- sizes


def file_size(path: Path, most: int = MOST_FILE_LINES) -> list[str]:
    """A file has at most 300 lines of code."""
    count = len(_code_lines(_read(path)))
    return [f"{path}:1: {count} lines of code, at most {most}; find the second noun in it"] if count > most else []


def class_sizes(path: Path, most: int = MOST_CLASS_LINES) -> list[str]:
    """A class has at most 200 lines of code."""
    return _definition_sizes(path, (ast.ClassDef,), most)


def function_sizes(path: Path, most: int = MOST_FUNCTION_LINES) -> list[str]:
    """A function has at most 50 lines of code, nested functions included."""
    return _definition_sizes(path, (ast.FunctionDef, ast.AsyncFunctionDef), most)


def positional_parameters(path: Path, most: int = MOST_POSITIONAL) -> list[str]:
    """A function takes at most 8 positional parameters; keyword-only ones and options of `cli/` are not counted."""
    if "cli" in path.parts or path.name == "cli.py":
        return []
    offences = []
    for node, owner in _functions(_parse(path)):
        count = len(node.args.posonlyargs) + len(node.args.args)
        bound = isinstance(owner, ast.ClassDef) and "staticmethod" not in map(_name_of, node.decorator_list)
        count -= 1 if bound and count else 0
        if count > most:
            offences.append(
                _offence(
                    path,
                    node,
                    f"{node.name} takes {count} positional parameters, at most {most}; make them keyword-only",
                )
            )
    return offences


def lines(path: Path, most: int) -> list[str]:
    """A file has at most so many lines, whatever is in them."""
    count = len(_read(path).splitlines())
    return [f"{path}:1: {count} lines, at most {most}; say less"] if count > most else []


def _definition_sizes(path: Path, kinds: tuple[type[ast.AST], ...], most: int) -> list[str]:
    source = _read(path)
    code = _code_lines(source)
    offences = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds) and isinstance(node, Function | ast.ClassDef):
            count = len(code.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if count > most:
                offences.append(
                    _offence(
                        path, node, f"{node.name} has {count} lines of code, at most {most}; find the second noun in it"
                    )
                )
    return offences


def _code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code: no blanks, no comments, no docstrings (of fields neither)."""
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in quiet:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            code.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return code


# ------------------------------------------------------------------------------------------------ doors and docstrings


def door(path: Path) -> list[str]:
    """An `__init__.py` has a docstring and a literal, sorted `__all__`, and every name in it exists."""
    tree = _parse(path)
    offences = [] if ast.get_docstring(tree) else [f"{path}:1: no docstring; say what the room is for"]
    node, names = _exports(tree)
    if names is None:
        return [*offences, f"{path}:1: no literal __all__; write one, `__all__: list[str] = []` if nothing is exported"]
    if names != sorted(names):
        offences.append(f"{path}:{node}: __all__ is not sorted; write {sorted(names)}")
    if len(set(names)) != len(names):
        offences.append(f"{path}:{node}: __all__ names something twice; remove one")
    known = _bound(tree) | {child.stem for child in path.parent.iterdir()}
    lazy = "__getattr__" in known  # then only the import can tell: tests/house/test_door.py
    offences += [
        f"{path}:{node}: __all__ names {name}, which is not there; import it"
        for name in names
        if name not in known and not lazy
    ]
    return offences


def docstrings(path: Path, promised: frozenset[str] = frozenset()) -> list[str]:
    """Every public module, class, function and method has a docstring.

    Not asked of what is nested in a function, of methods marked `override`, and of the names in `promised`: methods
    whose contract a port already states.
    """
    tree = _parse(path)
    public = not path.stem.startswith("_") or path.stem == "__init__"
    offences = (
        []
        if ast.get_docstring(tree) or not public
        else [f"{path}:1: module without docstring; say what it is for and what not"]
    )
    for node, inside_class in _public_definitions(tree):
        kept = inside_class and (node.name in promised or "override" in map(_name_of, node.decorator_list))
        again = any(_name_of(decorator) in ("setter", "deleter", "overload") for decorator in node.decorator_list)
        if not ast.get_docstring(node) and not kept and not again:
            offences.append(_offence(path, node, f"{node.name} has no docstring; say what it promises"))
    return offences


def port_methods(path: Path) -> frozenset[str]:
    """The names of the documented methods that the Protocols of one port declare."""
    protocols = (
        node
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.ClassDef) and "Protocol" in map(_name_of, node.bases)
    )
    return frozenset(
        part.name for node in protocols for part in node.body if isinstance(part, Function) and ast.get_docstring(part)
    )


def _public_definitions(tree: ast.Module) -> Iterator[tuple[Function | ast.ClassDef, bool]]:
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        parent, inside_class = stack.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, Function | ast.ClassDef):
                if node.name.startswith("_"):
                    continue
                yield node, inside_class
                if isinstance(node, ast.ClassDef):
                    stack.append((node, True))
            elif isinstance(node, ast.If | ast.Try | ast.ExceptHandler | ast.With):
                stack.append((node, inside_class))


def _exports(tree: ast.Module) -> tuple[int, list[str] | None]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if (
            "__all__" in map(_name_of, targets)
            and isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
        ):
            try:
                return node.lineno, [str(name) for name in ast.literal_eval(node.value)]
            except ValueError:
                return node.lineno, None
    return 1, None


def _bound(tree: ast.Module) -> set[str]:
    """The names that a module binds at its top level, also below `if` and `try`."""
    names: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        else:
            stack.extend(ast.iter_child_nodes(node))
    return names


# ------------------------------------------------------------------------------------------------------ what code does


def environment(path: Path) -> list[str]:
    """Only a package's own `config.py` reads the environment; `pydantic_settings` and `envvar=` read it too."""
    tree = _parse(path)
    doors = {"environ", "environb", "getenv", "getenvb"}
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "os"
    }
    offences = []
    for node in ast.walk(tree):
        what = None
        if isinstance(node, ast.Attribute) and node.attr in doors and _name_of(node.value) in modules:
            what = f"os.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            what = next((f"os.{alias.name}" for alias in node.names if alias.name in doors), None)
        elif isinstance(node, ast.ImportFrom | ast.Import) and "pydantic_settings" in _imported(node):
            what = "pydantic_settings"
        elif isinstance(node, ast.keyword) and node.arg == "envvar":
            what = "envvar="
        if what:
            offences.append(_offence(path, node, f"{what} reads the environment; take the value from config.py"))
    return offences


def prints(path: Path) -> list[str]:
    """Nothing prints outside `cli/`."""
    if "cli" in path.parts or path.name == "cli.py":
        return []
    calls = (node for node in ast.walk(_parse(path)) if isinstance(node, ast.Call) and _name_of(node.func) == "print")
    return [_offence(path, node, "print outside cli/; return the text, or use logging") for node in calls]


def standard_library_only(path: Path, package: str) -> list[str]:
    """A module imports the standard library and `package`, nothing else."""
    allowed = {*sys.stdlib_module_names, package.split(".", maxsplit=1)[0]}
    nodes = (node for node in ast.walk(_parse(path)) if isinstance(node, ast.Import | ast.ImportFrom))
    return [
        _offence(path, node, f"imports {name}; this room keeps to the standard library")
        for node in nodes
        for name in sorted(_imported(node) - allowed)
    ]


_CLOCK_AND_IO = (
    *("asyncio", "multiprocessing", "signal", "subprocess", "threading"),
    *("http", "logging", "os", "shutil", "socket", "sqlite3", "ssl", "tempfile", "urllib"),
    *("random", "secrets", "time"),
)


def clock_and_io(path: Path) -> list[str]:
    """The nouns touch neither clock nor file, network, process or thread."""
    offences = []
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            offences += [
                _offence(path, node, f"imports {name}: clock or I/O; take the value as an argument")
                for name in sorted(_imported(node) & set(_CLOCK_AND_IO))
            ]
        elif isinstance(node, ast.Call) and _name_of(node.func) in ("open", "now", "utcnow", "today"):
            offences.append(_offence(path, node, f"calls {_name_of(node.func)}(); take the value as an argument"))
    return offences


# ----------------------------------------------------------------------------------------------------- names and texts

_VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)$|(^|_)v\d+$|_(old|new|copy|backup|final)$")
_STATUS = re.compile(
    r"(^|[_-])(status|todo|progress|summary|notes|complete|completed|fixes|done|wip|handover|checklist)$", re.IGNORECASE
)
_HOSTS = tuple(  # in two parts, so that this file keeps its own rule
    first + second
    for first, second in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("registry.", "yarnpkg"),
        ("ana", "conda.org"),
        ("ana", "conda.com"),
        ("static.", "crates.io"),
        ("index.", "crates.io"),
        ("proxy.", "golang"),
        ("ruby", "gems.org"),
        ("deb.", "debian"),
        ("archive.", "ubuntu"),
    )
)
_INDEX = re.compile(r"--(extra-)?index-url|--find-[l]inks|^\s*(extra-)?index-url\s*=|--trusted-[h]ost")
# Pictures, not the letters, arrows and ticks of ordinary typography.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u231a\u231b\u23e9-\u23f3\u26a0\u26a1\u2705\u270a-\u270d\u2728\u274c\u274e\u2753-\u2757"
    "\u2795-\u2797\u27b0\u2b50\u2b55\ufe0f]"
)


def vague_name(path: Path) -> list[str]:
    """No file or folder is called utils, helpers, manager, or carries a version."""
    bad = [part for part in path.parts if _VAGUE.search(part.split(".")[0])]
    return [f"{path}:1: {part!r} says nothing; name the one noun or verb it holds" for part in bad]


def status_document(path: Path) -> list[str]:
    """No document reports a state of the work: history is in git."""
    found = path.suffix in (".md", ".rst", ".txt") and _STATUS.search(path.stem)
    return [f"{path}:1: a status document; put it into the commit message or the issue"] if found else []


def registry_hosts(path: Path) -> list[str]:
    """No file names the host of a package registry, or an index to install from."""
    return [
        f"{path}:{number}: names a package registry or an index; pin names and versions only, pip knows where from"
        for number, line in enumerate(_read(path).splitlines(), start=1)
        if any(host in line for host in _HOSTS) or _INDEX.search(line)
    ]


def emoji(path: Path, quoted: str = "") -> list[str]:
    """No emoji, except those in `quoted`, which a text of the specification prescribes for this file."""
    return [
        f"{path}:{number}: emoji {''.join(found)!r}; use words"
        for number, line in enumerate(_read(path).splitlines(), start=1)
        if (found := [sign for sign in _EMOJI.findall(line) if sign not in quoted])
    ]


# -------------------------------------------------------------------------------------------- programs under evolution


def candidate_programs(problems: Path) -> set[Path]:
    """The files that the bundled problems declare editable: programs under evolution."""
    found = set()
    for problem in problems.glob("*/problem.toml"):
        globs = tomllib.loads(_read(problem)).get("editable", [])
        for file in problem.parent.rglob("*"):
            if any(fnmatch(file.relative_to(problem.parent).as_posix(), pattern) for pattern in globs):
                found.add(file)
    return found


# ----------------------------------------------------------------------------------------------------------- the parts


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _parse(path: Path) -> ast.Module:
    return ast.parse(_read(path), str(path))


def _offence(path: Path, node: ast.AST, what: str) -> str:
    return f"{path}:{getattr(node, 'lineno', 1)}: {what}"


def _name_of(node: ast.AST) -> str:
    """The last name in `a.b.c`, `c(...)` or `c[...]`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _name_of(inner)
    return ""


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The top-level names of what is imported; nothing for a relative import."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if not node.level else set()


def _functions(tree: ast.Module) -> Iterator[tuple[Function, ast.AST]]:
    for parent in ast.walk(tree):
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, Function):
                yield node, parent
