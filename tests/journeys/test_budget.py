"""Bounds on the command line: the run stops inside them, says which it was, and goes on with the command it prints."""

import json
import shlex
from pathlib import Path

from tests.journeys.place import SESSION, Place
from tests.journeys.test_resumed import JUDGE, NOISY, SEED
from tests.journeys.test_resumed import SESSION as SLIGHT


def test_a_run_stops_inside_its_pairs_and_goes_on_with_the_command_it_prints(tmp_path: Path) -> None:
    place = Place.make(tmp_path, problem=NOISY, judge=JUDGE)
    arguments = ("--proposer", place.session(SLIGHT), "--seed", SEED)
    place.run(*arguments, name="whole")
    done = place.run(*arguments, "--pairs", "40")
    assert "estimate: a trial takes about " in done.stderr and "with 6 pairs" in done.stderr
    ended = "ended: of the budget of 40 pairs 12 pairs are left, and what comes next may take 13 pairs"
    assert ended in done.stdout and "more begun" in done.stdout
    said = place.call("status", "r").stdout
    assert ended in said and "used: 28 of 40 pairs" in said
    facts = json.loads(place.call("status", "r", "--json").stdout)
    assert (facts["ended"], facts["bound"], facts["used"]["pairs"], facts["budget"]["pairs"]) == (
        "budget", "pairs", 28, 40,
    )  # fmt: skip
    (printed,) = (line.partition("it goes on: ")[2] for line in done.stdout.splitlines() if "it goes on: " in line)
    words = shlex.split(printed)
    assert words[1:] == ["resume", str(tmp_path / "r"), "--pairs", "80"]
    place.call(*words[1:])
    assert place.canonical("r") == place.canonical("whole")


def test_tokens_and_cpu_time_bound_a_run(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    lines = [
        {"files": {"p.py": text}, "reason": "an idea", "tokens": {"in": 60, "out": 40}} for text in SESSION
    ]  # fmt: skip
    (tmp_path / "paid.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = place.run("--proposer", "recorded:paid.jsonl", "--tokens", "250")
    assert (
        "ended: of the budget of 250 tokens 50 tokens are left, and what comes next may take 100 tokens" in done.stdout
    )
    assert json.loads(place.call("status", "r", "--json").stdout)["used"]["tokens"] == 200
    assert "--tokens 500" in place.call("resume", "r").stdout
    assert "ended: " in place.call("resume", "r", "--tokens", "500").stdout
    assert len(place.log()) == 5
    done = place.run("--proposer", "recorded:paid.jsonl", "--cpu", "0.001s", name="short")
    assert "of CPU is used (0 trials" in done.stdout and "--cpu 0.002s" in done.stdout
