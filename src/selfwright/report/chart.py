"""Charts: the objective trial by trial, and its plane with the first constraint."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from selfwright.core.metric import Condition, Metric
from selfwright.report.axis import Axis
from selfwright.report.drawing import Drawing, Frame
from selfwright.report.mark import Kind, Mark
from selfwright.report.number import short

_LANE = 26.0
"""Height below the data in which failed trials are ticked, pixels."""

_ADOPTED, _VALID = ("adopted", "adopted"), ("valid", "valid, not adopted")
_BROKEN, _FAILED = ("broken", "breaks a constraint"), ("failed", "failed or refused")


def draw_trend(marks: Sequence[Mark], metric: Metric, *, name: str = "trend") -> Markup:
    """Return the objective per trial: adopted ones labelled, the incumbent as stairs, failures as ticks at the bottom.

    Args:
        marks: In trial order, the seed first.
        metric: The objective's.
        name: Unique on the page.
    """
    frame = Frame(width=680, height=400, bottom=46 + _LANE)
    shown = [mark for mark in marks if mark.kind is not Kind.FAILED]
    last = max((mark.trial for mark in marks), default=0)
    x = Axis(low=-0.6, high=max(last, 1) + 0.6, start=frame.left, end=frame.x_end)
    y = Axis.over([mark.values[metric.name] for mark in shown], start=frame.y_end, end=frame.top)
    title = f"{metric.name} of {last} trials, one mark a trial, adopted ones labelled with their version"
    drawing = Drawing(name=name, title=title, frame=frame)
    drawing.axes(x, y, x_title="trial (0: the seed)", y_title=_title(metric, y), whole_x=True)
    drawing.legend([_ADOPTED, _VALID, _BROKEN, _FAILED, ("incumbent", "incumbent")])
    _draw_stairs(drawing, shown, metric, x, y, last)
    lane = frame.y_end + 34
    for mark in marks:
        if mark.kind is Kind.FAILED:
            drawing.shape(mark.kind, x(mark.trial), lane, hint=f"{mark.name}: failed or refused")
    _draw_marks(drawing, [(mark, x(mark.trial), y(mark.values[metric.name])) for mark in shown], (metric,))
    return drawing.markup()


def draw_plane(marks: Sequence[Mark], metric: Metric, other: Metric, bound: Condition) -> Markup:
    """Return the plane of the objective and the constrained metric; where the constraint is broken is shaded.

    Args:
        metric: The objective's, on the horizontal axis.
        other: The constrained one.
        bound: The constraint on it.
    """
    frame = Frame(width=480, height=400)
    shown = [mark for mark in marks if other.name in mark.values and metric.name in mark.values]
    x = Axis.over([mark.values[metric.name] for mark in shown], start=frame.left, end=frame.x_end)
    # Not logarithmic, so that the bound may be zero or negative, and quality in dB is read as it is meant.
    heights = [*(mark.values[other.name] for mark in shown), bound.bound]
    y = Axis.over(heights, start=frame.y_end, end=frame.top, log=False)
    title = f"{other.name} against {metric.name}; versions are connected in order, and {bound} must hold"
    drawing = Drawing(name="plane", title=title, frame=frame)
    edge = y(bound.bound)
    outer = frame.y_end if bound.operator.startswith(">") else frame.top
    drawing.add(
        "rect", "forbidden", x=frame.left, y=min(edge, outer), width=frame.x_end - frame.left, height=abs(edge - outer)
    )
    drawing.axes(x, y, x_title=_title(metric, x), y_title=_title(other, y))
    drawing.add("line", "bound", x1=frame.left, x2=frame.x_end, y1=edge, y2=edge)
    drawing.legend([_ADOPTED, _VALID, _BROKEN])
    words = f"{bound} {other.unit}".rstrip()
    below = outer > edge
    drawing.text(frame.x_end - 6, edge + (15 if below else -7), words, "bound-label", "end")
    places = [(mark, x(mark.values[metric.name]), y(mark.values[other.name])) for mark in shown]
    path = [(x(mark.values[metric.name]), y(mark.values[other.name])) for mark in _versions(shown)]
    if len(path) > 1:
        drawing.line("path", path)
    _draw_marks(drawing, places, (metric, other))
    return drawing.markup()


def _draw_stairs(drawing: Drawing, shown: Sequence[Mark], metric: Metric, x: Axis, y: Axis, last: int) -> None:
    steps = [(x(mark.since), y(mark.values[metric.name])) for mark in _versions(shown)]
    if not steps:
        return
    corners = [steps[0]]
    for (_, height), (across, down) in pairwise(steps):
        corners += [(across, height), (across, down)]
    drawing.line("incumbent", [*corners, (x(last), steps[-1][1])])


def _versions(shown: Sequence[Mark]) -> list[Mark]:
    """Return the adopted ones in the order of their adoption."""
    return sorted((mark for mark in shown if mark.kind is Kind.ADOPTED), key=lambda mark: mark.version or 0)


def _draw_marks(drawing: Drawing, places: Sequence[tuple[Mark, float, float]], metrics: Sequence[Metric]) -> None:
    """Draw hollow marks first, adopted ones over them, and then labels around all."""
    for mark, across, down in sorted(places, key=lambda place: place[0].kind is Kind.ADOPTED):
        numbers = ", ".join(f"{short(mark.values[each.name])} {each.unit}".rstrip() for each in metrics)
        drawing.shape(mark.kind, across, down, hint=f"{mark.name}: {numbers}")
        drawing.keep_clear(across, down)
    for mark, across, down in reversed(places):  # the newest first: where there is no room for all, it has its label
        if mark.kind is Kind.ADOPTED:
            drawing.label(across, down, f"v{mark.version}")


def _title(metric: Metric, axis: Axis) -> str:
    unit = f" [{metric.unit}]" if metric.unit else ""
    return f"{metric.name}{unit}, {metric.better} is better" + (", log scale" if axis.log else "")
