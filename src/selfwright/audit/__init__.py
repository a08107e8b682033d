"""The git record of a run: what a version's commit says, its certificate, and the shelf of versions beside it."""

from selfwright.audit.certificate import Certificate
from selfwright.audit.committer import Committer
from selfwright.audit.message import evolution_message, seed_message
from selfwright.audit.shelf import Shelf

__all__ = ["Certificate", "Committer", "Shelf", "evolution_message", "seed_message"]
