"""Port: a language model, as whoever pays for it sees it."""

from threading import Event
from typing import Protocol

from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Completion, Prompt


class Model(Protocol):
    """Answers prompts. May be called from many threads at once.

    Attributes:
        name: As proposals are recorded under: ``claude:claude-sonnet-4-6``.
    """

    name: str

    def most(self, prompt_bytes: int, tokens_out: int) -> Cost:
        """Return the most that a call may cost; its price is None where nobody knows it. Touches no network."""

    def complete(self, prompt: Prompt, *, allowance: Allowance, cancel: Event) -> Completion:
        """Return the answer. What passes by itself is tried again while the allowance lasts, but no answer twice.

        An answer that broke off is an answer: it was paid for. No error and no log has a key in it.

        Args:
            cancel: Once it is set, the call is let go of.

        Raises:
            TryLater: The model is down, busy or too slow, for as long as was waited; the message says what to do.
            Unavailable: It was let go of, or there is no credit left.
            BadInput: It can not work as it is set up: no such model, a wrong key; the message says the mend.
        """
