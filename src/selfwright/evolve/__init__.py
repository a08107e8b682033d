"""Improve a program: the loop, its archive and selection, its memory of what was tried."""

__all__: list[str] = []
