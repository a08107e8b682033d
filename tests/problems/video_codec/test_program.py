"""A clip that is hidden in the program's text is counted as bits, and too large a program is refused."""

import base64
import random

import pytest

from selfwright import InvalidCandidate


def carrying(size: int) -> str:
    """A program with so many bytes that nothing compresses."""
    return f"DATA = {base64.b85encode(random.Random(1).randbytes(size)).decode()!r}\n"


def weigh(source: str | bytes) -> int:
    import program

    return program.excess_bytes(source if isinstance(source, bytes) else source.encode())


def test_an_honest_program_costs_nothing_and_prose_is_free():
    prose = "".join(f"# {random.Random(n).random()}\n" for n in range(9000))
    docstring = repr(carrying(60_000))
    assert weigh("def f():\n    return 1\n" + prose) == 0
    assert weigh(f"{docstring}\n\ndef f():\n    {docstring}\n") == 0


def test_what_exceeds_32_kib_is_counted():
    assert 60_000 - 32 * 1024 < weigh(carrying(60_000)) < 66_000 - 32 * 1024


def test_beyond_128_kib_it_is_refused():
    with pytest.raises(InvalidCandidate, match="at most 131072"):
        weigh(carrying(140_000))


@pytest.mark.parametrize("source", [b"def f(:\n", b"\0", b"(" * 5000, b"\xff"])
def test_what_is_no_python_is_the_candidates_fault(source):
    with pytest.raises(InvalidCandidate, match="can not be parsed"):
        weigh(source)
