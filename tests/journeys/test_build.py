"""A problem whose program is compiled, from the command line: what is built, what is said of it, what is kept."""

import io
import json
import re
import tarfile

import pytest

from selfwright import bootstrap
from selfwright.api.confinement import strongest_sandbox
from selfwright.core import event as ev
from tests.journeys.place import PROBLEM, Place

C = '#include <stdio.h>\nint size(void) {{ return {0}; }}\nint main(void) {{ printf("%d", size()); return 0; }}\n'
PROGRAM = """
import ctypes, pathlib
library = ctypes.CDLL(str(pathlib.Path(__file__).with_name("p.so")))

def size(case):
    return library.size()
"""
NATIVE_PROBLEM = PROBLEM.replace('"p.py"', '"p.c", "p.py"').replace("[limits]", """\
[build]
command = ["sh", "-c", "mkdir bin && cc -shared -fPIC p.c -o p.so && cc p.c -o bin/p && date +%N > stamp"]
produce = ["p.so", "bin/*", "stamp"]
[limits]
profile = "native"
allow = ["exec"]
""").replace("[evaluate]", '[evaluate]\nprogram = "p.py"')  # fmt: skip
JUDGE = """
from selfwright import InvalidCandidate

def cases(stage):
    return ["a", "b"]

def measure(candidate, case):
    size = candidate.call("size", case.id).value
    if candidate.run(["bin/p"]).stdout != b"%d" % size:
        raise InvalidCandidate("program and library disagree")
    return {"size": size, "quality": 40}
"""
SIZES = ("90", "9 +", "60")
"""The second does not compile."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two finished runs of one session, with one worker and with three."""
    place = Place.make(tmp_path_factory.mktemp("native"), problem=NATIVE_PROBLEM, judge=JUDGE, seed=PROGRAM)
    (place.folder / "toy" / "p.c").write_text(C.format(100))
    lines = [json.dumps({"files": {"p.c": C.format(size)}, "reason": f"size {size}"}) for size in SIZES]
    (place.folder / "s.jsonl").write_text("\n".join(lines) + "\n")
    for name, workers in (("r", "1"), ("three", "3")):
        place.run("--proposer", f"recorded:{place.folder / 's.jsonl'}", "--workers", workers, name=name)
    return place


def measurements(place: Place, name: str = "r") -> list[ev.Measured]:
    with bootstrap.open_files(place.folder / name, readonly=True) as files:
        return [record.event for record in files.journal.read() if isinstance(record.event, ev.Measured)]


def test_a_compiled_program_climbs(place: Place) -> None:
    assert [trial["state"] for trial in place.log()] == ["adopted", "rejected", "adopted"]
    assert (place.folder / "r/best/p.c").read_text() == C.format(60)
    assert sorted(path.name for path in (place.folder / "r/best").iterdir()) == [
        "certificate.json", "metrics.json", "p.c", "p.py",
    ]  # fmt: skip


def test_what_does_not_compile_is_told_as_the_compiler_says_it(place: Place) -> None:
    shown = place.call("show", str(place.folder / "r"), "t2").stdout
    assert "crashed build: p.c:" in shown and "\n      p.c: In function" in shown
    assert "error: expected expression" in shown


def test_every_measurement_names_its_sandbox_and_its_build(place: Place) -> None:
    measured = measurements(place)
    assert {event.outcome.sandbox for event in measured} == {strongest_sandbox(trusted=False)}
    assert {event.trial for event in measured if event.outcome.built is None} == {2}
    assert all(event.outcome.noise for event in measured if event.trial != 2)
    shown = place.call("show", str(place.folder / "r"), "v2").stdout
    assert shown.count("built build.tar, ") == 1
    assert re.search(r"\n  machine, at worst: \d+\.\d% stolen, \d+ involuntary switches, load \d", shown)


def test_the_certificate_names_what_was_built_and_the_run_keeps_it(place: Place) -> None:
    certificate = json.loads((place.folder / "three/best/certificate.json").read_text())
    assert certificate["sandbox"] == strongest_sandbox(trusted=False)
    assert certificate["limits"]["profile"] == "native"
    assert certificate["limits"]["allow"] == ["exec"]
    fresh = [event.outcome.noise for event in measurements(place, "three")
             if event.trial == 3 and event.purpose == "fresh" and event.outcome.noise]  # fmt: skip
    assert certificate["noise"]["load"] == max(noise.load for noise in fresh)
    own = {event.outcome.built.sha256 for event in measurements(place, "three")
           if event.trial == 3 and event.outcome.built}  # fmt: skip
    assert {built["sha256"] for built in certificate["built"]} == own
    with bootstrap.open_files(place.folder / "three", readonly=True) as files:
        for built in certificate["built"]:
            content = files.blobs.get(built["sha256"])
            assert len(content) == built["size_bytes"]
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                assert tar.getnames() == ["bin/p", "p.so", "stamp"]
    repo = place.folder / "three/repo.git"
    sandbox = place.git("log", "--format=%(trailers:key=Sandbox,valueonly)", "-1", "selfwright/toy", repo=repo)
    assert sandbox == f"{certificate['sandbox']}; profile native; allow exec"


def test_builds_that_differ_leave_the_canonical_journal_as_it_is(place: Place) -> None:
    one, three = ({event.outcome.built for event in measurements(place, name)} for name in ("r", "three"))
    assert not (one & three) - {None}, "the builds do not differ: this test proves nothing"
    assert place.canonical("r") == place.canonical("three")


def test_a_source_is_built_once_by_a_worker(place: Place) -> None:
    built = [event.outcome.built for event in measurements(place) if event.trial == 3]
    assert len(built) > 3
    assert len(set(built)) == 1


def test_a_compiler_that_is_not_there_ends_the_opening(place: Place) -> None:
    problem = place.folder / "toy" / "problem.toml"
    problem.write_text(NATIVE_PROBLEM.replace("&& cc ", "&& no-such-compiler "))
    done = place.run("--proposer", place.session(), "--trials", "1", name="none", code=2)
    problem.write_text(NATIVE_PROBLEM)
    assert "the seed does not build" in done.stderr
    assert "no-such-compiler: not found" in done.stderr
