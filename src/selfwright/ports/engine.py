"""Port: the engine, which runs blocks on workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfwright.core.change import Files
from selfwright.core.trial import Block, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A block to measure.

    Attributes:
        key: The caller's name for it, unique among what is in flight.
        files: Change id → editable files, for every change in the block.
    """

    key: str
    block: Block
    files: Mapping[str, Files]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished block: one outcome an item, in the block's order.

    ``artifacts`` holds the bytes whose names and sha256 the outcomes carry.
    """

    key: str
    outcomes: tuple[Outcome, ...]
    artifacts: Mapping[str, bytes]


class Engine(Protocol):
    """Runs blocks, each on one worker; several at once. Not thread safe: one loop owns it.

    A judge that raises, hangs past its deadline or dies costs its worker (a new one is started) and gives outcomes with
    status ``unjudged``; it never costs the run.

    Attributes:
        workers: How many blocks run at once.
    """

    workers: int

    def cases(self) -> Mapping[str, tuple[str, ...]]:
        """Return stage → case ids, as the judge lists them; one empty id for an ``evaluate`` judge.

        Raises:
            JudgeFault: The judge can not be loaded, or ``cases`` failed; the message names file and line.
        """

    def submit(self, order: Order) -> None:
        """Queue a block; returns at once. Blocks start in the order in which they came."""

    def wait(self, timeout_s: float) -> Sequence[Done]:
        """Return what has finished, waiting up to ``timeout_s`` for the first; empty when nothing did."""

    def cancel(self, key: str) -> None:
        """Forget a block that has not finished: it is never reported. Unknown keys are ignored."""

    def withdraw(self) -> Sequence[str]:
        """Forget every block that no worker has begun, and return their keys."""

    def close(self) -> None:
        """End all workers, with everything that they started."""
