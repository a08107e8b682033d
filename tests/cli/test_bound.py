"""What is said of the bounds of a run."""

from selfwright.cli.bound import estimate_words, used_words
from tests.views.test_estimate import opened


def test_it_is_said_in_a_line(tmp_path):
    state = opened(tmp_path, cpu_s=48.0)
    assert estimate_words(state) == (
        "estimate: a trial takes about 4 s and 4 s of CPU; so the budget allows about 10 trials (--cpu, 48 s of CPU, "
        "ends it first) in 40s and 40s of CPU, proposals not counted"
    )
    assert used_words(state) == "used: 8 of 48 s of CPU"
    assert estimate_words(opened(tmp_path, tokens=10)).endswith("of CPU; nothing bounds the measurements")
