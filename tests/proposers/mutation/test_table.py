from __future__ import annotations

import pytest

from selfwright.proposers.mutation import table
from tests.proposers.mutation.workshop import keeps, outcomes


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ('return {1: "st", 2: "nd"}.get(x % 10, "th")', '_table = {1: "st", 2: "nd"}'),
        ("return [5, (6, -7), None][x % 3]", "_items = [5, (6, -7), None]"),
        ("return x in {1: 2, 8: 3}", "_table = {1: 2, 8: 3}"),
        ('return str(x).translate(str.maketrans("12", "ab"))', '_made = str.maketrans("12", "ab")'),
        ('return bool(re.compile("7|8", re.I).match(str(x)))', '_made = re.compile("7|8", re.I)'),
    ],
)
def test_what_is_only_read_is_built_once(line: str, made: str) -> None:
    text = f"import re\n\n\n# Says it.\ndef f(x):\n    {line}\n"
    found = keeps(table.edits, text, "f(1)", "f(12)", "f(8)")
    assert len(found) == 1
    assert f"import re\n\n\n# Says it.\n{made}\n\n\ndef f(x):\n" in next(iter(found.values()))


@pytest.mark.parametrize(
    "line",
    [
        "return [1, 2]",  # somebody may change it
        "return {1: x}[1]",
        "y = [1, 2]; y.append(x); return y",
        "return [1, 2].append(x)",
        "[1, 2][0] = x",
        "return re.compile(x)",
    ],
)
def test_what_differs_or_may_be_changed_is_built_each_time(line: str) -> None:
    assert not outcomes(table.edits, f"import re\n\ndef f(x):\n    {line}\n")


def test_an_import_leaves_its_function() -> None:
    text = """
    def f(x):
        from math import floor as down, pi
        import json
        return down(x * pi), json.dumps(x)
    """
    found = keeps(table.edits, text, "f(3)")
    assert len(found) == 2
    after = found["took `from math import floor as down, pi` out of the function in `f`"]
    assert after.startswith("from math import floor as down, pi\n\n\ndef f(x):\n    import json\n")
    assert not outcomes(table.edits, "json = 3\n\ndef f(x):\n    import json\n    return json.dumps(x)\n")
    assert not outcomes(table.edits, "def f(x):\n    import json\n")
