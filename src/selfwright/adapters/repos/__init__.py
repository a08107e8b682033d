"""Git, by its plumbing: one wrapper, nothing of the person's work tree, index or HEAD is touched."""

from selfwright.adapters.repos.export import export, find_commit
from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.notes import GitNotes
from selfwright.adapters.repos.surrounding import Surrounding, surrounding

__all__ = ["GitNotes", "GitRepo", "Surrounding", "export", "find_commit", "surrounding"]
