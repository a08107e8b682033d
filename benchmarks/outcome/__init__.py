"""Outcome per budget: what each engine's best is worth, measured again."""
