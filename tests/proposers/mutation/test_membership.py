from __future__ import annotations

from selfwright.proposers.mutation import membership
from tests.proposers.mutation.workshop import keeps, outcomes


def test_a_list_of_literals_becomes_a_set() -> None:
    text = "def f(x):\n    return x in [1, 2, 3] or x not in ('a', 'b')\n"
    found = keeps(membership.edits, text, "f(2)", "f('a')", "f(9)")
    assert text.replace("[1, 2, 3]", "{1, 2, 3}") in found.values()
    assert text.replace("('a', 'b')", "{'a', 'b'}") in found.values()


def test_a_set_is_made_before_the_loop_that_asks() -> None:
    text = """
    def f(xs, known):
        found = 0
        for x in xs:
            if x in known:
                found += 1
        return found
    """
    found = keeps(membership.edits, text, "f([1, 2, 3], [2, 3])", "f([], [])")
    ((words, after),) = found.items()
    assert words == "made a set of `known` before the loop that looks into it in `f`"
    assert "    members = set(known)\n    for x in xs:\n        if x in members:\n" in after


def test_what_the_loop_changes_is_not_copied() -> None:
    text = "def f(xs, known):\n    for x in xs:\n        if x in known:\n            known.append(x)\n"
    assert not outcomes(membership.edits, text)


def test_what_is_a_set_already_is_asked_itself() -> None:
    text = "def f(xs, ys):\n    known = set(ys)\n    for x in xs:\n        if x in known:\n            return x\n"
    assert not outcomes(membership.edits, text)


def test_keys_are_not_listed() -> None:
    assert set(keeps(membership.edits, "d = {1: 2}\ndef f(x):\n    return x in d.keys()\n", "f(1)").values()) == {
        "d = {1: 2}\ndef f(x):\n    return x in d\n"
    }
