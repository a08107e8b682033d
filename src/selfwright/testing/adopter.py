"""The contract of adopters, and one that only remembers."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from selfwright.core.adoption import Adoption, Revision
from selfwright.core.change import Change, Files, change_id, tree_of
from selfwright.core.errors import RepoError
from selfwright.core.metric import Metric, Objective
from selfwright.core.verdict import Decision, Verdict
from selfwright.ports.adopter import Adopter
from selfwright.testing.refusal import refused


class MemoryAdopter:
    """Remembers adoptions; satisfies ``ports.adopter.Adopter``. Its commit ids are made up from the content.

    Attributes:
        adopted: Every adoption that moved the branch, in order.
        revisions: What it answered to each.
    """

    def __init__(self, branch: str = "selfwright/toy") -> None:
        self.adopted: list[Adoption] = []
        self.revisions: list[Revision] = []
        self._branch = branch

    def adopt(self, adoption: Adoption) -> Revision:
        tree = _sha1(*(f"{path}\0{sha256}" for path, sha256 in sorted(tree_of(adoption.files).items())))
        commit = _sha1(tree, str(adoption.parent), str(adoption.version), adoption.journal, str(adoption.time_s))
        revision = Revision(version=adoption.version, commit=commit, tree=tree, branch=self._branch)
        head = self.revisions[-1] if self.revisions else None
        if revision == head:
            return revision
        if adoption.parent != (head and head.commit):
            raise RepoError(
                f"{self._branch} is at {head and head.commit}; adopt on top of that, not of {adoption.parent}"
            )
        self.adopted.append(adoption)
        self.revisions.append(revision)
        return revision

    def journal_of(self, commit: str) -> str | None:
        pairs = zip(self.adopted, self.revisions, strict=True)
        journal = next((adoption.journal for adoption, revision in pairs if revision.commit == commit), None)
        if journal is None:
            raise RepoError(f"there is no commit {commit} on {self._branch}")
        return journal


def _sha1(*parts: str) -> str:
    return hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()


def toy_adoption(version: int, files: Files, *, parent: str | None) -> Adoption:
    """Return everything that an adopter must be told of a version of a toy problem."""
    tree = tree_of(files)
    verdict = Verdict(
        decision=Decision.ADOPT, sentence=f"adopted: size {10 - version}, better than v{version - 1}", metric="size",
        candidate=10.0 - version, incumbent=11.0 - version,
    )  # fmt: skip
    return Adoption(
        name="toy", description="Make it small.", version=version, parent=parent,
        change=Change(
            id=change_id("problem:toy", tree), tree=tree, parents=(f"v{version - 1}",) if version else (),
            proposer="scripted", reason="smaller is better",
        ),
        files=files, verdict=verdict if version else None, metrics=(Metric(name="size", unit="B"),),
        objective=Objective(metric="size"), before={"size": 11.0 - version} if version else {},
        after={"size": 10.0 - version}, cases={"a": {"size": 10.0 - version}}, runs=2, holdout=None, compared=version,
        journal=f"{version + 1}:{'a' * 64}", time_s=1_700_000_000.0 + version, evaluator="b" * 64, sandbox="limits",
        evaluator_files={}, seed=0,
    )  # fmt: skip


SEED: Files = {"toy.py": b"LENGTH = 10\n"}
BETTER: Files = {"toy.py": b"LENGTH = 9\n"}


class AdopterContract:
    """What every adopter must do. Inherit, and say how one is made and where its files can be seen.

    The problem is named ``toy``; what may be edited is ``*.py``.
    """

    def make(self, folder: Path) -> Adopter:
        """Return an adopter that works in ``folder``; asked twice, the second finds what the first left."""
        raise NotImplementedError

    def files_of(self, folder: Path, revision: Revision) -> Mapping[str, bytes]:
        """Return the editable files of a commit."""
        raise NotImplementedError

    def test_the_adopted_tree_is_the_measured_tree(self, tmp_path: Path) -> None:
        """Version by version, each a commit of its own on one branch."""
        adopter = self.make(tmp_path)
        first = adopter.adopt(toy_adoption(0, SEED, parent=None))
        second = adopter.adopt(toy_adoption(1, BETTER, parent=first.commit))
        assert (first.version, second.version) == (0, 1)
        assert first.branch == second.branch
        assert len({first.commit, second.commit}) == len({first.tree, second.tree}) == 2
        assert dict(self.files_of(tmp_path, first)) == SEED
        assert dict(self.files_of(tmp_path, second)) == BETTER

    def test_again_is_the_same_commit(self, tmp_path: Path) -> None:
        """Also after a restart: that is how an open intent is reconciled."""
        adopter = self.make(tmp_path)
        first = adopter.adopt(toy_adoption(0, SEED, parent=None))
        assert adopter.adopt(toy_adoption(0, SEED, parent=None)) == first
        adoption = toy_adoption(1, BETTER, parent=first.commit)
        second = adopter.adopt(adoption)
        assert adopter.adopt(adoption) == second

    def test_a_commit_says_where_its_adoption_stands_in_the_journal(self, tmp_path: Path) -> None:
        """So that a journal that was written anew can be told from the one that it was adopted by."""
        adopter = self.make(tmp_path)
        adoptions = [toy_adoption(0, SEED, parent=None)]
        commits = [adopter.adopt(adoptions[0]).commit]
        adoptions.append(toy_adoption(1, BETTER, parent=commits[0]))
        commits.append(adopter.adopt(adoptions[1]).commit)
        assert [adopter.journal_of(commit) for commit in commits] == [adoption.journal for adoption in adoptions]
        with refused(RepoError):
            adopter.journal_of("0" * 40)

    def test_a_branch_that_is_elsewhere_is_left_there(self, tmp_path: Path) -> None:
        """The adoption is refused, and the right one still goes through."""
        adopter = self.make(tmp_path)
        first = adopter.adopt(toy_adoption(0, SEED, parent=None))
        second = adopter.adopt(toy_adoption(1, BETTER, parent=first.commit))
        third = toy_adoption(2, {"toy.py": b"LENGTH = 8\n"}, parent=first.commit)
        with refused(RepoError):
            adopter.adopt(third)
        assert adopter.adopt(replace(third, parent=second.commit)).version == 2
