from __future__ import annotations

from selfwright.proposers.mutation import constant
from tests.proposers.mutation.workshop import outcomes


def test_numbers_move_near_and_far_and_truth_turns() -> None:
    assert set(outcomes(constant.edits, "N = 10\n").values()) == {
        f"N = {value}\n" for value in (0, 5, 8, 9, 11, 12, 20)
    }
    assert set(outcomes(constant.edits, "X = 0.5\n").values()) == {
        f"X = {value}\n" for value in (0.25, 0.4, 0.475, 0.525, 0.625, 1.0)
    }
    assert set(outcomes(constant.edits, "X = True\n").values()) == {"X = False\n"}


def test_a_number_below_zero_can_stand_where_one_above_stood() -> None:
    assert "x = y**(-1)\n" in outcomes(constant.edits, "x = y**0\n").values()


def test_what_a_comment_marks_stays_in_its_range() -> None:
    text = "A = 8  # tune: 7..9\nB = 4  # tune: {4, 8, 16}\nC = -3  # tune: -5..-1\n"
    found = set(outcomes(constant.edits, text).values())
    assert found == {text.replace("A = 8", f"A = {a}") for a in (7, 9)} | {
        text.replace("B = 4", f"B = {b}") for b in (8, 16)
    }


def test_it_says_what_a_number_is_for() -> None:
    assert "replaced `3` by `6` in STEP at the top of p.py" in outcomes(constant.edits, "STEP = 3\n")


def test_what_is_marked_with_choices_becomes_another_of_them() -> None:
    text = (
        "fast = 'fast'\nMODE = 'fast' if fast else None  # tune: {'fast', None, 3}\nLIMIT = -1  # tune: {1, 'none'}\n"
    )
    head, tail = text.split("MODE", 1)
    assert set(outcomes(constant.edits, text).values()) == {
        f"{head}MODE{tail.replace(old, new, 1)}"
        for old, new in (
            ("'fast' if", "None if"), ("'fast' if", "3 if"), ("else None", "else 'fast'"), ("else None", "else 3")
        )
    }  # fmt: skip
    assert set(outcomes(constant.edits, "X = True  # tune: {True, False}\n").values()) == {
        "X = False  # tune: {True, False}\n"
    }
