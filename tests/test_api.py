"""From Python: the same calls as on the command line, first."""

import pytest

import selfwright
from selfwright.core.event import RunOpened
from tests.journeys.place import SESSION, Place


def test_a_run_from_python(tmp_path):
    place = Place.make(tmp_path)
    said: list[str] = []
    run = selfwright.run(
        tmp_path / "toy", proposer=place.session(), trials=2, dir=tmp_path / "r", announce=said.append
    )  # fmt: skip
    assert run.best.name == "v1"
    assert dict(run.best.files) == {"p.py": SESSION[0].encode()}
    assert run.best.metrics == {"size": 90.0, "quality": 40.0}
    assert isinstance(next(iter(run.events())).event, RunOpened)
    assert "cases: smoke: a; full: a, b; seed 0" in said
    run = selfwright.resume(tmp_path / "r", trials=6)
    assert (run.state.verdicts, run.best.name) == (6, "v2")
    (tmp_path / "p.py").write_text("def size(case):\n    return 7\n\n\ndef quality():\n    return 31\n")
    assert "adopted" in selfwright.submit(tmp_path / "r", tmp_path / "p.py", wait=True)


def test_bad_input_is_one_class(tmp_path):
    with pytest.raises(selfwright.BadInput, match="no such folder"):
        selfwright.run(tmp_path / "nowhere")
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = selfwright.walk
