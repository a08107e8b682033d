"""Runs broken programs in a real sandbox before a real judge, and writes down how each failed: ``failures.jsonl``.

The label of a failure is its cause, given by whoever wrote the program (``broken/``) before anything was run. Held out
are every third program of a cause, and those marked with ``!``: the rules were written without a look at how they fail.
A program that is in the file already is not run again; empty the file to run all.

    .venv/bin/python -m tests.diagnose.make_failures
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from selfwright.api.confinement import strongest_sandbox
from selfwright.bench.build import Builder
from selfwright.bench.candidate import Candidate
from selfwright.bench.judge import Judge
from selfwright.bench.problem import Problem, load_problem
from selfwright.bootstrap import PROBLEMS, make_sandbox
from selfwright.core.change import Files, Proposal
from selfwright.core.errors import BadInput
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome
from selfwright.evolve.admission import Refusal, Rules, admit
from selfwright.gate.exact import judge_exact
from selfwright.gate.summary import disagreement, summarise
from selfwright.proposers.answer import read_answer

HERE = Path(__file__).parent
BROKEN = HERE / "broken"
FAILURES = HERE / "failures.jsonl"
WORLDS = {"pack": "packer.py", "pixels": "filter.py", "sort": "kernel.py", "circles": "packing.py", "c": "kernel.c",
          "rust": "main.rs", "proposed": "packer.py"}  # fmt: skip
MARK = " !"
BUNDLED = {"sort": "sorting_kernel", "circles": "circle_packing", "c": "c_kernel"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A failure as the journal holds it."""

    where: str
    status: str
    reason: str
    log: str


def programs() -> Iterator[tuple[str, str, str]]:
    """Yield (world, cause, text) of every broken program."""
    for world in WORLDS:
        for part in (BROKEN / f"{world}.txt").read_text().split("=== ")[1:]:
            cause, _, text = part.partition("\n")
            yield world, cause, text


def main() -> None:
    """Run all of them."""
    known = {(row["world"], row["program"]): row for row in map(json.loads, FAILURES.read_text().splitlines())}
    with tempfile.TemporaryDirectory() as scratch:
        rows = [*_runs(Path(scratch), known), *_offers(Path(scratch))]  # in an order that stays: by it is held out
    counted: Counter[str] = Counter()
    with FAILURES.open("w") as file:
        for row in rows:
            cause = str(row["cause"])
            marked = cause.endswith(MARK)
            cause = cause.removesuffix(MARK)
            counted[cause] += not marked
            if "reason" in row:
                file.write(json.dumps({**row, "cause": cause, "held_out": marked or counted[cause] % 3 == 0}) + "\n")
            else:
                sys.stderr.write(f"did not fail as was meant: {cause}: {row['program']}\n")
    sys.stderr.write(f"{len(rows)} programs, {len(counted)} causes\n")


def _runs(scratch: Path, known: Mapping[tuple[str, str], dict[str, object]]) -> Iterator[dict[str, object]]:
    problems = {world: _problem(world, scratch) for world in WORLDS}
    judges = {world: Judge(problem) for world, problem in problems.items()}
    for world, cause, text in programs():
        if (world, text) in known:
            yield {**known[world, text], "cause": cause}
            continue
        problem = problems[world]
        files = {**problem.seed_files(), WORLDS[world]: _content(problem, text)}
        refusal = admit(Proposal(files=files), problem.seed_files(), rules=Rules.of(problem))
        if isinstance(refusal, Refusal):
            seen: Seen | None = Seen(where="validation", status="", reason=refusal.reason, log="")
        else:
            seen = _tried(problem, judges[world], files)
        if seen is None or ("no function 'unpack'" in seen.reason and cause.removesuffix(MARK) != "missing-function"):
            yield {"cause": cause, "program": text}
            continue
        yield {"cause": cause, "world": world, "program": text, **asdict(seen)}


def _tried(problem: Problem, judge: Judge, files: Files) -> Seen | None:
    name = "limits" if problem.name == "rust" else strongest_sandbox(trusted=False)  # where rustc is in a home
    made = make_sandbox(name, problem.environment)
    with closing(made) as sandbox:
        beside = problem.beside_files()
        product = Builder(problem.build, sandbox).product("it", {**beside, **files})
        if product.failure:
            return _of(product.failure)

        def measured() -> Outcome:
            candidate = Candidate(
                files=files, built={**beside, **product.files}, program=problem.program, sandbox=sandbox,
                limits=problem.limits, environment=problem.environment,
            )  # fmt: skip
            item = Item(change="c", stage="full", case=judge.cases()["full"][0], seed=5)
            return judge.measure(item, candidate).outcome

        first = measured()
        if first.status is not TrialStatus.OK:
            return _of(first)
        values = summarise(problem.metrics, first.readings)
        verdict = judge_exact(problem.metrics, problem.objective, candidate=values, incumbent=values, name="v0")
        if "breaks the constraint" in verdict.sentence:
            return Seen(where="verdict", status="", reason=verdict.sentence, log="")
        if differs := disagreement(problem.metrics, first.readings, measured().readings):
            sentence = f"rejected: not the same in a second run: {differs}"
            return Seen(where="verdict", status="", reason=sentence, log="")
    return None


def _of(outcome: Outcome) -> Seen:
    return Seen(where="execution", status=outcome.status, reason=outcome.reason, log=outcome.log[-2000:])


def _offers(scratch: Path) -> Iterator[dict[str, object]]:
    """Yield how proposals and answers of models fail that are no change at all."""
    problem = load_problem(scratch / "pack")
    parent = problem.seed_files()
    for line in (BROKEN / "offers.jsonl").read_text().splitlines():
        offer = json.loads(line)
        refusal = admit(_proposal(offer, parent), parent, rules=Rules.of(problem))
        if isinstance(refusal, Refusal):
            seen = Seen(where="validation", status="", reason=refusal.reason, log="")
            yield {"cause": offer.pop("cause"), "world": "offers", "program": json.dumps(offer), **asdict(seen)}
        else:
            yield {"cause": offer.pop("cause"), "program": json.dumps(offer)}


def _proposal(offer: Mapping[str, object], parent: Files) -> Proposal:
    if "answer" in offer:
        try:
            return Proposal(files=read_answer(str(offer["answer"]), parent).files)
        except BadInput as error:
            return Proposal(fault=str(error))
    if "large" in offer:
        return Proposal(files={"packer.py": b"#" * int(str(offer["large"]))})
    given = offer.get("files", {})
    assert isinstance(given, dict)
    files = {path: None if text is None else text.encode() for path, text in given.items()}
    return Proposal(files=files, patch=str(offer.get("patch", "")))


def _content(problem: Problem, text: str) -> bytes:
    if text.startswith("bytes: "):
        return bytes.fromhex(text.removeprefix("bytes: "))
    if text == "deep\n":
        return b"x = " + b"(" * 5000 + b")" * 5000
    return problem.seed_files()[problem.program] if text == "same\n" else text.encode()


def _problem(world: str, scratch: Path) -> Problem:
    if world in BUNDLED:
        return load_problem(PROBLEMS / BUNDLED[world])
    folder = scratch / world
    folder.mkdir()
    source = BROKEN / {"proposed": "pack"}.get(world, world)
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes().replace(b'"rustc"', json.dumps(_rustc()).encode()))
    return load_problem(folder)


def _rustc() -> str:
    """Return the path of the compiler itself: what stands in its place needs to know a home."""
    found = subprocess.run(["rustup", "which", "rustc"], capture_output=True, text=True, timeout=60, check=False)
    return found.stdout.strip() or "rustc"


if __name__ == "__main__":
    main()
