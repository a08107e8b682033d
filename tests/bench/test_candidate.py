"""The candidate as a judge sees it, in the real sandbox `limits`: every method, and every way to fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

import numpy as np
import psutil
import pytest

from selfwright.adapters.sandboxes.box import GuestBox
from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.api.confinement import try_sandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.wire import WireError
from selfwright.bootstrap import make_sandbox
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import CallFailed, InvalidCandidate, SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits, Profile
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Sandbox

PROGRAM = """
import os, sys, time
import tables

print("imported")
calls = 0

def echo(*args):
    return args

def double(x):
    return 2 * x

def count(*_):
    global calls
    calls += 1
    return calls

def numpy_is_loaded():
    return "numpy" in sys.modules

def lookup(key):
    return tables.TABLE[key]

def divide(a, b):
    print("dividing")
    return a / b

def recurse(n):
    return recurse(n + 1)

def leave(kind):
    raise {"exit": SystemExit(3), "interrupt": KeyboardInterrupt("stop")}[kind]

def really_leave(code):
    print("leaving", flush=False)
    os._exit(code)

class Hostile(Exception):
    def __str__(self):
        raise SystemExit("from __str__")
    __repr__ = __str__

def hostile():
    raise Hostile()

def escape():
    raise ValueError("red \\x1b[31m text\\u202e\\ud800 " + "x" * 5000)

def a_set():
    return [{1, 2}]

def endless():
    print("before")
    while True: pass

def allocate(mb):
    return len(bytearray(mb << 20))

def large(mb):
    return bytes(mb << 20)

def shout():
    for fd in (1, 2): os.write(fd, b"V\\0\\0\\0\\0\\0\\0\\0\\x01N")
    return "quiet"

def forge(content):
    os.write(4, len(content).to_bytes(8, "big") + content)
    os._exit(0)

def forget():
    sys.stdout = sys.stderr = None
    del sys.modules["os"]
    return 1

def slow(n, _):
    end = time.perf_counter() + n * 1e-5
    while time.perf_counter() < end: pass
    return n
"""
FILES = {"codec.py": PROGRAM.encode(), "tables.py": b"TABLE = {'a': 1}\n", "prompts/a.md": b"be good"}


def candidate(
    program: str = "codec.py", files: Mapping[str, bytes] = FILES, cores: int = 1, secret: int | None = None,
    environment: Environment = BARE, built: Mapping[str, bytes] | None = None, **limits: float,
) -> Candidate:  # fmt: skip
    bounds = Limits(**{"wall_s": 20.0, "memory_mb": 512, **limits})  # type: ignore[arg-type]
    return Candidate(
        files=files, program=program, sandbox=LimitsSandbox(), limits=bounds, cores=cores, environment=environment,
        secret=secret, built=built,
    )  # fmt: skip


def contained() -> Sandbox:
    """Return the sandbox `zygote`, which refuses what was not allowed."""
    offer = try_sandbox("zygote")
    if not offer.works:
        pytest.skip(f"zygote does not work here: {offer.lacks}")
    return make_sandbox("zygote")


# -------------------------------------------------------------------------------------------------------------- import

IMPORTS = """
import importlib, runpy, sys

def plain():
    import pytest

def dotted():
    import pytest.collect

def dynamic():
    importlib.import_module("pytest")

def built_in():
    exec("__import__('pytest')")

def unpickled():
    import pickle
    pickle.loads(b"cpytest\\nmain\\n.")

def by_the_library():
    runpy.run_module("pytest")

def tolerant():
    try:
        import pytest
    except ImportError as error:
        return error.name

def numpy():
    import numpy.linalg
    return numpy.linalg.det(numpy.eye(3))

def siblings():
    import tables, parts.one
    return tables.TABLE, parts.one.ONE, sorted(sys.modules).count("pytest")
