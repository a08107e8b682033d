from __future__ import annotations

import importlib
import inspect

import pytest

from selfwright.proposers.mutation.kind import KINDS, edits_of, read

NAMES = ("calendar", "csv", "fractions", "graphlib", "hmac", "netrc", "pprint", "random", "reprlib")


@pytest.mark.parametrize("name", NAMES)
def test_nearly_every_edit_of_a_real_module_makes_a_program(name: str) -> None:
    """What makes none is never proposed, and costs a try."""
    content = inspect.getsource(importlib.import_module(name)).encode()
    one = read("p.py", content, frozenset({"numpy"}))
    assert one is not None
    offered = [edit for kind in KINDS for edit in edits_of(kind, one)]
    sample = offered[:: 1 + len(offered) // 100]
    made = [one.apply(edit) for edit in sample]
    assert len(sample) > 20
    assert made.count(None) <= 0.02 * len(sample)
    assert len(set(made)) > 0.9 * len(made)
    assert all(edit.words for edit in sample)


def test_what_is_no_source_is_none() -> None:
    assert read("p.py", b"\xff", frozenset()) is None
    assert read("p.py", b"x = (", frozenset()) is None
