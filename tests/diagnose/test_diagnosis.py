"""A diagnosis: what it says, what it is sure of, and that nothing a candidate writes breaks it."""

import pytest

from selfwright.core.brief import Failure
from selfwright.core.status import TrialStatus
from selfwright.diagnose import Evidence, Where, advised, diagnose
from selfwright.diagnose.crash import Crash, crash_of

TRACE = """Traceback (most recent call last):
  File "codec.py", line 9, in encode
  File "lib/fast.py", line 144, in fetch
IndexError: index 200 is out of bounds for axis 0 with size 144
"""


def ran(reason: str, log: str = "", status: str = "crashed") -> Evidence:
    return Evidence(where=Where.EXECUTION, status=status, reason=reason, log=log)


def test_cause_mend_and_place_of_an_exception() -> None:
    found = diagnose(ran("IndexError: list index out of range (codec.py, line 144, in fetch)"))
    assert (found.name, found.category, found.severity, found.sure) == ("index-out-of-range", "lookup", "low", True)
    assert str(found) == (
        "lookup, low: an index lies outside of its sequence (codec.py, line 144, in fetch); "
        "bound the loop by the length; look at the first and the last element"
    )


def test_where_the_reason_says_little_the_traceback_is_read() -> None:
    assert crash_of("it failed", TRACE) == Crash(
        type="IndexError", words="index 200 is out of bounds for axis 0 with size 144",
        place="lib/fast.py, line 144, in fetch",
    )  # fmt: skip
    assert diagnose(ran("encode: exit code 1", TRACE)).name == "index-out-of-range"


def test_a_reason_is_read_without_what_a_trial_puts_before_it() -> None:
    plain = diagnose(ran("ZeroDivisionError: division by zero (a.py, line 3, in f)"))
    told = diagnose(ran("rejected: crashed in smoke/a: ZeroDivisionError: division by zero (a.py, line 3, in f)"))
    assert told == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RuntimeError: 17 of 20 at 0x7f3a (a.py, line 3, in f)", "RuntimeError: 9 of 20 at 0x7f4b (b.py, line 1)"),
        ("IndexError: index 7 is out of bounds for axis 0 with size 5", "IndexError: list index out of range"),
    ],
)  # fmt: skip
def test_failures_are_of_one_kind_whatever_their_numbers(one: str, other: str) -> None:
    assert diagnose(ran(one)).kind == diagnose(ran(other)).kind


def test_what_no_rule_is_sure_of_is_of_one_kind_with_equal_words_only() -> None:
    assert diagnose(ran("TableError: empty")).kind != diagnose(ran("TableError: too long")).kind
    assert not diagnose(ran("TableError: empty")).sure


def test_imports_of_two_modules_are_two_kinds() -> None:
    kinds = {
        diagnose(Evidence(where=Where.VALIDATION, reason=f"a.py, line 1: imports {name!r}, which this problem")).kind
        for name in ("numpy", "torch")
    }
    assert len(kinds) == 2


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("timed_out", "time-limit"), ("out_of_memory", "memory-limit"), ("output_too_large", "output-limit"),
        ("violated", "forbidden-call"), ("crashed", "unknown"),
    ],
)  # fmt: skip
def test_where_no_word_is_known_the_status_is(status: str, name: str) -> None:
    assert diagnose(ran("no word that anybody knows", status=status)).name == name


def test_a_fault_of_the_judge_is_for_a_person() -> None:
    found = diagnose(ran("the judge raised KeyError: 'a' at judge.py:3", status=TrialStatus.UNJUDGED))
    assert (found.category, found.severity) == ("judge", "critical")


def test_a_proposer_is_told_the_likely_cause_once_a_rule_is_sure() -> None:
    reason = "crashed in smoke/a: RecursionError: maximum recursion depth exceeded (a.py, line 3, in f)"
    failure = Failure(where="execution", status=TrialStatus.CRASHED, reason=reason, log="log")
    told = advised(failure)
    assert told.reason.startswith(f"{reason}\nLikely cause: limit, medium: it calls itself too deeply (a.py, line 3")
    assert (told.where, told.status, told.log) == (failure.where, failure.status, failure.log)
    unknown = Failure(where="validation", status=None, reason="something else")
    assert advised(unknown) == unknown


@pytest.mark.parametrize(
    "text", ["", "{0} {name}", "(" * 40_000, "exec" * 9_999, "\n" * 99, "E: " + "x (a, line " * 300, "a in b: " * 500]
)
@pytest.mark.parametrize("status", list(TrialStatus))
def test_whatever_was_written_is_diagnosed(text: str, status: TrialStatus) -> None:
    assert diagnose(ran(text, text, status)).cause
    assert diagnose(Evidence(where=Where.VALIDATION, reason=text)).cause
    assert diagnose(Evidence(where=Where.VERDICT, reason=text)).cause


def test_groups_in_braces_are_taken_as_they_are() -> None:
    found = diagnose(Evidence(where=Where.VALIDATION, reason="{evil} is locked; this problem lets you change a"))
    assert found.cause == "it changes {evil}, which is locked"
