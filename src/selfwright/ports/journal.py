"""Port: the journal, one append-only stream of events."""

from collections.abc import Collection, Iterator, Sequence
from types import TracebackType
from typing import Protocol

from selfwright.core.event import Event, Record, Tip


class Lease(Protocol):
    """The right to append anything but commands. Ends with its process, however that ends."""

    def release(self) -> None:
        """Give it back; doing so twice is harmless."""

    def __enter__(self) -> "Lease":
        """Return itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""


class Journal(Protocol):
    """An append-only, hash-chained stream.

    Atomicity: the events of one ``append`` become visible together or not at all, also under ``kill -9``.
    Order: ``seq`` is 1, 2, 3, ... without gaps, over all writers. Who: only the holder of the lease may append anything
    but ``COMMANDS``; anybody may read. Chain: each record's hash is ``chain(hash before, stored bytes)``, computed
    inside the write transaction.
    """

    def append(self, events: Sequence[Event], *, expect: int | None = None, durable: bool = False) -> Sequence[Record]:
        """Append and return the records that these events became.

        Args:
            events: In order; may be empty, then nothing happens.
            expect: The last seq that the caller has seen; compare-and-set.
            durable: Return only when the events would survive a power loss (everything before them too).

        Raises:
            JournalConflict: The stream does not end at ``expect``, or a non-command without the lease.
            Unavailable: The disk is full or read-only; nothing was appended.
        """

    def read(self, after: int = 0) -> Iterator[Record]:
        """Yield the records with ``seq > after``, in order.

        Raises:
            JournalCorrupt: A row or a hash is not what was written; says at which seq.
        """

    def recall(self, tip: Tip, trials: Collection[int]) -> Iterator[Record]:
        """Yield, up to a tip, the records of these trials and of no trial, in order: a long stream in short.

        Each is held to the hash before it; what lies between them is not looked at.

        Raises:
            JournalConflict: The stream has not this hash at the seq of the tip.
            JournalCorrupt: One of these records is not what was written.
        """

    def tip(self) -> Tip:
        """Return the last seq and hash. Cheap: it is polled many times a second."""

    def lease(self) -> Lease:
        """Take the lease.

        Raises:
            RunHeld: Somebody has it: says who (process, host, since when).
        """

    def holder(self) -> str | None:
        """Return who holds the lease, in words, or None."""

    def close(self) -> None:
        """Release everything."""
