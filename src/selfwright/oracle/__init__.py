"""A function as its own oracle: its calls, inputs like them, the judge that compares and times, the way back.

Calls are recorded while its tests run, or given by its owner, who may also say what is right and what counts.
"""

from selfwright.oracle.carrying import Carried, carry
from selfwright.oracle.case_problem import Wanted, write_case_problem
from selfwright.oracle.cases import CaseJudge, check_cases, pack_cases, rows_of
from selfwright.oracle.delivery import Found, commit, write_patch
from selfwright.oracle.fitting import Fit, fit
from selfwright.oracle.judging import Judging
from selfwright.oracle.marking import unmarked
from selfwright.oracle.purity import check_purity
from selfwright.oracle.recording import Recording, record
from selfwright.oracle.returning import put_back
from selfwright.oracle.target import Target, find_target
from selfwright.oracle.why import Why
from selfwright.oracle.writing import write_problem

__all__ = [
    "Carried",
    "CaseJudge",
    "Fit",
    "Found",
    "Judging",
    "Recording",
    "Target",
    "Wanted",
    "Why",
    "carry",
    "check_cases",
    "check_purity",
    "commit",
    "find_target",
    "fit",
    "pack_cases",
    "put_back",
    "record",
    "rows_of",
    "unmarked",
    "write_case_problem",
    "write_patch",
    "write_problem",
]
