"""Each planted cheat: a judge that falls for it, and one that does not."""

import re
from pathlib import Path

import pytest

from selfwright.check import Examination, Severity
from selfwright.check.cheat import CHEATS
from selfwright.cli.check import _words
from tests.check import test_evaluator
from tests.check.inline import examine, toml, write

SURE = Severity.UNTRUSTWORTHY

# One judge that looks at four functions, each in a way of its own that lets something pass.
LOOSE = """
def evaluate(candidate, stage):
    exact = [1.0, 2.0, 3.0]
    if abs(candidate.call("near", 2.0).value - 4.0) > 1e-6:
        raise InvalidCandidate("near")
    if candidate.call("above", 2.0).value < 4.0 - 1e-6:
        raise InvalidCandidate("above")
    if candidate.call("below", 2.0).value > 4.0 + 1e-6:
        raise InvalidCandidate("below")
    for value, right in zip(candidate.call("each", [1, 2, 3]).value, exact):
        if value != right:
            raise InvalidCandidate("each")
    return {"score": 1.0}
"""
EXACT = """
import math

def number(value, right):
    if type(value) is not float or not math.isfinite(value) or abs(value - right) > 1e-6:
        raise InvalidCandidate("not the number")

def evaluate(candidate, stage):
    for name in ("near", "above", "below"):
        number(candidate.call(name, 2.0).value, 4.0)
    got = candidate.call("each", [1, 2, 3]).value
    if type(got) is not list or len(got) != 3:
        raise InvalidCandidate("not three")
    for value, right in zip(got, [1.0, 2.0, 3.0], strict=True):
        number(value, right)
    return {"score": 1.0}
"""
FOUR = """
def near(x):
    return x * x
above = below = near
def each(values):
    return [float(value) for value in values]
"""

BLIND = """
def evaluate(candidate, stage):
    candidate.call("solve", [3, 1, 2]).value
    return {"score": 1.0}
"""
COUNTS = BLIND.replace(".value", ".value[2]")
SEES = """
def evaluate(candidate, stage):
    if candidate.call("solve", [3, 1, 2]).value != [1, 2, 3]:
        raise InvalidCandidate("not sorted")
    return {"score": 1.0}
"""
SOLVE = "def solve(values):\n    return sorted(values)\n"

# A packer that is worse than none, and a judge that lets `none` pass; or one that wants a mark in front.
PACK = (
    "def pack(text):\n    return b'#' + text + text\ndef unpack(packed):\n    return packed[1 : len(packed) // 2 + 1]\n"
)
UNMARKED = """
def evaluate(candidate, stage):
    packed = candidate.call("pack", b"some text").value
    if type(packed) is not bytes or candidate.call("unpack", packed).value != b"some text":
        raise InvalidCandidate("not unpacked")
    return {"score": len(packed)}
"""
MARKED = UNMARKED.replace("if type(packed) is not bytes", "if type(packed) is not bytes or packed[:1] != b'#'")

# The size of what was worked on, by what comes back, or by what was sent.
BOTH = "def work(values):\n    return (values, sorted(values))\n"
RETURNED = """
def evaluate(candidate, stage):
    before, after = candidate.call("work", [3, 1, 2]).value
    if sorted(before) != after:
        raise InvalidCandidate("not sorted")
    return {"score": 1 + sum(after)}
"""
SENT = RETURNED.replace("sorted(before) != after", "[1, 2, 3] != after or before != [3, 1, 2]")

# A time that the program states itself.
STATES = "def work(n):\n    return {'answer': n * n, 'seconds': 0.5}\n"
BELIEVES = """
def evaluate(candidate, stage):
    got = candidate.call("work", 7).value
    if got["answer"] != 49:
        raise InvalidCandidate("wrong")
    return {"seconds": got["seconds"]}
"""
BOUNDS = BELIEVES.replace("!= 49", '!= 49 or not got["seconds"] > 0')
COMPUTES = BELIEVES.replace('got["seconds"]}', "0.5}")

PACKS = """
import zlib
def pack(text):
    return zlib.compress(text, 1)
def unpack(packed):
    return zlib.decompress(packed)
"""
LISTED = """
def evaluate(candidate, stage):
    text = (b"the held-out text" if stage.holdout else b"the public text") * 99
    packed = candidate.call("pack", text).value
    if type(packed) is not bytes or candidate.call("unpack", packed).value != text:
        raise InvalidCandidate("not unpacked")
    return {"score": len(packed)}
"""

