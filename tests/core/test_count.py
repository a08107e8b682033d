"""One trial, two trials."""

import pytest

from selfwright.core.count import counted


@pytest.mark.parametrize(("number", "words"), [(0, "0 trials"), (1, "1 trial"), (2, "2 trials"), (-1, "-1 trials")])
def test_a_number_and_its_noun_agree(number, words):
    assert counted(number, "trial") == words
