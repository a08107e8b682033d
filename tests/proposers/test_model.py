"""A model as a proposer: answers become changes, or are told why not, and are paid for either way."""

from __future__ import annotations

from selfwright.core.brief import Failure
from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Prompt
from selfwright.core.errors import Unavailable
from selfwright.ports.interruptible import Interruptible
from selfwright.ports.priced import Priced
from selfwright.ports.proposer import Repairer
from selfwright.proposers.model import ModelProposer
from selfwright.testing.model import SILENCE, FunctionModel, Says
from selfwright.testing.proposer import PlainAsk
from selfwright.testing.refusal import refused

GOOD = "Shorter is smaller.\n\ntoy.py\n<<<<<<< SEARCH\nLENGTH = 10\n=======\nLENGTH = 9\n>>>>>>> REPLACE\n"
ASK = PlainAsk(programs={"v0": {"toy.py": b"LENGTH = 10\nWIDTH = 2.5\n"}})


def proposer(says: Says, *, words: int = 1000, usd: float | None = 0.001) -> tuple[ModelProposer, FunctionModel]:
    model = FunctionModel(says=says, usd_per_token=usd)
    allowance = Allowance(tokens_out=words, wall_s=60)
    return ModelProposer(model, allowance=allowance, prompt_bytes=16_000), model


def test_an_answer_becomes_a_proposal() -> None:
    asked, model = proposer(lambda prompt: GOOD)
    proposal = asked.ask(ASK)
    assert proposal is not None
    assert proposal.files == {"toy.py": b"LENGTH = 9\nWIDTH = 2.5\n"}
    assert (proposal.reason, proposal.parent, proposal.proposer) == ("Shorter is smaller.", "v0", "function:model")
    (prompt,) = model.prompts
    read = len(f"{prompt.stable} {prompt.fresh}".split())
    assert proposal.cost == Cost(
        usd=(read + len(GOOD.split(" "))) * 0.001, tokens_in=read, tokens_out=len(GOOD.split(" "))
    )
    assert proposal.fault == "" and proposal.patch == ""


def test_it_says_before_what_an_answer_may_cost() -> None:
    asked, _ = proposer(lambda prompt: GOOD)
    assert isinstance(asked, Priced) and isinstance(asked, Repairer) and isinstance(asked, Interruptible)
    assert asked.most == Cost(usd=17.0, tokens_in=16_000, tokens_out=1000)
    unknown, _ = proposer(lambda prompt: GOOD, usd=None)
    assert unknown.most is not None and unknown.most.usd is None
    proposal = unknown.ask(ASK)
    assert proposal is not None and proposal.cost.usd is None


def test_what_is_no_change_is_paid_for_and_told_why() -> None:
    asked, _ = proposer(lambda prompt: GOOD.replace("LENGTH = 10", "LENGTH = 11"))
    proposal = asked.ask(ASK)
    assert proposal is not None
    assert proposal.fault.startswith("block 1 (toy.py): what it searches is not in toy.py")
    assert "LENGTH = 11" in proposal.patch and proposal.files == {}
    assert proposal.cost.usd


def test_an_answer_that_is_cut_short_changes_nothing_though_it_looks_whole() -> None:
    asked, _ = proposer(lambda prompt: f"{GOOD} and then more", words=len(GOOD.split(" ")))
    proposal = asked.ask(ASK)
    assert proposal is not None
    assert proposal.files == {} and "cut off" in proposal.fault


def test_a_failure_is_told_and_answered_anew() -> None:
    asked, model = proposer(lambda prompt: GOOD if "fits nowhere" in prompt.fresh else "no idea")
    assert asked.repairs("function:model") and asked.repairs("function:model (x)") and not asked.repairs("numeric")
    first = asked.ask(ASK)
    assert first is not None and first.fault
    mended = asked.repair(ASK, first, Failure(where="validation", status=None, reason="it fits nowhere"))
    assert mended is not None and mended.files and not mended.fault
    assert "no idea" in model.prompts[1].fresh


def test_it_can_be_interrupted() -> None:
    asked, _ = proposer(lambda prompt: _interrupting(asked, prompt))
    with refused(Unavailable, "let go of"):
        asked.ask(ASK)


def _interrupting(asked: ModelProposer, prompt: Prompt) -> str:
    asked.interrupt()
    return SILENCE
