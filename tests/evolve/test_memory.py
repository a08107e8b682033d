"""What a prompt is to remind of: what was deleted on the way and how proposals failed, and never more than its caps."""

import pytest

from selfwright.core.brief import Memory
from selfwright.core.change import Proposal
from selfwright.evolve.memory import ANCESTORS, DELETED_LINES, MISTAKES, deletions, mistakes
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, proposal


def remembered(tmp_path, name, *proposals):
    """What is remembered of a program when all of these have their verdict."""
    asked = {}

    class Looking(ScriptedProposer):
        def ask(self, ask):
            asked[ask.trial] = ask
            return super().ask(ask)

    Toy(tmp_path).run(Looking(proposals, lag=1))
    return asked[len(proposals) + 1].memory(name)


WAY = (
    proposal(90, more="A = 1\nOLD = 2\n"), proposal(80, more="A = 1\nNEW = 3\n"),
    proposal(95, more="ELSEWHERE = 4\n", parent="seed"), proposal(70, more="NEW = 3\n"),
)  # fmt: skip


def test_what_was_deleted_on_the_way_is_told_with_who_did_it(tmp_path):
    memory = remembered(tmp_path, "best", *WAY)
    assert [(each.name, each.lines) for each in memory.deletions] == [
        ("v3", ("SIZE = 80", "A = 1")), ("v2", ("SIZE = 90", "OLD = 2")), ("v1", ("SIZE = 100",)),
    ]  # fmt: skip
    assert "ELSEWHERE" not in str(memory)  # that was never on the way
    assert remembered(tmp_path, "seed", *WAY).deletions == ()


def test_what_is_in_the_program_again_is_not_called_deleted(tmp_path):
    memory = remembered(tmp_path, "best", *WAY, proposal(60, more="OLD = 2\n"))
    assert not any("OLD = 2" in each.lines for each in memory.deletions)


def test_how_proposals_failed_is_told_once_a_kind_the_newest_first(tmp_path):
    broken = Proposal(files={"p.py": b"def (\n"}, proposer="scripted")
    failing = (proposal(70, more="# CRASH\n"), broken, proposal(60, more="# CRASH\nX = 1\n"), proposal(95))
    memory = remembered(tmp_path, "seed", *failing)
    assert [(each.trial, each.times) for each in memory.mistakes] == [("t3", 2), ("t2", 1)]
    assert "IndexError: on b" in memory.mistakes[0].words and "does not parse" in memory.mistakes[1].words


def test_both_are_capped():
    def program(name):
        number = int(name[1:])
        return {"p.py": "".join(f"line_{number}_{line}\n" for line in range(9)).encode() + name.encode() * 200}

    long = deletions("v50", program=program, parent=lambda name: f"v{int(name[1:]) - 1}")
    assert sum(len(each.lines) for each in long) == DELETED_LINES
    assert max(len(line) for each in long for line in each.lines) == 160
    seen = []
    deletions("v50", program=lambda name: seen.append(name) or {}, parent=lambda name: f"v{int(name[1:]) - 1}")
    assert len(seen) == ANCESTORS + 1


def test_failures_of_one_cause_are_told_once_whatever_their_words(tmp_path):
    failing = [Proposal(files={"p.py": f"def f{n}(\n".encode()}, proposer="scripted") for n in range(3)]
    (mistake,) = remembered(tmp_path, "seed", *failing).mistakes
    assert (mistake.trial, mistake.times) == ("t3", 3)
    assert "def f2(" in mistake.words


def test_kinds_of_failure_are_capped(tmp_path):
    failing = [
        Proposal(files={"p.py": f"import absent_{n}\n".encode()}, proposer="scripted") for n in range(MISTAKES + 4)
    ]
    assert len(remembered(tmp_path, "seed", *failing).mistakes) == MISTAKES


def test_as_a_prompt_has_it(tmp_path):
    assert str(Memory()) == ""
    text = str(remembered(tmp_path, "best", *WAY, proposal(60, more="# CRASH\n")))
    assert "- v2, p.py:\n    SIZE = 90\n    OLD = 2\n" in text
    assert text.splitlines()[-1].endswith("IndexError: on b (t5)")


def test_of_what_is_not_there_nothing_is_remembered(tmp_path):
    with pytest.raises(KeyError, match="no program yet"):
        remembered(tmp_path, "v9", proposal(90))


def test_mistakes_of_nobody_are_none():
    assert mistakes([]) == ()
