"""The system's clock."""

import time


class SystemClock:
    """Satisfies ``ports.clock.Clock``."""

    def now_s(self) -> float:
        """Return seconds since the epoch (UTC)."""
        return time.time()

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start; never goes back."""
        return time.monotonic()
