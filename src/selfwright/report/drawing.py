"""Drawing: SVG as an element tree, so that it is well formed whatever text comes in; colours are the page's CSS.

A drawing has a frame with two axes, a title for those who can not see it, and labels that stay clear of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from markupsafe import Markup

from selfwright.report.axis import Axis
from selfwright.report.number import decimals, number, visible

_CHARACTER = 6.4
"""Width of a character of a label, pixels; a little generous."""
_LINE = 13.0
"""Height of a label, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The rectangle that holds the data, within a drawing of ``width`` times ``height`` pixels."""

    width: float
    height: float
    left: float = 58
    right: float = 14
    top: float = 34
    bottom: float = 46

    @property
    def x_end(self) -> float:
        """The right edge."""
        return self.width - self.right

    @property
    def y_end(self) -> float:
        """The lower edge."""
        return self.height - self.bottom


class Drawing:
    """An SVG picture in the making.

    Args:
        name: Unique on the page: ids are made of it.
        title: What it shows, in a sentence.
    """

    def __init__(self, *, name: str, title: str, frame: Frame) -> None:
        self.frame = frame
        self._taken: list[tuple[float, float, float, float]] = []
        self._svg = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {frame.width:g} {frame.height:g}",
                "role": "img",
                "aria-labelledby": f"{name}-title",
                "class": "chart",
            },
        )
        self.add("title", text=title, id=f"{name}-title")

    def add(self, tag: str, css: str = "", *, text: str = "", hint: str = "", **attributes: str | float) -> None:
        """Add an element.

        Args:
            css: Its class.
            hint: Shown when pointed at.
            attributes: ``text_anchor`` is written ``text-anchor``.
        """
        named = {key.replace("_", "-"): _plain(value) for key, value in attributes.items()}
        element = ElementTree.SubElement(self._svg, tag, ({"class": css} if css else {}) | named)
        element.text = visible(text) or None
        if hint:
            ElementTree.SubElement(element, "title").text = visible(hint)

    def text(self, x: float, y: float, words: str, css: str = "", anchor: str = "start", **more: str) -> None:
        """Write words at a point."""
        self.add("text", css, text=words, x=x, y=y, text_anchor=anchor, **more)

    def axes(self, x: Axis, y: Axis, *, x_title: str, y_title: str, whole_x: bool = False) -> None:
        """Draw grid, ticks and titles."""
        frame = self.frame
        longest = 0
        for values, horizontal in ((y.ticks(), True), (x.ticks(whole=whole_x), False)):
            places = 0 if whole_x and not horizontal else _places(values)
            for value in values:
                words = number(value, decimals([value], 1) if (y if horizontal else x).log else places)
                if horizontal:
                    longest = max(longest, len(words))
                    self.add("line", "grid", x1=frame.left, x2=frame.x_end, y1=y(value), y2=y(value))
                    self.text(frame.left - 8, y(value) + 4, words, "tick", "end")
                else:
                    self.add("line", "grid", x1=x(value), x2=x(value), y1=frame.y_end, y2=frame.y_end + 5)
                    self.text(x(value), frame.y_end + 18, words, "tick", "middle")
        self.add("line", "rule", x1=frame.left, x2=frame.x_end, y1=frame.y_end, y2=frame.y_end)
        self.text((frame.left + frame.x_end) / 2, frame.height - 6, x_title, "axis", "middle")
        middle = (frame.top + frame.y_end) / 2
        left = min(13, frame.left - 20 - longest * _CHARACTER)  # of the title, clear of the ticks
        self.text(left, middle, y_title, "axis", "middle", transform=f"rotate(-90 {left:.1f} {middle:.1f})")
        self._svg.set("viewBox", f"{left - 13:g} 0 {frame.width + 13 - left:g} {frame.height:g}")

    def legend(self, entries: list[tuple[str, str]]) -> None:
        """Write a line of marks and their meaning above the frame: (shape, words)."""
        x = self.frame.left
        for shape, words in entries:
            self.shape(shape, x + 5, 12)
            self.text(x + 15, 16, words, "tick")
            x += 30 + len(words) * (_CHARACTER - 0.7)

    def shape(self, shape: str, x: float, y: float, hint: str = "") -> None:
        """Draw one mark: ``adopted``, ``valid``, ``broken``, ``failed`` or ``incumbent``."""
        match shape:
            case "adopted":
                self.add("circle", shape, cx=x, cy=y, r=5, hint=hint)
            case "valid":
                self.add("circle", shape, cx=x, cy=y, r=3.6, hint=hint)
            case "broken":
                self.add("path", shape, d=f"M{x:.1f} {y - 4.6:.1f}l4.6 4.6l-4.6 4.6l-4.6 -4.6z", hint=hint)
            case "failed":
                self.add("path", shape, d=f"M{x:.1f} {y - 5:.1f}v10", hint=hint)
            case _:
                self.add("path", shape, d=f"M{x - 7:.1f} {y:.1f}h14", hint=hint)

    def keep_clear(self, x: float, y: float, radius: float = 5.0) -> None:
        """Let no label come over this point."""
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def line(self, css: str, points: Sequence[tuple[float, float]]) -> None:
        """Draw a line through these points, and let no label come over it."""
        self.add("polyline", css, points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points))
        for (x, y), (x_next, y_next) in pairwise(points):
            pieces = max(1, round(max(abs(x_next - x), abs(y_next - y)) / 4))
            for piece in range(pieces + 1):
                share = piece / pieces
                self.keep_clear(x + share * (x_next - x), y + share * (y_next - y), 1.0)

    def label(self, x: float, y: float, words: str) -> None:
        """Write words beside a point where they cover nothing; where there is no such place, leave them out."""
        half = len(words) * _CHARACTER / 2 + 2
        beside = half + 4
        around = (
            (beside, -12),
            (-beside, -12),
            (0, -14),
            (-beside, 12),
            (0, 15),
            (beside, 12),
            (0, -27),
            (0, 28),
            (-beside - 8, 0),
        )
        for right, down in around:
            box = (x + right - half, y + down - _LINE / 2, x + right + half, y + down + _LINE / 2)
            if self._is_free(box):
                self._taken.append(box)
                self.text(x + right, y + down + 4, words, "label", "middle")
                return

    def markup(self) -> Markup:
        """Return the SVG element."""
        return Markup(ElementTree.tostring(self._svg, encoding="unicode"))  # an element tree escapes

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        frame = self.frame
        inside = left >= frame.left and right <= frame.x_end and top >= frame.top - 10 and bottom <= frame.y_end
        return inside and not any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in self._taken
        )


def _places(ticks: list[float]) -> int:
    """Return the fewest decimals that tell the ticks apart exactly."""
    return next((places for places in range(7) if all(round(tick, places) == tick for tick in ticks)), 6)


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
