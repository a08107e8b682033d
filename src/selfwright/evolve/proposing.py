"""Asks for proposals in threads of their own: proposals wait for others, evaluations for the processor."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from selfwright.core.brief import Failure
from selfwright.core.change import Proposal
from selfwright.evolve.asking import Asking
from selfwright.ports.interruptible import Interruptible
from selfwright.ports.proposer import Proposer, Repairer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        proposal: None where the proposer has nothing (more) to say.
        submission: Seq of the command that it came from, where a person submitted it.
    """

    ask: Asking
    proposal: Proposal | None
    submission: int | None = None


class Proposing:
    """The proposal pool.

    Args:
        proposer: Asked from the pool's threads.
        threads: How many proposals may be in the making at once.
    """

    def __init__(self, *, proposer: Proposer, threads: int) -> None:
        self._proposer = proposer
        self._repairer = proposer if isinstance(proposer, Repairer) else None
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="proposal")
        self._asked: dict[Future[Proposal | None], Asking] = {}
        self._ended: SimpleQueue[Future[Proposal | None]] = SimpleQueue()
        self._answered: list[Future[Proposal | None]] = []

    def __len__(self) -> int:
        """Return how many proposals are in the making."""
        return len(self._asked)

    def trials(self) -> set[int]:
        """Return the trials that are being asked for."""
        return {ask.trial for ask in self._asked.values()}

    def ask(self, ask: Asking) -> None:
        """Ask for a proposal."""
        self._begin(ask, self._pool.submit(self._proposer.ask, ask))

    def can_repair(self, proposer: str) -> bool:
        """Whether whoever made a proposal under this label can be told of its failure and asked again."""
        return self._repairer is not None and self._repairer.repairs(proposer)

    def repair(self, ask: Asking, last: Proposal, failure: Failure) -> None:
        """Tell the proposer what went wrong and ask again.

        Raises:
            TypeError: The proposer can not repair.
        """
        if self._repairer is None:
            raise TypeError(f"proposer {self._proposer.name} can not repair")
        self._begin(ask, self._pool.submit(self._repairer.repair, ask, last, failure))

    def answer(self, timeout_s: float) -> Answer | None:
        """Return what came back, waiting up to ``timeout_s`` for it; of several, that of the earliest trial.

        One at a time, so that the next proposal is in the making while the others are entered. What a proposer raised
        is raised here.
        """
        with suppress(Empty):
            if not self._answered:
                self._answered.append(self._ended.get(timeout=timeout_s))
            while True:
                self._answered.append(self._ended.get_nowait())
        if not self._answered:
            return None
        future = min(self._answered, key=lambda each: self._asked[each].trial)
        self._answered.remove(future)
        return Answer(ask=self._asked.pop(future), proposal=future.result())

    def close(self) -> None:
        """Let go of the pool; a proposal in the making is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if isinstance(self._proposer, Interruptible):
            self._proposer.interrupt()

    def _begin(self, ask: Asking, future: Future[Proposal | None]) -> None:
        self._asked[future] = ask
        future.add_done_callback(self._ended.put)  # waiting for all of them would cost more, the more there are
