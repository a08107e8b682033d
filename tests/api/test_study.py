"""Your own loop: asked, submitted, told; several at once; closed and opened again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import selfwright
from selfwright.core.errors import BadInput
from selfwright.core.lifecycle import State
from selfwright.core.verdict import Decision
from tests.journeys.place import Place, program

SLOW = "def size(case):\n    import time; time.sleep(0.3); return 55\n\n\ndef quality():\n    return 40\n"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    Place.make(folder)
    return folder / "toy"


@pytest.fixture(scope="module")
def study(toy: Path) -> Iterator[selfwright.Study]:
    with selfwright.Study(toy, dir=toy.parent / "r", workers=1) as made:
        yield made


def test_what_is_asked_is_changed_and_submitted_is_judged_and_told(study: selfwright.Study) -> None:
    change = study.ask()
    assert dict(change.program(change.parent)) == {"p.py": program(100).encode()}
    assert (change.best, change.brief.editable, list(change.history)) == ("v0", ("p.py",), [])
    trial = study.submit({"p.py": program(90)}, reason="smaller", parent=change.parent, proposer="loop", usd=0.25)
    assert (trial.id, trial.state, trial.version, trial.reason) == ("t1", State.ADOPTED, 1, "smaller")
    assert (trial.proposer, study.best.commit, study.run.state.spent.usd) == ("person (loop)", trial.commit, 0.25)
    past = study.tell(trial)
    assert (past.decision, past.version, past.metrics["size"], study.told) == (Decision.ADOPT, 1, 90.0, [past])
    after = study.ask()
    assert (after.best, after.trial) == ("v1", 2)
    assert [each.trial for each in after.history] == ["t1"]


def test_several_are_in_flight_and_have_their_verdicts_in_order(study: selfwright.Study) -> None:
    before = study.run.state.asked
    asks = [study.ask() for _ in range(3)]
    assert len({ask.seed for ask in asks}) == 3
    sizes = (70, "1 / 0", 60)
    pending = [study.hand_in({"p.py": program(size)}, reason=str(size)) for size in sizes]
    trials = [each.wait(60) for each in reversed(pending)][::-1]
    assert [trial.id for trial in trials] == [f"t{before + number}" for number in (1, 2, 3)]
    assert [trial.adopted for trial in trials] == [True, False, True]
    assert "ZeroDivisionError" in trials[1].words
    assert "ZeroDivisionError" in study.tell(trials[1]).detail
    assert study.ask().memory("best").mistakes[0].trial == trials[1].id


def test_threads_may_submit(study: selfwright.Study) -> None:
    found: list[selfwright.Trial] = []
    threads = [
        threading.Thread(target=lambda size=size: found.append(study.submit({"p.py": program(size)})))
        for size in (58.5, 58.4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({trial.id for trial in found}) == 2
    assert {trial.id for trial in found} <= {trial.id for trial in study.run.trials}


def test_what_is_no_change_is_told_before_anything_is_measured(study: selfwright.Study) -> None:
    before = study.run.state.seq
    with pytest.raises(BadInput, match="nothing in this change"):
        study.submit({})
    with pytest.raises(BadInput, match=r"judge\.py is locked; this problem lets you change p\.py"):
        study.submit({"judge.py": "def cases(stage): return []"})
    with pytest.raises(BadInput, match="'t99'"):
        study.submit({"p.py": program(1)}, parent="t99")
    assert study.run.state.seq == before


def test_a_patch_is_a_change_too(study: selfwright.Study) -> None:
    files = study.best.files["p.py"].decode().splitlines()
    patch = "--- a/p.py\n+++ b/p.py\n@@ -1,2 +1,2 @@\n def size(case):\n-" + files[1] + "\n+    return 30\n"
    assert study.submit(patch=patch).metrics["size"] == 30.0


def test_what_was_not_measured_when_it_was_closed_is_when_it_is_opened_again(toy: Path) -> None:
    folder = toy.parent / "again"
    with selfwright.Study(toy, dir=folder, workers=1) as study:
        study.hand_in({"p.py": SLOW})
        later = study.hand_in({"p.py": program(50)})
    with pytest.raises(BadInput, match="the study was closed; opened again with dir="):
        later.wait()
    with pytest.raises(BadInput, match="the study is closed"):
        study.hand_in({"p.py": program(1)})
    with selfwright.Study(toy, dir=folder, workers=1) as study:
        assert study.submit({"p.py": program(45)}).id == "t3"
        assert [trial.metrics["size"] for trial in study.run.trials] == [55.0, 50.0, 45.0]
        assert "3 adopted" in repr(study) and "<svg" in study._repr_html_()
    (toy / "judge.py").write_text((toy / "judge.py").read_text() + "\n")
    with pytest.raises(BadInput, match=r"has changed since this run opened: judge\.py is other"):
        selfwright.Study(toy, dir=folder)
