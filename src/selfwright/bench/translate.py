"""From a folder of OpenEvolve's or Shinka's to a ``problem.toml``. Reads files; runs nothing."""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from selfwright.bench import folder as files
from selfwright.bench.foreign import SCORE, Foreign
from selfwright.core.errors import BadInput

FORMS = {"openevolve": ("evaluator.py", "init*_program.*"), "shinka": ("evaluate.py", "initial.*")}
"""Form → name of its evaluator, and what its program is called."""
_LENT = ("openevolve", "shinka")
_MOST_DESCRIPTION = 4000
_LOWER = re.compile(r"(^|_)(time|loss|error|errors|latency|ms|seconds)($|_)")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a folder says, before its evaluator was asked anything.

    Attributes:
        program: The file that is evolved.
        beside: Files of the folder that the program imports.
        modules: Installed packages that evaluator or program import.
        absent: Packages that they can not do without, and that are not installed.
        wall_s: Deadline of one evaluation.
        trials: How many its owner wanted; 0 where that is not said.
        ignored: Settings that have no meaning here.
    """

    folder: Path
    foreign: Foreign
    program: str
    beside: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    description: str = ""
    wall_s: float = 300.0
    memory_mb: int = 2048
    trials: int = 0
    config: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the evaluator gave for the seed, each time it was asked.

    Attributes:
        foreign: As it was asked at last.
        metrics: One mapping a time.
        exec_: Whether the program and what it starts had to be allowed to execute programs.
        notes: What a person should know.
    """

    foreign: Foreign
    metrics: Sequence[Mapping[str, float]]
    exec_: bool = False
    notes: tuple[str, ...] = field(default=())


def read_folder(folder: Path, form: str, config: str = "") -> Found:
    """Return what is there.

    Args:
        form: One of ``FORMS``.
        config: Name of the configuration; default: ``config.yaml``, or else the first of that kind.

    Raises:
        BadInput: There is no evaluator, no program or more than one, or the configuration is none.
    """
    if form not in FORMS:
        raise BadInput(f"{form!r} is no engine whose problems are known; known are {' and '.join(FORMS)}")
    name, pattern = FORMS[form]
    if not (folder / name).is_file():
        raise BadInput(f"looked for {folder / name}, the evaluator of a problem of {form}; there is none")
    programs = sorted(path.name for path in folder.glob(pattern) if path.is_file())
    if len(programs) != 1:
        raise BadInput(f"{folder}: looked for one program {pattern}; found {', '.join(programs) or 'none'}")
    needed, wanted, _ = _imports(folder, [name, *programs])
    *_, read = _imports(folder, programs)
    found = Found(
        folder=folder, foreign=Foreign(form=form, file=name), program=programs[0],
        beside=tuple(sorted(read - {name, *programs})),
        modules=tuple(module for module in sorted(needed | wanted) if _installed(module)),
        absent=tuple(module for module in sorted(needed) if not _installed(module)),
        description=_title(folder),
    )  # fmt: skip
    return _configured(found, config) if form == "openevolve" else found


def write_problem(found: Found, asked: Asked) -> str:
    """Return the text of a ``problem.toml``.

    Raises:
        BadInput: The evaluator gives no number that could be an objective.
    """
    first = asked.metrics[0]
    if SCORE not in first:
        raise BadInput(f"the evaluator gives {', '.join(first) or 'no number'}, and no {SCORE}: nothing to maximise")
    names = [SCORE, *(name for name in first if name != SCORE and _NAME.match(name))]
    names = [name for name in names if all(name in each for each in asked.metrics)]
    return "\n".join(_lines(found, asked, names)) + "\n"


