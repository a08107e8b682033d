"""An agent as it is set up here: its command, what a person gives it, and the sandbox that it works in."""

from collections.abc import Callable, Sequence
from typing import Protocol

from selfwright.core.environment import Environment
from selfwright.core.errors import BadInput
from selfwright.core.setup import AgentSetup
from selfwright.ports.sandbox import Sandbox
from selfwright.proposers.agent.command import Command
from selfwright.proposers.agent.given import given_of
from selfwright.proposers.agent.preset import INSTALL
from selfwright.proposers.agent.proposer import AgentProposer


class Found(Protocol):
    """A program on this machine.

    Attributes:
        program: Its path, absolute.
        shown: What must be shown of this machine for it to run.
        search: Folders of what it asks for by name.
    """

    program: str
    shown: list[str]
    search: list[str]


def make_agent(
    text: str, setup: AgentSetup, *, online: bool, find: Callable[[str, Sequence[str], str], Found],
    make_sandbox: Callable[[Environment], Sandbox],
) -> AgentProposer:  # fmt: skip
    """Return the proposer of a command.

    Args:
        online: Whether a person has consented to the network.
        find: Finds a program, with the files that its command names, and how it is installed.
        make_sandbox: Returns one that shows what is declared.

    Raises:
        BadInput: It is not here, not allowed, or no sandbox would hold it.
    """
    command = Command.parse(text)
    command.check(online=online)
    found = find(command.words[0], command.files, INSTALL.get(command.words[0], ""))
    if wrong := next((each for each in setup.folders if not each.startswith("/")), ""):
        raise BadInput(f"SELFWRIGHT_AGENT_FOLDERS: {wrong!r} is not named from the root")
    search = (*found.search, *(f"{each}/bin" for each in setup.folders))
    given = given_of(text, setup, online=online, program=found.program, search=search)
    sandbox = make_sandbox(Environment(folders=(*found.shown, *setup.folders)))
    if not sandbox.contains:
        raise BadInput(
            f"an agent works in a sandbox that contains hostile code, and {sandbox.name!r} does not: leave --sandbox "
            "out. Where there is none, let the agent work by itself, and `selfwright submit` what it has made"
        )
    name = f"{'agent-online' if online else 'agent'}:{command.short}"
    return AgentProposer(
        command, name=name, sandbox=sandbox, given=given, prompt_bytes=setup.prompt_bytes, lag=setup.at_once
    )
