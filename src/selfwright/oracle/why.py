"""Why a function can not be its own oracle."""

from enum import StrEnum


class Why(StrEnum):
    """The kinds of reasons, each with a mend of its own."""

    UNTESTED = "untested"
    IMPURE = "impure"
    UNCARRIED = "uncarried"
    UNTIMED = "untimed"
