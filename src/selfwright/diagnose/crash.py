"""An exception as a reason or a traceback tells it: type, message, and the innermost place in the candidate's files."""

import re
from dataclasses import dataclass

_TOLD = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*|error))(?:: (?P<words>.*?))?"
    r"(?: \((?P<file>[^()\s,][^(),]*), line (?P<line>\d+)(?:, in (?P<function>[^()]+))?\)(?: \([^()]*\))?)?$"
)
_FRAME = re.compile(r'^  File "([^"]+)", line (\d+), in (.+)$', re.MULTILINE)
_RAISED = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Iteration|Warning))(?:: (.*))?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """What was raised.

    Attributes:
        type: Name of the exception's class, without its module.
        words: Its message, in a line.
        place: ``codec.py, line 144, in fetch``; empty where it is not known.
    """

    type: str
    words: str
    place: str = ""

    def __str__(self) -> str:
        """Return ``IndexError: list index out of range``."""
        return f"{self.type}: {self.words}".removesuffix(": ")


def crash_of(reason: str, log: str = "") -> Crash | None:
    """Return the exception that a reason tells of, else the last one of the log; None where neither does."""
    frames = _FRAME.findall(log)
    place = "{}, line {}, in {}".format(*frames[-1]) if frames else ""
    told = _TOLD.match(reason.partition("\n")[0])
    if told:
        kind = told["type"].rpartition(".")[2]
        where = f"{told['file']}, line {told['line']}" if told["file"] else place
        where += f", in {told['function']}" if told["function"] else ""
        return Crash(type=kind, words=told["words"] or "", place=where)
    raised = _RAISED.findall(log)
    if raised and (frames or "Traceback" in log):
        kind, words = raised[-1]
        return Crash(type=kind.rpartition(".")[2], words=words, place=place)
    return None
