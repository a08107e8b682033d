from __future__ import annotations

from selfwright.proposers.mutation import call
from tests.proposers.mutation.workshop import outcomes


def test_a_relative_is_called() -> None:
    found = outcomes(call.edits, "import math\nx = math.floor(min(y, 2))\n")
    texts = set(found.values())
    assert "import math\nx = math.ceil(min(y, 2))\n" in texts
    assert "import math\nx = math.floor(max(y, 2))\n" in texts
    assert "import math\nx = math.floor(min(2, y))\n" in texts
    assert "called `max` for `min` at the top of p.py" in found


def test_methods_have_relatives_too() -> None:
    assert "i = text.rfind(x)\n" in outcomes(call.edits, "i = text.find(x)\n").values()


def test_a_list_has_one_end_to_append_to() -> None:
    assert not outcomes(call.edits, "xs.append(y=1)\n")
    text = "from collections import deque\nxs.append(y=1)\n"
    assert text.replace("append", "appendleft") in outcomes(call.edits, text).values()


def test_one_function_of_the_file_is_called_for_another_of_as_many_arguments() -> None:
    text = "def a(x):\n    return x\n\ndef b(x):\n    return -x\n\ndef c(x, y):\n    return a(x)\n"
    found = outcomes(call.edits, text)
    assert text.replace("return a(x)", "return b(x)") in found.values()
    assert text.replace("return a(x)", "return c(x)") not in found.values()


def test_a_call_is_taken_away_from_its_argument() -> None:
    found = outcomes(call.edits, "x = abs(y - 1) * 2\n")
    assert found == {"took `abs` away from `abs(y - 1)` at the top of p.py": "x = (y - 1) * 2\n"}
    assert "x = (y for y in z)\n" in outcomes(call.edits, "x = f(y for y in z)\n").values()
