"""Which lines of a program run: what the guest loads where somebody asks, before it meets the program.

It stands alone, as ``guest.py`` does.
"""

import sys
import threading
from types import FrameType

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from typing import Any


class Lines:
    """Which lines of the program's own files have run in this process, of those that one wants to know of.

    Args:
        root: The directory of these files, with a separator at its end.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._wanted: dict[str, set[int]] = {}
        self._left: dict[str, set[int]] = {}

    def watch(self, wanted: "dict[str, list[int]]") -> None:
        """Look for these lines until all have been seen: what is watched line by line is slow."""
        self._wanted = {file: set(lines) for file, lines in wanted.items()}
        self._left = {self._root + file: set(lines) for file, lines in wanted.items()}
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def seen(self) -> "dict[str, list[int]]":
        """Return file → lines."""
        return {file: sorted(lines - self._left[self._root + file]) for file, lines in self._wanted.items()}

    def _enter(self, frame: FrameType, event: str, argument: object) -> "Any":
        left = self._left.get(frame.f_code.co_filename)
        if not left or left.isdisjoint(line for _, _, line in frame.f_code.co_lines()):
            return None

        def step(frame: FrameType, event: str, argument: object) -> "Any":
            if event == "line":
                left.discard(frame.f_lineno)
                frame.f_trace_lines = bool(left)
            return step

        return step
