"""A run's proposals as lines: what changed against the parent, and which earlier line that was."""

from selfwright.core.change import Proposal
from selfwright.evolve.history import History
from selfwright.evolve.recording import lines_of
from selfwright.testing.proposer import ScriptedProposer, ScriptedRepairer
from tests.evolve.toy import Toy, program, proposal


def lines(tmp_path, proposer):
    toy = Toy(tmp_path)
    toy.run(proposer)
    return list(lines_of(History(folder=tmp_path, journal=toy.journal, blobs=toy.blobs)))


def test_lines_name_their_parents_as_a_recording_does(tmp_path):
    proposals = [proposal(90), proposal(95), proposal(50, parent="t2"), proposal(40, parent="seed"), proposal(30)]
    found = lines(tmp_path, ScriptedProposer(proposals, lag=1))
    assert [line.parent for line in found] == ["seed", "v1", 2, "seed", "v3"]
    assert found[2].files == program(50)


def test_what_did_not_validate_is_kept_as_it_was_said(tmp_path):
    broken = Proposal(files={"p.py": b"def (\n"}, proposer="scripted")
    patch = Proposal(patch="--- a/p.py\n+++ b/p.py\n@@ -1 +1 @@\n-no\n+yes\n", proposer="scripted")
    found = lines(tmp_path, ScriptedProposer([broken, patch], lag=1))
    assert found[0].files == {"p.py": b"def (\n"}
    assert found[1].patch == patch.patch and not found[1].files


def test_the_child_of_a_repaired_trial_follows_its_last_attempt(tmp_path):
    repairs = {1: [proposal(99.5)]}
    proposals = [proposal(90, more="# CRASH\n"), proposal(50, parent="t1")]
    found = lines(tmp_path, ScriptedRepairer(proposals, repairs=repairs, lag=1))
    assert [line.parent for line in found] == ["seed", "seed", 2]
