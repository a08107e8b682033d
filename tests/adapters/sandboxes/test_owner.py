"""Names that say whose they are."""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys

from selfwright.adapters.sandboxes import owner


def test_a_name_is_found_by_the_pattern_and_stale_once_its_process_is_gone() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from selfwright.adapters.sandboxes import owner; print(owner.prefix())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs, ours = said.stdout.strip() + "x", owner.prefix() + "x"
    assert theirs != ours
    for name in (theirs, ours):
        assert fnmatch.fnmatch(name, owner.pattern())
    assert owner.is_stale(theirs)
    assert not owner.is_stale(ours)


def test_a_name_that_is_none_of_ours_is_never_stale() -> None:
    for name in ("selfwright-elsewhere-1-2-x", "x", owner.prefix().replace(str(os.getpid()), "none") + "x"):
        assert not owner.is_stale(name)