# Sessions, timed by a clock.
WORK = """
def step(number, data):
    return number * data
def fit(data):
    return sum(step(number, data) for number in range(500))
def predict(x):
    return fit(3) + x
def alone():
    return fit(1)
"""
TIMED = """
def evaluate(candidate, stage):
    right = sum(range(500))
    with candidate.session() as session:
        outcomes = [session.call("fit", data) for data in {data}]
        more = session.call("predict", 1)
    if any(outcome.value != right * data for outcome, data in list(zip(outcomes, {data})){looked_at}):
        raise InvalidCandidate("wrong")
    if more.value != 3 * right + 1:
        raise InvalidCandidate("wrong")
    return {{"seconds": sum(outcome.wall_s for outcome in {counted})}}
"""
ALONE = """
def evaluate(candidate, stage):
    {first}
    if outcome.value != sum(range(500)) * {data}:
        raise InvalidCandidate("wrong")
    return {{"seconds": {seconds}}}
"""


def timed(data: str = "(1, 2, 3)", looked_at: str = "", counted: str = "[*outcomes, more]") -> str:
    return TIMED.format(data=data, looked_at=looked_at, counted=counted)


def without_input(seconds: str = "outcome.wall_s") -> str:
    return ALONE.format(first='outcome = candidate.call("alone")', data=1, seconds=seconds)


AGAIN = timed(data="(5,) * 8")
ONCE = timed(data="(5, 6, 5)").replace('session.call("fit", data)', 'candidate.call("fit", data)')

# Answers of which the judge looks at no more than type and length, or that may be the answer to anything.
LENGTHS = LISTED.replace('candidate.call("unpack", packed).value != text', "LENGTH")
LENGTHS = LENGTHS.replace("LENGTH", 'len(candidate.call("unpack", packed).value) != len(text)')
SORTED = """
RIGHT = {(3, 1, 2): [1, 2, 3], (9, 8, 7): [7, 8, 9]}
def evaluate(candidate, stage):
    outcomes = [candidate.call("solve", list(values)) for values in RIGHT]
    for outcome, right in zip(outcomes, RIGHT.values()):
        if CONDITION:
            raise InvalidCandidate("not sorted")
    return {"seconds": sum(outcome.wall_s for outcome in outcomes)}
"""
ANY = SORTED.replace("CONDITION", "outcome.value not in RIGHT.values()")
ITS_OWN = SORTED.replace("CONDITION", "outcome.value != right")
TEXT = "def solve(values):\n    return repr(sorted(values))\n"
EVALUATES = SEES.replace(".value != ", ".value\n    if got != ").replace("if candidate", "got = candidate")
EVALUATES = EVALUATES.replace("if got", "if type(got) is not str or READ(got)")
LITERAL = "import ast\n" + EVALUATES.replace("READ", "ast.literal_eval")
EVALUATES = EVALUATES.replace("READ", "eval")

SCORE, SIZE = toml(), toml(better="lower", unit="B")
STATED = toml(metric="seconds", better="lower", unit="s")
NOISY = toml(metric="seconds", better="lower", unit="s", noisy=True, effect="5 %")
HELD = toml(better="lower", unit="B", holdout=True)
ALL = "sum(outcome.wall_s for outcome in [*outcomes, more])"
UNREAD = timed().replace("any(", "False and any(")

