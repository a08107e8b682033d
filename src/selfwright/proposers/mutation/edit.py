"""An edit: nodes of a source, what stands there instead, and the words for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edit:
    """One step away from a program.

    Attributes:
        old: One node; or statements that follow each other in one block.
        new: What stands there instead: as many statements as one likes, but one expression for an expression.
        words: What is done, as a past sentence: ``replaced `a < b` by `a <= b` in `encode```.
        needs: A module that it uses, or empty: ``functools``; imported before the statement where nobody did.
    """

    old: Sequence[cst.CSTNode]
    new: Sequence[cst.CSTNode]
    words: str
    needs: str = ""
