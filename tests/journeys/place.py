"""A place to run the command line in, as a user does: a folder, a small problem, real processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SELFWRIGHT = str(Path(sys.executable).parent / "selfwright")
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if not key.startswith(("SELFWRIGHT_", "GIT_", "CI", "ANTHROPIC_", "OPENAI_"))
}  # fmt: skip

PROBLEM = """\
name = "toy"
description = "Say a small number. It is the whole problem."
editable = ["p.py"]
[evaluate]
judge = "judge.py"
wall_s = 20
[metrics]
size = { unit = "B", better = "lower" }
quality = { unit = "dB", better = "higher", aggregate = "worst" }
[objective]
metric = "size"
constraints = ["quality >= 30"]
minimum_effect = "1 %"
[[stages]]
name = "smoke"
[[stages]]
name = "full"
[limits]
wall_s = 2
"""

JUDGE = """\
from selfwright import InvalidCandidate


def cases(stage):
    return ["a"] if stage.name == "smoke" else ["a", "b"]


def measure(candidate, case):
    size = candidate.call("size", case.id).value
    if not isinstance(size, (int, float)) or size <= 0:
        raise InvalidCandidate(f"size is {type(size).__name__}, expected a positive number")
    return {"size": size, "quality": candidate.call("quality").value}
"""


def program(size: object, quality: float = 40) -> str:
    return f"def size(case):\n    return {size}\n\n\ndef quality():\n    return {quality}\n"


SESSION = (
    program(90),
    program(80, quality=20),
    program("1 / 0 if case == 'b' else 70"),
    program("'small'"),
    program(89.9),
    program(60),
)
"""Two that are adopted; one that breaks the constraint, one that crashes, one invalid, one below the minimum effect."""

VERDICTS = ["adopted", "rejected", "rejected", "rejected", "rejected", "adopted"]


@dataclass(frozen=True)
class Place:
    """A folder with a problem ``toy`` in it."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *, problem: str = PROBLEM, judge: str = JUDGE, seed: str = program(100)) -> "Place":
        toy = folder / "toy"
        toy.mkdir(parents=True)
        for name, text in (("problem.toml", problem), ("judge.py", judge), ("p.py", seed)):
            (toy / name).write_text(text)
        return cls(folder)

    def session(self, sources: Sequence[str] = SESSION, name: str = "session.jsonl") -> str:
        lines = [json.dumps({"files": {"p.py": text}, "reason": f"idea {n}"}) for n, text in enumerate(sources, 1)]
        (self.folder / name).write_text("\n".join(lines) + "\n")
        return f"recorded:{self.folder / name}"

    def start(self, *arguments: str, env: Mapping[str, str] = ENVIRONMENT) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [SELFWRIGHT, *arguments], cwd=self.folder, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def call(
        self, *arguments: str, code: int = 0, timeout_s: float = 100, env: Mapping[str, str] = ENVIRONMENT
    ) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [SELFWRIGHT, *arguments], cwd=self.folder, env=env, text=True, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=timeout_s, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
        return done

    def run(
        self, *arguments: str, name: str = "r", code: int = 0, env: Mapping[str, str] = ENVIRONMENT
    ) -> "subprocess.CompletedProcess[str]":
        """Run ``toy`` with one worker, where it is not said: each is a process that takes half a second to start."""
        workers = () if "--workers" in arguments else ("--workers", "1")
        return self.call("run", "toy", "--dir", str(self.folder / name), *workers, *arguments, code=code, env=env)

    def log(self, name: str = "r") -> list[dict[str, object]]:
        return [json.loads(line) for line in self.call("log", str(self.folder / name), "--json").stdout.splitlines()]

    def canonical(self, name: str = "r") -> list[str]:
        from selfwright import api
        from selfwright.views.canonical import canonical

        return canonical(api.look(self.folder / name).events())

    def git(self, *arguments: str, repo: Path | None = None) -> str:
        command = [
            "git",
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "-C",
            str(repo or self.folder),
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """Read its standard error until a line has these words; return what was read."""
    assert process.stderr is not None
    read = ""
    for line in process.stderr:
        read += line
        if words in line:
            return read
    raise AssertionError(f"it ended and never said {words!r}:\n{read}")


def descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def kill(process: "subprocess.Popen[str]") -> None:
    """kill -9; then everything that it had started must end by itself."""
    left = descendants(process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive, f"left behind: {alive}"
