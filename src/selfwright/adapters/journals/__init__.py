"""Journals: one append-only, hash-chained stream of events a run."""

from selfwright.adapters.journals.sqlite import SqliteJournal

__all__ = ["SqliteJournal"]
