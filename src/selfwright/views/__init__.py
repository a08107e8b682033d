"""Answers folded from the journal: pure functions and folds, no input or output."""

__all__: list[str] = []
