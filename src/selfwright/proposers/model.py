"""A language model as a proposer: told where the program stands, it answers with a change.

An answer of which no change can be made is a proposal all the same, with its fault: it was paid for, the model is told
why, and may answer again.
"""

from dataclasses import replace
from threading import Event

from selfwright.core.brief import Failure
from selfwright.core.change import Cost, Files, Proposal
from selfwright.core.completion import Allowance, Completion, Finish, Prompt
from selfwright.core.errors import BadInput
from selfwright.ports.model import Model
from selfwright.ports.proposer import Ask
from selfwright.proposers.answer import read_answer
from selfwright.proposers.label import bears
from selfwright.proposers.prompt import write_prompt

LONGEST_ANSWER = 64_000
"""Letters of an answer that are kept where no change came of it."""

_ENDED = {
    Finish.CUT: "the answer was cut off, being as long as it may be: change less",
    Finish.DECLINED: "the model declined to answer",
    Finish.BROKEN: "the connection broke in the middle of the answer",
}


class ModelProposer:
    """Proposes what a model answers; satisfies ``ports.proposer.Repairer`` and ``ports.priced.Priced``.

    Args:
        model: Which one.
        allowance: What one answer may take.
        prompt_bytes: The most that it is told.
        lag: 1 for a model that answers one at a time anyway.
    """

    def __init__(self, model: Model, *, allowance: Allowance, prompt_bytes: int, lag: int | None = None) -> None:
        self.name = model.name
        self.lag = lag
        self.most: Cost | None = model.most(prompt_bytes, allowance.tokens_out)
        self._model = model
        self._allowance = allowance
        self._prompt_bytes = prompt_bytes
        self._cancel = Event()

    def ask(self, ask: Ask) -> Proposal | None:
        return self._proposal(
            write_prompt(ask, parent=ask.parent, most=self._prompt_bytes), ask.parent, ask.program(ask.parent)
        )

    def repairs(self, proposer: str) -> bool:
        return bears(proposer, self.name)

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        prompt = write_prompt(ask, parent=last.parent, most=self._prompt_bytes, last=last, failure=failure)
        return self._proposal(prompt, last.parent, ask.program(last.parent))

    def interrupt(self) -> None:
        self._cancel.set()

    def _proposal(self, prompt: Prompt, parent: str, files: Files) -> Proposal:
        answer = self._model.complete(prompt, allowance=self._allowance, cancel=self._cancel)
        tokens = answer.tokens
        cost = Cost(usd=answer.usd, tokens_in=tokens.read, tokens_out=tokens.written)
        proposal = Proposal(parent=parent, proposer=self.name, cost=cost)
        try:
            said = read_answer(_whole(answer), files)
        except BadInput as error:
            return replace(proposal, fault=str(error), patch=answer.text[:LONGEST_ANSWER])
        return replace(proposal, files=said.files, reason=said.reason)


def _whole(answer: Completion) -> str:
    """Return the text of an answer that is not cut short: half a change may look like a whole one.

    Raises:
        BadInput: It is.
    """
    if answer.finish is not Finish.WHOLE:
        raise BadInput(_ENDED[answer.finish])
    return answer.text
