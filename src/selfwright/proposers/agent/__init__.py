"""A coding agent as a proposer: it works in a sandboxed folder, and what it leaves there becomes a change.

Any command will do. It finds the program, a task and nothing else: no judge, no history, no home, no environment but
what a person has named, and no network unless a person has said so.
"""

from selfwright.proposers.agent.command import Command, absolute
from selfwright.proposers.agent.given import Given, given_of
from selfwright.proposers.agent.making import make_agent
from selfwright.proposers.agent.preset import INSTALL, PRESETS
from selfwright.proposers.agent.proposer import AgentProposer

__all__ = ["AgentProposer", "Command", "Given", "INSTALL", "PRESETS", "absolute", "given_of", "make_agent"]
