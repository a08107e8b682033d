"""What a person should know of the coding agents of a run before they begin."""

from collections.abc import Iterator, Sequence

from selfwright.config import settings
from selfwright.proposers.specification import parse_spec

ONLINE = "agent-online"

AGENTS = ("agent", ONLINE)


def agents_in_words(specs: Sequence[str]) -> Iterator[str]:
    """Yield a line an agent: whether it has a network, which was consented to by its name, and what it is given."""
    known = settings().agent_setup().variables
    for part in (part for spec in specs for part in parse_spec(spec) if part.name in AGENTS):
        given = ", ".join(known) or "no variable"
        network = (
            "the WHOLE NETWORK, as you have named it: it can send away what it is shown" if part.name == ONLINE else
            "no network"
        )  # fmt: skip
        yield f"{part}: has {network}; is given {given} of your environment"
