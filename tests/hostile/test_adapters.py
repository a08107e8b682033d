"""Every sandbox that claims to contain hostile code holds against the whole corpus, as root and as an ordinary user."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from selfwright.bootstrap import SANDBOXES, make_sandbox
from selfwright.core.errors import SandboxError
from tests.hostile.corpus import corpus
from tests.hostile.guard import trials, unavailable
from tests.hostile.way import KNOWN

QUICK = "zygote"  # a quarter of a minute; starting a process for each call takes the others minutes
HOSTS = 3  # at once: an attack that hangs is waited for
WHO = [False, True] if os.geteuid() == 0 else [False]


def containing() -> list[object]:
    """The adapters that claim it; one that can not be made here says so in its own tests."""
    found = []
    for name in SANDBOXES:
        try:
            sandbox = make_sandbox(name)
        except SandboxError:
            continue
        if sandbox.contains:
            found.append(pytest.param(name, marks=[] if name == QUICK else pytest.mark.slow))
        sandbox.close()
    return found


@pytest.mark.timeout(900)
@pytest.mark.may_skip("needs namespaces, which not every runner has")
@pytest.mark.parametrize("ordinary", WHO, ids=lambda ordinary: "ordinary user" if ordinary else "as it is")
@pytest.mark.parametrize("adapter", containing())
def test_it_holds(adapter: str, ordinary: bool) -> None:
    if why := unavailable():
        pytest.skip(why)
    shares = [list(corpus())[start::HOSTS] for start in range(HOSTS)]
    with ThreadPoolExecutor(HOSTS) as pool:
        told = pool.map(lambda share: list(trials(adapter, share, ordinary=ordinary)), shares)
    results = {attack: (broke, lacks) for share in told for attack, broke, lacks in share}
    assert sorted(results) == sorted(corpus())
    if all(lacks for _, lacks in results.values()):
        pytest.skip(results["judge/lying_list"][1])
    broken = {(adapter, attack): broke for attack, (broke, _) in results.items() if broke}
    assert broken.keys() == {known for known in KNOWN if known[0] == adapter}, broken