def _lines(found: Found, asked: Asked, names: Sequence[str]) -> Iterator[str]:
    foreign = asked.foreign
    slug = re.sub(r"[^a-z0-9_-]+", "_", found.folder.resolve().name.lower()).strip("_-") or "problem"
    yield f"name = {json.dumps(slug[:100])}"
    yield f"description = {json.dumps(found.description[:_MOST_DESCRIPTION])}"
    yield f"editable = [{json.dumps(found.program)}]"
    yield "\n[evaluate]"
    yield f"{foreign.form} = {json.dumps(foreign.file)}"
    if foreign.whole:
        yield "whole = true  # evaluator and program in one sandbox: certificates say self-reported"
    if foreign.cascade is not None:
        yield f"cascade = {[float(each) for each in foreign.cascade]}"
    yield f"wall_s = {float(found.wall_s)}"
    yield "\n[metrics]"
    for name in names:
        better = "lower" if name != SCORE and _LOWER.search(name) else "higher"
        noisy = ", noisy = true" if len({each[name] for each in asked.metrics}) > 1 else ""
        yield f'{name} = {{ better = "{better}"{noisy} }}'
    yield f'\n[objective]\nmetric = "{SCORE}"\nminimum_effect = "0"  # of the score itself: it may cross zero'
    yield f"\n[environment]\npython = {json.dumps(list(found.modules))}"
    if found.beside:
        yield f"files = {json.dumps(list(found.beside))}  # which the program imports"
    yield f"\n[limits]\nwall_s = {float(found.wall_s)}\nmemory_mb = {found.memory_mb}"
    if asked.exec_:
        yield 'profile = "native"\nallow = ["exec"]  # it starts other programs; every certificate shows this'


# ------------------------------------------------------------------------------------------------------ what is there


def _configured(found: Found, config: str) -> Found:
    there = sorted(path.name for path in found.folder.glob("config*.y*ml"))
    name = config or ("config.yaml" if "config.yaml" in there else there[0] if there else "")
    if not name:
        return found
    settings = _flat(_load_yaml(found.folder / name))
    timeout, memory = settings.pop("evaluator.timeout", None), settings.pop("evaluator.memory_limit_mb", None)
    staged, thresholds = settings.pop("evaluator.cascade_evaluation", True), settings.pop(
        "evaluator.cascade_thresholds", [0.5, 0.75, 0.9]
    )  # fmt: skip
    trials, words = settings.pop("max_iterations", 0), settings.pop("prompt.system_message", "")
    cascade = tuple(map(float, thresholds)) if staged and isinstance(thresholds, list) else None
    if cascade is not None and "def evaluate_stage1" not in (found.folder / found.foreign.file).read_text():
        cascade = None
    return replace(
        found, config=name, foreign=replace(found.foreign, cascade=cascade),
        wall_s=float(timeout) if isinstance(timeout, int | float) else found.wall_s,
        memory_mb=int(memory) if isinstance(memory, int | float) else found.memory_mb,
        trials=trials if isinstance(trials, int) else 0,
        description=" ".join(words.split()) if isinstance(words, str) and words else found.description,
        ignored=tuple(sorted(settings)),
    )  # fmt: skip


def _load_yaml(path: Path) -> object:
    import yaml

    try:
        return yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        raise BadInput(f"looked for {path}, which is not there") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not YAML: {error}") from error


def _flat(value: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {prefix: value} if prefix else {}
    parts = (_flat(item, f"{prefix}.{name}" if prefix else str(name)) for name, item in value.items())
    return {name: item for part in parts for name, item in part.items()}


def _title(folder: Path) -> str:
    """Return the first line of its README that is a heading or a sentence."""
    readme = folder / "README.md"
    lines = readme.read_text(errors="replace").splitlines() if readme.is_file() else []
    titles = (line.strip("# ").strip() for line in lines)
    return next(filter(None, titles), f"The program of {folder.resolve().name}.")


def _imports(folder: Path, names: Sequence[str]) -> tuple[set[str], set[str], set[str]]:
    """Return the packages that these files need at once, those that they may need, and the files that were read.

    Those are the given ones and the siblings that they import. A file that does not parse, or is not Python, imports
    nothing here; its own evaluation says more.
    """
    siblings = {path.removesuffix(".py") for path, _ in files.files_below(folder) if path.endswith(".py")}
    needed: set[str] = set()
    wanted: set[str] = set()
    seen: set[str] = set()
    waiting = [name for name in names if name.endswith(".py")]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        try:
            tree = ast.parse((folder / name).read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            for module in _imported(node):
                if module in siblings:
                    waiting += {f"{module}.py"} - seen
                elif module not in sys.stdlib_module_names and module not in _LENT:
                    (needed if node in tree.body else wanted).add(module)
    return needed, wanted, seen


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return [node.module.partition(".")[0]]
    return []


def _installed(module: str) -> bool:
    return find_spec(module) is not None
