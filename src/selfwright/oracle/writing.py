"""Writes the problem of a function: a folder that the ordinary loop takes, and that a person can read."""

import json
from collections.abc import Mapping
from pathlib import Path

from selfwright.oracle.fitting import Fit
from selfwright.oracle.marking import marked
from selfwright.oracle.target import Target

JUDGE, INPUTS = "speed_judge.py", "speed_inputs.bin"

_JUDGE = '''"""Is {function} still the same, and how fast is it? Written by `selfwright speed`.

The original is asked for every answer, in a sandbox of its own; {inputs} has the calls that the tests made.
"""

from pathlib import Path

from selfwright.oracle import Judging

evaluate = Judging(Path(__file__).with_name("{inputs}")).evaluate
'''

_PROBLEM = """\
name = {name}
description = {description}
editable = [{program}]
[evaluate]
judge = "{judge}"
wall_s = 300
[metrics]
time_us = {{ unit = "us", better = "lower", noisy = true }}
[objective]
metric = "time_us"
minimum_effect = "2 %"
max_pairs = 100
[environment]
python = {packages}
files = {beside}
[limits]
wall_s = 10
"""


def write_problem(target: Target, fit: Fit, beside: Mapping[str, bytes], folder: Path, *, name: str) -> None:
    """Write the problem of a function into a folder, which is made.

    Args:
        beside: What the function's file needs to be imported.
        name: Of the problem.
    """
    folder.mkdir(parents=True)
    for path, content in {**beside, target.program: marked(target)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    task = fit.task
    words = (
        f"Make the function {task.function} of {target.program} faster. It must do what it does now, for every input: "
        "the same result of the same types, the same kind of exception, the same changes of its arguments; floats "
        f"within {task.tolerance:g} relative. No two timed inputs are alike, so remembering results gains nothing."
    )
    tops = sorted({path.partition("/")[0] + ("/**" if "/" in path else "") for path in beside})
    (folder / "problem.toml").write_text(
        _PROBLEM.format(
            name=json.dumps(name),
            description=json.dumps(words, ensure_ascii=False),
            program=json.dumps(target.program),
            judge=JUDGE,
            packages=json.dumps(target.packages(dict(beside))),
            beside=json.dumps(tops),
        )
    )
    (folder / JUDGE).write_text(_JUDGE.format(function=task.function, inputs=INPUTS))
    (folder / INPUTS).write_bytes(task.pack())