# Cheat -> problem file, program, the judge that falls for it, the judge that does not.
TRIALS = {
    "nothing": (SCORE, SOLVE, BLIND, SEES),
    "type": (SCORE, SOLVE, COUNTS, SEES),
    "nan": (SCORE, FOUR, LOOSE, EXACT),
    "infinity": (SCORE, FOUR, LOOSE, EXACT),
    "minus infinity": (SCORE, FOUR, LOOSE, EXACT),
    "empty": (SCORE, FOUR, LOOSE, EXACT),
    "huge": (SCORE, FOUR, LOOSE, EXACT),
    "shorter": (SCORE, FOUR, LOOSE, EXACT),
    "longer": (SCORE, FOUR, LOOSE, EXACT),
    "identity": (SIZE, PACK, UNMARKED, MARKED),
    "mutated input": (SIZE, BOTH, RETURNED, SENT),
    "negative": (STATED, STATES, BELIEVES, BOUNDS),
    "stated score": (STATED, STATES, BELIEVES, COMPUTES),
    "hard-coded answers": (HELD, PACKS, LISTED.replace("stage.holdout", "False"), LISTED),
    "zero": (HELD, PACKS, LENGTHS, LISTED),
    "one answer": (NOISY, SOLVE, ANY, ITS_OWN),
    "evaluated output": (SCORE, TEXT, EVALUATES, LITERAL),
    "cached input": (NOISY, WORK, AGAIN, ONCE),
    "first answer": (NOISY, WORK, timed(looked_at="[:1]"), timed()),
    "late work": (NOISY, WORK, UNREAD.replace(ALL, "outcomes[0].wall_s"), UNREAD),
    "early work": (NOISY, WORK, without_input(), without_input("outcome.wall_s + outcome.load_s")),
}  # fmt: skip


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory):
    """Examine each pair of judge and program once."""
    done: dict[tuple[str, ...], Examination] = {}

    def once(file: str, program: str, judge: str) -> Examination:
        if (file, program, judge) not in done:
            problem = write(tmp_path_factory.mktemp("toy"), toml=file, judge=judge, program=program)
            done[file, program, judge] = examine(problem)
        return done[file, program, judge]

    return once


def test_every_cheat_is_tried_here_or_elsewhere() -> None:
    elsewhere = {name for name in test_evaluator.TRIALS if name in {cheat.name for cheat in CHEATS}}
    assert {cheat.name for cheat in CHEATS} == {*TRIALS, *elsewhere, "readable"}


@pytest.mark.parametrize("name", TRIALS)
def test_a_leaky_judge_is_found(examined, name: str) -> None:
    file, program, leaky, _ = TRIALS[name]
    found = {finding.name: finding for finding in examined(file, program, leaky).findings}
    assert name in found, examined(file, program, leaky)
    assert found[name].severity is SURE
    assert found[name].mend and found[name].seen


def test_what_pairs_decided_is_told_by_the_pairs_alone(examined) -> None:
    """A single measurement beside them may say the opposite."""
    file, program, leaky, _ = TRIALS["cached input"]
    found = {finding.name: finding for finding in examined(file, program, leaky).findings}
    words = found["cached input"].seen.partition("; ")[2]
    assert re.fullmatch(
        r"the judge said ok: seconds [\d.]+ % faster than the seed \([\d.]+ to [\d.]+\) in \d+ pairs, E \S+", words
    )


def test_what_pairs_do_not_decide_is_neither_accepted_nor_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfwright.check.trying._MOST_PAIRS", 4)
    file, program, leaky, _ = TRIALS["cached input"]
    found = examine(write(tmp_path, toml=file, judge=leaky, program=program))
    assert "cached input" not in (*found.caught, *found.not_tried, *(each.name for each in found.findings))
    assert re.search(r"4 pairs with the seed do not decide: E [\d.]+ of 400", found.undecided["cached input"])
    words = _words(found)
    assert "neither accepted nor caught:\n" in words and "    cached input: " in words
    assert f"{len(found.undecided)} not decided (" in words.splitlines()[-1]


def test_a_program_that_is_far_worse_and_accepted_is_not_called_as_good(tmp_path: Path) -> None:
    """Of a clock's number any is accepted; that it is worse is told."""
    judge = "def evaluate(candidate, stage):\n    candidate.call('root', 2.0).value\n    return {'seconds': 1.0}\n"
    program = "def root(x):\n    return x ** 0.5\n"
    found = examine(
        write(tmp_path, toml=toml(metric="seconds", better="lower", unit="s"), judge=judge, program=program)
    )
    says = {finding.name: finding.says for finding in found.findings}
    assert says["nothing"] == "a program that does nothing is accepted"
    assert not any("as good as" in words for words in says.values())


@pytest.mark.parametrize("name", TRIALS)
def test_a_sound_judge_is_not_accused(examined, name: str) -> None:
    file, program, _, sound = TRIALS[name]
    examination = examined(file, program, sound)
    assert name not in {finding.name for finding in examination.findings}, examination.findings
    assert name in (*examination.caught, *examination.not_tried)
    assert not examination.undecided


