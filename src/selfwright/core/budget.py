"""Budgets: the bounds of a run, what was used of them, and what may still begin."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from selfwright.core.count import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Amounts of what a budget bounds: used so far, or reserved for what is about to begin.

    Attributes:
        trials: Trials that are asked for; retries and the seed are not counted.
        pairs: Pairs of measurements that compare a candidate with the incumbent, those of a fresh block included.
        wall_s: Wall time of all sittings together.
        cpu_s: CPU time of candidates, the seed's included.
        tokens: Tokens that models read and wrote.
        usd: Money, as far as prices are known.
    """

    trials: int = 0
    pairs: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: "Use") -> "Use":
        """Return both together."""
        return Use(
            trials=self.trials + other.trials, pairs=self.pairs + other.pairs, wall_s=self.wall_s + other.wall_s,
            cpu_s=self.cpu_s + other.cpu_s, tokens=self.tokens + other.tokens, usd=self.usd + other.usd,
        )  # fmt: skip


KINDS = tuple(each.name for each in fields(Use))
"""What is bounded, in the order in which it is asked whether a bound is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A bound that stands in the way.

    Attributes:
        kind: Which, one of ``KINDS``.
        sentence: In words.
    """

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Upper bounds of a run, of the kinds of ``Use``; None is "no bound"."""

    trials: int | None = None
    pairs: int | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    tokens: int | None = None
    usd: float | None = None

    def bounds(self) -> dict[str, float]:
        """Return kind → bound, where there is one."""
        return {kind: bound for kind in KINDS if (bound := getattr(self, kind)) is not None}

    def over(self, earlier: "Budget") -> "Budget":
        """Return these bounds, and those of ``earlier`` where none is given here."""
        return Budget(**earlier.bounds() | self.bounds())  # type: ignore[arg-type]  # kinds keep their types

    def reached(self, used: Use, more: Use | None = None, *, kinds: Collection[str] = KINDS) -> Reached | None:
        """Return None where ``more`` fits beside what is used, else the first bound in its way.

        Args:
            used: So far, with what is reserved.
            more: The most that is about to be used, as far as it is known; a bound that is used up is in the way of
                anything.
            kinds: Which bounds are asked for.
        """
        for kind, bound in self.bounds().items():
            if kind not in kinds:
                continue
            had, wanted = getattr(used, kind), getattr(more or Use(), kind)
            if had >= bound:
                return Reached(kind=kind, sentence=f"{_name(kind, bound)} is used")
            if had + wanted > bound:
                left, next_ = amount(kind, bound - had), amount(kind, wanted)
                return Reached(
                    kind=kind, sentence=f"of {_name(kind, bound)} {left} are left, and what comes next may take {next_}"
                )
        return None


def amount(kind: str, number: float) -> str:
    """Return an amount of a kind in words: ``3 trials``, ``1.5 s of CPU``, ``0.50 USD``."""
    match kind:
        case "trials" | "pairs":
            return counted(int(number), kind.removesuffix("s"))
        case "tokens":
            return counted(int(number), "token")
        case "usd":
            return f"{number:.2f} USD"
        case _:
            return f"{number:.4g} s" + (" of CPU" if kind == "cpu_s" else "")


def _name(kind: str, bound: float) -> str:
    return f"the wall time of {amount(kind, bound)}" if kind == "wall_s" else f"the budget of {amount(kind, bound)}"
