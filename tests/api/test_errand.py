"""A command of ours that lives on."""

import os

import pytest

from selfwright.api.errand import Errand


def finish(errand: Errand) -> Errand:
    errand._process.wait(60)
    return errand


def test_its_end_and_its_last_words_are_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    errand = finish(Errand(["status", "nowhere"]))
    assert errand.failed and not errand.running
    assert errand.last_words().startswith("no run 'nowhere' in .selfwright/runs")


def test_it_has_a_session_of_its_own_and_imports_nothing_from_where_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typer.py").write_text("raise SystemExit('planted')\n")
    errand = Errand(["problems"])
    assert os.getsid(errand._process.pid) == errand._process.pid
    assert not finish(errand).failed and "planted" not in errand.last_words()


@pytest.mark.parametrize("after", [0, 1])
def test_it_is_ended_once(tmp_path, monkeypatch, after):
    monkeypatch.chdir(tmp_path)
    errand = Errand(["problems"])
    for _ in range(after + 1):
        errand.end()
    assert not errand.running
