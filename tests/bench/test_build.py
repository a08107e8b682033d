"""The build step in the real sandbox `limits`: what it makes is there in every call, how it fails is told."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.build import NOTHING, Build, Builder, Product, first_errors
from selfwright.bench.candidate import Candidate
from selfwright.bootstrap import SANDBOXES, make_sandbox
from selfwright.core.change import Files, content_id
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits, Profile
from selfwright.core.status import CallStatus, TrialStatus
from selfwright.ports.sandbox import Sandbox

SOMEWHERE = pytest.mark.may_skip("compilers of Rust and Go, and some sandboxes, are not on every machine")
NATIVE = Limits(profile=Profile.NATIVE, allow=("exec",))
C_LIBRARY = {
    "fast.c": b"int twice(int x) { return 2 * x; }\n",
    "codec.py": b"""
import ctypes, pathlib
fast = ctypes.CDLL(str(pathlib.Path(__file__).with_name("fast.so")))

def twice(x):
    return fast.twice(x)
""",
}
CC = ("cc", "-O2", "-shared", "-fPIC", "fast.c", "-o", "fast.so")


class Counting(LimitsSandbox):
    """Counts the commands that it runs."""

    commands = 0

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        self.commands += 1
        return super().execute(job, argv, stdin=stdin, files=files, produce=produce)


def make(
    files: Files, *command: str, produce: tuple[str, ...], sandbox: Sandbox | None = None, wall_s: float = 60.0,
    files_mb: int = 64,
) -> Product:  # fmt: skip
    limits = Limits(wall_s=wall_s, files_mb=files_mb, profile=Profile.NATIVE, allow=("exec",))
    build = Build(command=command, produce=produce, limits=limits)
    return Builder(build, sandbox or LimitsSandbox()).product("source", files)


def shell(script: str, *produce: str, files: Files | None = None, wall_s: float = 60.0, files_mb: int = 64) -> Product:
    return make(files or {"a.txt": b"a"}, "sh", "-c", script, produce=produce, wall_s=wall_s, files_mb=files_mb)


def under_trial(
    files: Files, product: Product, sandbox: Sandbox | None = None, environment: Environment = BARE
) -> Candidate:
    assert product.failure is None, product.failure
    return Candidate(
        files=files, built=product.files, program=min(files), limits=NATIVE, sandbox=sandbox or LimitsSandbox(),
        environment=environment,
    )  # fmt: skip


Opener = Callable[[Environment], Sandbox]


@pytest.fixture(params=sorted(SANDBOXES))
def sandbox_of(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Make a sandbox for an environment, of every adapter that works here."""
    with ExitStack() as made:

        def open_one(environment: Environment) -> Sandbox:
            try:
                sandbox = made.enter_context(closing(make_sandbox(request.param, environment)))
                sandbox.execute(Job(files={}, guest="", limits=NATIVE), ("true",), stdin=b"", files={}, produce=())
            except SandboxError as error:
                pytest.skip(f"{request.param} does not work here: {error}")
            return sandbox

        yield open_one


# ----------------------------------------------------------------------------------------------------------- languages


@SOMEWHERE
def test_a_c_library_is_called_from_python(sandbox_of: Opener) -> None:
    sandbox = sandbox_of(BARE)
    product = make(C_LIBRARY, *CC, produce=("*.so",), sandbox=sandbox)
    assert under_trial(C_LIBRARY, product, sandbox).call("twice", 21).value == 42


SUM = {
    "c": ("sum.c", ("cc", "-O2", "sum.c", "-o", "bin/sum"), r"""
#include <stdio.h>
int main(void) { long sum = 0, x; while (scanf("%ld", &x) == 1) sum += x; printf("%ld\n", sum); return 0; }
"""),
    "rust": ("sum.rs", ("rustc", "-O", "sum.rs", "-o", "bin/sum"), r"""
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    println!("{}", text.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum::<i64>());
}
"""),
    "go": ("sum.go", ("go", "build", "-o", "bin/sum", "sum.go"), r"""
package main

import "fmt"

func main() {
	sum, x := 0, 0
	for {
		if n, _ := fmt.Scan(&x); n != 1 {
			break
		}
		sum += x
	}
	fmt.Println(sum)
}
"""),
    "shell": ("sum.sh", ("sh", "-c", "cp sum.sh bin/sum"), r"""#!/bin/sh
sum=0
for x in $(cat); do sum=$((sum + x)); done
echo $sum
"""),
}  # fmt: skip


def toolchain(language: str) -> Environment:
    """Return the environment that has a language's compiler; skip where this machine has none."""
    if language == "rust":
        if not shutil.which("rustc"):
            pytest.skip("rustc is not installed")
        asked = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True, timeout=60)
        return Environment(folders=(asked.stdout.strip(),))
    if language == "go":
        if not shutil.which("go"):
            pytest.skip("go is not installed")
        asked = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True, timeout=60)
        return Environment(folders=(asked.stdout.strip(),))
    return BARE


