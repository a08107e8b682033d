"""A clock that a test owns."""


class FakeClock:
    """Stands still until it is told to go on; satisfies ``ports.clock.Clock``.

    Args:
        start_s: Seconds since the epoch at which it starts.
    """

    def __init__(self, start_s: float = 1_700_000_000.0) -> None:
        self._start_s = start_s
        self._passed_s = 0.0

    def now_s(self) -> float:
        """Return seconds since the epoch (UTC)."""
        return self._start_s + self._passed_s

    def monotonic_s(self) -> float:
        """Return seconds since the clock was made."""
        return self._passed_s

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: ``seconds`` is negative: a monotonic clock never goes back.
        """
        if seconds < 0:
            raise ValueError(f"can not go back by {-seconds} s")
        self._passed_s += seconds
