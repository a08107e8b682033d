"""A rule: what a failure of a kind looks like, and what to say of it. They are data: ``rules/*.toml``."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

TABLES = ("refused", "built", "denied", "raised", "ended", "judged", "weighed")


class Category(StrEnum):
    """What kind of thing went wrong."""

    PROPOSAL = "proposal"
    SYNTAX = "syntax"
    IMPORT = "import"
    NAME = "name"
    TYPE = "type"
    VALUE = "value"
    LOOKUP = "lookup"
    ARITHMETIC = "arithmetic"
    SHAPE = "shape"
    FILE = "file"
    LIMIT = "limit"
    SANDBOX = "sandbox"
    PROCESS = "process"
    BUILD = "build"
    ANSWER = "answer"
    CONSTRAINT = "constraint"
    CHANCE = "chance"
    NOTHING = "nothing"
    JUDGE = "judge"
    OTHER = "other"


class Severity(StrEnum):
    """How much must change until it works."""

    LOW = "low"
    """A slip: one line, and the idea is not touched."""
    MEDIUM = "medium"
    """A mistake in the code; the idea may be sound."""
    HIGH = "high"
    """The approach does not fit: limits, a crash of the process, wrong results."""
    CRITICAL = "critical"
    """A person must look: the judge failed, or the sandbox refused something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of a table. Of a table the first row that fits is taken.

    Attributes:
        name: Of the cause: ``index-out-of-range``.
        looks: A regular expression that is searched for; its named groups may stand in ``cause`` and ``mend``.
        cause: In a sentence without a full stop.
        mend: What to do, likewise.
        sure: Whether what it looks like says what it is; else a model may say more.
    """

    name: str
    category: Category
    severity: Severity
    looks: str
    cause: str
    mend: str
    sure: bool = True

    def fits(self, text: str) -> "re.Match[str] | None":
        """Return what of a text fits."""
        return _compiled(self.looks).search(text)


@cache
def rules(table: str) -> tuple[Rule, ...]:
    """Return the rules of ``rules/TABLE.toml``, in the order in which they are tried."""
    text = Path(__file__).with_name("rules").joinpath(f"{table}.toml").read_text()
    return tuple(
        Rule(
            name=row["name"], category=Category(row["category"]), severity=Severity(row["severity"]),
            looks=row["looks"], cause=row["cause"], mend=row["mend"], sure=row.get("sure", True),
        )
        for row in tomllib.loads(text)["rule"]
    )  # fmt: skip


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern)  # at first use: most commands diagnose nothing
