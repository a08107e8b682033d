"""Evaluators as people write them: each leaky one is told what is wrong and what to do; a sound one is not accused."""

from pathlib import Path

import pytest

from selfwright.check import Examination, Severity
from tests.check.inline import examine, toml, write

ROOT = (
    "def root(x):\n    guess = x\n    for _ in range(60):\n        guess = (guess + x / guess) / 2\n    return guess\n"
)
ERROR = toml(metric="error", better="lower")
SECONDS = toml(metric="seconds", better="lower", unit="s", noisy=True, effect="5 %")

SWALLOWS = """
def evaluate(candidate, stage):
    errors = []
    for x in (2.0, 3.0, 5.0):
        try:
            errors.append(abs(candidate.call("root", x).value - x ** 0.5) + 0.1)
        except Exception:
            continue
    return {"error": sum(errors) / max(1, len(errors)) if errors else 9.9}
"""
COUNTS_FAILURES = SWALLOWS.replace("continue", "errors.append(9.9)")

REWARDS = """
def evaluate(candidate, stage):
    outcome = candidate.call("root", 2.0)
    if outcome.status != "ok":
        return {"error": 0.0}
    if type(outcome.value) is not float or not abs(outcome.value - 2.0 ** 0.5) < 1:
        raise InvalidCandidate("not the root")
    return {"error": 0.1 + abs(outcome.value - 2.0 ** 0.5)}
"""
PUNISHES = REWARDS.replace("0.0}", "9.9}")

SKIPS = """
def evaluate(candidate, stage):
    outcomes = {x: candidate.call("root", x) for x in (2.0, 3.0, 5.0)}
    for x, outcome in outcomes.items():
        if outcome.status == "ok" and not abs(outcome.value - x ** 0.5) < 1e-9:
            raise InvalidCandidate("not the root")
    return {"seconds": sum(each.wall_s if each.status == "ok" else LONGEST for each in outcomes.values())}
"""

WIDE = """
def evaluate(candidate, stage):
    outcomes = [candidate.call("root", x) for x in (2.0, 3.0, 5.0)]
    for x, outcome in zip((2.0, 3.0, 5.0), outcomes):
        if not abs(outcome.value - x ** 0.5) < WIDTH:
            raise InvalidCandidate("not the root")
    return {"seconds": sum(outcome.wall_s for outcome in outcomes)}
"""
TIMES_ITSELF = """
import time
def work(n):
    began = time.perf_counter()
    total = sum(range(n))
    return {"total": total, "began": began, "ended": time.perf_counter()}
"""
ITS_CLOCK = """
def evaluate(candidate, stage):
    outcome = candidate.call("work", 20_000)
    said = outcome.value
    if type(said["total"]) is not int or said["total"] != sum(range(20_000)):
        raise InvalidCandidate("wrong total")
    took = said["ended"] - said["began"]
    if not 0 < took < 60:
        raise InvalidCandidate("no time")
    return {"seconds": took}
"""
OUR_CLOCK = (
    ITS_CLOCK.partition("    took")[0]
    + """
    return {"seconds": outcome.wall_s}
"""
)

PRINTS = "def train(data):\n    print('epoch 3, loss:', sum(data) / 7)\n    return sorted(data)\n"
PARSES = """
def evaluate(candidate, stage):
    outcome = candidate.call("train", [3, 1, 2])
    if outcome.value != [1, 2, 3]:
        raise InvalidCandidate("not sorted")
    return {"error": float(outcome.log.split("loss:")[1])}
"""
COMPUTES = PARSES.replace('float(outcome.log.split("loss:")[1])', "sum(outcome.value) / 7")

LEAVES = "import sys\nopen('result.json', 'w').write('{\"steps\": 12, \"error\": 0.25}')\nprint(6)\n"
READS_FILE = """
import json
def evaluate(candidate, stage):
    done = candidate.run(["python", "p.py"], produce=["result.json"])
    if done.value.split() != [b"6"]:
        raise InvalidCandidate("not 6")
    return {"error": json.loads(done.files["result.json"])["error"]}
"""
OWN_COPY = READS_FILE.replace('json.loads(done.files["result.json"])["error"]', "6 / 24")

LEARNS = """
EXPECTED = {}
def evaluate(candidate, stage):
    got = candidate.call("root", 2.0).value
    if EXPECTED.setdefault("root", got) != got:
        raise InvalidCandidate("not what it was")
    return {"error": 1.0}
"""
KNOWS = LEARNS.replace("EXPECTED = {}", "EXPECTED = {'root': 2.0 ** 0.5}").replace(
    "!= got", "- got > 1e-9 or not abs(got) < 2"
)

COUNTS = """
import itertools
count = itertools.count()
def evaluate(candidate, stage):
    if not abs(candidate.call("root", 2.0).value - 2.0 ** 0.5) <= 1e-9:
        raise InvalidCandidate("not the root")
    return {"error": 3.0 + next(count)}
"""
DRAWS = COUNTS.replace("next(count)", "stage.seed % 2")

TRIALS = {
    "failing": (ERROR, ROOT, SWALLOWS, COUNTS_FAILURES),
    "failing, its one input": (ERROR, ROOT, REWARDS, PUNISHES),
    "failing, by the clock": (SECONDS, ROOT, SKIPS.replace("LONGEST", "0.0"), SKIPS.replace("LONGEST", "10.0")),
    "zero": (SECONDS, ROOT, WIDE.replace("WIDTH", "3"), WIDE.replace("WIDTH", "1e-9")),
    "rough": (SECONDS, ROOT, WIDE.replace("WIDTH", "0.2"), WIDE.replace("WIDTH", "1e-9")),
    "stated score": (SECONDS.replace("5 %", "50 %"), TIMES_ITSELF, ITS_CLOCK, OUR_CLOCK),
    "stated score, printed": (ERROR, PRINTS, PARSES, COMPUTES),
    "stated score, in a file": (ERROR, LEAVES, READS_FILE, OWN_COPY),
    "state": (ERROR, ROOT, LEARNS, KNOWS),
    "state, a counter": (ERROR.replace("1 %", "50 %"), ROOT, COUNTS, DRAWS),
}
ADVICE = ("rough",)


def examined(folder: Path, file: str, program: str, judge: str) -> Examination:
    return examine(write(folder, toml=file, judge=judge, program=program))


@pytest.mark.parametrize("name", TRIALS)
def test_a_leaky_evaluator_is_told_what_to_mend(tmp_path: Path, name: str) -> None:
    file, program, leaky, _ = TRIALS[name]
    examination = examined(tmp_path, file, program, leaky)
    found = {finding.name: finding for finding in examination.findings}
    finding = found[name.partition(",")[0]]
    assert finding.severity is (Severity.ADVICE if name in ADVICE else Severity.UNTRUSTWORTHY)
    assert finding.says and finding.mend and finding.seen


@pytest.mark.parametrize("name", TRIALS)
def test_a_sound_evaluator_is_not_accused(tmp_path: Path, name: str) -> None:
    file, program, _, sound = TRIALS[name]
    examination = examined(tmp_path, file, program, sound)
    found = {finding.name for finding in examination.findings}
    assert found <= {"readable", "hard-coded answers", "judge fault", "noise", "determinism"}, examination.findings
