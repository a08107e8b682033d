"""How a call into a candidate ended, and how a whole trial did."""

from enum import StrEnum


class CallStatus(StrEnum):
    """How one call into the sandbox ended, by the word of the supervisor."""

    OK = "ok"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    VIOLATED = "violated"
    OUTPUT_TOO_LARGE = "output_too_large"


class TrialStatus(StrEnum):
    """How a trial ended: a call's status, or ``invalid`` (the judge's word only), or ``inert`` (changes nothing)."""

    OK = "ok"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    VIOLATED = "violated"
    OUTPUT_TOO_LARGE = "output_too_large"
    INVALID = "invalid"
    INERT = "inert"
    UNJUDGED = "unjudged"
    """The judge itself failed on this trial, so nothing is known of the candidate."""
