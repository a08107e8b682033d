"""What is here, as Python calls: this machine, its sandboxes, the bundled problems."""

import shutil
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import try_sandbox

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.core.offer import Agent, Offer, Provider


def machine() -> dict[str, str]:
    """Return what this machine is, name → words."""
    return bootstrap.describe_machine()


def doctor() -> "list[Offer]":
    """Return what this machine makes of each sandbox, the strongest first; tries them all."""
    return [try_sandbox(name, twice=True) for name in bootstrap.SANDBOXES]


def models() -> "list[Provider]":
    """Return the providers of models, and what is in the way of asking each."""
    return bootstrap.model_offers()


def agents() -> "list[Agent]":
    """Return the coding agents that are known by name, and where they lie here."""
    from selfwright.core.offer import Agent
    from selfwright.proposers.agent import INSTALL

    return [Agent(name=name, path=shutil.which(name) or "", mend=mend) for name, mend in INSTALL.items()]


def problems() -> "list[Problem]":
    """Return the bundled problems."""
    return bootstrap.bundled_problems()