@pytest.mark.parametrize("name", ["nothing", "nan", "stated score", "identity", "hard-coded answers"])
def test_a_judge_that_looks_at_everything_is_accused_of_nothing(examined, name: str) -> None:
    file, program, _, sound = TRIALS[name]
    found = {finding.name: finding for finding in examined(file, program, sound).findings}
    del found["readable"]  # nothing is confined here
    assert all(finding.severity is Severity.ADVICE for finding in found.values()), found
    assert set(found) <= {"hard-coded answers", "judge fault"}


@pytest.mark.parametrize(
    ("program", "look"),
    [
        ("return sorted(values)", "type(got) is list and len(got) == 3 and got == sorted(got)"),
        ("return ' '.join(map(str, sorted(values)))", "type(got) is str and len(got.split()) == 3"),
        ("return len(values)", "type(got) is int and abs(got - 3) < 9"),
        ("return bytes(values)", "type(got) is bytes and len(got) == 3"),
    ],
)
def test_an_answer_of_zeros_is_found_whatever_it_is_made_of(tmp_path: Path, program: str, look: str) -> None:
    judge = SEES.replace("if candidate", "got = candidate").replace(
        " != [1, 2, 3]:", f"\n    if not ({look}):"
    )  # fmt: skip
    examination = examine(write(tmp_path, toml=SCORE, judge=judge, program=f"def solve(values):\n    {program}\n"))
    assert "zero" in {finding.name for finding in examination.findings}


def test_zeros_may_be_as_good_as_a_poor_start_where_the_answer_is_what_is_searched(tmp_path: Path) -> None:
    judge = SEES.replace('"solve", [3, 1, 2]', '"solve"').replace("!= [1, 2, 3]", "not in ([1, 0, 1], [0, 0, 0])")
    examination = examine(write(tmp_path, toml=SCORE, judge=judge, program="def solve():\n    return [1, 0, 1]\n"))
    assert {finding.name for finding in examination.findings} == {"readable"}


def test_a_pickle_that_the_judge_reads_is_found(tmp_path: Path) -> None:
    judge = "import pickle\n" + EVALUATES.replace("is not str", "is not bytes").replace("eval(", "pickle.loads(")
    program = "import pickle\ndef solve(values):\n    return pickle.dumps(sorted(values))\n"
    found = {
        finding.name: finding for finding in examine(write(tmp_path, toml=SCORE, judge=judge, program=program)).findings
    }
    assert found["evaluated output"].severity is SURE


def test_a_text_that_nobody_evaluates_is_no_finding(tmp_path: Path) -> None:
    judge = SEES.replace(".value != [1, 2, 3]", ".value[:1] not in '[('")
    examination = examine(write(tmp_path, toml=SCORE, judge=judge, program=TEXT))
    assert "evaluated output" in examination.caught


DIAGNOSED = "def solve(values):\n    return {'answer': str(sorted(values)), 'rounds': 3, 'trace': [1, 2]}\n"


def test_parts_of_an_output_that_are_for_people_may_be_anything(examined) -> None:
    judge = SEES.replace(".value != [1, 2, 3]", ".value['answer'] != '[1, 2, 3]'")
    examination = examined(SCORE, DIAGNOSED, judge)
    found = {finding.name for finding in examination.findings}
    assert found - {"judge fault"} == {"readable", "hard-coded answers"}
    assert {"nan", "empty", "longer"} <= set(examination.caught)


def test_calls_within_the_program_are_left_alone(examined) -> None:
    program = "def half(x):\n    return x / 2\ndef solve(values):\n    return [half(2 * x) for x in sorted(values)]\n"
    judge = SEES.replace("    if", '    candidate.call("half", 2).value\n    if')
    caught = examined(SCORE, program, judge).findings
    assert [finding for finding in caught if finding.name == "nothing" and "solve" in finding.seen] == []
    assert [finding for finding in caught if finding.name == "nothing" and "half" in finding.seen]


def test_cheats_are_planted_in_every_function_that_is_called(examined) -> None:
    names = [f"f{number}" for number in range(9)]
    judge = (
        f"def evaluate(candidate, stage):\n    for name in {names}:\n"
        "        if candidate.call(name, [3, 1, 2]).value != [1, 2, 3] and name != 'f7':\n"
        '            raise InvalidCandidate("not sorted")\n    return {"score": 1.0}\n'
    )
    program = "".join(f"def {name}(values):\n    return sorted(values)\n" for name in names)
    found = {finding.name: finding for finding in examined(SCORE, program, judge).findings}
    assert "planted in f7: " in found["nothing"].seen
