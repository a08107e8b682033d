"""The report: one self-contained HTML file of one run, drawn from its journal and its blobs and from nothing else.

The card is the same in little, for a notebook.
"""

from selfwright.report.card import render_card
from selfwright.report.facts import Facts
from selfwright.report.page import headline, write_report

__all__ = ["Facts", "headline", "render_card", "write_report"]
