"""What a check found: one thing that holds, differs, or could not be looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer of a check.

    Attributes:
        what: What was looked at: ``journal``, ``tree``, ``metrics``, ...
        holds: Whether it is as it was said; None where it could not be checked.
        words: What it is, what differs, or what is missing.
        lacks: Whether the answer is less, because this could not be checked.
    """

    what: str
    holds: bool | None
    words: str
    lacks: bool = False

    def __str__(self) -> str:
        """Return ``DIFFERS  tree: ...``."""
        return f"{self.word:11} {self.what}: {self.words}"

    @property
    def word(self) -> str:
        """Return ``holds``, ``DIFFERS`` or ``not checked``."""
        return {True: "holds", False: "DIFFERS", None: "not checked"}[self.holds]


def holds(what: str, words: str) -> Finding:
    """Return that something is as it was said."""
    return Finding(what=what, holds=True, words=words)


def differs(what: str, words: str) -> Finding:
    """Return that something is not as it was said."""
    return Finding(what=what, holds=False, words=words)


def unchecked(what: str, words: str) -> Finding:
    """Return that something could not be checked, and why."""
    return Finding(what=what, holds=None, words=words, lacks=True)


def beside(what: str, words: str) -> Finding:
    """Return what could not be checked either, and lessens the answer by nothing that was to be expected."""
    return Finding(what=what, holds=None, words=words)
