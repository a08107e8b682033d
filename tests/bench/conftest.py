"""The sandboxes in which a program tries to be told faster than it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selfwright.api.confinement import try_sandbox
from selfwright.bootstrap import make_sandbox
from selfwright.core.environment import Environment
from selfwright.ports.sandbox import Sandbox


@pytest.fixture(
    scope="session",
    params=[
        "zygote",
        pytest.param("bubblewrap", marks=[pytest.mark.slow, pytest.mark.needs_bubblewrap]),
        pytest.param("landlock", marks=pytest.mark.slow),
        "limits",
    ],
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each sandbox that works here, with numpy."""
    offer = try_sandbox(request.param)
    if not offer.works:
        pytest.skip(f"{request.param} does not work here: {', '.join(offer.lacks)}")
    made = make_sandbox(request.param, Environment(modules=("numpy",)))
    yield made
    made.close()
