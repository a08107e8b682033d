"""`selfwright compare` as a person and as CI use it: real programs, real git, exit codes."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import selfwright
from tests.adapters.repos.conftest import porcelain
from tests.journeys.place import ENVIRONMENT, Place

COUNTING = """\
n=0
[ -f count ] && read -r n < count
echo $((n + 1)) > count
while read -r value && [ $n -gt 0 ]; do n=$((n - 1)); done < numbers
echo "warming up: 1.0"
echo "op_ms: $value ms"
"""
"""Prints the next line of ``numbers``: as noisy as they are, and the same on every machine."""

LOWER = ("--metric", "op_ms", "--better", "lower")


def numbers(level: float, seed: int) -> str:
    """Lines with two percent of noise about a level, by a generator that needs no library."""
    lines = []
    for _ in range(450):
        parts = 0.0
        for _ in range(12):
            seed = (seed * 1103515245 + 12345) % 2**31
            parts += seed / 2**31
        lines.append(f"{level * (1 + 0.02 * (parts - 6)):.6f}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    """A repository: slow, then fast (10 % less), then as fast, with other noise; and a work tree in use."""
    top = tmp_path_factory.mktemp("top")
    porcelain(top, "init", "-q", "-b", "main")
    for number, (name, level) in enumerate((("slow", 10), ("fast", 9), ("same", 9)), 1):
        (top / "run.sh").write_text(COUNTING)
        (top / "numbers").write_text(numbers(level, number))
        porcelain(top, "add", ".")
        porcelain(top, "commit", "-q", "-m", name)
        porcelain(top, "tag", name)
    (top / "numbers").write_text("not yet committed\n")
    (top / "new").write_text("not known to git\n")
    porcelain(top, "add", "new")
    return Place(top)


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch) -> None:
    """Temporary files and locks of these tests are their own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setitem(ENVIRONMENT, "TMPDIR", str(tmp_path / "tmp"))


def compare(place: Place, *arguments: str, code: int) -> dict[str, object]:
    said = place.call("compare", *arguments, "--json", "--", "sh", "run.sh", code=code).stdout
    found: dict[str, object] = json.loads(said)
    assert found["exit_code"] == code and said.count("\n") == 1
    return found


def test_faster_is_0_and_slower_is_1_and_the_work_tree_stays(place, tmp_path):
    before = porcelain(place.folder, "status", "--porcelain=v2", "--branch")
    found = compare(place, "slow", "fast", *LOWER, code=0)
    assert found["answer"] == "better" and 0 < found["low"] < 0.1 < found["high"] and found["pairs"] <= 20
    assert abs(found["gain"] - 0.1) < 0.02 and found["evidence"]["better"] >= found["evidence"]["needed"] == 40
    assert found["a"]["commit"] == porcelain(place.folder, "rev-parse", "slow").strip()
    lines = numbers(10, 1).split()
    assert found["a"]["samples"] == [float(line) for line in lines[1 : found["pairs"] + 1]]  # the first is not counted
    assert len(found["b"]["samples"]) == len(found["b_first"]) == found["pairs"]
    assert compare(place, "fast", "slow", *LOWER, code=1)["answer"] == "worse"
    assert compare(place, "slow", "fast", "--metric", "op_ms", "--better", "higher", code=1)["answer"] == "worse"
    assert porcelain(place.folder, "status", "--porcelain=v2", "--branch") == before
    assert not [path for path in (tmp_path / "tmp").iterdir() if path.is_dir()]


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_is_3(place, seed):
    found = compare(place, "fast", "same", *LOWER, "--max-pairs", "30", "--seed", str(seed), code=3)
    assert found["answer"] == "undecided" and found["pairs"] == 30 and found["low"] < 0 < found["high"]
    found = compare(place, "fast", "fast", *LOWER, "--minimum-effect", "5 %", "--seed", str(seed), code=3)
    assert found["answer"] == "same" and found["pairs"] < 30