@SOMEWHERE
@pytest.mark.parametrize("language", SUM)
def test_a_program_in_any_language_is_built_and_run(language: str, sandbox_of: Opener) -> None:
    sandbox = sandbox_of(toolchain(language))
    name, command, source = SUM[language]
    files = {name: source.lstrip("\n").encode(), "bin/.keep": b""}
    product = make(files, *command, produce=("bin/*",), sandbox=sandbox, wall_s=240.0, files_mb=1024)
    outcome = under_trial(files, product, sandbox).run(["bin/sum"], stdin=b"1 2 3\n39\n")
    assert outcome.value == b"45\n", outcome
    assert set(product.files) == {"bin/sum"}


@SOMEWHERE
def test_python_warms_up(sandbox_of: Opener) -> None:
    files = {"codec.py": b"import json\n\ndef table():\n    return json.load(open('table.json'))\n",
             "warm.py": b"import json\njson.dump([n * n for n in range(4)], open('table.json', 'w'))\n"}  # fmt: skip
    sandbox = sandbox_of(BARE)
    product = make(files, "python", "warm.py", produce=("table.json",), sandbox=sandbox)
    assert under_trial(files, product, sandbox).call("table").value == [0, 1, 4, 9]


NUMBA = {
    "codec.py": b"""
import numba

@numba.njit(cache=True)
def squares(n):
    total = 0
    for i in range(n):
        total += i * i
    return total

def compiled_again(n):
    squares(n)
    return sum(squares.stats.cache_misses.values())
""",
    "warm.py": b"import codec\ncodec.squares(3)\n",
}


@pytest.mark.may_skip("numba is an extra; some sandboxes are not on every machine")
def test_what_numba_compiled_is_not_compiled_again(sandbox_of: Opener) -> None:
    pytest.importorskip("numba")
    environment = Environment(modules=("numba",))
    sandbox = sandbox_of(environment)
    if sandbox.name == "landlock":
        pytest.skip("there a guest has no folder to write to, and a command can not list the installed packages")
    product = make(NUMBA, "python", "warm.py", produce=("__pycache__/*.nb?",), sandbox=sandbox)
    candidate = under_trial(NUMBA, product, sandbox, environment)
    assert candidate.call("compiled_again", 10).value == 0
    cold = Candidate(files=NUMBA, program="codec.py", limits=NATIVE, environment=environment, sandbox=sandbox)
    assert cold.call("compiled_again", 10).value == 1


# ------------------------------------------------------------------------------------------------- once, and read-only


def test_a_source_is_built_once() -> None:
    sandbox = Counting()
    build = Build(command=("sh", "-c", "cp a.txt b.txt"), produce=("b.txt",), limits=NATIVE)
    builder = Builder(build, sandbox)
    first = builder.product("one", {"a.txt": b"1"})
    assert builder.product("one", {"a.txt": b"1"}) is first
    assert builder.product("two", {"a.txt": b"2"}).files == {"b.txt": b"2"}
    assert (sandbox.commands, first.files) == (2, {"b.txt": b"1"})
    for number in range(20):
        builder.product(str(number), {"a.txt": b"%d" % number})
    builder.product("one", {"a.txt": b"1"})
    assert sandbox.commands == 23, "builds are kept for ever"


def test_without_a_build_step_nothing_runs() -> None:
    sandbox = Counting()
    assert Builder(None, sandbox).product("one", {"a.txt": b"1"}) is NOTHING
    assert sandbox.commands == 0


def test_what_was_built_is_an_archive_of_paths_and_contents_only() -> None:
    script = "printf '#!/bin/sh\\n' > run.sh; mkdir lib; echo words > lib/words; sleep 0"
    first, second = (shell(script, "run.sh", "lib/*") for _ in range(2))
    assert first.archive == second.archive
    assert first.archive is not None
    assert (first.archive.name, first.archive.sha256) == ("build.tar", content_id(first.content))
    assert first.archive.size_bytes == len(first.content)
    with tarfile.open(fileobj=io.BytesIO(first.content)) as tar:
        found = [(member.name, member.mode, member.mtime, member.uid) for member in tar.getmembers()]
    assert found == [("lib/words", 0o644, 0, 0), ("run.sh", 0o755, 0, 0)]


def test_a_build_replaces_no_source() -> None:
    product = shell("rm -f a.txt; echo other > a.txt; echo b > b.txt", "*.txt")
    assert product.files == {"b.txt": b"b\n"}
    assert under_trial({"a.txt": b"a"}, product).run(["cat", "a.txt", "b.txt"]).stdout == b"ab\n"


