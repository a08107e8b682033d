"""What can be seen of a call from outside: its result or its exception, and what it did to its arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose, isnan

from selfwright.bench import wire
from selfwright.core.errors import CallFailed
from selfwright.core.status import CallStatus

RETURNED, RAISED, UNCARRIED = "returned", "raised", "uncarried"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one call.

    Attributes:
        how: ``returned``, ``raised`` or ``uncarried``.
        result: What it returned; of ``raised`` the name of the exception's type; of ``uncarried``
            what can not be carried.
        arguments: As the call left them.
        which: Index of the argument that the result is, a list or a dict; -1 for none.
        types: Names of all types in the result, sorted: an ``OrderedDict`` travels as a dict.
    """

    how: str
    result: object
    arguments: tuple[object, ...]
    which: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one call, as it came: equal bytes are equal in everything.

    Attributes:
        raw: In the codec of ``wire``; a candidate's word.
    """

    raw: bytes

    @property
    def seen(self) -> Seen:
        """The same to read.

        Raises:
            CallFailed: It is no observation.
        """
        try:
            said = wire.decode(self.raw, max_depth=wire.MAX_DEPTH + 2)
        except wire.WireError as error:
            raise CallFailed(CallStatus.CRASHED, f"an observation that is no value: {error}") from error
        match said:
            case (str(how), result, tuple(arguments), int(which), list(types)) if how in (RETURNED, RAISED, UNCARRIED):
                return Seen(how, result, arguments, which, tuple(map(str, types)))
        raise CallFailed(CallStatus.CRASHED, "a reply that is no observation")


def difference(expected: Seen, seen: Seen, *, tolerance: float = 0.0) -> str:
    """Return what is other than expected, as a noun and what was expected; empty where nothing is.

    Args:
        tolerance: By how much a float may differ, relative to the larger of both.
    """
    if seen.how != expected.how or (seen.how == RAISED and seen.result != expected.result):
        return f"{_ending(seen)}, expected {_ending(expected)}"
    if not same(expected.result, seen.result, tolerance):
        return f"{_ending(seen)}, expected {_ending(expected)}"
    if seen.types != expected.types:
        return f"a result of {', '.join(seen.types)}, expected {', '.join(expected.types)}"
    if not same(expected.arguments, seen.arguments, tolerance):
        return f"arguments left as {_short(seen.arguments)}, expected {_short(expected.arguments)}"
    if seen.which != expected.which:
        is_one = f"argument {expected.which + 1} itself" if expected.which >= 0 else "a new object"
        return f"{_ending(seen)} that is not {is_one}"
    return ""


def same(expected: object, seen: object, tolerance: float = 0.0) -> bool:
    """Return whether two values that are carried are the same: types, order of keys and NaN included."""
    if type(expected) is not type(seen):
        return False
    if isinstance(expected, float) and isinstance(seen, float):
        near = tolerance > 0 and isclose(expected, seen, rel_tol=tolerance)
        return near or expected == seen or (isnan(expected) and isnan(seen))
    if isinstance(expected, list | tuple) and isinstance(seen, list | tuple):
        return _all_same(expected, seen, tolerance)
    if isinstance(expected, dict) and isinstance(seen, dict):
        values = list(expected.values()), list(seen.values())
        return _all_same(list(expected), list(seen)) and _all_same(*values, tolerance)
    if expected is None or isinstance(expected, bool | int | str | bytes):
        return expected == seen
    return _same_array(expected, seen, tolerance)


def _all_same(expected: Sequence[object], seen: Sequence[object], tolerance: float = 0.0) -> bool:
    return len(expected) == len(seen) and all(
        same(one, other, tolerance) for one, other in zip(expected, seen, strict=True)
    )


def _same_array(expected: object, seen: object, tolerance: float) -> bool:
    import numpy as np

    if not isinstance(expected, np.ndarray) or not isinstance(seen, np.ndarray):
        return False
    if expected.dtype != seen.dtype or expected.shape != seen.shape:
        return False
    if expected.dtype.kind not in "fc":
        return bool(np.array_equal(expected, seen))
    return bool(np.allclose(seen, expected, rtol=tolerance, atol=0.0, equal_nan=True))


def _ending(seen: Seen) -> str:
    if seen.how == RAISED:
        return f"raised {_short(seen.result)[1:-1]}"
    return f"a result that is not carried ({seen.result})" if seen.how == UNCARRIED else _short(seen.result)


def _short(value: object, most: int = 200) -> str:
    """Return a value as text of bounded length; of a large one only its beginning is made into text."""
    if isinstance(value, str | bytes) and len(value) > most:
        return f"{value[:most]!r}... ({len(value)})"
    if isinstance(value, list | tuple) and len(value) > 20:
        return f"{_short(value[:20], most)}... ({len(value)} items)"
    if isinstance(value, Mapping) and len(value) > 20:
        return f"{_short(dict(list(value.items())[:20]), most)}... ({len(value)} items)"
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}..."