"""
IMPORT_FILES = {"codec.py": IMPORTS.encode(), "tables.py": b"TABLE = 3\n", "parts/one.py": b"ONE = 1\n"}


@pytest.mark.parametrize("function", ["plain", "dotted", "dynamic", "built_in", "unpickled", "by_the_library"])
def test_what_is_not_declared_can_not_be_imported(function: str) -> None:
    outcome = candidate(files=IMPORT_FILES, environment=Environment(modules=("numpy", "scipy"))).call(function)
    assert outcome.status is CallStatus.CRASHED
    wanted = "ModuleNotFoundError: import of pytest: a candidate may import the standard library and numpy, scipy"
    assert wanted in outcome.reason, outcome.reason
    assert "codec.py, line " in outcome.reason


def test_what_is_declared_can_be_imported_with_all_that_it_needs() -> None:
    under_trial = candidate(files=IMPORT_FILES, environment=Environment(modules=("numpy",)))
    assert under_trial.call("numpy").value == 1.0
    assert under_trial.call("siblings").value == (3, 1, 0)
    bare = candidate(files=IMPORT_FILES).call("numpy")
    assert bare.reason.startswith("ModuleNotFoundError: import of numpy: a candidate may import the standard library (")
    assert candidate(files=IMPORT_FILES).call("tolerant").value == "pytest"


PACKAGE = {
    "parts/__init__.py": b"from .one import f\n",
    "parts/one.py": b"from .two import double\nfrom parts import two\n\ndef f(x):\n    return double(x), __name__\n",
    "parts/two.py": b"import json\n\ndef double(x):\n    return 2 * x\n",
    "parts/json.py": b"raise ImportError('the library has this')\n",
}


def test_a_program_in_a_package_is_a_member_of_it() -> None:
    under_trial = candidate(program="parts/one.py", files=PACKAGE)
    assert under_trial.call("f", 2).value == (4, "parts.one")
    assert candidate(program="parts/__init__.py", files=PACKAGE).call("f", 3).value == (6, "parts.one")
    broken = candidate(program="parts/one.py", files={**PACKAGE, "parts/two.py": b"import pytest\n"}).call("f", 2)
    assert "import of pytest: a candidate may import the standard library" in broken.reason


# ---------------------------------------------------------------------------------------------------------------- call


def test_a_call_returns_what_the_function_returned() -> None:
    outcome = candidate().call("echo", None, 1, 1.5, "é", b"\xff", [(1,), {"a": {1: 2}}])
    assert outcome.ok
    assert outcome.status is CallStatus.OK
    assert outcome.value == (None, 1, 1.5, "é", b"\xff", [(1,), {"a": {1: 2}}])
    assert outcome.wall_s > 0
    assert outcome.load_s > outcome.wall_s  # starting an interpreter takes longer than returning an argument
    assert outcome.cpu_s >= 0
    assert outcome.peak_memory_bytes > 1 << 20
    assert (outcome.log, outcome.reason) == ("", "")


def test_arrays_go_in_and_come_back() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    value = candidate().call("double", array).value
    assert isinstance(value, np.ndarray)
    assert value.dtype == np.uint8
    assert (value == 2 * array).all()


def test_values_of_any_size_share_a_session() -> None:
    """Larger than a pipe, a large page and the request before; few parts and many; with nothing left of another."""
    sizes = (3_000_000, 10, 2_000_000, 5_000_001, 0)
    with candidate().session() as session:
        for size in sizes:
            given = bytes(range(251)) * (size // 251)
            assert session.call("echo", given, 1).value == (given, 1)
            assert (session.call("echo", np.arange(size // 8)).value[0] == np.arange(size // 8)).all()
        many = [bytes([number % 256]) * 20_000 for number in range(700)]
        assert session.call("echo", many).value == (many,)


def test_numpy_is_loaded_only_for_an_array() -> None:
    assert candidate().call("numpy_is_loaded").value is False


def test_every_call_has_a_process_of_its_own() -> None:
    under_trial = candidate()
    assert [under_trial.call("count").value for _ in range(2)] == [1, 1]


def test_siblings_can_be_imported_and_read() -> None:
    under_trial = candidate()
    assert under_trial.call("lookup", "a").value == 1
    assert under_trial.read("prompts/a.md") == b"be good"
    with pytest.raises(
        InvalidCandidate, match=r"no editable file 'b.md'; there are: codec.py, prompts/a.md, tables.py"
    ):
        under_trial.read("b.md")


def test_a_program_in_a_folder_imports_its_neighbours() -> None:
    files = {
        "src/main.py": b"import near\ndef f(): return near.X, open('top.txt').read()",
        "src/near.py": b"X = 1",
        "top.txt": b"t",
    }
    assert candidate("src/main.py", files).call("f").value == (1, "t")


def test_a_program_may_be_called_like_a_module_of_ours() -> None:
    for name in ("wire", "json", "traceback"):
        files = {f"{name}.py": b"def f(): return __name__"}
        assert candidate(f"{name}.py", files).call("f").value == name
    files = {"codec.py": b"import wire\ndef f(): return wire.X", "wire.py": b"X = 1"}
    assert candidate("codec.py", files).call("f").value == 1


def test_arguments_that_are_not_carried_are_the_judges_fault() -> None:
    with pytest.raises(WireError, match=r"arguments\[1\]\['x'\]|arguments\[1\]\[\"x\"\]: set is not carried"):
        candidate().call("echo", 1, {"x": {2}})


# ------------------------------------------------------------------------------------------------------------- failing


def failed(under_trial: Candidate, function: str, *args: object) -> tuple[CallStatus, str, str]:
    outcome = under_trial.call(function, *args)
    assert not outcome.ok
    with pytest.raises(CallFailed) as caught:
        _ = outcome.value
    assert (caught.value.status, caught.value.reason) == (outcome.status, outcome.reason)
    return outcome.status, outcome.reason, outcome.log


def line_of(text: str) -> int:
    return PROGRAM.splitlines().index(text) + 1


def test_an_exception_says_where_in_the_program() -> None:
    status, reason, log = failed(candidate(), "divide", 1, 0)
    line = line_of("    return a / b")
    assert status is CallStatus.CRASHED
    assert reason == f"ZeroDivisionError: division by zero (codec.py, line {line}, in divide)"
    assert log == (
        "dividing\nTraceback (most recent call last):\n"
        f'  File "codec.py", line {line}, in divide\n    return a / b\nZeroDivisionError: division by zero\n'
    )


def test_frames_of_libraries_are_left_out() -> None:
    files = {
        "a.py": b"import json\nimport b\ndef f():\n  return b.g()",
        "b.py": b"import json\ndef g():\n  return json.loads('{')",
    }
    outcome = candidate("a.py", files).call("f")
    assert outcome.reason.startswith("JSONDecodeError: Expecting property name")
    assert outcome.reason.endswith("(b.py, line 3, in g)")
    assert "decoder.py" not in outcome.log
    assert outcome.log.index('"a.py", line 4') < outcome.log.index('"b.py", line 3')


@pytest.mark.parametrize(
    ("function", "args", "reason"),
    [
        ("leave", ("exit",), "SystemExit: 3 (codec.py"),
        ("leave", ("interrupt",), "KeyboardInterrupt: stop (codec.py"),
        ("hostile", (), "Hostile"),
        ("recurse", (0,), "RecursionError: maximum recursion depth exceeded"),
        ("escape", (), "ValueError: red  text"),
        ("a_set", (), "a_set returned set at result[0]; use a sorted list"),
        ("really_leave", (7,), "really_leave: exit code 7"),
        ("really_leave", (0,), "really_leave: exit code 0 without an answer"),
        ("divide", (1,), "TypeError: divide() missing 1 required positional argument"),
        ("forge", (b"",), "forge: a reply that is no value: result: 1 bytes are announced"),
        ("forge", (b"V\x80",), "forge: a reply that is no value"),
        ("forge", (b"XN",), "forge: a reply that is neither value nor failure"),
        ("forge", (b"FN",), "forge: a reply that is neither value nor failure"),
    ],
)
def test_it_crashes_in_words(function: str, args: tuple[object, ...], reason: str) -> None:
    status, said, log = failed(candidate(), function, *args)
    assert status is CallStatus.CRASHED
    assert said.startswith(reason)
    assert len(said) < 5000
    assert len(log) < 10_000
    assert not set("\x1b\u202e\ud800").intersection(said + log)


def test_a_missing_function_is_told_with_those_that_are_there() -> None:
    files = {
        "codec.py": b"import os\nfrom json import loads\ndef b(): pass\ndef a(): pass\nclass C: pass\n_x = len\ny = 1"
    }
    status, reason, log = failed(candidate("codec.py", files), "encode")
    assert (status, reason, log) == (CallStatus.CRASHED, "codec.py has no function 'encode'; it defines: C, a, b", "")


def test_a_killed_call_names_its_signal_and_keeps_what_was_printed() -> None:
    files = {"codec.py": b"import os\ndef f():\n  print('last words')\n  os.kill(os.getpid(), 11)"}
    status, reason, log = failed(candidate("codec.py", files), "f")
    assert (status, reason, log) == (CallStatus.CRASHED, "f: killed by SIGSEGV", "last words\n")


def test_the_deadline() -> None:
    status, reason, log = failed(candidate(wall_s=0.5), "endless")
    assert (status, reason, log) == (
        CallStatus.TIMED_OUT,
        "endless: no answer within 0.5 s (limits.wall_s = 0.5)",
        "before\n",
    )


def test_a_call_can_lower_the_deadline_and_not_raise_it() -> None:
    assert candidate().call("endless", wall_s=0.1).reason == "endless: no answer within 0.1 s"
    assert candidate(wall_s=0.3).call("endless", wall_s=60).reason.endswith(" 0.3 s (limits.wall_s = 0.3)")


def test_too_much_memory() -> None:
    status, reason, _ = failed(candidate(memory_mb=300), "allocate", 400)
    line = line_of("    return len(bytearray(mb << 20))")
    assert status is CallStatus.OUT_OF_MEMORY
    assert (
        reason == f"memory limit of 300 MiB: MemoryError (codec.py, line {line}, in allocate) (limits.memory_mb = 300)"
    )


LIMITED = """
import os, socket, subprocess, threading