def test_what_was_built_can_not_be_changed_by_a_call_for_the_next() -> None:
    candidate = under_trial({"a.txt": b"a"}, shell("echo b > b.txt", "b.txt"))
    candidate.run(["sh", "-c", "rm -f b.txt; echo c > b.txt"])
    assert candidate.run(["cat", "b.txt"]).stdout == b"b\n"


def test_read_gives_sources_only() -> None:
    candidate = under_trial({"a.txt": b"a"}, shell("echo b > b.txt", "b.txt"))
    with pytest.raises(Exception, match=r"no editable file .b\.txt."):
        candidate.read("b.txt")


# ------------------------------------------------------------------------------------------------------------- failing


def failure(product: Product) -> tuple[TrialStatus, str]:
    assert product.failure is not None
    assert (product.files, product.content, product.archive) == ({}, b"", None)
    return product.failure.status, product.failure.reason


def test_a_compilers_first_error_is_the_reason() -> None:
    files = C_LIBRARY | {"fast.c": b"int once(int x) { return x; }\nint twice(int x) { return 2 * y; }\n"}
    status, reason = failure(make(files, *CC, produce=("*.so",)))
    assert status is TrialStatus.CRASHED
    first, *more = reason.splitlines()
    assert first.startswith("build: fast.c:2:31: error: ") and first.endswith(" (exit code 1)"), reason
    assert "return 2 * y" in more[0]


def test_what_a_build_says_before_it_hangs_is_not_why_it_failed() -> None:
    _, reason = failure(shell("echo error: none so far >&2; while :; do :; done", "*.txt", wall_s=0.5))
    assert reason == "build: no answer within 0.5 s (build.wall_s = 0.5)\nerror: none so far"


def test_a_build_that_meets_a_limit_names_it() -> None:
    _, reason = failure(shell("head -c 3000000 /dev/zero > b.txt", "*.txt", files_mb=1))
    assert reason.partition("\n")[0].endswith(" (build.files_mb = 1)"), reason
    _, reason = failure(shell("echo no error: No space left on device >&2; exit 1", "*.txt"))
    assert reason == "build: no error: No space left on device (exit code 1) (build.files_mb = 64)"


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (
            "echo so far >&2; while :; do :; done",
            TrialStatus.TIMED_OUT,
            "build: no answer within 0.5 s (build.wall_s = 0.5)\nso far",
        ),
        ("for n in 1 2 3; do head -c 500000 /dev/zero > $n.txt; done", TrialStatus.OUTPUT_TOO_LARGE, "than 1 MiB"),
        ("true", TrialStatus.CRASHED, "build: sh ended well and left no file '*.txt' (build.produce)"),
        ("exit 3", TrialStatus.CRASHED, "build: exit code 3"),
        ("no-such-compiler x", TrialStatus.CRASHED, "no-such-compiler: not found"),
        ("echo b > b.txt; echo b > B.txt", TrialStatus.CRASHED, "are one file where case is folded"),
    ],
)
def test_a_build_that_fails_is_the_candidates_failure(script: str, status: TrialStatus, words: str) -> None:
    found, reason = failure(shell(script, "*.txt", wall_s=0.5 if "while" in script else 60.0, files_mb=1))
    assert found is status, reason
    assert words in reason, reason


def test_an_endless_log_is_capped() -> None:
    product = shell("while :; do echo error: again; echo more >&2; done", "*.txt", wall_s=1.0)
    assert product.failure is not None
    assert product.failure.status in (TrialStatus.TIMED_OUT, TrialStatus.OUTPUT_TOO_LARGE)
    assert len(product.failure.log) < 200 * 1024
    assert product.failure.reason.count("\n") <= 6


def test_our_own_failure_is_an_exception() -> None:
    with pytest.raises(SandboxError):
        shell("true", "b.txt", files={"../a": b""})


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        ("make: go\ncc x.c\nx.c: In function f:\nx.c:1:2: error: no y\n   y\n", "x.c:1:2: error: no y\n   y"),
        ("Traceback (most recent call last):\n  File x\nValueError: no\n", "ValueError: no"),
        ("# command-line-arguments\n./a.go:3:2: undefined: x\n", "./a.go:3:2: undefined: x"),
        ("cc -Werror -Wno-error=x -c error.c\nerror.c:1:2: error: no y\n", "error.c:1:2: error: no y"),
        ("one\n\ntwo\n", "one\ntwo"),
        ("", ""),
    ],
)
def test_the_first_error_of_a_log(log: str, lines: str) -> None:
    assert first_errors(log) == lines


def test_call_status_of_a_failed_build_is_that_of_its_command() -> None:
    assert {status.value for status in CallStatus} <= {status.value for status in TrialStatus}
