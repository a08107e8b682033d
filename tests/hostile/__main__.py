"""``make hostile``: every attack against every way to run a candidate, as a table."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection

from selfwright.bootstrap import SANDBOXES, make_sandbox
from selfwright.core.errors import SandboxError
from tests.hostile.corpus import CLASSES, corpus
from tests.hostile.guard import trials, unavailable
from tests.hostile.way import KNOWN, NAIVE
from tests.hostile.world import Verdict


def main(names: list[str]) -> int:
    """Print the table; 1 if a sandbox that claims to contain hostile code was broken.

    Args:
        names: Ways and classes of attacks; without any, all of them.
    """
    if why := unavailable():
        print(why)
        return 2
    broken = 0
    families = [name for name in names if name in CLASSES] or CLASSES
    for name in [name for name in names if name not in CLASSES] or [*NAIVE, *SANDBOXES]:
        for ordinary in (False, True) if os.geteuid() == 0 and name not in NAIVE else (False,):
            who = "ordinary user" if ordinary or os.geteuid() else "root"
            counts = _column(name, who, families, ordinary=ordinary)
            broken += counts["BROKE"] if _claims(name) else 0
    return 1 if broken else 0


def _column(name: str, who: str, families: Collection[str], *, ordinary: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    attacks = [name for name, attack in corpus().items() if attack.family in families]
    for attack, broke, lacks in trials(name, attacks, ordinary=ordinary):
        verdict = str(Verdict(broke=broke, lacks=lacks))
        if broke and (name, attack) in KNOWN:
            verdict = f"known: {broke}; {KNOWN[name, attack]}"
        counts[verdict.partition(":")[0]] += 1
        print(f"{name:16} {who:13} {attack:52} {verdict}", flush=True)
    total = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    print(f"{name:16} {who:13} {'total of ' + str(sum(counts.values())):52} {total}\n", flush=True)
    return counts


def _claims(name: str) -> bool:
    if name in NAIVE:
        return False
    try:
        sandbox = make_sandbox(name)
    except SandboxError:
        return False
    sandbox.close()
    return sandbox.contains


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
