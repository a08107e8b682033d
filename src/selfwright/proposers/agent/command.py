"""The command of an agent, as a person has written it: the name of a known one with more arguments, or any other."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput
from selfwright.proposers.agent import preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, split as a shell would, and run without one."""

    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Command":
        """Return the command that a text says.

        Raises:
            BadInput: It says none, or a quote is not closed.
        """
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise BadInput(f"agent {text!r}: {error}; quote it as for a shell") from error
        if not words:
            raise BadInput(f"no agent is named; write agent:COMMAND, or one of {', '.join(preset.PRESETS)}")
        return cls(words=words)

    @property
    def known(self) -> bool:
        """Whether it is one of ``PRESETS``."""
        return self.words[0] in preset.PRESETS

    def check(self, *, online: bool) -> None:
        """Accept a command that has what it needs.

        Raises:
            BadInput: It is a known agent, which asks a model over the network, and a person has not consented to that.
        """
        if self.known and not online:
            raise BadInput(
                f"{self.words[0]} asks its model over the network, and an agent has none unless you consent: write "
                f"agent-online:{shlex.join(self.words)}. It means that the agent can send what it is shown (the "
                "program, its numbers, the variables that you name) to anybody, and reach whatever this machine "
                "reaches, itself included; see docs/agents.md"
            )

    @property
    def short(self) -> str:
        """The command without the folders of its files: for a label, which others may read."""
        return shlex.join(os.path.basename(word) if "/" in word else word for word in self.words)

    @property
    def files(self) -> tuple[str, ...]:
        """The words after the first that are paths of files here, and have a slash in them."""
        return tuple(word for word in self.words[1:] if "/" in word and Path(word).is_file())

    def arguments(self, *, task: str, files: Sequence[str], usd: float | None) -> list[str]:
        """Return what follows the program; see ``preset.arguments``."""
        if self.known:
            return preset.arguments(self.words[0], self.words[1:], task=task, files=files, usd=usd)
        return [str(Path(word).absolute()) if word in self.files else word for word in self.words[1:]]


def absolute(text: str) -> str:
    """Return a command whose files are named from the root, so that a resumed run finds them from anywhere."""
    words = Command.parse(text).words
    return shlex.join(str(Path(word).absolute()) if "/" in word and Path(word).is_file() else word for word in words)
