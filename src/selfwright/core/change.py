"""A change: what a proposer wants the editable files to become, and the content-addressed id of the result."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Files = Mapping[str, bytes]
"""Path below the problem folder (``/`` separated) → content."""

Tree = Mapping[str, str]
"""Path below the problem folder → sha256 (hex) of its content: a program whose bytes lie in the blob store."""


class Origin(StrEnum):
    """What kind of change it is, by what changed in the source and not by what its proposer says."""

    STRUCTURE = "structure"
    TUNING = "tuning"
    """Nothing but numeric literals differ from the parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a proposal cost.

    Attributes:
        usd: Price in US dollars; None where it is unknown, which is never the same as 0.
        tokens_in: Tokens read by a model.
        tokens_out: Tokens written by a model.
    """

    usd: float | None = 0.0
    tokens_in: int = 0
    tokens_out: int = 0


def dearest(costs: Sequence[Cost | None]) -> Cost | None:
    """Return the most that one of these costs, of each kind; None where nobody knows anything of one of them."""
    known = [each for each in costs if each is not None]
    if len(known) < len(costs):
        return None
    prices = [each.usd for each in known]
    return Cost(
        usd=None if None in prices else max((each or 0.0 for each in prices), default=0.0),
        tokens_in=max((each.tokens_in for each in known), default=0),
        tokens_out=max((each.tokens_out for each in known), default=0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a proposer hands over: data, never a path, never a git command.

    Attributes:
        files: Path → new content, or None to delete the file. Paths that are not named stay as they are in the parent.
        patch: A unified diff against the parent, instead of (or on top of) ``files``.
        parent: ``best``, ``seed``, ``v3``, or a trial: ``t12``.
        reason: One or a few sentences: why this should be better.
        proposer: Who says so.
        cost: What it cost.
        fault: Why its proposer could make no change of what a model had answered, which then stands in ``patch``.
        transcript: What an agent said while it made the change, without secrets.
    """

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    patch: str = ""
    parent: str = "best"
    reason: str = ""
    proposer: str = ""
    cost: Cost = field(default_factory=Cost)
    fault: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A checked proposal: the resulting editable tree, content-addressed.

    Attributes:
        id: ``change_id(subject, tree)``.
        tree: The *whole* resulting editable tree, not the difference.
        parents: Ids of the trials or revisions it was derived from.
        origin: Structure or tuning.
        retry_of: Id of the change that failed and that this one repairs.
    """

    id: str
    tree: Tree
    parents: tuple[str, ...]
    proposer: str
    reason: str
    cost: Cost = field(default_factory=Cost)
    origin: Origin = Origin.STRUCTURE
    retry_of: str | None = None


def content_id(content: bytes) -> str:
    """Return the sha256 of ``content`` as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def change_id(subject: str, tree: Tree) -> str:
    """Return the id of a change: sha256 of the subject and the resulting editable tree, and of nothing else.

    The same content proposed twice, by anybody and for any reason, is the same change.

    Args:
        subject: What is changed, e.g. ``problem:video_codec``.
        tree: The resulting editable tree.
    """
    digest = hashlib.sha256(subject.encode())
    for path in sorted(tree):
        digest.update(b"\0" + path.encode() + b"\0" + tree[path].encode())
    return digest.hexdigest()


def tree_of(files: Files) -> dict[str, str]:
    """Return the tree (path → sha256) of ``files``."""
    return {path: content_id(content) for path, content in files.items()}
