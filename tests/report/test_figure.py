"""A text whose figures are in the record is let through; one with any other is not."""

import pytest

from selfwright.report.figure import Figure, unproven

FIGURES = (
    Figure(name="bitrate_mbps", value=0.582037, unit="Mbps", ratios=True),
    Figure(name="bitrate_mbps", value=1.34919, unit="Mbps", ratios=True),
    Figure(name="decode_s", value=0.0412, unit="s", ratios=True),
    Figure(name="size", value=1163750, unit="B", ratios=True),
    Figure(name="gain", value=56.86, unit="%"),
    Figure(name="trials: an index", value=3),
    Figure(name="trials that failed", value=4),
)
NAMES = ("v2", "v3", "t12", "bitrate_mbps", "codec2.py")

TRUE = (
    "v3 takes 0.582037 Mbps.",
    "0.58 Mbps, was 1.35 Mbps",
    "about 582 kbps",
    "It decodes in 41.2 ms (41 ms).",
    "1,163,750 bytes, or 1.16 MB, or 1.11 MiB",
    "57 % better, 56.9% to be exact, 56.86 percent",
    "56.9 % lower",
    "less by a factor: 2.32 times, 2.3x",
    "three of four trials failed; 3 of 4",
    "t12 became v3 and changed codec2.py and bitrate_mbps",
    "no figure at all, and not one thing more",
    "−0.58 Mbps, about 0.6 Mbps",
)
FALSE = (
    ("0.59 Mbps", "0.59 Mbps"),
    ("0.582137 Mbps", "0.582137 Mbps"),
    ("0.5 Mbps", "0.5 Mbps"),
    ("582 Mbps", "582 Mbps"),
    ("0.58 s", "0.58 s"),
    ("41.2 s", "41.2 s"),
    ("0.58 dB", "0.58 dB"),
    ("90 % better", "90 %"),
    ("60 %", "60 %"),
    ("75 % of the trials", "75 %"),
    ("five trials failed", "'five'"),
    ("twice as small", "'twice'"),
    ("3.5 times", "3.5 times"),
    ("v9 is better", "'9'"),
    ("t1 and t120", "'1'"),
    ("H.264", "'2'"),
    ("½ of it", "'½'"),
    ("x² less", "'²'"),
    ("٣٣ MB", "٣٣ MB"),
    ("a 10-fold gain", "10"),
    ("1e9 B", "1e9 B"),
    ("56.86 Mbps", "56.86 Mbps"),
    ("bitrate_mbps2 is 7", "'2'"),
)  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_what_is_in_the_record_is_proven(text: str) -> None:
    assert unproven(text, FIGURES, names=NAMES) == []


@pytest.mark.parametrize(("text", "fault"), FALSE)
def test_what_is_not_is_named(text: str, fault: str) -> None:
    assert fault in unproven(text, FIGURES, names=NAMES)


def test_a_percentage_may_be_computed_of_two_values_of_one_metric_and_of_no_two_counts() -> None:
    measured = [each for each in FIGURES if each.ratios]
    assert unproven("56.9 % lower, or 131.8 % higher", measured) == []
    assert unproven("25 % fewer", FIGURES) == ["25 %"]
    counts = (Figure(name="trials", value=4), Figure(name="trials", value=3))
    assert unproven("25 % fewer, 1.33 times", counts) == ["25 %", "1.33 times"]


def test_each_figure_counts() -> None:
    assert unproven("0.58 Mbps, 99 % better, in 17 trials", FIGURES, names=NAMES) == ["99 %", "17 trials"]


def test_with_no_record_no_figure_stands() -> None:
    assert unproven("0 and zero, 0 %", ()) == ["0 and", "0 %", "'zero'"]
