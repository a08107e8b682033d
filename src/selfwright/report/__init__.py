"""The report: one self-contained HTML file of one run, drawn from its journal and its blobs and from nothing else."""

from selfwright.report.facts import Facts
from selfwright.report.page import write_report

__all__ = ["Facts", "write_report"]
