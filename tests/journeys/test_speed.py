"""`selfwright speed` as a person uses it: their tests, their repository, no evaluator."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from selfwright import api
from selfwright.audit.certificate import Certificate
from selfwright.core.errors import Unfit
from tests.journeys.place import Place

MODULE = '''\
"""Words."""

import random


def repeated(words: list[str], least: int = 2) -> list[str]:
    """Return the words that are there several times, sorted."""
    found = []
    for _ in range(30_000):
        pass  # slow beyond all noise
    for word in words:
        count = 0
        for other in words:
            if other == word:
                count += 1
        if count >= least and word not in found:
            found.append(word)
    return sorted(found)


def drawn(words):
    return random.choice(words)


def untested(words):
    return words


def parts(words):
    return set(words)
'''
TESTS = """\
from pk import words
TEXT = "the cat and the dog and the bird saw one other dog that saw no bird at all".split() * 3
assert words.repeated(TEXT, 9) == ["the"]
assert words.repeated(TEXT)
assert words.repeated(TEXT[:40])
assert words.repeated(["a", "b", "a"]) == ["a"]
words.drawn(TEXT)
words.parts(TEXT)
"""
LOOP = MODULE[MODULE.index("    found = []") : MODULE.index("    return sorted(found)")]
FAST = MODULE.replace(LOOP, "    found = [word for word, count in Counter(words).items() if count >= least]\n").replace(
    "import random\n", "import random\nfrom collections import Counter\n"
)
WRONG = MODULE.replace("count >= least and", "count > 1 and")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    (tmp_path / "pk").mkdir()
    (tmp_path / "pk" / "__init__.py").write_text("")
    (tmp_path / "pk" / "words.py").write_text(MODULE)
    (tmp_path / "tests.py").write_text(TESTS)
    (tmp_path / "notes").write_text("mine\n")
    place.git("init", "-q", "-b", "main")
    place.git("add", "pk", "tests.py", "notes")
    place.git("commit", "-q", "-m", "words")
    (tmp_path / "notes").write_text("not yet committed\n")
    return place


def session(place: Place, *texts: str) -> str:
    lines = [json.dumps({"files": {"pk/words.py": text}, "reason": f"idea {n}"}) for n, text in enumerate(texts, 1)]
    (place.folder / "ideas.jsonl").write_text("\n".join(lines) + "\n")
    return f"recorded:{place.folder / 'ideas.jsonl'}"


def speed(function: str) -> tuple[str, ...]:
    return ("speed", f"pk/words.py:{function}", "--tests", f"{sys.executable} tests.py")


def test_a_proposal_that_does_something_else_is_rejected_and_nothing_is_delivered(place: Place) -> None:
    before = place.git("status", "--porcelain", "--branch", "--untracked-files=no"), place.git("rev-parse", "HEAD")
    said = place.call(*speed("repeated"), "--json", "--proposer", session(place, WRONG), code=3)
    found = json.loads(said.stdout)
    assert (found["outcome"], found["trials"], found["branch"], found["patch"]) == ("nothing", 1, "", "")
    assert "1 proposal judged, 0 of them undecided" in found["sentence"]
    assert "4 distinct calls of repeated recorded" in said.stderr
    log = place.call("log", found["run"]).stdout
    assert "rejected: invalid in full: repeated([" in log
    assert (
        place.git("status", "--porcelain", "--branch", "--untracked-files=no"),
        place.git("rev-parse", "HEAD"),
    ) == before
    assert place.git("branch", "--list").split() == ["*", "main"]
    problem = place.folder / ".selfwright" / "problems" / "speed-repeated"
    assert {path.name for path in problem.iterdir()} == {"pk", "problem.toml", "speed_inputs.bin", "speed_judge.py"}
    assert (problem / "pk" / "words.py").read_text().count("# EVOLVE-BLOCK-START\n") == 1
    assert ".selfwright" not in place.git("status", "--porcelain")


@pytest.mark.parametrize(
    ("function", "why", "words"),
    [
        ("drawn", "impure", "uses chance (random.choice)"),
        ("untested", "untested", "never calls untested. Write a test that does"),
        ("parts", "uncarried", "no result of parts can be carried: set at result"),
    ],
)
def test_a_function_that_can_not_be_compared_is_told_so(place: Place, function: str, why: str, words: str) -> None:
    said = place.call(*speed(function), "--json", code=2)
    assert (json.loads(said.stdout)["why"], json.loads(said.stdout)["outcome"]) == (why, "unfit")
    assert words in said.stderr
    assert not (place.folder / ".selfwright" / "runs").exists()


def test_wrong_use_is_told_before_anything_runs(place: Place) -> None:
    (place.folder / "tests.py").write_text("raise SystemExit('this ran')\n")
    assert "write FILE:FUNCTION" in place.call("speed", "pk/words.py", code=2).stderr
    assert "a tolerance of 2" in place.call(*speed("repeated"), "--tolerance", "2", code=2).stderr
    assert "name a file in a folder that is there" in place.call(*speed("repeated"), "--patch", "no/p", code=2).stderr
    (place.folder / "pk" / "words.py").write_text(MODULE + "\n")
    assert "differs from HEAD" in place.call(*speed("repeated"), code=2).stderr
    assert not (place.folder / ".selfwright").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_faster_function_becomes_a_commit_with_its_certificate(place: Place) -> None:
    said = place.call(*speed("repeated"), "--proposer", session(place, WRONG, FAST), timeout_s=500)
    assert "% less time (95 % interval" in said.stdout
    branch = "selfwright/speed-repeated"
    assert place.git("show", f"{branch}:pk/words.py") == FAST.strip()
    assert place.git("diff", "--name-only", "main", branch) == "pk/words.py"
    assert place.git("rev-parse", f"{branch}^") == place.git("rev-parse", "main")
    assert (place.folder / "pk" / "words.py").read_text() == MODULE
    assert (place.folder / "notes").read_text() == "not yet committed\n"
    note = place.git("notes", "--ref=selfwright", "show", branch).encode()
    certificate = Certificate.read(note)
    assert (certificate.problem, certificate.version) == ("speed-repeated", 1)
    message = place.git("log", "-1", "--format=%B", branch)
    assert any(f"Certificate: {hashlib.sha256(each).hexdigest()}" in message for each in (note, note + b"\n"))
    audited = place.call("audit", ".selfwright/runs/speed-repeated", timeout_s=300).stdout
    assert "differs" not in audited


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_faster_function_becomes_a_patch_from_python(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    found = api.speed(
        "pk/words.py:repeated", tests=[sys.executable, "tests.py"], proposer=session(place, FAST), patch="faster.patch"
    )
    assert (found.outcome, found.branch, found.patch) == ("gained", "", Path("faster.patch"))
    place.git("apply", "faster.patch")
    assert (place.folder / "pk" / "words.py").read_text() == FAST
    assert len(json.loads(Path("faster.patch.certificates.json").read_text())) == 1
    with pytest.raises(Unfit):
        api.speed("pk/words.py:untested", tests=[sys.executable, "tests.py"], patch="other.patch")
