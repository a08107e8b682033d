"""What a model answered, as a change: read forgivingly, applied strictly.

Four formats are understood, and mixtures of them: SEARCH/REPLACE blocks, diffs, whole files, and patches as Codex
writes them. How an answer is dressed up (fences, prose, line ends, where the path stands) does not matter; what it
changes must fit into exactly one place, and where it does not, the answer is refused whole, with why.
"""

from selfwright.proposers.answer.change import Said, read_answer

__all__ = ["Said", "read_answer"]
