"""Expecting an error, without pytest, so that the suites import nothing that is not there."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refused(error: type[Exception], *words: str) -> Iterator[None]:
    """Pass where the block raises ``error`` (or one below it) with every one of ``words`` in its message.

    Raises:
        AssertionError: It raises nothing, or does not say these words.
    """
    try:
        yield
    except error as raised:
        for word in words:
            assert word in str(raised), f"{word!r} is not in the message: {raised}"
    else:
        raise AssertionError(f"nothing was raised; {error.__name__} was expected")
