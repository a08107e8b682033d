"""Drawings: what is written stays clear of what else is written."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from selfwright.report.axis import Axis
from selfwright.report.drawing import Drawing, Frame

_CHARACTER = 6.0
"""At least as wide as a digit of a tick, pixels."""


@pytest.mark.parametrize(
    "values", [(1.0, 9.0), (8.4e-7, 2.2e-3), (1_000_000.0, 2_000_000.0), (0.0, 1e-5), (-123_456_789.0, 9.0)]
)
def test_the_title_of_an_axis_is_clear_of_its_ticks_and_inside(values: tuple[float, float]) -> None:
    frame = Frame(width=680, height=400)
    drawing = Drawing(name="one", title="One.", frame=frame)
    x = Axis.over([0, 5], start=frame.left, end=frame.x_end)
    drawing.axes(x, Axis.over(values, start=frame.y_end, end=frame.top), x_title="trial", y_title="seconds [s]")
    svg = ElementTree.fromstring(str(drawing.markup()))
    ticks = [each for each in svg.iter() if each.get("class") == "tick" and each.get("text-anchor") == "end"]
    left = min(float(each.get("x", "")) - len(each.text or "") * _CHARACTER for each in ticks)
    title = next(each for each in svg.iter() if each.text == "seconds [s]")
    edge, _, width, _ = map(float, svg.get("viewBox", "").split())
    assert edge + 10 <= float(title.get("x", "")) < left - 3
    assert edge + width == pytest.approx(frame.width)
