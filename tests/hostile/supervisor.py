"""The supervisor inside the throw-away host: builds a world, tries attacks, tells verdicts."""

from __future__ import annotations

import json
import os

import numpy  # noqa: F401 - loaded once by process 1, for every supervisor

from selfwright.bootstrap import make_sandbox
from selfwright.core.errors import SandboxError
from tests.hostile.corpus import corpus
from tests.hostile.way import ENVIRONMENT, NAIVE, Sandboxed, Way
from tests.hostile.world import Verdict, World


def hang_s(way: str) -> float:
    """When to give up on one attack."""
    return NAIVE[way].hang_s if way in NAIVE else Sandboxed.hang_s


def serve(token: str, name: str, attacks: list[str], telling: int) -> None:
    """Try attacks until one wins; one line of JSON each, on the descriptor ``telling``."""

    def tell(attack: str, verdict: Verdict) -> None:
        line = {"attack": attack, "broke": verdict.broke, "lacks": verdict.lacks}
        os.write(telling, json.dumps(line).encode() + b"\n")

    try:
        world = World(_make(name), token)
    except AssertionError as error:
        return tell(attacks[0], Verdict(broke=(str(error),)))
    except SandboxError as error:
        for attack in attacks:
            tell(attack, Verdict(lacks=f"{name} does not work here: {error}"))
        return
    for attack in attacks:
        verdict = world.trial(corpus()[attack])
        tell(attack, verdict)
        if verdict.broke:
            break
    world.close()


def _make(name: str) -> Way:
    return NAIVE[name]() if name in NAIVE else Sandboxed(make_sandbox(name, ENVIRONMENT))
