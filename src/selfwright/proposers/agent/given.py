"""What an agent is given of this machine, and what it may take."""

from collections.abc import Mapping
from dataclasses import dataclass

from selfwright.core.change import Cost
from selfwright.core.errors import BadInput
from selfwright.core.limits import Limits, Profile
from selfwright.core.setup import AgentSetup
from selfwright.proposers.agent.secret import SHORTEST

NETWORK = "network"

_OURS = ("HOME", "PATH", "TMPDIR", "SELFWRIGHT_TASK")
_SETTING = "SELFWRIGHT_AGENT_VARIABLES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an agent is given of this machine.

    Attributes:
        program: Absolute path of what is run.
        search: Folders in which it finds programs before the system's.
        variables: Its environment, beside what any process needs: name → value.
        limits: Of one answer; ``NETWORK`` is among ``allow`` where a person has consented.
        most: What one answer is taken to cost, before it is known; usd None where nobody has said.
    """

    program: str
    search: tuple[str, ...]
    variables: Mapping[str, str]
    limits: Limits
    most: Cost


def given_of(
    command: str, setup: AgentSetup, *, online: bool, program: str, search: tuple[str, ...]
) -> Given:  # fmt: skip
    """Return what an agent is given.

    Args:
        command: As it is recorded.

    Raises:
        BadInput: A variable is not set, is ours, or its value stands in the command, which is recorded.
    """
    values: dict[str, str] = {}
    for name, value in setup.variables.items():
        if name in _OURS:
            raise BadInput(f"{_SETTING}: {name} is what the sandbox makes it; take it away")
        if value is None:
            raise BadInput(f"{_SETTING} names {name}, which is not set: export it, or take it away")
        if len(value) >= SHORTEST and value in command:
            raise BadInput(f"the value of {name} stands in the command of the agent, which is recorded: take it away")
        values[name] = value
    limits = Limits(
        wall_s=setup.wall_s, memory_mb=setup.memory_mb, output_mb=16, log_kb=512, files_mb=128, processes=512,
        profile=Profile.NATIVE, allow=("exec", *([NETWORK] if online else [])),
    )  # fmt: skip
    return Given(
        program=program,
        search=search,
        variables=values,
        limits=limits,
        most=Cost(usd=setup.usd, tokens_in=setup.tokens),
    )
