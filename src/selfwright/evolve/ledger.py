"""The ledger: what is reserved before it begins and settled after, so that what is in flight counts.

What has finished stands in the journal; a reservation lives as long as what it is for. Nothing begins that does not fit
into every bound that it draws on, by what is known of its price then.
"""

from dataclasses import replace

from selfwright.core.budget import KINDS, Budget, Reached, Use
from selfwright.core.change import Cost
from selfwright.core.errors import BadInput
from selfwright.ports.clock import Clock
from selfwright.ports.priced import Priced
from selfwright.ports.proposer import Proposer
from selfwright.views.comparison import fresh_count
from selfwright.views.run import Attempt, RunState

_MEASURING = ("wall_s", "cpu_s")
"""What any measurement draws on; on pairs and money only where it has some."""

_TRYING = ""


class Ledger:
    """What a run has used and what it has reserved.

    A sitting that asks no proposer is there for what a person has handed in, which is measured whatever the bounds.

    Args:
        budget: Of the run, all sittings together.
        most: What one answer of the proposer costs at most; None where nobody knows: then what the dearest has cost.
        workers: Blocks that are measured at once.

    Attributes:
        refused: The bound that was in the way of something that is still to be done, since the last ``retry``.
    """

    def __init__(
        self, *, budget: Budget, state: RunState, clock: Clock, most: Cost | None, workers: int
    ) -> None:  # fmt: skip
        self.refused: Reached | None = None
        self._budget = budget
        self._state = state
        self._clock = clock
        self._workers = workers
        self._asks = _drawn(most)
        self._most = most
        self._reserved: dict[str, Use] = {}

    def retry(self) -> None:
        """Forget what was refused: it is asked for again, and by then something may have been settled."""
        self.refused = None

    def asking(self, asked: int) -> Reached | None:
        """Return the bound in the way of a further proposal, ``asked`` being the number of the last one."""
        return self._budget.reached(replace(self._used(), trials=asked), self._price(), kinds=self._asks)

    def left(self, *, asked: int) -> Budget:
        """Return what is left of each bound, ``asked`` being the number of trials that are asked for already."""
        used = replace(self._used(), trials=asked)
        return Budget(**{kind: max(0, most - getattr(used, kind)) for kind, most in self._budget.bounds().items()})

    def ask(self, key: str) -> bool:
        """Reserve what a proposal or a repair may cost, if that fits."""
        kinds = tuple(kind for kind in self._asks if kind in ("wall_s", "tokens", "usd"))
        return self._reserve(key, self._price(), kinds)

    def measure(self, key: str, most: Use) -> bool:
        """Reserve what a block of measurements will take, if that fits."""
        if not self._bound():
            return True
        return self._reserve(key, most, self._kinds(most))

    def measures(self, most: Use) -> bool:
        """Whether such a measurement could begin now; where it could not, it is refused."""
        if not self.measure(_TRYING, most):
            return False
        self.settle(_TRYING)
        return True

    def measured_out(self) -> bool:
        """Whether what has finished took all that there is for measurements: what has not begun then never will."""
        return self._bound() and self._budget.reached(self._settled(), kinds=_MEASURING) is not None

    def settle(self, key: str) -> None:
        """Give back what was reserved: what it really took stands in the journal, or it never began."""
        self._reserved.pop(key, None)

    def _settled(self) -> Use:
        """Return what is used, as far as it is known; of the wall time, what has passed."""
        control = self._state.control
        since_s = max(0.0, self._clock.now_s() - control.last_s) if control.running else 0.0
        return replace(self._state.used, wall_s=control.wall_s + since_s)

    def _used(self) -> Use:
        """Return what is used, what is reserved included."""
        used = self._settled()
        if self._budget.bounds().keys() <= {"trials", "wall_s"}:
            return used  # nothing else is reserved for later
        return replace(sum(self._reserved.values(), start=used), wall_s=used.wall_s)

    def _reserve(self, key: str, most: Use, kinds: tuple[str, ...]) -> bool:
        more = most
        if self._budget.wall_s is not None:
            # Blocks queue for workers, so that the time of those in flight is to pass before this one ends.
            ahead_s = sum(each.wall_s for each in self._reserved.values())
            more = replace(most, wall_s=max(most.wall_s, (ahead_s + most.wall_s) / self._workers))
        reached = self._budget.reached(self._used(), more, kinds=kinds)
        if reached is None:
            self._reserved[key] = most
        else:
            self.refused = reached
        return reached is None

    def _bound(self) -> bool:
        started = self._state.control.started
        return started is not None and bool(started.proposers)

    def _price(self) -> Use:
        if self._most is None:
            return self._state.spent.dearest
        usd = self._state.spent.dearest.usd if self._most.usd is None else self._most.usd
        return Use(tokens=self._most.tokens_in + self._most.tokens_out, usd=usd)

    def _kinds(self, most: Use) -> tuple[str, ...]:
        return (*_MEASURING, *(kind for kind in ("pairs", "usd") if getattr(most, kind)))


def check_budget(budget: Budget, proposer: Proposer) -> Cost | None:
    """Return the most that an answer of a proposer costs, where a budget can hold.

    Raises:
        BadInput: It is one in money, and the proposer's price is not known.
    """
    most = proposer.most if isinstance(proposer, Priced) else None
    if budget.usd is not None and most is not None and most.usd is None:
        raise BadInput(
            f"nobody knows what {proposer.name} costs, so that no budget in USD can hold: bound --tokens instead, or "
            "say the price of a model in SELFWRIGHT_MODEL_PRICES, the most of an agent in SELFWRIGHT_AGENT_USD"
        )
    return most


class Unbound:
    """A ledger without bounds, for what is measured before there is a run."""

    def measure(self, key: str, most: Use) -> bool:
        """Let it begin."""
        return True

    def settle(self, key: str) -> None:
        """Keep nothing."""


def price_of(state: RunState, sides: tuple[Attempt, ...], stage: str, case: str, *, purpose: str) -> Use:
    """Return what measuring these programs on a case is expected to take: what it took before, else what the seed took.

    With each pair that is to decide goes the fresh block that an adoption would need: it is kept free.
    """
    known = "holdout" if stage in state.run.holdout else "search"
    use = Use()
    for side in sides:
        spot = (known, stage, case)
        outcome = side.measured.get(spot) or state.last(0).measured.get(spot)
        if outcome is not None:
            took = outcome.resources
            use += Use(wall_s=took.wall_s, cpu_s=took.cpu_s, usd=took.usd)
    if purpose.startswith("pair"):
        return use + deciding_pair(state)
    return use + Use(pairs=1) if purpose.startswith("freshpair") else use


def deciding_pair(state: RunState) -> Use:
    """Return the pairs that are reserved for one that is to decide: its own, and those of a fresh block."""
    return Use(pairs=1 + fresh_count(state))


def _drawn(most: Cost | None) -> tuple[str, ...]:
    """Return the kinds on which a proposal draws: money and tokens unless its proposer says that it takes none."""
    free = [] if most is None else [
        kind for kind, none in (("tokens", not most.tokens_in + most.tokens_out), ("usd", most.usd == 0)) if none
    ]  # fmt: skip
    return tuple(kind for kind in KINDS if kind not in free)
