"""The evaluator on trial: planted cheats that a sound judge catches, and what noise and luck make of its numbers."""

from selfwright.check.examine import Examiner
from selfwright.check.finding import Examination, Finding, Severity
from selfwright.check.watch import WatchedSandbox

__all__ = ["Examination", "Examiner", "Finding", "Severity", "WatchedSandbox"]
