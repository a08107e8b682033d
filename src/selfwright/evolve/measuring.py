"""What is being measured: keeps the engine fed, remembers what each block in flight is for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from selfwright.bench.coverage import Lines
from selfwright.core import event as ev
from selfwright.core.change import Files, Tree
from selfwright.core.draw import coin, item_seed
from selfwright.core.trial import Block, Item, Outcome
from selfwright.evolve.ledger import Ledger, Unbound, price_of
from selfwright.gate.complete import complete
from selfwright.ports.blobs import Blobs
from selfwright.ports.engine import Engine, Order
from selfwright.views.run import Attempt, RunState, first_failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Measurements that a judgement waits for.

    Attributes:
        purpose: ``search``, ``proof``, ``fresh``, ``holdout`` or ``coverage``; for a pair ``pair:<k>`` or
            ``freshpair:<k>``.
        rival: For a pair, the incumbent's attempt, measured beside the candidate.
        watch: For ``coverage``, file → lines of which to tell whether they run.
    """

    purpose: str
    stage: str
    cases: tuple[str, ...]
    rival: Attempt | None = None
    watch: Lines = field(default_factory=dict)


def unmeasured(state: RunState, attempt: Attempt, purpose: str = "search") -> Need | None:
    """Return the next public stage to measure, cheap first; None when one failed or all are done."""
    for stage in state.public_stages():
        outcomes = attempt.outcomes(purpose, stage, state.run.cases[stage])
        if outcomes is None:
            return Need(purpose=purpose, stage=stage, cases=state.run.cases[stage])
        if first_failure(outcomes) is not None:
            return None
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticket:
    trial: int
    attempt: int
    stage: str
    case: str
    purposes: tuple[str, ...]


class Measuring:
    """Turns needs into blocks, and finished blocks into ``Measured`` events.

    Args:
        engine: Runs the blocks.
        blobs: Takes the artefacts.
        load: Tree → files.
        state: Of the run; its seed's measurements say what every candidate is measured on.
        ledger: Says what may begin.
    """

    def __init__(
        self, *, engine: Engine, blobs: Blobs, load: Callable[[Tree], Files], state: RunState,
        ledger: Ledger | Unbound,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._blobs = blobs
        self._load = load
        self._state = state
        self._ledger = ledger
        self._seed = state.run.seed
        self._in_flight: dict[str, _Ticket] = {}

    def __len__(self) -> int:
        """Return how many blocks are in flight."""
        return len(self._in_flight)

    def want(self, attempt: Attempt, need: Need) -> None:
        """Submit what is neither measured nor in flight and fits into the budget, a block a case for all workers."""
        sides = (attempt,) if need.rival is None else (attempt, need.rival)
        for case in need.cases:
            ticket = self._ticket(attempt, need, case)
            key = f"{attempt.id}/{need.purpose}/{need.stage}/{case}"
            done = all((purpose, need.stage, case) in attempt.measured for purpose in ticket.purposes)
            if done or key in self._in_flight:
                continue
            if self._ledger.measure(key, price_of(self._state, sides, need.stage, case, purpose=need.purpose)):
                self._in_flight[key] = ticket
                self._engine.submit(self._order(key, attempt, need, case, ticket))

    def finished(self, timeout_s: float) -> list[ev.Measured]:
        """Wait up to ``timeout_s`` for blocks to finish; keep their artefacts and return their measurements."""
        events: list[ev.Measured] = []
        for done in self._engine.wait(timeout_s):
            ticket = self._forget(done.key)
            for content in done.artifacts.values():
                self._blobs.put(content)
            events += [
                ev.Measured(trial=ticket.trial, attempt=ticket.attempt, purpose=purpose, stage=ticket.stage,
                            case=ticket.case, outcome=self._complete(outcome, ticket))
                for purpose, outcome in zip(ticket.purposes, done.outcomes, strict=True)
            ]  # fmt: skip
        return events

    def _complete(self, outcome: Outcome, ticket: _Ticket) -> Outcome:
        """Return the outcome with every case and metric that the seed has."""
        measured = self._state.last(0).measured
        purpose = "holdout" if ticket.stage in self._state.run.holdout else "search"
        return complete(outcome, measured.get((purpose, ticket.stage, ticket.case)), self._state.run.metrics)

    def withdraw(self) -> None:
        """Forget what has not begun; it is wanted again when the run goes on."""
        for key in self._engine.withdraw():
            self._forget(key)

    def cancel(self) -> None:
        """Forget everything in flight."""
        for key in list(self._in_flight):
            self._engine.cancel(key)
            self._forget(key)

    def _forget(self, key: str) -> _Ticket:
        self._ledger.settle(key)
        return self._in_flight.pop(key)

    def _ticket(self, attempt: Attempt, need: Need, case: str) -> _Ticket:
        said = attempt.proposed
        purposes: tuple[str, ...] = (need.purpose,)
        if need.rival is not None:
            purposes = tuple(f"{need.purpose}:{side}" for side in self._sides(attempt, need))
        return _Ticket(trial=said.trial, attempt=said.attempt, stage=need.stage, case=case, purposes=purposes)

    def _sides(self, attempt: Attempt, need: Need) -> Sequence[str]:
        said = attempt.proposed
        pair = int(need.purpose.partition(":")[2])
        heads = coin(self._seed, need.purpose.partition(":")[0], said.trial, said.attempt, pair)
        return ("candidate", "incumbent") if heads else ("incumbent", "candidate")

    def _order(self, key: str, attempt: Attempt, need: Need, case: str, ticket: _Ticket) -> Order:
        said = attempt.proposed
        seed = item_seed(self._seed, need.purpose, need.stage, said.trial, said.attempt)
        sides: Iterable[Attempt] = [attempt]
        if need.rival is not None:
            sides = [attempt if side.endswith("candidate") else need.rival for side in ticket.purposes]
        block = Block(items=tuple(
            Item(change=side.proposed.change, stage=need.stage, case=case, seed=seed, watch=need.watch)
            for side in sides
        ))  # fmt: skip
        return Order(
            key=key, block=block, files={side.proposed.change: self._load(side.proposed.tree) for side in sides}
        )
