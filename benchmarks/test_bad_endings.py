"""Programs that end badly, in the sandbox: does the run go on at full rate, and does each trial say why?

Of every two programs one is well and one hangs, exits, crashes the interpreter, floods its output or forks. A hang may
cost its own deadline, and nothing more; whatever else ends badly may cost no more than a program that ends well.
"""

import json
import time
from statistics import median

import pytest

import selfwright
from selfwright.core import event as ev

HANG_S = 1.0
MANIFEST = f"""\
name = "ends"
description = "Say a small number."
editable = ["p.py"]
[evaluate]
judge = "judge.py"
[metrics]
number = {{ better = "lower" }}
[objective]
metric = "number"
[limits]
wall_s = {HANG_S:g}
"""
JUDGE = "def evaluate(candidate, stage):\n    return {'number': candidate.call('f', 3).value}\n"
GOOD = "def f(x):\n    return {number} + x\n"
BAD = {
    "hang": ("def f(x):\n    while True:\n        pass\n", "timed_out"),
    "exit": ("import os\n\n\ndef f(x):\n    os._exit(7)\n", "exit code 7"),
    "segfault": ("import ctypes\n\n\ndef f(x):\n    ctypes.string_at(0)\n", "SIGSEGV"),
    "flood": (
        "import sys\n\n\ndef f(x):\n    sys.stdout.write('y' * 50_000_000)\n    raise ValueError('flood')\n", "flood",
    ),
    "fork": (
        "import os\nimport time\n\n\ndef f(x):\n    for _ in range(20):\n        if os.fork() == 0:\n"
        "            time.sleep(60)\n    os._exit(9)\n", "",
    ),
}  # fmt: skip
EACH = 6


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_bad_endings(tmp_path):
    folder = tmp_path / "ends"
    folder.mkdir()
    texts = []
    for turn in range(EACH):
        for number, (text, _) in enumerate(BAD.values()):
            texts += [GOOD.format(number=100 + 10 * turn + number), f"{text}TURN = {turn}\n"]
    lines = [{"files": {"p.py": text}, "reason": "a try"} for text in texts]
    for name, content in (("problem.toml", MANIFEST), ("judge.py", JUDGE), ("p.py", GOOD.format(number=50))):
        (folder / name).write_text(content)
    recording = tmp_path / "session.jsonl"
    recording.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ends: dict[int, float] = {}

    def observe(event, state):
        ends.setdefault(state.verdicts, time.monotonic())

    history = selfwright.run(
        folder, proposer=f"recorded:{recording}", trials=len(texts), workers=2, dir=tmp_path / "run", on_event=observe
    )
    assert history.state.verdicts == len(texts)
    took = {trial: ends[trial] - ends[trial - 1] for trial in range(1, len(texts) + 1)}
    good_s = median(took[trial] for trial in range(1, len(texts) + 1, 2))
    print(f"\nwell      {good_s * 1000:6.0f} ms a trial")
    for number, (name, (_, words)) in enumerate(BAD.items()):
        trials = range(2 * number + 2, len(texts) + 1, 2 * len(BAD))
        bad_s, after_s = (median(took[trial + later] for trial in trials if trial + later in took) for later in (0, 1))
        said = history.state.last(trials[0]).words
        print(f"{name:9} {bad_s * 1000:6.0f} ms a trial, {after_s * 1000:5.0f} ms the next one; the trial says: {said}")
        assert words in said and "the same program" not in said
        assert all(words in history.state.last(trial).words for trial in trials)
        assert bad_s < 4 * good_s + 0.25 + (HANG_S if name == "hang" else 0.0)
        assert after_s < 4 * good_s + 0.25, f"the trial after a {name} waits"
    sequence = [record.event for record in history.events() if isinstance(record.event, ev.SittingStarted)]
    assert len(sequence) == 1, "it began anew"
