"""A run in a notebook."""

from __future__ import annotations

import re

from selfwright.report import headline, render_card
from selfwright.views.leaderboard import versions_table
from tests.report.sample import HOSTILE, whole_run


def test_it_shows_headline_curve_and_every_version_and_escapes_what_is_hostile() -> None:
    state = whole_run().state()
    rows = versions_table(state)
    card = render_card(state, foot=HOSTILE)
    assert headline(state, rows) in card
    assert card.count("<svg ") == 1
    assert len(re.findall(r"<tr><th>v\d", card)) == len(rows) > 2
    assert "<script" not in card and "<img" not in card and "&lt;script&gt;" in card


def test_two_cards_on_one_page_share_no_id() -> None:
    state = whole_run().state()
    one, other = (render_card(state, foot=foot).partition('id="')[2].partition('"')[0] for foot in ("a", "b"))
    assert one.startswith("trend-") and one != other


def test_a_difference_is_drawn_line_by_line_and_escaped() -> None:
    card = render_card(whole_run().state(), foot="", diff="--- a/f.py\n+++ b/f.py\n@@ -1 +1 @@\n-a < b\n+b > a\n c\n")
    lines = re.findall(r'<span class="(\w*)">(.*)\n</span>', card)
    assert [kind for kind, _ in lines] == ["hunk", "hunk", "hunk", "del", "add", ""]
    assert lines[3:5] == [("del", "-a &lt; b"), ("add", "+b &gt; a")]