def threads():
    end = threading.Event()
    for _ in range(1000): threading.Thread(target=end.wait, daemon=True).start()

def a_large_file():
    with open(os.path.join(os.environ["TMPDIR"], "x"), "wb") as file: file.write(bytes(2 << 20))

def a_program():
    subprocess.run(["true"], check=True)

def a_socket():
    socket.socket()

def a_name():
    socket.getaddrinfo("name.invalid", 80)
"""


@pytest.mark.parametrize(
    ("function", "key"),
    [
        ("threads", "(limits.processes = 20)"),
        ("a_large_file", "(limits.files_mb = 1)"),
        ("a_program", '(limits.allow lacks "exec")'),
        ("a_socket", '(limits.allow lacks "network")'),
        ("a_name", '(limits.allow lacks "network")'),
    ],
)
def test_a_call_that_meets_a_limit_names_its_key(function: str, key: str) -> None:
    with closing(contained()) as sandbox:
        under_trial = Candidate(
            files={"codec.py": LIMITED.encode()}, program="codec.py", sandbox=sandbox,
            limits=Limits(processes=20, files_mb=1),
        )  # fmt: skip
        outcome = under_trial.call(function)
    assert outcome.status is CallStatus.CRASHED
    assert outcome.reason.endswith(key), outcome.reason


def test_a_command_may_execute_programs_unasked_and_a_call_must_be_allowed_to() -> None:
    program = b"import subprocess\ndef f(): return subprocess.run(['sh', 'a.sh'], capture_output=True).stdout"
    files = {"codec.py": program, "a.sh": b"#!/bin/sh\necho 1\n"}

    def under_trial(**limits: tuple[str, ...] | Profile) -> Candidate:
        return Candidate(files=files, program="codec.py", sandbox=sandbox, limits=Limits(**limits))  # type: ignore[arg-type]

    with closing(contained()) as sandbox:
        assert under_trial().run(["./a.sh"]).stdout == under_trial().run(["sh", "./a.sh"]).stdout == b"1\n"
        assert under_trial().call("f").status is CallStatus.CRASHED
        assert under_trial(allow=("exec",)).call("f").value == b"1\n"
        assert under_trial(profile=Profile.NATIVE).call("f").value == b"1\n"
        refused = under_trial().run(["python", "-c", "import socket; socket.socket()"]).reason
        assert refused == 'python: exit code 1 (limits.allow lacks "network")'


def test_words_of_a_limit_change_no_status() -> None:
    files = {"codec.py": b"def f(): raise ValueError('Cannot allocate memory')\ndef g(): print('File too large')"}
    under_trial = candidate("codec.py", files)
    outcome = under_trial.call("f")
    assert outcome.status is CallStatus.CRASHED
    assert outcome.reason.endswith(", in f) (limits.memory_mb = 512)")
    assert (under_trial.call("g").ok, under_trial.call("g").reason) == (True, "")


def test_too_large_a_result() -> None:
    status, reason, _ = failed(candidate(output_mb=1), "large", 2)
    assert (status, reason) == (CallStatus.OUTPUT_TOO_LARGE, "large: output limit of 1 MiB (limits.output_mb = 1)")


def test_printing_is_no_reply() -> None:
    outcome = candidate().call("shout")
    assert outcome.value == "quiet"
    assert outcome.log == "VNVN"


def test_a_program_may_spoil_its_own_modules() -> None:
    assert candidate().call("forget").value == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"x = (\n", "SyntaxError: '(' was never closed (codec.py, line 1)"),
        (b"\x00", "source code string cannot contain null bytes"),
        (
            b"import scipy_that_is_not_there",
            "ModuleNotFoundError: import of scipy_that_is_not_there: a candidate may import the standard library (",
        ),
        (b"raise SystemExit", "SystemExit (codec.py, line 1, in <module>)"),
        (b"import os\nos._exit(4)", "while importing codec.py: exit code 4"),
        (None, "FileNotFoundError: [Errno 2] No such file or directory: 'codec.py'"),
    ],
)
def test_an_import_that_fails(source: bytes | None, reason: str) -> None:
    files = {"other.py": b""} if source is None else {"codec.py": source}
    under_trial = candidate("codec.py", files)
    outcome = under_trial.call("encode")
    assert outcome.status is CallStatus.CRASHED
    assert reason in outcome.reason
    assert outcome.load_s > 0
    assert outcome.wall_s == 0


# ------------------------------------------------------------------------------------------------------- map, sessions


@pytest.mark.parametrize("cores", [1, 2])
def test_map_keeps_the_order(cores: int) -> None:
    under_trial = candidate(cores=cores)
    outcomes = under_trial.map("divide", [(6, 2), (1, 0), (8, 2)])
    assert [outcome.status for outcome in outcomes] == ["ok", "crashed", "ok"]
    assert (outcomes[0].value, outcomes[2].value) == (3.0, 4.0)
    assert [outcome.value for outcome in under_trial.map("double", ["ab", ([1],)])] == ["abab", [1, 1]]
    assert under_trial.log.startswith("imported\ndividing\nimported\ndividing\nTraceback")


@pytest.mark.parametrize("error", [KeyboardInterrupt("Ctrl-C"), SandboxError("no confinement")])
def test_map_ends_with_what_a_call_raises_and_leaves_no_process(error: BaseException) -> None:
    class Failing(LimitsSandbox):
        opened = 0

        def open(self, job: Job) -> GuestBox:
            Failing.opened += 1
            if Failing.opened == 2:
                raise error
            return super().open(job)

    under_trial = Candidate(files=FILES, program="codec.py", sandbox=Failing(), limits=Limits(), cores=2)
    with pytest.raises(type(error), match=str(error)):
        under_trial.map("double", range(6))
    assert psutil.Process().children() == []


def test_a_session_keeps_its_process() -> None:
    with candidate().session() as session:
        assert [session.call("count").value for _ in range(3)] == [1, 2, 3]
        assert session.call("divide", 1, 0).status is CallStatus.CRASHED  # an exception does not end it
        assert session.call("count").value == 4
        assert session.call("really_leave", 3).reason == "really_leave: exit code 3"
        after = session.call("count")
    assert (after.status, after.reason) == (
        CallStatus.CRASHED,
        "count: the process has ended before: exit code 3",
    )


def test_a_session_that_did_not_import_says_so_each_time() -> None:
    under_trial = candidate("codec.py", {"codec.py": b"1/0"})
    with under_trial.session() as session:
        reasons = {session.call("f").reason for _ in range(2)}
    assert reasons == {"ZeroDivisionError: division by zero (codec.py, line 1, in <module>)"}
    assert under_trial.log.count("Traceback") == 1


def test_a_session_is_a_context() -> None:
    with pytest.raises(RuntimeError, match="with statement"):
        candidate().session().call("count")


# ---------------------------------------------------------------------------------------------------------------- time


def test_time_gives_samples_and_everything_to_verify_them() -> None:
    samples = candidate().time("slow", lambda number: (number % 7 + 100, number), batches=3)
    assert len(samples) == 3
    assert all(sample > 0.001 for sample in samples)  # by a clock outside: at least 100 times 10 us
    assert len(samples.inputs) == len(samples.outputs) >= 3 * 2
    assert [args[0] for args in samples.inputs] == samples.outputs


def test_no_input_comes_twice_and_none_can_be_known() -> None:
    series: list[list[int]] = []
    for _ in range(2):
        seen: list[int] = []
        candidate().time("slow", lambda number, seen=seen: seen.append(number) or (100, number), batches=2)
        assert len(set(seen)) == len(seen) > 5
        series.append(seen)
    assert not set(series[0]).intersection(series[1])


def test_both_sides_of_a_pair_are_timed_on_the_same_inputs() -> None:
    numbers: list[list[int]] = []
    for under_trial in (candidate(secret=5), candidate(secret=5)):
        for _ in range(2):
            numbers.append([])
            under_trial.time("slow", lambda number: numbers[-1].append(number) or (100, number), batches=1)
    assert [numbers[0][0], numbers[1][0]] == [numbers[2][0], numbers[3][0]]
    assert not set(numbers[0]).intersection(numbers[1])  # and nothing twice on one side


@pytest.mark.parametrize(
    "make_input", [lambda number: 100, lambda number: (number % 3,), lambda number: ()], ids=["one", "few", "none"]
)
def test_inputs_that_come_twice_are_the_judges_fault(make_input: Callable[[int], object]) -> None:
    with pytest.raises(ValueError, match=r"make_input\(\d+\) gave arguments that an earlier number gave too, or none"):
        candidate().time("double", make_input)


def test_inputs_have_as_many_arguments_each_time() -> None:
    shapes = iter([(1,), (2, 3)])
    with pytest.raises(ValueError, match=r"make_input\(\d+\) gave 2 arguments, before it gave 1"):
        candidate().time("echo", lambda number: next(shapes))


def test_time_of_what_fails() -> None:
    with pytest.raises(CallFailed, match="ZeroDivisionError"):
        candidate().time("divide", lambda number: (number, 0))


def test_the_time_in_a_session_sees_its_state() -> None:
    with candidate().session() as session:
        session.call("count")
        samples = session.time("count", lambda number: number, batches=2)
        value = session.call("count").value
    assert isinstance(value, int)
    assert samples.outputs == list(range(value - len(samples.outputs), value))


# ----------------------------------------------------------------------------------------------------- run, accounting


def test_a_command_has_input_output_and_files() -> None:
    under_trial = candidate()
    argv = ["sh", "-c", "cat prompts/a.md in.txt - > out.txt; cat out.txt; echo words >&2"]
    outcome = under_trial.run(argv, stdin=b" 3", files={"in.txt": b" 2"}, produce=["out.txt", "none"])
    assert outcome.ok
    assert outcome.stdout == outcome.value == b"be good 2 3"
    assert outcome.files == {"out.txt": b"be good 2 3"}
    assert outcome.log == under_trial.log == "words\n"


def test_a_command_that_fails_says_so_to_whoever_wants_its_output_or_its_files() -> None:
    outcome = candidate().run(["sh", "-c", "echo out | tee a.txt; exit 3"], produce=["*.txt"])
    assert (outcome.ok, outcome.status, outcome.reason) == (False, CallStatus.CRASHED, "sh: exit code 3")
    assert (outcome.result, outcome.left) == (b"out\n", {"a.txt": b"out\n"})
    for read in (lambda: outcome.stdout, lambda: outcome.value, lambda: outcome.files, lambda: outcome.files["a.txt"]):
        with pytest.raises(CallFailed, match="crashed: sh: exit code 3"):
            read()


def test_a_file_that_a_command_did_not_leave_is_its_failure() -> None:
    files = candidate().run(["sh", "-c", "echo b > b.txt"], produce=["a.txt", "b.txt"]).files
    assert (files["b.txt"], files.get("a.txt"), "a.txt" in files, dict(files)) == (
        b"b\n",
        None,
        False,
        {"b.txt": b"b\n"},
    )
    with pytest.raises(CallFailed, match=r"crashed: sh: it left no file 'a\.txt'; it left: b\.txt"):
        _ = files["a.txt"]
    with pytest.raises(CallFailed, match=r"it left no file 'out'; it left: nothing"):
        _ = candidate().run(["true"], produce=["out"]).files["out"]


def test_what_was_used_adds_up() -> None:
    under_trial = candidate()
    under_trial.call("allocate", 100)
    first = under_trial.resources
    assert first.peak_memory_bytes > 100 << 20
    under_trial.call("count")
    second = under_trial.resources
    assert second.cpu_s > first.cpu_s > 0
    assert second.peak_memory_bytes == first.peak_memory_bytes


# ----------------------------------------------------------------------------------------------------------- behaviour


def behaviour(ask: Callable[[Candidate], object], program: str = PROGRAM) -> str:
    under_trial = candidate(files={**FILES, "codec.py": program.encode()}, cores=2)
    ask(under_trial)
    return under_trial.behaviour


def in_a_session(*numbers: int) -> Callable[[Candidate], object]:
    def ask(under_trial: Candidate) -> object:
        with under_trial.session() as session:
            return [session.call("double", number) for number in numbers]

    return ask


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.call("double", 3),
        lambda it: it.map("double", range(5)),
        lambda it: it.map("echo", [np.arange(4)]),
        in_a_session(1, 2),
        lambda it: it.run(["python", "-c", "import codec; print(codec.double(3))"]),
        lambda it: it.read("tables.py"),
        lambda it: it.call("large", "x"),
    ],
)
def test_what_answers_the_same_has_one_behaviour(ask: Callable[[Candidate], object]) -> None:
    """Names, comments and another way to the same answer do not count; another answer does."""
    first = behaviour(ask)
    assert len(first) == 64
    assert behaviour(ask, PROGRAM.replace("return 2 * x", "return x + x  # faster")) == first
    assert behaviour(lambda it: (ask(it), it.call("double", 4))) != first


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda it: it.call("double", 3), lambda it: it.call("double", 3.0)),
        (lambda it: it.call("echo", 3), lambda it: it.call("double", 3)),
        (lambda it: it.call("echo", "ab", "c"), lambda it: it.call("echo", "a", "bc")),
        (in_a_session(1, 2), in_a_session(2, 1)),
        (in_a_session(1, 2), lambda it: it.map("double", [1, 2])),
        (lambda it: it.run(["python", "-c", "print(1)"]), lambda it: it.run(["python", "-c", "print(2 - 1)"])),
        (lambda it: it.run(["python", "-c", "1"], b"2"), lambda it: it.run(["python", "-c", "12"])),
        (lambda it: it.run(["python", "-c", "1"], b"a"), lambda it: it.run(["python", "-c", "1"], b"b")),
        (lambda it: it.run(["python", "-c", ""]), lambda it: it.run(["python", "-c", ""], files={"a": b""})),
        (lambda it: it.read("tables.py"), lambda it: it.read("prompts/a.md")),
        (lambda it: it.call("echo"), lambda it: it.call("really_leave", 0)),
    ],
)
def test_another_question_or_answer_is_another_behaviour(
    one: Callable[[Candidate], object], other: Callable[[Candidate], object]
) -> None:
    assert behaviour(one) != behaviour(other)


def test_a_command_that_leaves_or_says_something_else_behaves_otherwise() -> None:
    """The same question to programs of which one writes a file more, or ends badly."""
    command = ["python", "codec.py"]
    program = "open('out', 'w').write('1')\nprint(1)\n"
    asked = [behaviour(lambda it: it.run(command, produce=["out"]), source) for source in (
        program, program + "# same\n", program.replace("'1'", "'2'"), program.replace("print(1)", "print(2)"),
        program + "raise SystemExit(3)\n",
    )]  # fmt: skip
    assert asked[0] == asked[1]
    assert len(set(asked)) == 4


def test_calls_of_several_threads_are_one_behaviour_in_any_order() -> None:
    assert behaviour(lambda it: [it.call("double", n) for n in (1, 2)]) == behaviour(
        lambda it: it.map("double", [2, 1])
    )


def test_what_is_timed_or_not_asked_has_no_behaviour() -> None:
    assert behaviour(lambda it: None) == ""
    assert behaviour(lambda it: (it.call("double", 1), it.time("slow", lambda n: (20, n), batches=1))) == ""


def test_the_log_is_capped() -> None:
    files = {"codec.py": b"def f(): print('x' * 999)"}
    under_trial = candidate("codec.py", files, log_kb=2)
    for _ in range(4):
        under_trial.call("f")
    assert under_trial.log.endswith("\n... the rest was dropped\n")
    assert under_trial.log.count("x") == 2046


def test_inputs_can_be_made_together() -> None:
    asked: list[list[int]] = []

    def make(numbers: list[int]) -> list[tuple[object, ...]]:
        asked.append(numbers)
        return [(number,) for number in numbers]

    samples = candidate().time("double", make, batches=2, together=True)
    assert len(samples) == 2
    assert samples.outputs == [2 * inputs[0] for inputs in samples.inputs]  # type: ignore[operator]
    assert sum(map(len, asked)) >= len(samples.inputs)
    assert max(map(len, asked)) > 1
    with pytest.raises(ValueError, match="zip"):
        candidate().time("double", lambda numbers: [], together=True)


def test_a_candidate_made_by_hand_knows_no_seed() -> None:
    with pytest.raises(RuntimeError, match="knows no seed"):
        candidate().seed()


def test_a_judge_that_reads_runs_or_builds_is_not_blind_to_the_sources() -> None:
    under_trial = candidate(files=FILES)
    under_trial.call("double", 3)
    assert under_trial.blind
    under_trial.read("tables.py")
    assert not under_trial.blind
    under_trial = candidate(files=FILES)
    under_trial.run(["python", "-c", "print(open('codec.py').read())"])
    assert not under_trial.blind
    assert not candidate(files=FILES, built={"fast.so": b""}).blind
