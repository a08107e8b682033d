"""Audit: a true run holds, seen from its folder and from a clone; whatever is forged in it is found, and said."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from selfwright import api
from selfwright.adapters.journals.sqlite import SqliteJournal
from selfwright.adapters.machine import identify
from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.notes import GitNotes
from selfwright.audit.auditor import Audited
from selfwright.audit.certificate import Certificate
from selfwright.audit.exhibit import Commit
from selfwright.audit.message import evolution_message
from selfwright.core.adoption import Sample
from selfwright.core.change import change_id, content_id
from selfwright.core.event import GENESIS, chain
from selfwright.core.metric import Effect
from selfwright.core.trial import Reading
from selfwright.core.verdict import Decision, Verdict
from selfwright.gate.exact import judge_exact
from selfwright.ports.repo import Signature
from selfwright.testing.clock import FakeClock
from tests.journeys.place import ENVIRONMENT, JUDGE, PROBLEM, Place, descendants, program, read_until
from tests.workflow import run_workflow

BRANCH = "selfwright/toy"
WITH_HOLDOUT = PROBLEM.replace("[limits]", '[[stages]]\nname = "hidden"\nholdout = true\n[limits]')
LISTS_MORE = JUDGE.replace(
    'return ["a"] if stage.name == "smoke" else ["a", "b"]',
    'return {"smoke": ["a"], "full": ["a", "b"], "hidden": ["z"]}[stage.name]',
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run with v0 (100 B), v1 (90 B) and v2 (60 B), in the folder ``r``."""
    place = Place.make(tmp_path_factory.mktemp("audit"), problem=WITH_HOLDOUT, judge=LISTS_MORE)
    place.run("--proposer", place.session([program(90), program(60)]), "--sandbox", "limits")
    return place


