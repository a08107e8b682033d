"""`selfwright init --from ENGINE`, and what comes after it: check, run, and the word in every certificate."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.journeys.place import Place

EVALUATOR = """\
import importlib.util

def evaluate(program_path):
    spec = importlib.util.spec_from_file_location("program", program_path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    values = [program.best(n) for n in (3, 5)]
    return {"combined_score": float(sum(values)), "most": max(values)}
"""
READER = EVALUATOR.replace("    values", "    open(program_path).read()\n    values")
PROGRAM = """\
# EVOLVE-BLOCK-START
def best(n):
    return n
# EVOLVE-BLOCK-END
"""


def a_place(folder: Path, evaluator: str) -> Place:
    toy = folder / "toy"
    toy.mkdir()
    (toy / "evaluator.py").write_text(evaluator)
    (toy / "initial_program.py").write_text(PROGRAM)
    (toy / "config.yaml").write_text("evaluator: {timeout: 20}\nllm: {temperature: 1}\n")
    lines = [
        {"files": {"initial_program.py": PROGRAM.replace("return n", text)}} for text in ("return 2 * n", "return 1")
    ]
    lines.insert(1, {"files": {"initial_program.py": f"import os\n{PROGRAM}".replace("return n", "return 9 * n")}})
    (folder / "session.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return Place(folder)


def log_of(place: Place) -> str:
    command = ["git", f"--git-dir={place.folder / 'r' / 'repo.git'}", "log", "--format=%B", "selfwright/toy"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def test_a_problem_of_openevolve_is_run_from_outside(tmp_path: Path) -> None:
    place = a_place(tmp_path, EVALUATOR)
    said = place.call("init", "--from", "openevolve", "toy")
    assert "read config.yaml: 20 s an evaluation" in said.stderr
    assert "warning: config.yaml also says what has no meaning here: llm.temperature" in said.stderr
    assert "judge outside (shim)" in said.stderr
    assert "is there already" in place.call("init", "--from", "openevolve", "toy", code=2).stderr
    shown = place.run("--proposer", f"recorded:{tmp_path / 'session.jsonl'}").stderr
    assert "judged: outside (shim)" in shown
    assert "t1    adopted as v1: combined_score 16" in shown
    assert "t2    refused: initial_program.py: only lines between EVOLVE-BLOCK-START and EVOLVE-BLOCK-END" in shown
    assert "t3    rejected: not better than v1" in shown
    assert log_of(place).count("Judge: outside (shim)\n") == 2


@pytest.mark.slow
def test_what_was_judged_from_outside_is_audited_so(tmp_path: Path) -> None:
    place = a_place(tmp_path, EVALUATOR)
    place.call("init", "--from", "openevolve", "toy")
    place.run("--proposer", f"recorded:{tmp_path / 'session.jsonl'}", "--trials", "1")
    assert "1 version audited: all that was checked holds" in place.call("audit", str(tmp_path / "r")).stdout


@pytest.mark.slow
def test_where_it_reads_the_source_every_word_says_so(tmp_path: Path) -> None:
    place = a_place(tmp_path, READER)
    assert (
        "needs the program beside it: it reads the program's source"
        in place.call("init", "--from", "openevolve", "toy").stderr
    )
    place.run("--proposer", f"recorded:{tmp_path / 'session.jsonl'}", "--trials", "1")
    assert log_of(place).count("Judge: self-reported\n") == 2
    found = json.loads(place.call("check", "toy", "--json", code=1).stdout)["findings"][0]
    assert (found["name"], found["seen"]) == ("self-reported", "it reads the program's source")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"initial_program.py": "def other(n): ..."}, "the evaluator has no number for the program: AttributeError"),
        ({"evaluator.py": "import not_to_be_had\ndef evaluate(path): ..."}, "not_to_be_had can not be imported here"),
    ],
)
def test_what_can_not_begin_is_said_and_nothing_is_written(tmp_path: Path, change: dict[str, str], said: str) -> None:
    place = a_place(tmp_path, EVALUATOR)
    for name, text in change.items():
        (tmp_path / "toy" / name).write_text(text)
    assert said in place.call("init", "--from", "openevolve", "toy", code=2).stderr
    assert not (tmp_path / "toy" / "problem.toml").exists()


@pytest.mark.slow
def test_the_gains_that_openevolve_claims_are_measured_again(tmp_path: Path) -> None:
    place = a_place(tmp_path, EVALUATOR)
    place.call("init", "--from", "openevolve", "toy")
    programs = tmp_path / "toy" / "openevolve_output" / "checkpoints" / "checkpoint_9" / "programs"
    programs.mkdir(parents=True)
    for number, (text, score) in enumerate([("n", 8.0), ("2 * n", 16.0), ("n + 0", 17.0), ("3 * n", 24.0)]):
        program = {
            "id": f"p{number}", "code": PROGRAM.replace("return n", f"return {text}"), "iteration_found": number,
            "metrics": {"combined_score": score},
        }  # fmt: skip
        (programs / f"p{number}.json").write_text(json.dumps(program))
    said = place.call(
        "audit", "--from", "openevolve", "toy/openevolve_output", "--dir", str(tmp_path / "again"), code=1
    ).stdout.splitlines()
    assert [line.partition("  ")[0] for line in said[:3]] == [
        "p1 claims 16: holds", "p2 claims 17: DOES NOT HOLD", "p3 claims 24: holds",
    ]  # fmt: skip
    assert said[3] == f"of 3 claimed gains, 2 hold; run: {tmp_path / 'again'}"
