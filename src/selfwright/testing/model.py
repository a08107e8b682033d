"""The contract of models, and one whose answers are written by a function."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Completion, Finish, Prompt, Tokens
from selfwright.core.errors import TryLater, Unavailable
from selfwright.ports.model import Model
from selfwright.testing.refusal import refused

Says = Callable[[Prompt], str]
"""What a model answers."""

SILENCE = "<silence>"
"""A model that says this says nothing, and does not end."""

_ROOM = Allowance(tokens_out=1000, wall_s=30)
_PROMPT = Prompt(stable="You improve programs.", fresh="Make it small.")


@dataclass(slots=True, kw_only=True)
class FunctionModel:
    """Says what a function says; a word is a token. Satisfies ``ports.model.Model``.

    Attributes:
        usd_per_token: Price, or None for a model whose price nobody knows.
        prompts: What it was asked, in the order in which it came.
    """

    says: Says
    name: str = "function:model"
    usd_per_token: float | None = 0.001
    prompts: list[Prompt] = field(default_factory=list)

    def most(self, prompt_bytes: int, tokens_out: int) -> Cost:
        return Cost(usd=self._usd(prompt_bytes + tokens_out), tokens_in=prompt_bytes, tokens_out=tokens_out)

    def complete(self, prompt: Prompt, *, allowance: Allowance, cancel: Event) -> Completion:
        self.prompts.append(prompt)
        answer = self.says(prompt)
        if answer == SILENCE and not cancel.wait(allowance.wall_s):
            raise TryLater(f"{self.name} said nothing in {allowance.wall_s:g} s")
        if cancel.is_set():
            raise Unavailable(f"{self.name}: the call was let go of")
        words = answer.split(" ")
        said = words[: allowance.tokens_out]
        tokens = Tokens(read=len(f"{prompt.stable} {prompt.fresh}".split()), written=len(said))
        finish = Finish.WHOLE if said == words else Finish.CUT
        return Completion(
            text=" ".join(said), tokens=tokens, finish=finish, usd=self._usd(tokens.read + tokens.written)
        )

    def _usd(self, tokens: int) -> float | None:
        return None if self.usd_per_token is None else tokens * self.usd_per_token


class ModelContract:
    """What every model must do. Inherit, and say how one is made."""

    def make(self, says: Says) -> Model:
        """Return a model that answers so, whose price is known. What ``says`` returns has a token a word at most."""
        raise NotImplementedError

    def ask(self, model: Model, prompt: Prompt = _PROMPT, *, room: Allowance = _ROOM) -> Completion:
        """Return its answer, with nobody letting go of it."""
        return model.complete(prompt, allowance=room, cancel=Event())

    def test_it_answers_whole_and_says_how_much_it_took(self) -> None:
        """Every letter of the answer, and numbers of tokens that are there."""
        text = "Two lines:\n    x = '\u2713' ```\n"
        answer = self.ask(self.make(lambda prompt: text))
        assert (answer.text, answer.finish) == (text, Finish.WHOLE)
        assert answer.tokens.read > 0 and answer.tokens.written > 0

    def test_an_answer_costs_what_was_said_at_most(self) -> None:
        """So that what is reserved before is enough."""
        model = self.make(lambda prompt: "word " * 50)
        answer, most = self.ask(model), model.most(_PROMPT.size, _ROOM.tokens_out)
        assert answer.usd is not None and most.usd is not None
        assert 0 < answer.usd <= most.usd
        assert answer.tokens.read <= most.tokens_in and answer.tokens.written <= most.tokens_out

    def test_it_writes_no_more_than_it_may(self) -> None:
        """What is longer is cut, and says so."""
        answer = self.ask(self.make(lambda prompt: "word " * 500), room=Allowance(tokens_out=20, wall_s=30))
        assert answer.finish is Finish.CUT
        assert 0 < answer.tokens.written <= 20
        assert answer.text != "word " * 500

    def test_what_says_nothing_is_given_up(self) -> None:
        """When its time is over."""
        with refused(TryLater):
            self.ask(self.make(lambda prompt: SILENCE), room=Allowance(tokens_out=20, wall_s=0.1))

    def test_a_call_can_be_let_go_of(self) -> None:
        """From another thread, long before its time is over."""
        cancel, begun = Event(), Event()

        def silent(prompt: Prompt) -> str:
            begun.set()
            return SILENCE

        model = self.make(silent)
        with ThreadPoolExecutor(max_workers=1) as pool:
            call = pool.submit(model.complete, _PROMPT, allowance=Allowance(tokens_out=20, wall_s=100), cancel=cancel)
            assert begun.wait(30)
            cancel.set()
            with refused(Unavailable):
                call.result(timeout=30)

    def test_many_threads_get_each_its_own_answer(self) -> None:
        """Whatever order they come in."""
        model = self.make(lambda prompt: prompt.fresh)
        prompts = [Prompt(stable="Say it again.", fresh=f"number {number}") for number in range(16)]
        with ThreadPoolExecutor(max_workers=16) as pool:
            answers = list(pool.map(lambda prompt: self.ask(model, prompt), prompts))
        assert [answer.text for answer in answers] == [prompt.fresh for prompt in prompts]