@dataclass(frozen=True)
class Forger:
    """Somebody with write access to everything in a copy of the run."""

    folder: Path

    @property
    def repo(self) -> GitRepo:
        return GitRepo(self.folder / "repo.git")

    @property
    def notes(self) -> GitNotes:
        return GitNotes(self.repo)

    def commit(self, version: int) -> Commit:
        commit = Commit.read(self.repo, self.repo.resolve(BRANCH) or "")
        while commit.version != version:
            commit = Commit.read(self.repo, commit.parents[0])
        return commit

    def note(self, version: int) -> bytes:
        return self.notes.note(self.commit(version).id) or b""

    def certificate(self, version: int = 2) -> Certificate:
        return Certificate.read(self.note(version))

    def annotate(self, commit: str, note: bytes) -> None:
        self.notes.annotate(commit, note, author=Signature(name="x", email="x@x", time_s=1))

    def edit_note(self, edit: Callable[[Certificate], Certificate], version: int = 2) -> None:
        self.annotate(self.commit(version).id, edit(self.certificate(version)).to_json())

    def rewrite(
        self, version: int = 2, *, message: str | None = None, tree: str | None = None,
        parents: tuple[str, ...] | None = None, author: str | None = None, note: bytes | None = None,
    ) -> str:  # fmt: skip
        """Put another commit in the place of a version, with its note, and those above it on top again."""
        old = self.commit(version)
        above = [self.commit(number) for number in range(version + 1, 3)]
        header = [f"tree {tree or old.tree}", *(f"parent {each}" for each in parents or old.parents)]
        header += [f"author {author or old.author}", f"committer {old.committer}"]
        new = self.write("\n".join(header) + "\n\n" + (message or old.message))
        if content := note or self.notes.note(old.id):
            self.annotate(new, content)
        tip = new
        for each in above:
            text = f"tree {each.tree}\nparent {tip}\nauthor {each.author}\ncommitter {each.committer}\n\n{each.message}"
            tip = self.write(text)
            self.annotate(tip, self.notes.note(each.id) or b"")
        self.repo.move(f"refs/heads/{BRANCH}", tip, expect=self.repo.resolve(BRANCH))
        return new

    def write(self, commit: str) -> str:
        content = commit.encode()
        oid = hashlib.sha1(b"commit %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        git = self.repo._git  # a forger does not ask for a port
        assert git.run("hash-object", "-w", "-t", "commit", "--stdin", stdin=content).decode().strip() == oid
        return oid

    def say(self, old: str, new: str) -> None:
        """Let the newest version's message say something else."""
        message = self.commit(2).message
        assert old in message
        self.rewrite(message=message.replace(old, new, 1))

    def tree(self, files: Mapping[str, bytes], version: int = 2) -> str:
        return self.repo.build_tree(self.commit(version).id, dict(files))

    def swap_tree(self, tree: str) -> None:
        """Put another tree under the newest version, and let its trailer name it."""
        old = self.commit(2)
        self.rewrite(tree=tree, message=old.message.replace(old.tree, tree))

    def edit_journal(self, old: str, new: str, *, recompute: bool) -> None:
        last = GENESIS
        with sqlite3.connect(self.folder / "journal.db") as database:
            rows = database.execute("SELECT seq, CAST(stored AS TEXT), hash FROM events ORDER BY seq").fetchall()
            hits = [seq for seq, stored, _ in rows if old in stored]
            for seq, stored, hash_ in rows:
                content = stored.replace(old, new) if seq == hits[0] else stored
                last = chain(last, content.encode())
                database.execute(
                    "UPDATE events SET stored = CAST(? AS BLOB), hash = ? WHERE seq = ?",
                    (content.encode(), last if recompute else hash_, seq),
                )
        database.close()

    def publish(self, certificate: Certificate, files: Mapping[str, bytes]) -> str:
        """Commit a version whose papers agree in everything, on top of v1."""
        parent = self.commit(1).id
        tree = self.repo.build_tree(parent, dict(files))
        whole = replace(
            certificate, tree=tree, parent=parent, files={path: content_id(each) for path, each in files.items()},
            change=change_id("problem:toy", {path: content_id(each) for path, each in files.items()}),
        )  # fmt: skip
        return self.rewrite(tree=tree, message=evolution_message(whole), note=whole.to_json())


@pytest.fixture
def forger(place: Place, tmp_path: Path) -> Forger:
    shutil.copytree(place.folder / "r", tmp_path / "r", symlinks=True)
    return Forger(tmp_path / "r")


def audited(forger: Forger, **how: object) -> dict[str, list[Audited]]:
    found: dict[str, list[Audited]] = {}
    for each in api.audit(forger.folder, **how):
        found.setdefault(each.name, []).append(each)
    return found


def differing(forger: Forger, **how: object) -> dict[str, str]:
    """What differs, as ``v2 tree`` → the words."""
    return {
        f"{name} {finding.what}": finding.words
        for name, each in audited(forger, **how).items()
        for finding in each[0].findings
        if finding.holds is False
    }


def exactly(certificate: Certificate, *, candidate: float, incumbent: float) -> Verdict:
    """The verdict on two sizes, as the gate gives it."""
    return judge_exact(
        certificate.metrics, certificate.objective, candidate={**certificate.after, "size": candidate},
        incumbent={**certificate.before, "size": incumbent}, name=f"v{certificate.version - 1}",
    )  # fmt: skip


def resampled(certificate: Certificate, side: str, size: float) -> Certificate:
    """A certificate whose samples of one side say another size, and everything that follows from them too."""

    def sample(each: Sample) -> Sample:
        if each.side != side or each.stage != "full":
            return each
        readings = tuple(
            Reading(case=reading.case, metrics={**reading.metrics, "size": (size,)}) for reading in each.readings
        )
        return replace(each, readings=readings)

    assert certificate.verdict is not None
    told = replace(certificate, samples=tuple(map(sample, certificate.samples)))
    sizes = {"candidate": certificate.verdict.candidate, "incumbent": certificate.verdict.incumbent, side: size}
    told = replace(told, verdict=exactly(told, **{key: value or 0.0 for key, value in sizes.items()}))
    if side == "incumbent":
        return replace(told, before={**told.before, "size": size})
    cases = {case: {**values, "size": size} for case, values in told.cases.items()}
    return replace(told, after={**told.after, "size": size}, cases=cases)


FORGERIES: dict[str, tuple[Callable[[Forger], object], str, str]] = {
    "a metric edited in the message": (
        lambda run: run.say("Size: 60.00 B", "Size: 50.00 B"),
        "v2 message", r"Size: 50\.00 B'?, the journal gives .*Size: 60\.00 B",
    ),
    "a metric edited in the trailer": (
        lambda run: run.say('"new":60.0', '"new":50.0'), "v2 message", r'"new":50\.0.* the journal gives .*"new":60\.0',
    ),
    "the sentence of the gain": (
        lambda run: run.say("33% better", "93% better"), "v2 message", "Improvement: 93% better",
    ),
    "the gate": (
        lambda run: run.say("Gate: exact; adopt", "Gate: paired, alpha 0.05, 90 pairs, e-value 1e+09; adopt"),
        "v2 message", "says 'Gate: paired.* gives 'Gate: exact; adopt'",
    ),
    "the name of the sandbox": (
        lambda run: run.say("Sandbox: limits", "Sandbox: zygote"), "v2 message", "'Sandbox: zygote'.*'Sandbox: limits'",
    ),
    "the machine": (
        lambda run: run.say(identify().fingerprint, "0123456789abcdef"), "v2 message", "0123456789abcdef",
    ),
    "the seed of the draws": (lambda run: run.say("\nSeed: 0", "\nSeed: 1"), "v2 message", "'Seed: 1'.*'Seed: 0'"),
    "the reason": (lambda run: run.say("idea 2", "a brilliant idea"), "v2 message", "a brilliant idea.*idea 2"),
    "the proposer": (lambda run: run.say("Proposer: recorded", "Proposer: Ada"), "v2 message", "Proposer: Ada"),
    "the number of the version": (
        lambda run: run.say("Evolution - v2", "Evolution - v7"),
        "journal branch", "has not v2 .*, and has v7 .*, which the",
    ),
    "a trailer removed": (lambda run: run.say("Gate: exact; adopt\n", ""), "v2 trailers", "Gate is gone"),
    "a trailer twice": (
        lambda run: run.say("Gate: ", 'Metrics: {"size":{"old":90.0,"new":1.0}}\nGate: '),
        "v2 trailers", "Metrics is there 2 times",
    ),
    "the author": (
        lambda run: run.rewrite(author=run.commit(2).author.replace("Selfwright", "Linus", 1)),
        "v2 signature", "the author is 'Linus",
    ),
    "the commit of another day": (
        lambda run: run.rewrite(author=re.sub(r"> \d+", "> 1000000000", run.commit(2).author)),
        "v2 commit", "the journal has",
    ),
    "a number edited in the note": (
        lambda run: run.edit_note(lambda told: resampled(told, "candidate", 50.0)),
        "v2 certificate", "other than in the journal: after is .*'size': 50",
    ),
    "a sample edited so that the median fits": (
        lambda run: run.edit_note(
            lambda told: replace(
                told,
                samples=tuple(
                    replace(each, readings=(replace(each.readings[0], metrics={"size": (55.0,)}),))
                    if each.purpose == "search" and each.side == "candidate" else each
                    for each in told.samples
                ),
            )
        ),
        "v2 certificate", "it has the hash .* its commit names .*samples is",
    ),
    "a sample edited so that it does not": (
        lambda run: run.edit_note(
            lambda told: replace(
                told, samples=tuple(replace(each, readings=()) if each.case == "b" else each for each in told.samples)
            )
        ),
        "v2 samples", "do not follow from the samples: cases",
    ),
    "the holdout": (
        lambda run: run.edit_note(lambda told: replace(told, holdout=None, look=0)),
        "v2 certificate", "holdout is None, not 'passed'; look is 0, not 2",
    ),
    "the cost": (
        lambda run: run.edit_note(lambda told: replace(told, cost=replace(told.cost, usd=9.0))),
        "v2 certificate", "cost is",
    ),
    "a certificate replayed": (
        lambda run: run.annotate(run.commit(2).id, run.note(1)), "v2 certificate", "it is that of another commit",
    ),
    "a certificate removed": (
        lambda run: run.repo.move(
            "refs/notes/selfwright",
            run.repo.commit(
                tree=run.repo.build_tree(None, {}), parents=(), message="m",
                author=Signature(name="x", email="x@x", time_s=1),
            ),
            expect=run.repo.ref("refs/notes/selfwright"),
        ),
        "v2 certificate", "there is no note of this commit",
    ),
    "a tree swapped": (lambda run: run.rewrite(tree=run.commit(1).tree), "v2 tree", "what was measured is"),
    "a tree swapped, with its trailer": (
        lambda run: run.swap_tree(run.tree({"p.py": program(1).encode()})),
        "v2 tree", r"the journal has .*of the program, other than measured: p\.py",
    ),
    "the evaluator changed after": (
        lambda run: run.swap_tree(run.tree({"judge.py": b"def cases(stage): return ['a']\n"})),
        "v2 evaluator", r"since v0 changed: judge\.py",
    ),
    "the program of the seed replaced": (
        lambda run: run.rewrite(0, tree=run.tree({"p.py": program(500).encode()}, 0)),
        "v2 evaluator", r"in v0 other than hashed: p\.py",
    ),
    "the parent swapped": (
        lambda run: run.rewrite(parents=(run.commit(0).id,)), "v2 parent", "the journal has",
    ),
    "a version put on top by hand": (
        lambda run: run.repo.advance(
            BRANCH,
            run.write(
                f"tree {run.commit(1).tree}\nparent {run.commit(2).id}\nauthor {run.commit(2).author}\n"
                f"committer {run.commit(2).committer}\n\n" + run.commit(2).message.replace("- v2", "- v3")
            ),
            expect=run.commit(2).id,
        ),
        "journal branch", "has v3 .*, which the journal does not know",
    ),
    "a version cut off": (
        lambda run: run.repo.move(f"refs/heads/{BRANCH}", run.commit(1).id, expect=run.commit(2).id),
        "journal branch", "has not v2 [0-9a-f]{12}$",
    ),
    "a row of the journal edited": (
        lambda run: run.edit_journal('"size":[60.0]', '"size":[50.0]', recompute=False),
        "journal journal", "event .* does not have the hash that it was written with",
    ),
    "a row edited and the chain recomputed": (
        lambda run: run.edit_journal('"size":[60.0]', '"size":[50.0]', recompute=True),
        "journal v2", "something between event .* was edited",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_forged_is_found(name: str, forger: Forger) -> None:
    forge, what, words = FORGERIES[name]
    forge(forger)
    found = differing(forger, measure=False)
    assert what in found, found
    assert re.search(words, found[what]), found[what]


@pytest.mark.parametrize("note", [b"", b"\xff", b"[" * 100_000, b'{"format": 2}', b"null"])
def test_a_note_that_is_none_of_ours_is_said(forger: Forger, note: bytes) -> None:
    forger.annotate(forger.commit(2).id, note)
    assert "can not be read" in differing(forger, measure=False)["v2 certificate"]


def test_a_certificate_with_impossible_numbers_is_said(forger: Forger) -> None:
    forger.edit_note(
        lambda told: replace(told, objective=replace(told.objective, metric="none"), after={}, before={}, version=-1)
    )
    commit = forger.commit(2).id
    (found,) = api.audit(commit, repo=forger.repo.git_dir, measure=False)
    assert {"certificate", "message"} <= {each.what for each in found.findings if each.holds is False}


def test_a_judge_that_is_not_the_one_that_was_hashed_is_not_run(forger: Forger) -> None:
    forger.rewrite(0, tree=forger.tree({"judge.py": b"open('/tmp/ran', 'w')\n"}, 0))
    found = {each.what: each for each in audited(forger, sandbox="limits")["v2"][0].findings}
    assert found["evaluator"].holds is False
    assert found["measured"].words == "its judge is not the one that was hashed, and is not run"


def test_without_a_certificate_files_that_may_never_have_been_committed_are_no_forgery(forger: Forger) -> None:
    forger.rewrite(0, tree=forger.tree({"data.csv": b"1"}, 0))
    forger.swap_tree(forger.tree({"data.csv": b"1"}))
    newest = forger.commit(2)
    bare = forger.repo.commit(
        tree=newest.tree,
        parents=newest.parents,
        message=newest.message,
        author=Signature(name="x", email="x@x", time_s=1),
    )
    (found,) = api.audit(bare, repo=forger.repo.git_dir, measure=False)
    evaluator = next(each for each in found.findings if each.what == "evaluator")
    assert evaluator.holds is None and "some may never have been committed" in evaluator.words


def test_while_it_is_driven_the_newest_commit_may_be_ahead_of_the_journal(forger: Forger) -> None:
    FORGERIES["a version put on top by hand"][0](forger)
    with SqliteJournal(forger.folder / "journal.db", clock=FakeClock()).lease():
        found = {each.what: each for each in audited(forger, measure=False)["journal"][0].findings}
    assert found["branch"].holds is None and "v3 is on its way" in found["branch"].words


def test_there_are_more_than_twenty() -> None:
    assert len(FORGERIES) + len(MEASURED) > 20


WELL = program(60).encode()
MEASURED: dict[str, tuple[Callable[[Forger], object], str, str]] = {
    "every number of the candidate": (
        lambda run: run.publish(resampled(run.certificate(), "candidate", 50.0), {"p.py": WELL}),
        "v2 candidate", r"size of a is 60\.0 here, its certificate says 50\.0",
    ),
    "every number of the version before": (
        lambda run: run.publish(resampled(run.certificate(), "incumbent", 95.0), {"p.py": WELL}),
        "v2 incumbent", r"size of a is 90\.0 here, its certificate says 95\.0",
    ),
    "a pass on the holdout": (
        lambda run: run.publish(run.certificate(), {"p.py": program("60 if case != 'z' else 99").encode()}),
        "v2 holdout", "does not pass here: it is worse on the held-out cases",
    ),
    "a gain that is none": (
        lambda run: run.publish(resampled(run.certificate(), "candidate", 91.0), {"p.py": program(91).encode()}),
        "v2 gain", r"1\.11 % worse than the version before, which is no reason",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEASURED)
def test_what_is_forged_alike_in_all_papers_is_found_by_measuring(name: str, forger: Forger) -> None:
    forge, what, words = MEASURED[name]
    forge(forger)
    commit = forger.commit(2).id
    (papers,) = api.audit(commit, repo=forger.repo.git_dir, measure=False)
    assert papers.holds, papers
    (measured,) = api.audit(commit, repo=forger.repo.git_dir, sandbox="limits", workers=1)
    found = {f"v2 {each.what}": each.words for each in measured.findings if each.holds is False}
    assert what in found, measured.findings
    assert re.search(words, found[what]), found[what]


TERMS: dict[str, tuple[Callable[[Certificate], Certificate], str, str]] = {
    "a verdict that adopted nothing": (
        lambda told: judged(told, decision=Decision.REJECT), "v2 samples", "do not follow from the samples: verdict",
    ),
    "pairs and an E that were never measured": (
        lambda told: judged(told, pairs=500, evidence=1e9, needed=8000.0), "v2 samples", "samples: verdict",
    ),
    "another minimum effect": (
        lambda told: replace(told, objective=replace(told.objective, minimum_effect=Effect(amount=0.0, relative=True))),
        "v2 terms", r"objective is not what its problem\.toml says",
    ),
    "a constraint less": (
        lambda told: replace(told, objective=replace(told.objective, constraints=())), "v2 terms", "objective is not",
    ),
    "another unit": (
        lambda told: replace(told, metrics=tuple(replace(each, unit="kB") for each in told.metrics)),
        "v2 terms", "metrics is not",
    ),
    "a call that was allowed less": (
        lambda told: replace(told, limits=replace(told.limits, wall_s=1.0)), "v2 terms", "limits is not",
    ),
    "another name": (lambda told: replace(told, problem="other"), "v2 terms", "problem is not"),
    "who says what the numbers are": (
        lambda told: replace(told, judged="self-reported: size"), "v2 terms", "judged is not",
    ),
    "more looks than are allowed": (
        lambda told: replace(told, look=31), "v2 terms", "look 31 at the holdout, allowed are 30",
    ),
    "a version left out": (lambda told: replace(told, version=3), "v3 terms", "it is v3 on top of v1"),
}  # fmt: skip


def judged(certificate: Certificate, **said: object) -> Certificate:
    assert certificate.verdict is not None
    return replace(certificate, verdict=replace(certificate.verdict, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TERMS)
def test_what_papers_that_agree_say_of_their_own_terms_is_checked(name: str, forger: Forger) -> None:
    forge, what, words = TERMS[name]
    commit = forger.publish(forge(forger.certificate()), {"p.py": WELL})
    (papers,) = api.audit(commit, repo=forger.repo.git_dir, measure=False)
    found = {f"{papers.name} {each.what}": each.words for each in papers.findings if each.holds is False}
    assert what in found, found
    assert re.search(words, found[what]), found[what]


def test_a_true_run_holds_and_is_only_looked_at(place: Place) -> None:
    def picture() -> dict[str, bytes]:
        files = [each for each in (place.folder / "r").rglob("*") if each.is_file() and ".db-" not in each.name]
        return {str(each): each.read_bytes() for each in files}

    before = picture()
    done = place.call("audit", "r", "--all", "--sandbox", "limits")
    assert "3 versions audited: all that was checked holds" in done.stdout
    assert "DIFFERS" not in done.stdout
    assert done.stdout.count("passed again") == 2
    assert "v2" in done.stderr and "measuring candidate and incumbent on 2 cases of full" in done.stderr
    assert picture() == before


def test_ctrl_c_ends_it_and_leaves_nothing(place: Place, tmp_path: Path) -> None:
    process = place.start("audit", "r", "--sandbox", "limits", env={**ENVIRONMENT, "TMPDIR": str(tmp_path)})
    read_until(process, "measuring candidate and incumbent")
    below = descendants(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "selfwright: interrupted; 0 versions audited so far\n")
    _, alive = psutil.wait_procs(below, timeout=20)
    assert not alive
    assert list(tmp_path.glob("selfwright-audit-*")) == []


def test_as_json_it_says_the_same_and_the_exit_code_tells(place: Place, forger: Forger) -> None:
    lines = place.call("audit", "r", "v1", "--json", "--no-measure").stdout.splitlines()
    journal, version = map(json.loads, lines)
    assert (journal["name"], version["name"], version["holds"]) == ("journal", "v1", True)
    assert {each["what"] for each in version["findings"]} >= {"tree", "evaluator", "certificate", "samples", "message"}
    forger.say("33% better", "93% better")
    done = place.call("audit", str(forger.folder), "--json", "--no-measure", code=1)
    assert [json.loads(line)["holds"] for line in done.stdout.splitlines()] == [False, False]


def test_a_clone_without_notes_is_checked_as_far_as_it_goes(place: Place, tmp_path: Path) -> None:
    place.git("clone", "-q", str(place.folder / "r/repo.git"), str(tmp_path / "clone"))
    (found,) = api.audit("HEAD", repo=tmp_path / "clone", sandbox="limits", workers=1)
    words = {each.what: (each.holds, each.words) for each in found.findings}
    assert (found.holds, found.lacks, found.measured) == (None, ("certificate",), True)
    assert words["certificate"][0] is None and "git fetch origin refs/notes/selfwright" in words["certificate"][1]
    assert words["journal"][0] is None and words["message"][0] is True and words["signature"][0] is True
    assert "nobody verifies it" in words["description"][1]
    assert words["evaluator"] == (True, words["evaluator"][1]) and "by the files of v0" in words["evaluator"][1]
    assert words["candidate"] == (True, "2 deterministic numbers to the bit")
    place.git("fetch", "-q", "origin", "refs/notes/selfwright:refs/notes/selfwright", repo=tmp_path / "clone")
    found, *others = api.audit("HEAD", repo=tmp_path / "clone", measure=False, all=True)
    assert found.holds and len(others) == 2
    assert [each.what for each in found.findings if each.holds is None] == ["journal"]


STRIPPED = {
    "a number in the words": ("Size: 60.00 B", "Size: 50.00 B", "message"),
    "the gain": ("33% better", "93% better", "message"),
    "the number of the version": ("Evolution - v2", "Evolution - v9", "terms"),
    "the time": ("Timestamp: 2", "Timestamp: 3", "signature"),
    "the number of its cases": ('"n":2', '"n":2000', "candidate"),
}


@pytest.mark.parametrize("name", STRIPPED)
def test_without_its_note_a_message_is_compared_with_itself(name: str, forger: Forger) -> None:
    old, new, what = STRIPPED[name]
    newest = forger.commit(2)
    assert old in newest.message
    forged = forger.repo.commit(
        tree=newest.tree, parents=newest.parents, message=newest.message.replace(old, new),
        author=Signature(name="Selfwright", email="x@x", time_s=int(newest.author.split()[-2])),
    )  # fmt: skip
    (found,) = api.audit(forged, repo=forger.repo.git_dir, measure=what == "candidate", sandbox="limits", workers=1)
    assert what in [each.what for each in found.findings if each.holds is False], found


def test_a_headline_says_what_could_not_be_checked(place: Place, tmp_path: Path) -> None:
    place.git("clone", "-q", str(place.folder / "r/repo.git"), str(tmp_path / "clone"))
    where = ("--repo", str(tmp_path / "clone"), "--no-measure")
    done = place.call("audit", "HEAD", *where, code=3)
    assert " holds on paper (not measured) as far as it was checked; not checked: certificate " in done.stdout
    assert "1 version read: nothing differs, but of 1 something needed could not be checked (exit 3)" in done.stdout
    told = json.loads(place.call("audit", "HEAD", *where, "--json", code=3).stdout)
    assert (told["holds"], told["lacks"], told["measured"]) == (None, ["certificate"], False)


@dataclass(frozen=True)
class Request:
    """A repository with two problems, and a branch of one version that asks to be merged into ``main``."""

    place: Place
    base: str
    head: str

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand", *parents: str) -> str:
        repo = GitRepo(self.place.folder / ".git")
        tree = repo.build_tree((parents or (self.head,))[0], dict(files))
        author = Signature(name="x", email="x@x", time_s=1)
        return repo.commit(tree=tree, parents=parents or (self.head,), message=message, author=author)


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> Request:
    place = Place.make(
        tmp_path_factory.mktemp("project"), problem=PROBLEM.replace('"judge.py"', '"judge.py" # trusted')
    )
    (place.folder / "other").mkdir()
    (place.folder / "other/problem.toml").write_text('name = "other"\njudge = "judge.py"\n')
    (place.folder / "helper.py").write_text("HELP = 1\n")
    place.git("init", "-q", "-b", "main")
    place.git("add", "toy", "other", "helper.py")
    place.git("commit", "-q", "-m", "first")
    place.run("--proposer", place.session([program(70)]), "--sandbox", "limits")
    return Request(place, place.git("rev-parse", "main"), place.git("rev-parse", BRANCH))


def test_a_pull_request_is_audited_as_the_example_does_it(request_: Request, tmp_path: Path) -> None:
    given = {"BASE": request_.base, "HEAD": request_.head, "FROM": str(request_.place.folder)}
    place = request_.place
    place.git("clone", "-q", str(place.folder), str(tmp_path / "fork"))
    done = run_workflow("audit.yml", tmp_path / "fork", tmp_path, given)
    assert done.returncode == 0, done.stdout
    assert f"v1 {request_.head[:12]} holds  " in done.stdout
    assert "1 version audited: all that was checked holds\n" in done.stdout
    place.git("branch", "-f", "lied", request_.commit({"toy/judge.py": b""}))
    place.git("fetch", "-q", "origin", repo=tmp_path / "fork")
    done = run_workflow(
        "audit.yml", tmp_path / "fork", tmp_path, given | {"HEAD": place.git("rev-parse", "lied")}
    )  # fmt: skip
    assert done.returncode == 1
    assert "changes toy/judge.py, which no change may write" in done.stdout
    assert "0 versions audited" in done.stdout


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"toy/judge.py": b""}, "changes toy/judge.py, which no change may write"),
        ({"toy/problem.toml": b"name = 'toy'"}, "changes toy/problem.toml, which"),
        ({"toy/build.sh": b"make"}, r"changes toy/build\.sh, which"),
        ({"other/judge.py": b"x"}, "changes other/judge.py, which"),
        ({"helper.py": None}, "changes helper.py, which"),
        ({".github/workflows/audit.yml": b""}, r"changes \.github/workflows/audit.yml, which"),
        ({"toy/p.py": program(1).encode()}, "changes toy/p.py, and is no adopted version"),
    ],
)
def test_what_a_version_may_not_change_is_refused_before_a_judge_runs(
    request_: Request, files: Mapping[str, bytes | None], says: str
) -> None:
    place = request_.place
    for head in (request_.commit(files), request_.commit({}, "all well", request_.commit(files))):
        (changes,) = api.audit(head, since=request_.base, repo=place.folder)
        assert changes.holds is False and re.search(says, changes.findings[0].words), changes
    undone = request_.commit({path: None for path in files if path.startswith(".")}, "undone", request_.commit(files))
    assert next(iter(api.audit(undone, since=request_.base, repo=place.folder))).holds is False


def test_a_merge_of_what_the_base_has_is_no_change(request_: Request) -> None:
    ahead = request_.commit({"helper.py": b"HELP = 2\n"}, "help more", request_.base)
    merged = request_.commit({"helper.py": b"HELP = 2\n"}, "merge", request_.head, ahead)
    for head in (merged, request_.head):
        changes, *versions = api.audit(head, since=ahead, repo=request_.place.folder, measure=False)
        assert changes.holds and [each.name for each in versions] == ["v1"]
    evil = request_.commit({"helper.py": b"evil"}, "merge", request_.head, ahead)
    (changes,) = api.audit(evil, since=ahead, repo=request_.place.folder)
    assert changes.holds is False


def test_a_version_that_another_judge_measured_than_the_base_has_is_told(request_: Request) -> None:
    ahead = request_.commit({"toy/judge.py": JUDGE.encode() + b"\n"}, "a better judge", request_.base)
    merged = request_.commit({"toy/judge.py": JUDGE.encode() + b"\n"}, "merge", request_.head, ahead)
    for head in (merged, request_.head):
        changes, *versions = api.audit(head, since=ahead, repo=request_.place.folder, measure=False)
        assert [each.name for each in versions] == ["v1"]
        assert changes.holds is None and changes.lacks == ("evaluator",)
        assert "was judged by another toy/judge.py than" in changes.findings[1].words


@pytest.mark.parametrize("path", ["toy/judge.py", "helper.py"])
def test_a_merge_that_takes_back_what_the_base_once_had_is_refused(request_: Request, path: str) -> None:
    """In such a merge no file differs from both of its parents."""
    ahead = request_.commit({path: b"HELP = 9\n"}, "better", request_.base)
    was = GitRepo(request_.place.folder / ".git").read_file(request_.base, path)
    back = request_.commit({path: was}, "merge", request_.head, ahead)
    (changes,) = api.audit(back, since=ahead, repo=request_.place.folder)
    assert changes.holds is False and f"as a whole changes {path}, which" in changes.findings[0].words


def test_a_merge_that_takes_back_a_program_that_the_base_once_had_is_refused(request_: Request) -> None:
    repo = GitRepo(request_.place.folder / ".git")
    ahead = request_.commit({"toy/p.py": program(90).encode()}, "mended", request_.base)
    version = request_.commit({"toy/p.py": program(70).encode()}, Commit.read(repo, request_.head).message, ahead)
    back = request_.commit({"toy/p.py": repo.read_file(request_.base, "toy/p.py")}, "merge", version, request_.base)
    (changes,) = api.audit(back, since=ahead, repo=request_.place.folder)
    assert changes.holds is False and "as a whole changes toy/p.py, which" in changes.findings[0].words


def test_a_branch_that_has_nothing_in_common_with_the_base_is_refused(request_: Request) -> None:
    strange = request_.commit({"toy/p.py": program(70).encode()}, "Seed v0\n\ntoy", request_.base)
    repo = GitRepo(request_.place.folder / ".git")
    root = repo.commit(
        tree=Commit.read(repo, strange).tree, parents=(), message=Commit.read(repo, request_.head).message,
        author=Signature(name="x", email="x@x", time_s=1),
    )  # fmt: skip
    (changes,) = api.audit(root, since=request_.base, repo=request_.place.folder)
    assert changes.holds is False


def test_a_seed_that_was_made_worse_before_it_was_improved_is_refused(request_: Request) -> None:
    repo = GitRepo(request_.place.folder / ".git")
    seed, version = repo.parents(request_.head)[0], Commit.read(repo, request_.head).message
    slow = request_.commit({"toy/p.py": program(900).encode()}, Commit.read(repo, seed).message, request_.base)
    head = request_.commit({"toy/p.py": program(70).encode()}, version, slow)
    (changes,) = api.audit(head, since=request_.base, repo=request_.place.folder)
    assert changes.holds is False and "changes toy/p.py, and is no adopted version" in changes.findings[0].words


def test_commits_are_named_as_git_names_them(request_: Request) -> None:
    _, *versions = api.audit(f"{BRANCH}~0", since="refs/heads/main^0", repo=request_.place.folder, measure=False)
    assert [each.commit for each in versions] == [request_.head]


def test_a_pull_request_without_versions_is_none_of_its_business(request_: Request) -> None:
    other = request_.commit({"helper.py": b"HELP = 2"}, "help more", request_.base)
    (changes,) = api.audit(other, since=request_.base, repo=request_.place.folder)
    assert changes.holds and "has no version that" in changes.findings[0].words


def test_doctor_finds_an_edited_row_and_a_recomputed_chain(place: Place, forger: Forger) -> None:
    assert "DIFFERS" not in place.call("doctor", "r").stdout
    forger.edit_journal('"size":[60.0]', '"size":[50.0]', recompute=True)
    done = place.call("doctor", str(forger.folder), code=1)
    assert re.search(r"DIFFERS +v2: .* something between event \d+ and event \d+ was edited", done.stdout)
    forger.edit_journal('"size":[90.0]', '"size":[50.0]', recompute=False)
    lines = place.call("doctor", str(forger.folder), "--json", code=1).stdout.splitlines()
    first = json.loads(lines[0])
    assert (first["what"], first["holds"]) == ("journal", False)
    assert "does not have the hash that it was written with" in first["words"]


def test_doctor_compares_the_branch_with_the_adoptions(place: Place, forger: Forger) -> None:
    assert re.search(r"holds +branch: selfwright/toy has v0 to v2, as the", place.call("doctor", "r").stdout)
    by_hand = forger.repo.commit(
        tree=forger.commit(2).tree, parents=(forger.commit(2).id,), message="by hand",
        author=Signature(name="x", email="x@x", time_s=1),
    )  # fmt: skip
    forger.repo.advance(BRANCH, by_hand, expect=forger.commit(2).id)
    done = place.call("doctor", str(forger.folder), code=1)
    assert f"has {by_hand[:12]} ('by hand'), which the journal does not know" in done.stdout
    forger.repo.move(f"refs/heads/{BRANCH}", forger.repo.parents(by_hand)[0], expect=by_hand)
    forger.say("33% better", "93% better")
    done = place.call("doctor", str(forger.folder), code=1)
    assert re.search(r"DIFFERS +branch: .* has not v2 \w{12}, and has v2 \w{12}, which the journal", done.stdout)
    forger.repo.move(f"refs/heads/{BRANCH}", forger.commit(0).id, expect=forger.commit(2).id)
    done = place.call("doctor", str(forger.folder), code=1)
    assert re.search(r"has not v1 \w{12}, v2 \w{12}\n", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "no run 'nothing' in .* and there is no repository at .* --repo"),
        (("r", "v9"), "'v9' is no version of this run; there are v0 to v2"),
        (("1111111", "--repo", "r/repo.git"), "there is no commit '1111111'"),
        (("HEAD", "v1", "--repo", "r/repo.git"), "versions are named of a run"),
        (("HEAD", "--since", "", "--repo", "r/repo.git"), "--since: there is no commit ''"),
        (("HEAD", "--since", "HEAD~9", "--repo", "r/repo.git"), "--since: there is no commit 'HEAD~9'"),
    ],
)
def test_wrong_use_is_said(place: Place, arguments: tuple[str, ...], words: str) -> None:
    assert re.search(words, place.call("audit", *arguments, code=2).stderr)