def test_a_person_reads_what_was_found(place):
    done = place.call("compare", "slow", "fast", *LOWER, "--", "sh", "run.sh")
    first, second, answer, noise = done.stdout.splitlines()
    assert first.startswith("A  op_ms ") and first.endswith(
        f"slow = {porcelain(place.folder, 'rev-parse', 'slow')[:12]}"
    )
    assert second.startswith("B  op_ms ") and noise.startswith("noise: ")
    assert answer.startswith("B is ") and "% better than A (" in answer and " pairs, E = " in answer
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["A (slow)", "B (fast)"]


def test_folders_are_built_and_run_where_they_are(tmp_path):
    place = Place(tmp_path)
    for name, work in (("one", 300_000), ("two", 3_000_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "source").write_text(f"print(sum(range({work})))")
    build = f"{shlex.quote(sys.executable)} -c \"import shutil; shutil.copy('source', 'built.py')\""
    told = ("compare", "two", "./one", "--build", build, "--metric", "cpu", "--", sys.executable, "-I", "built.py")
    assert "% faster than A" in place.call(*told).stdout
    assert (tmp_path / "one" / "built.py").exists() and (tmp_path / "two" / "built.py").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("slow none -- true", "'none' is neither a commit of"),
        (
            "slow fast -- sh -c 'echo oh no >&2; exit 4'",
            "A (slow) failed in its first run: exit code 4; it wrote last:",
        ),
        ("slow fast --metric x -- true", "say --better lower or --better higher"),
        ("slow fast --metric x --better lower -- echo x=inf", "x is inf; only finite numbers can be compared"),
        ("slow fast --build false -- true", "A (slow) could not be built: exit code 1"),
        ('slow fast --build "\'" -- true', "No closing quotation"),
        ("slow fast --timeout 0.2s -- sleep 50", "it did not end within 0.2 s and was killed"),
        ("slow fast --max-pairs 2 -- true", "2 pairs can decide nothing"),
        ("slow fast", "Missing argument"),
        ("'' fast -- true", "A is empty"),
    ],
)
def test_what_is_wrong_is_2_and_said(place, arguments, words):
    done = place.call("compare", *shlex.split(arguments), code=2)
    assert words in done.stderr and done.stdout == ""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_what_was_seen_and_leaves_nothing(place, tmp_path, sign):
    os.mkfifo(tmp_path / "held")
    slow_in_pair_5 = f'{COUNTING}\n[ "$(cat count)" -lt 6 ] || {{ echo held > {tmp_path}/held; sleep 100 & wait; }}'
    process = place.start("compare", "slow", "fast", *LOWER, "--json", "--", "sh", "-c", slow_in_pair_5)
    assert (tmp_path / "held").read_text() == "held\n"  # waits for it
    (running,) = psutil.Process(process.pid).children()
    below = running.children(recursive=True)
    process.send_signal(sign)
    out, err = process.communicate(timeout=30)
    found = json.loads(out)
    assert (process.returncode, found["exit_code"], found["pairs"], found["answer"]) == (130, 130, 4, "undecided")
    assert "interrupted" in err and found["low"] is None and len(found["a"]["samples"]) == 4
    _, alive = psutil.wait_procs([running, *below], timeout=20)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    assert not [path for path in (tmp_path / "tmp").iterdir() if path.is_dir()]


def test_from_python(place, monkeypatch, tmp_path):
    monkeypatch.chdir(place.folder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said: list[str] = []
    found = selfwright.compare(
        "slow", Path("fast^0"), ["sh", "run.sh"], metric="op_ms", better="lower", announce=said.append
    )
    assert found.answer == "better" and found.gain().low > 0
    assert len(said) == 2 and said[1].startswith("B (fast^0): commit ")


def test_a_pipe_that_is_not_read_is_no_error(place):
    line = f"{shlex.join([*_program(), 'compare', 'slow', 'fast', *LOWER, '--', 'sh', 'run.sh'])} | true"
    done = subprocess.run(
        ["bash", "-c", line], cwd=place.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "Traceback" not in done.stderr


def _program() -> list[str]:
    return [str(Path(sys.executable).parent / "selfwright")]
