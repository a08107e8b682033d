"""Examines a small problem in this process: the real judge, candidate, guest and wire; no confinement, no worker.

Its clock counts the Python functions that are called, a microsecond each and a little luck, so that a busy machine
decides nothing.
"""

import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType

from selfwright.bench import wire
from selfwright.bench.build import Builder
from selfwright.bench.candidate import Candidate
from selfwright.bench.guest import Guest
from selfwright.bench.judge import Judge
from selfwright.bench.problem import Problem, load_problem
from selfwright.check import Examination, Examiner, WatchedSandbox
from selfwright.check.built import PlantedSandbox
from selfwright.core.change import Files
from selfwright.core.glob import matches
from selfwright.core.job import Job, Reply, is_executable
from selfwright.core.status import CallStatus
from selfwright.core.trial import Item, Outcome
from selfwright.ports.sandbox import Box, Sandbox
from selfwright.testing.engine import FunctionEngine

_PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
"""This interpreter first: one that is looked up by a script takes ten times as long."""
_luck = random.Random(0)


class Clock:
    """Counts calls of Python functions while it runs."""

    def __init__(self) -> None:
        self._calls = 0

    def __enter__(self) -> None:
        sys.setprofile(self._note)

    def __exit__(self, *exc: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        self._calls += event == "call"

    @property
    def passed_s(self) -> float:
        return 1e-6 * self._calls * _luck.uniform(1.0, 1.03)


class InlineBox:
    """A guest in this process, in a folder of its own."""

    def __init__(self, job: Job) -> None:
        self._folder = tempfile.TemporaryDirectory()
        for path, content in job.files.items():
            (Path(self._folder.name) / path).write_bytes(content)
        with _interpreter(self._folder.name):
            self._guest = Guest(wire)

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        said, clock = io.StringIO(), Clock()
        with _interpreter(self._folder.name), redirect_stdout(said), redirect_stderr(said), clock:
            answer = b"".join(self._guest.answer(memoryview(request)))
        return Reply(status=CallStatus.OK, payload=answer, wall_s=clock.passed_s, log=said.getvalue())

    def cpu_s(self) -> float:
        return time.process_time()

    def close(self) -> None:
        self._folder.cleanup()

    def __enter__(self) -> "InlineBox":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class InlineSandbox:
    """Confines nothing."""

    name = "inline"
    contains = False
    lacks = ()
    switches = 0

    def open(self, job: Job) -> Box:
        return InlineBox(job)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        with tempfile.TemporaryDirectory() as folder:
            for path, content in {**job.files, **files}.items():
                (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / path).write_bytes(content)
                (Path(folder) / path).chmod(0o755 if is_executable(content) else 0o644)
            command = [sys.executable, *argv[1:]] if argv[0] == "python" else list(argv)
            done = subprocess.run(
                command, cwd=folder, input=stdin, capture_output=True, timeout=30, check=False,
                env=os.environ | {"PATH": _PATH},
            )  # fmt: skip
            left = {path: path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}
            made = {name: path.read_bytes() for path, name in left.items() if any(matches(name, it) for it in produce)}
        status = CallStatus.CRASHED if done.returncode else CallStatus.OK
        return Reply(
            status=status, payload=done.stdout, reason=f"exit code {done.returncode}", files=made,
            log=done.stderr.decode(), wall_s=0.5,
        )  # fmt: skip

    def close(self) -> None:
        pass


@contextmanager
def _interpreter(folder: str) -> Iterator[None]:
    """Be in a folder, and leave the interpreter as it was."""
    here, path, finders, modules = os.getcwd(), list(sys.path), list(sys.meta_path), set(sys.modules)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        sys.path[:], sys.meta_path[:] = path, finders
        for name in set(sys.modules) - modules:
            if name in ("p", "planted"):
                del sys.modules[name]


def write(folder: Path, *, toml: str, judge: str, program: str, **more: str) -> Problem:
    """Write a problem and load it."""
    folder.mkdir(exist_ok=True)
    files = {"problem.toml": toml, "judge.py": "from selfwright import InvalidCandidate\n" + judge, "p.py": program}
    for name, text in (files | {key.replace("_py", ".py"): text for key, text in more.items()}).items():
        (folder / name).write_text(text)
    return load_problem(folder)


def examine(
    problem: Problem, *, wall_s: float = 60.0, now_s: Callable[[], float] = time.monotonic
) -> Examination:  # fmt: skip
    """Examine it."""

    def engine(sandbox: Sandbox) -> FunctionEngine:
        builder, path = Builder(problem.build, sandbox), list(sys.path)
        try:
            judge = Judge(problem)  # one of its own, as each worker has
        finally:
            sys.path[:] = path

        def measure(files: Files, item: Item) -> Outcome:
            product = builder.product(item.change, files)
            if product.failure is not None:
                return product.failure
            candidate = Candidate(
                files=files, built={**problem.beside_files(), **product.files}, program=problem.program,
                sandbox=sandbox, limits=problem.limits, environment=problem.environment,
            )  # fmt: skip
            return judge.measure(item, candidate).outcome

        return FunctionEngine(measure, cases=judge.cases())

    @contextmanager
    def watching(folder: Path) -> Iterator[FunctionEngine]:
        yield engine(planted(WatchedSandbox(InlineSandbox(), folder=folder)))

    def planted(sandbox: Sandbox) -> Sandbox:
        build = problem.build.command if problem.build else ()
        return PlantedSandbox(sandbox, build=build, command=problem.command.argv if problem.command else ())

    return Examiner(
        problem=problem, engine=engine(planted(InlineSandbox())), watching=watching, wall_s=wall_s,
        tell=lambda words: None, now_s=now_s,
    ).examine()  # fmt: skip


def toml(
    *, metric: str = "score", better: str = "higher", unit: str = "", more: str = "", effect: str = "1 %",
    noisy: bool = False, holdout: bool = False, python: str = "",
) -> str:  # fmt: skip
    """Return a problem file of one metric."""
    held = '[[stages]]\nname = "full"\n[[stages]]\nname = "held"\nholdout = true\n' if holdout else ""
    packages = f'[environment]\npython = ["{python}"]\n' if python else ""
    return (
        f'name = "toy"\ndescription = "A toy."\neditable = ["p.py"]\n[evaluate]\njudge = "judge.py"\n[metrics]\n'
        f'{metric} = {{ better = "{better}", unit = "{unit}", noisy = {str(noisy).lower()} }}\n{more}'
        f'[objective]\nmetric = "{metric}"\nminimum_effect = "{effect}"\n{held}{packages}'
    )
