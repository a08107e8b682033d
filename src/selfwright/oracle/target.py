"""The function that is to become faster: where it stands, and which files it needs to be imported."""

import ast
import difflib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput, Unfit
from selfwright.core.path import check_program
from selfwright.oracle.why import Why

_MOST_BYTES = 16 << 20
_LEFT_OUT = frozenset({"__pycache__", "tests"})
_BINARY = frozenset({".so", ".pyd", ".pyc", ".dylib"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A function of a file.

    Attributes:
        file: Real path.
        function: Its name.
        base: The folder that imports begin at: that above the outermost package.
        node: The definition.
        tree: The whole file.
    """

    file: Path
    function: str
    base: Path
    node: ast.FunctionDef
    tree: ast.Module

    @property
    def program(self) -> str:
        """The file, relative to the base: ``toolz/itertoolz.py``."""
        return self.file.relative_to(self.base).as_posix()

    def reached(self) -> list[ast.FunctionDef]:
        """Return the function, and those at the top level of its file that it names, or they do."""
        there = {node.name: node for node in _top(self.tree.body) if isinstance(node, ast.FunctionDef)}
        there[self.function] = self.node
        open_names, found = [self.function], dict[str, ast.FunctionDef]()
        while open_names:
            name = open_names.pop()
            if name in there and name not in found:
                found[name] = there[name]
                open_names += [each.id for each in ast.walk(there[name]) if isinstance(each, ast.Name)]
        return list(found.values())

    def beside(self) -> dict[str, bytes]:
        """Return the files that it needs to be imported, relative to the base: its package, siblings that are imported.

        Raises:
            BadInput: They are too large, or have names that no commit can carry.
        """
        found: dict[str, bytes] = {}
        if "/" in self.program:
            found |= self._module(self.program.partition("/")[0])
        open_files = [self.file.read_bytes(), *_python(found)]
        while open_files:
            for name in sorted(set(_imports(open_files.pop()))):
                more = {path: content for path, content in self._module(name).items() if path not in found}
                found |= more
                open_files += _python(more)
        found.pop(self.program, None)
        if sum(map(len, found.values())) > _MOST_BYTES:
            raise BadInput(f"what {self.program} needs to be imported has more than {_MOST_BYTES >> 20} MiB")
        check_program([self.program], found)
        return found

    def packages(self, beside: dict[str, bytes]) -> tuple[str, ...]:
        """Return the installed packages that these files import."""
        own = {path.partition("/")[0].removesuffix(".py") for path in (self.program, *beside)}
        names = {name for content in (self.file.read_bytes(), *_python(beside)) for name in _imports(content)}
        return tuple(sorted(name for name in names - own - sys.stdlib_module_names if _installed(name)))

    def _module(self, name: str) -> dict[str, bytes]:
        """Return the files of a module or package that lies at the base; none where it lies elsewhere."""
        single, folder = self.base / f"{name}.py", self.base / name
        if (folder / "__init__.py").is_file():
            return {path.relative_to(self.base).as_posix(): path.read_bytes() for path in _below(folder)}
        return {single.name: single.read_bytes()} if single.is_file() else {}


def find_target(named: str) -> Target:
    """Return the function of ``FILE:FUNCTION``.

    Raises:
        BadInput: There is no such file or function.
        Unfit: It is of a kind whose calls can not be compared.
    """
    path, colon, function = named.rpartition(":")
    if not colon or not path or not function:
        raise BadInput(
            f"{named!r} names no function of a file; write FILE:FUNCTION, as in toolz/itertoolz.py:interleave"
        )
    file = Path(path)
    if not file.is_file() or file.suffix != ".py":
        raise BadInput(f"looked for {file}, which is no Python file; write FILE:FUNCTION")
    file = file.resolve()
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise BadInput(f"{file} does not parse: {error}") from error
    return Target(file=file, function=function, base=_base(file), node=_definition(tree, function, file), tree=tree)


def _definition(tree: ast.Module, function: str, file: Path) -> ast.FunctionDef:
    there = {node.name: node for node in _top(tree.body) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    node = there.get(function)
    where = f"{file.name}:{function}"
    if "." in function:
        raise BadInput(f"{where} is a method; only functions of a module can be taken: move its work into one")
    if node is None:
        close = difflib.get_close_matches(function, there, n=1)
        known = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(there)[:12]) or 'none'}"
        raise BadInput(f"{file} has no function {function!r} at its top level; {known}")
    if isinstance(node, ast.AsyncFunctionDef):
        raise Unfit(
            Why.UNCARRIED, f"{where} is async: what it returns has to be awaited. Take a function that it calls"
        )
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own_nodes(node)):
        raise Unfit(
            Why.UNCARRIED,
            f"{where} is a generator: what it returns is not carried. Take a function that returns a list of it",
        )
    if not (node.args.posonlyargs or node.args.args or node.args.vararg):
        raise Unfit(Why.UNTIMED, f"{where} takes no argument by position, so that one call can not differ from another")
    return node


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, with those below ``if`` and ``try``."""
    for node in body:
        yield node
        for name in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try):
                yield from _top(getattr(node, name, []))


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield what belongs to a function, and not to one that is nested in it."""
    open_nodes: list[ast.AST] = list(function.body)
    while open_nodes:
        node = open_nodes.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            open_nodes += ast.iter_child_nodes(node)


def _base(file: Path) -> Path:
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir():
            yield from _below(path)
        elif path.suffix not in _BINARY:
            yield path


def _python(files: dict[str, bytes]) -> list[bytes]:
    return [content for path, content in files.items() if path.endswith(".py")]


def _imports(source: bytes) -> Iterator[str]:
    """Yield the top-level names that a file imports; nothing of one that does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
