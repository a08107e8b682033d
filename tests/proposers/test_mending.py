"""It repairs as its proposer would, and has nothing new to say."""

from selfwright.core.brief import Failure
from selfwright.core.change import Proposal
from selfwright.core.status import TrialStatus
from selfwright.proposers.mending import Mending
from selfwright.testing.proposer import PlainAsk, ScriptedProposer, ScriptedRepairer

NEW, MENDED = Proposal(reason="new"), Proposal(reason="mended")
FAILURE = Failure(where="execution", status=TrialStatus.CRASHED, reason="IndexError")
ASK = PlainAsk(programs={})
AGAIN = PlainAsk(programs={}, attempt=1)


def test_it_mends_and_proposes_nothing():
    mending = Mending(ScriptedRepairer([NEW], repairs={1: [MENDED]}))
    assert mending.ask(ASK) is None
    assert mending.repairs("scripted")
    assert mending.repair(AGAIN, NEW, FAILURE) == MENDED


def test_what_can_not_repair_does_not_here_either():
    mending = Mending(ScriptedProposer([NEW]))
    assert not mending.repairs("scripted")
    assert mending.repair(AGAIN, NEW, FAILURE) is None
