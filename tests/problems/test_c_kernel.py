"""The verifier of the kernel in C computes distances itself: it must be right, and must refuse what is not."""

import random
from types import SimpleNamespace

import pytest

from selfwright import InvalidCandidate
from tests.problems.conftest import Import


def plain(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(diagonal + (one != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def test_its_distances_are_those_of_the_table(judge_module: Import) -> None:
    verify, draw = judge_module("c_kernel", "verify"), random.Random(1)
    for _ in range(300):
        a, b = ("".join(draw.choices("acgt", k=draw.randint(1, 70))) for _ in range(2))
        assert verify.distance(a, b) == plain(a, b), (a, b)


def test_texts_follow_from_the_seed_and_fit_the_buffers(judge_module: Import) -> None:
    verify = judge_module("c_kernel", "verify")
    one, again, other = (verify.pairs(SimpleNamespace(seed=seed)) for seed in (1, 1, 2))
    assert one == again != other
    assert all(0 < len(word) < 8192 for word in one.split())


def test_what_is_wrong_is_refused(judge_module: Import) -> None:
    verify, stage = judge_module("c_kernel", "verify"), SimpleNamespace(seed=3)
    right = [verify.distance(*map(bytes.decode, line.split())) for line in verify.pairs(stage).splitlines()]
    said = b"".join(b"%d\n" % number for number in right)
    verify.check(said, {}, stage)
    for wrong, words in (
        (b"", "printed 0 lines, expected 6"),
        (said + b"7\n", "printed 7 lines"),
        (said.replace(b"%d\n" % right[0], b"%d\n" % (right[0] + 1), 1), f"pair 1: expected {right[0]}, got"),
        (said.replace(b"\n", b".0\n"), "pair 1: expected"),
    ):
        with pytest.raises(InvalidCandidate, match=words):
            verify.check(wrong, {}, stage)
