"""How coding agents are set up on a machine, as its settings say."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSetup:
    """What a person gives agents, and what they may take.

    Attributes:
        variables: Of the environment: name → value; None where one is named and not set.
        folders: Paths that they may read, beside their own program.
        wall_s: How long one change may take.
        usd: The most that one change costs; None where nobody has said.
        tokens: The most that one change is taken to read and write.
        prompt_bytes: The most that a task has.
        at_once: So many work at once.
    """

    variables: Mapping[str, str | None]
    folders: tuple[str, ...]
    wall_s: float
    memory_mb: int
    usd: float | None
    tokens: int
    prompt_bytes: int
    at_once: int
