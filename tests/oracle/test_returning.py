"""A better function goes back into the file that it came from, if it fits there."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import pytest

from selfwright.core.errors import BadInput
from selfwright.oracle.carrying import carry
from selfwright.oracle.returning import put_back

FILE = '''\
"""Mine."""

LEAST = 2  # as agreed


def helper(value):
    return value * LEAST


# what it is for
def f(values):
    return [helper(value) for value in values]


def later():
    return f([1])
'''
_NUMBERS = itertools.count()


def load(folder: Path, text: str = FILE) -> ModuleType:
    path = folder / f"mine_{next(_NUMBERS)}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_changed_pieces_take_their_places_and_the_rest_stays(tmp_path: Path) -> None:
    module = load(tmp_path)
    carried = carry(module.f)
    before = carried.text()
    after = before.replace("value * LEAST", "LEAST * value").replace(
        "[helper(value) for value in values]", "list(map(helper, values))"
    )
    ((path, (old, new)),) = put_back(carried, before, after).items()
    assert (path, old) == (Path(module.__file__ or ""), FILE)
    assert new == FILE.replace("value * LEAST", "LEAST * value").replace(
        "[helper(value) for value in values]", "list(map(helper, values))"
    )


def test_what_is_new_stands_above_the_function(tmp_path: Path) -> None:
    module = load(tmp_path)
    carried = carry(module.f)
    before = carried.text()
    after = "import functools\n" + before.replace("def f(", "@functools.cache\ndef f(")
    ((_, new),) = put_back(carried, before, after).values()
    assert "# what it is for\nimport functools\n\n\n@functools.cache\ndef f(values):" in new
    assert new.endswith("def later():\n    return f([1])\n")


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    module = load(tmp_path)
    carried = carry(module.f)
    before = carried.text()
    with pytest.raises(BadInput, match="it also changes LEAST, which is defined elsewhere"):
        put_back(carried, before, before.replace("LEAST = 2", "LEAST = 3"))
    with pytest.raises(BadInput, match="it does without helper"):
        put_back(carried, before, before.replace("def helper", "def other"))
    Path(module.__file__ or "").write_text(FILE.replace("for value in", "for  value in"))
    with pytest.raises(BadInput, match="has not the f that was measured"):
        put_back(carried, before, before.replace("[helper(value)", "[helper(+value)"))


def test_a_cell_of_a_notebook_is_no_file() -> None:
    import linecache

    source = "def cell(value):\n    return value + 0\n"
    linecache.cache["<ipython-input-1>"] = (len(source), None, source.splitlines(keepends=True), "<ipython-input-1>")
    space: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "<ipython-input-1>", "exec", dont_inherit=True), space)
    carried = carry(space["cell"])  # type: ignore[arg-type]
    assert carried.text() == source
    with pytest.raises(BadInput, match="cell stands in no file"):
        put_back(carried, source, source.replace(" + 0", ""))
