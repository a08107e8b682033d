"""What a folder of another engine's says is read, and what is not read is named."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.bench.foreign import Foreign
from selfwright.bench.translate import Asked, read_folder, write_problem
from selfwright.core.errors import BadInput

CONFIG = """
max_iterations: 50
llm: {primary_model: some-model, temperature: 0.7}
prompt:
  system_message: |
    Make it
    faster.
evaluator:
  {timeout: 45, cascade_evaluation: true, cascade_thresholds: [0.5, 1], parallel_evaluations: 3, memory_limit_mb: 512}
"""
EVALUATOR = """
import sys, json
import numpy as np
from openevolve.evaluation_result import EvaluationResult
import sibling
try:
    import torch_that_is_not_there
except ImportError:
    pass
def evaluate_stage1(path): ...
def evaluate(path): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A problem of OpenEvolve's."""
    files = {
        "evaluator.py": EVALUATOR, "initial_program.py": "import env\n", "config.yaml": CONFIG,
        "sibling.py": "import psutil\n", "env.py": "import math\n", "README.md": "\n# Title\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_config_and_imports_are_read_and_the_rest_is_named(folder: Path) -> None:
    found = read_folder(folder, "openevolve")
    assert found.foreign == Foreign(form="openevolve", file="evaluator.py", cascade=(0.5, 1.0))
    assert (found.program, found.beside) == ("initial_program.py", ("env.py",))
    assert found.modules == ("numpy", "psutil")
    assert found.absent == ()
    assert (found.wall_s, found.memory_mb, found.trials) == (45.0, 512, 50)
    assert found.description == "Make it faster."
    assert found.ignored == ("evaluator.parallel_evaluations", "llm.primary_model", "llm.temperature")


def test_what_it_can_not_do_without_is_named(folder: Path) -> None:
    (folder / "sibling.py").write_text("import torch_that_is_not_there\n")
    assert read_folder(folder, "openevolve").absent == ("torch_that_is_not_there",)


def test_what_a_program_imports_later_it_may_do_without(folder: Path) -> None:
    (folder / "initial_program.py").write_text("def f():\n    import torch_that_is_not_there\n")
    assert read_folder(folder, "openevolve").absent == ()


def test_thresholds_without_stages_are_no_cascade(folder: Path) -> None:
    (folder / "evaluator.py").write_text("def evaluate(path): ...\n")
    assert read_folder(folder, "openevolve").foreign.cascade is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("config.yaml", "a: [", "config.yaml: not YAML"),
        ("initial_program.rs", "", "looked for one program init.*found initial_program.py, initial_program.rs"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, name: str, text: str, said: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(BadInput, match=said):
        read_folder(folder, "openevolve")


def test_a_folder_of_another_form_is_no_such_problem(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"looked for .*evaluate.py, the evaluator of a problem of shinka"):
        read_folder(folder, "shinka")
    with pytest.raises(BadInput, match="'deap' is no engine"):
        read_folder(folder, "deap")


def test_the_problem_file_says_what_was_found(folder: Path) -> None:
    found = read_folder(folder, "openevolve")
    asked = Asked(
        foreign=replace(found.foreign, whole=True), exec_=True,
        metrics=[
            {"combined_score": 1.0, "eval_time": 0.1, "a b": 1.0}, {"combined_score": 1.0, "eval_time": 0.2, "x": 1.0},
        ],
    )  # fmt: skip
    read = tomllib.loads(write_problem(found, asked))
    assert read["evaluate"] == {"openevolve": "evaluator.py", "whole": True, "cascade": [0.5, 1.0], "wall_s": 45.0}
    assert read["metrics"] == {
        "combined_score": {"better": "higher"}, "eval_time": {"better": "lower", "noisy": True},
    }  # fmt: skip
    assert read["environment"] == {"python": ["numpy", "psutil"], "files": ["env.py"]}
    assert read["limits"] == {"wall_s": 45.0, "memory_mb": 512, "profile": "native", "allow": ["exec"]}


def test_without_a_score_there_is_nothing_to_maximise(folder: Path) -> None:
    with pytest.raises(BadInput, match="gives speed, and no combined_score"):
        write_problem(
            read_folder(folder, "openevolve"), Asked(foreign=Foreign(form="shinka", file="e"), metrics=[{"speed": 1.0}])
        )
