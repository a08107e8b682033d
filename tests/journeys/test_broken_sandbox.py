"""A sandbox that can not be set up is our failure: a trial waits for a person, and no candidate is rejected for it."""

from pathlib import Path

import pytest

from tests.adapters.sandboxes.zygote import faulty
from tests.journeys.place import ENVIRONMENT, Place, program

PLUGIN = f"""
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox


class Faulty:
    name, contains, lacks, switches = "faulty", True, (), 0

    def __init__(self, *, environment):
        self._whole = ZygoteSandbox(environment=environment)
        self._broken = ZygoteSandbox(environment=environment, server=({faulty.__file__!r}, "seccomp"))

    def open(self, job):
        return (self._broken if b"# breaks" in job.files["p.py"] else self._whole).open(job)

    def execute(self, job, argv, **rest):
        return self._whole.execute(job, argv, **rest)

    def close(self):
        self._whole.close()
        self._broken.close()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """With a sandbox from outside, which breaks one step of every box whose program says so."""
    installed = tmp_path / "installed"
    (installed / "faulty-1.dist-info").mkdir(parents=True)
    (installed / "faulty_sandbox.py").write_text(PLUGIN)
    (installed / "faulty-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1\n")
    points = "[selfwright.sandboxes]\nfaulty = faulty_sandbox:Faulty\n"
    (installed / "faulty-1.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(installed))
    return Place.make(tmp_path)


def test_a_trial_whose_box_could_not_be_set_up_is_nobodys_rejection(place: Place) -> None:
    session = place.session([program(50) + "# breaks\n", program(90)])
    place.run("--proposer", session, "--sandbox", "faulty")
    first, second = place.log()
    assert (first["state"], second["state"]) == ("needs_person", "adopted")
    assert f"a box can not be set up: seccomp: {faulty.WHY}" in str(first)
    assert place.call("best", str(place.folder / "r"), "--json").stdout.count("return 90") == 1
