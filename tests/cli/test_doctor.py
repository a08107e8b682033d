"""`selfwright doctor`, as whoever runs the tests and as an ordinary user."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from selfwright.bootstrap import SANDBOXES
from tests.journeys.place import ENVIRONMENT, SELFWRIGHT

ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def doctor(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, SELFWRIGHT, "doctor", *arguments],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("before", [(), ORDINARY], ids=["us", "an ordinary user"])
def test_every_sandbox_is_tried_and_the_exit_code_says_whether_one_contains(before: tuple[str, ...]) -> None:
    done = doctor("--json", before=before)
    said = json.loads(done.stdout)
    offers = {offer["name"]: offer for offer in said["sandboxes"]}
    assert list(offers) == list(SANDBOXES)
    assert said["machine"]
    assert offers["limits"]["works"] and not offers["limits"]["contains"]
    for offer in offers.values():
        assert offer["lacks"] or (offer["works"] and offer["contains"]), offer
        assert (offer["call_s"] > 0) is offer["works"], offer
    contained = [offer["name"] for offer in offers.values() if offer["works"] and offer["contains"]]
    assert done.returncode == (0 if contained else 1), done.stderr


def test_in_words_it_says_which_one_is_taken() -> None:
    said = {offer["name"]: offer for offer in json.loads(doctor("--json").stdout)["sandboxes"]}
    text = doctor().stdout
    first = next(name for name, offer in said.items() if offer["works"] and offer["contains"])
    assert f"`selfwright run` takes {first}; --sandbox chooses another." in text
    assert "limits       works, does NOT contain hostile code" in text
    for offer in said.values():
        assert all(lack in text for lack in offer["lacks"])


@pytest.mark.needs_bubblewrap
def test_what_is_missing_is_said_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "git").symlink_to(shutil.which("git") or "/usr/bin/git")
    done = subprocess.run(
        [SELFWRIGHT, "doctor", "--json"], capture_output=True, text=True, env=ENVIRONMENT | {"PATH": str(tmp_path)},
        timeout=100, check=False,
    )  # fmt: skip
    offers = {offer["name"]: offer for offer in json.loads(done.stdout)["sandboxes"]}
    assert offers["bubblewrap"]["works"] is False
    assert "install the package bubblewrap" in offers["bubblewrap"]["lacks"][0]
