"""The contract of proposers, one that follows a script, and a request to ask with."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from selfwright.core.brief import Brief, Failure, Memory, Past
from selfwright.core.budget import Budget
from selfwright.core.change import Files, Origin, Proposal
from selfwright.core.draw import draw
from selfwright.core.metric import Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.ports.proposer import Ask, Proposer

BRIEF = Brief(
    name="toy",
    description="Make it small.",
    editable=("*.py",),
    metrics=(Metric(name="size"),),
    objective=Objective(metric="size"),
)


START = Past(
    trial="v0", parents=(), proposer="seed", reason="", origin=Origin.STRUCTURE, status=TrialStatus.OK, decision=None,
    version=0, metrics={"size": 10.0}, detail="",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)  # not frozen: the port's attributes are plain ones
class PlainAsk:
    """A request that holds what it is given; satisfies ``ports.proposer.Ask``.

    Attributes:
        programs: Name (``best``, ``v0``, ``t3``) → files. Must hold ``best`` and ``parent``.
    """

    programs: Mapping[str, Files]
    trial: int = 1
    attempt: int = 0
    seed: int = 0
    brief: Brief = BRIEF
    best: str = "v0"
    parent: str = "v0"
    inspirations: tuple[str, ...] = ()
    start: Past = START
    left: Budget = field(default_factory=Budget)
    history: Sequence[Past] = field(default_factory=tuple)

    def program(self, name: str) -> Files:
        return self.programs[{"best": self.best, "seed": "v0"}.get(name, name)]

    def memory(self, name: str) -> Memory:
        self.program(name)
        return Memory()


class ScriptedProposer:
    """Says what its script says for each trial, then nothing; satisfies ``ports.proposer.Proposer``.

    Args:
        proposals: One a trial, beginning with trial 1.

    Attributes:
        asked: Trial and attempt of every request, in the order in which they came.
    """

    name = "scripted"

    def __init__(self, proposals: Sequence[Proposal], *, lag: int | None = None) -> None:
        self.lag = lag
        self.asked: list[tuple[int, int]] = []
        self._proposals = tuple(proposals)

    def ask(self, ask: Ask) -> Proposal | None:
        self.asked.append((ask.trial, ask.attempt))
        return self._proposals[ask.trial - 1] if ask.trial <= len(self._proposals) else None


class ScriptedRepairer(ScriptedProposer):
    """One that can repair too; satisfies ``ports.proposer.Repairer``.

    Args:
        repairs: Trial → what it says to its first failure, its second, ...; then it gives up.

    Attributes:
        failures: What it was told.
    """

    def __init__(
        self, proposals: Sequence[Proposal], *, repairs: Mapping[int, Sequence[Proposal]], lag: int | None = None
    ) -> None:
        super().__init__(proposals, lag=lag)
        self.failures: list[Failure] = []
        self._repairs = repairs

    def repairs(self, proposer: str) -> bool:
        return True

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        self.asked.append((ask.trial, ask.attempt))
        self.failures.append(failure)
        repairs = self._repairs.get(ask.trial, ())
        return repairs[ask.attempt - 1] if ask.attempt <= len(repairs) else None


class ProposerContract:
    """What every deterministic proposer must do. Inherit, and say how one is made.

    Attributes:
        programs: What it is asked about; another proposer may need another program.
    """

    programs: Mapping[str, Files] = {"v0": {"toy.py": b"LENGTH = 10\nWIDTH = 2.5\n"}}
    trials = 20

    def make(self, folder: Path) -> Proposer:
        """Return a fresh proposer; ``folder`` is empty."""
        raise NotImplementedError

    def answers(self, proposer: Proposer) -> list[Proposal | None]:
        """Return what it says when it is asked for trial after trial."""
        return [proposer.ask(ask) for ask in self._asks()]

    def test_it_says_who_it_is(self, tmp_path: Path) -> None:
        """A name to record, and the lag that it needs."""
        proposer = self.make(tmp_path)
        assert isinstance(proposer, Proposer)
        assert proposer.name
        assert proposer.lag is None or proposer.lag >= 1

    def test_the_same_request_gets_the_same_answer(self, tmp_path: Path) -> None:
        """From another instance and in another order too: that is how a killed run goes on."""
        first, again = self.make(tmp_path), self.make(tmp_path)
        answers = self.answers(first)
        assert any(answers), "it proposes nothing at all"
        assert [again.ask(ask) for ask in reversed(self._asks())] == answers[::-1]

    def test_it_may_be_asked_from_a_thread(self, tmp_path: Path) -> None:
        """And says the same there."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            assert pool.submit(self.answers, self.make(tmp_path)).result() == self.answers(self.make(tmp_path))

    def test_none_is_for_good(self, tmp_path: Path) -> None:
        """After the first None there is nothing more."""
        answers = self.answers(self.make(tmp_path))
        spoken = [answer is not None for answer in answers]
        assert spoken == sorted(spoken, reverse=True)

    def test_a_proposal_changes_a_program_that_there_is(self, tmp_path: Path) -> None:
        """Its parent is known, and it names a file or has a patch."""
        for ask, answer in zip(self._asks(), self.answers(self.make(tmp_path)), strict=True):
            if answer is not None:
                assert ask.program(answer.parent)
                assert answer.files or answer.patch

    def _asks(self) -> list[PlainAsk]:
        first = PlainAsk(programs=self.programs)
        return [replace(first, trial=trial, seed=draw(1, "ask", trial)) for trial in range(1, self.trials + 1)]
