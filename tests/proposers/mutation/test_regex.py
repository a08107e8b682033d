from __future__ import annotations

import pytest

from selfwright.proposers.mutation import regex
from tests.proposers.mutation.workshop import keeps, outcomes

TEXT = """
import re


# Words of a name.
def snake(word, sign="_"):
    word = re.sub(r"([a-z\\d])([A-Z])", r"\\1_\\2", word)
    if re.search(r"(?i)no", word) and not re.match("[x]" "+", word, re.I | re.ASCII):
        return re.split(sign, word, maxsplit=1)
    return re.sub(r"([a-z\\d])([A-Z])", "", word, 1, re.IGNORECASE) + re.sub(sign * 2, "", word, count=1)
"""
CALLS = ('snake("ActiveNowX")', 'snake("abc__D_e__")', 'snake("")', 'snake("a+NO", "[+]")')


def test_a_pattern_that_is_written_there_is_compiled_when_the_module_is_loaded() -> None:
    found = keeps(regex.edits, TEXT, *CALLS)
    after = found[r"compiled the pattern `r\"([a-z\d])([A-Z])\"` once in `snake`".replace('\\"', '"')]
    assert '# Words of a name.\n_sub = re.compile(r"([a-z\\d])([A-Z])").sub\n' in after
    assert 'word = _sub(r"\\1_\\2", word)\n' in after
    flags = found['compiled the pattern `"[x]" "+"` with `re.I | re.ASCII` once in `snake`']
    assert '_match = re.compile("[x]" "+", re.I | re.ASCII).match\n' in flags
    assert "not _match(word):" in flags
    assert len(found) == 6  # two patterns are written alike, and one of them has a flag


def test_what_other_patterns_are_compiled_to_is_remembered() -> None:
    found = keeps(regex.edits, TEXT, *CALLS)
    after = found["remembered what patterns are compiled to for `re.split` in `snake`"]
    assert "import functools\n_split_of = functools.lru_cache(maxsize=512)(lambda pattern: re.compile" in after
    assert "return _split_of(sign)(word, maxsplit=1)\n" in after


@pytest.mark.parametrize(
    "line", ["re.sub(*x)", "re.sub('a', **x)", "re.search(pattern=x, string=x)", "re.match(x, x, x)", "x.sub('a', x)"]
)
def test_what_can_not_be_told_apart_stays(line: str) -> None:
    assert not outcomes(regex.edits, f"import re\n\ndef f(x):\n    return {line}\n")


def test_only_what_may_change_changes() -> None:
    text = "import re\n\ndef f(x):\n    # EVOLVE-BLOCK-START\n    return re.sub('a', 'b', x)\n    # EVOLVE-BLOCK-END\n"
    assert not outcomes(regex.edits, text)  # the module's level is outside
    assert not outcomes(regex.edits, "import re\nX = re.sub('a', 'b', 'abc')\n")  # runs once already
