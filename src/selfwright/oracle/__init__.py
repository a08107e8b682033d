"""A function as its own oracle: recorded calls, inputs like them, the judge that compares and times, the delivery."""

from selfwright.oracle.delivery import Found, commit, write_patch
from selfwright.oracle.fitting import Fit, fit
from selfwright.oracle.judging import Judging
from selfwright.oracle.marking import unmarked
from selfwright.oracle.purity import check_purity
from selfwright.oracle.recording import Recording, record
from selfwright.oracle.target import Target, find_target
from selfwright.oracle.why import Why
from selfwright.oracle.writing import write_problem

__all__ = [
    "Fit",
    "Found",
    "Judging",
    "Recording",
    "Target",
    "Why",
    "check_purity",
    "commit",
    "find_target",
    "fit",
    "record",
    "unmarked",
    "write_patch",
    "write_problem",
]
