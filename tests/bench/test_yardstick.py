"""Numbers that a program prints, and those that its supervisor takes."""

import math

import pytest

from selfwright.bench.yardstick import yardstick
from selfwright.core.errors import BadInput
from selfwright.core.job import Reply
from selfwright.core.metric import Better
from selfwright.core.status import CallStatus

REPLY = Reply(status=CallStatus.OK, wall_s=2.0, cpu_s=3.0, peak_memory_bytes=5 << 20)


def printed(text: str, name: str = "loss", *, by_ratio: bool = True) -> float:
    reply = Reply(status=CallStatus.OK, payload=text.encode())
    return yardstick(name, Better.LOWER).value(reply, by_ratio=by_ratio)


@pytest.mark.parametrize(("name", "value", "unit"), [("wall", 2, "s"), ("cpu", 3, "s"), ("peak_memory", 5, "MiB")])
def test_what_the_supervisor_takes(name, value, unit):
    found = yardstick(name)
    assert (found.value(REPLY, by_ratio=True), found.metric.unit, found.metric.better) == (value, unit, Better.LOWER)
    with pytest.raises(BadInput, match="leave --better out"):
        yardstick(name, Better.HIGHER)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("loss=0.5", 0.5),
        ("loss: 1e-3 (mean)", 1e-3),
        ("  loss =\t7", 7),
        ("epoch=1, loss=0.25, seen=4", 0.25),
        ("loss=9\nloss=8\nvalid_loss=1\nloss.max=2\ntrain-loss=3", 8),
    ],
)
def test_a_number_that_is_printed_last(text, value):
    assert printed(text) == value


def test_a_name_is_no_pattern():
    assert printed("ms/op=3", "ms/op") == 3
    with pytest.raises(ValueError, match=r"printed no a\.b"):
        printed("axb=3", "a.b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it printed no loss; print loss=value or loss: value"),
        ("Loss=3", "it printed no loss"),
        ("loss\n=3", "it printed no loss"),
        ("loss=1,234", "it printed loss=1,234, no number"),
        ("loss=\x1b[31mred", "it printed loss=red, no number"),
        ("loss=nan", "loss is nan; only finite"),
        ("loss=-inf", "loss is -inf; only finite"),
        ("loss=0", "loss is 0, and a percentage needs positive numbers"),
        ("loss=-2", "loss is -2, and a percentage needs positive numbers"),
    ],
)
def test_what_is_no_measurement_is_said(text, words):
    with pytest.raises(ValueError, match=words.replace("[", r"\[")):
        printed(text)


def test_where_amounts_are_compared_zero_is_a_number_and_infinity_is_none():
    assert printed("loss=-2", by_ratio=False) == -2
    with pytest.raises(ValueError, match="finite"):
        printed(f"loss={math.inf}", by_ratio=False)


def test_a_peak_that_is_not_known_is_none():
    with pytest.raises(
        ValueError, match=r"its peak is not known; .* `rss=12\.5`, and say `--metric rss --better lower`"
    ):
        yardstick("peak_memory").value(Reply(status=CallStatus.OK), by_ratio=True)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a:"])
def test_a_name_that_can_not_be_printed_is_refused(name):
    with pytest.raises(BadInput, match="is no name of a number"):
        yardstick(name, Better.LOWER)


def test_which_direction_is_better_is_never_guessed():
    with pytest.raises(BadInput, match="--better lower or --better higher"):
        yardstick("score")
    with pytest.raises(BadInput, match="'more' is no direction"):
        yardstick("score", "more")
    assert yardstick("score", "higher").metric.better is Better.HIGHER
