"""What a machine offers: sandboxes, in several strengths; providers of models; coding agents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One sandbox as this machine has it.

    Attributes:
        name: Of the adapter.
        works: Whether a command ran in it, here and now.
        contains: Whether it contains hostile code.
        lacks: What it leaves open here, or why it does not work; with the mend.
        start_s: How long the first command took, its own start included; 0 where it does not work.
        call_s: How long the second took.
    """

    name: str
    works: bool
    contains: bool
    lacks: tuple[str, ...] = ()
    start_s: float = 0.0
    call_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider of models as it is set up here.

    Attributes:
        name: As a proposer: ``claude``.
        where: Its base URL, without a password.
        key: Whether there is a key; the key itself is nobody's business.
        lacks: What is in the way of asking it, with the mend; empty where nothing is.
    """

    name: str
    where: str
    key: bool
    lacks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A coding agent that is known by name.

    Attributes:
        name: As in ``agent-online:claude``.
        path: Where it lies; empty where it is not here.
        mend: How it is installed.
    """

    name: str
    path: str
    mend: str
