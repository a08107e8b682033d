"""What the source of a function says of it: does it read or change anything beside its arguments?

It follows calls within the file. What it can not see (another file, an attribute) is left to the calls themselves,
which are made twice and must agree.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from selfwright.core.errors import Unfit
from selfwright.oracle.target import Target
from selfwright.oracle.why import Why

_READS = {
    "the clock": r"time\.(time|monotonic|perf_counter|process_time|localtime|gmtime|strftime|ctime|sleep)(_ns)?"
    r"|datetime\.(datetime|date)\.(now|today|utcnow)",
    "chance": r"random\.\w+|secrets\.\w+|uuid\.uuid[14]|os\.urandom|numpy\.random\..+",
    "files": r"open|io\.open|os\.(listdir|scandir|walk|stat|lstat|remove|unlink|rename|replace|mkdir|makedirs|rmdir)"
    r"|os\.(getcwd|chdir|access)|os\.path\.(exists|isfile|isdir|islink|getsize|getmtime|realpath|abspath|expanduser)"
    r"|pathlib\.Path\.(cwd|home)|shutil\.\w+|tempfile\.\w+|glob\.\w+",
    "the terminal": r"print|input|sys\.(stdin|stdout|stderr)\..+",
    "the environment": r"os\.environ.*|os\.(getenv|putenv|getpid|system|popen)|sys\.argv|platform\.\w+|locale\.\w+"
    r"|subprocess\.\w+",
    "the network": r"socket\.\w+|urllib\.request\.\w+|http\.client\.\w+|requests\.\w+|httpx\.\w+",
}
_CHANGING = frozenset(
    {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"}
)
_MENDS = {
    "a global": "hand it in as an argument, and return it",
    "the terminal": "return the text, and print it where the function is called",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A place where a function reads or changes something beside its arguments.

    Attributes:
        what: As a noun: ``the clock``.
        name: As it is written: ``time.time``.
    """

    what: str
    name: str
    line: int
    function: str


def check_purity(target: Target) -> None:
    """Accept a function whose source shows nothing impure.

    Raises:
        Unfit: It does; the message says what, where, and the mend.
    """
    found = next(iter(sorted(traces(target), key=lambda trace: trace.line)), None)
    if found is None:
        return
    verb = "changes or reads" if found.what == "a global" else "uses"
    mend = _MENDS.get(found.what, f"hand in what it gets from {found.what} as an argument")
    through = f", which {target.function} calls," if found.function != target.function else ""
    raise Unfit(
        Why.IMPURE,
        f"{target.file.name}:{found.line}: {found.function}{through} {verb} {found.what} ({found.name}), so that two "
        f"calls with the same arguments may differ; {mend}",
    )


def traces(target: Target) -> Iterator[Trace]:
    """Yield what is impure in the function and in the functions of its file that it calls."""
    aliases = _aliases(target.tree)
    rebound = {name for node in ast.walk(target.tree) if isinstance(node, ast.Global) for name in node.names}
    known = {name for node in target.tree.body for name in _bound(node)}
    for function in target.reached():
        local = _local(function)
        for node in ast.walk(function):
            for what, spelled in _impure(node, aliases, rebound, known - local, local):
                line = getattr(node, "lineno", function.lineno)
                yield Trace(what=what, name=spelled, line=line, function=function.name)


def _impure(
    node: ast.AST, aliases: dict[str, str], rebound: set[str], shared: set[str], local: set[str]
) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Global):
        yield "a global", node.names[0]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in rebound - local:
        yield "a global", node.id
    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and _name(node.value) in shared:
        yield "a global", _name(node.value)
    elif isinstance(node, ast.Call):
        spelled = _dotted(node.func)
        if spelled.partition(".")[0] in local:
            return
        if isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING and _name(node.func.value) in shared:
            yield "a global", _name(node.func.value)
        full = _resolved(spelled, aliases)
        yield from ((what, spelled) for what, pattern in _READS.items() if re.fullmatch(pattern, full))
    elif isinstance(node, ast.Attribute | ast.Subscript):
        spelled = _dotted(node.value if isinstance(node, ast.Subscript) else node)
        if _resolved(spelled, aliases) in ("os.environ", "sys.argv") and spelled.partition(".")[0] not in local:
            yield "the environment", spelled


def _resolved(spelled: str, aliases: dict[str, str]) -> str:
    first, dot, rest = spelled.partition(".")
    return aliases.get(first, first) + dot + rest


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Return name → what was imported under it: ``{"now": "time.time"}``."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module assigns."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    for target in targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _local(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function binds for itself."""
    declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    names = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    names |= {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    return names - declared


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return _name(node)
