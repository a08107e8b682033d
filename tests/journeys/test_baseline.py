"""Honest baselines: the same trials spent by best-of-N and by tuning alone, each a run of its own, shown beside."""

import json

import pytest

from selfwright import api
from selfwright.core.errors import BadInput
from tests.journeys.place import Place


@pytest.fixture
def place(tmp_path):
    return Place.make(tmp_path)


def told(place, *names):
    done = place.call("baseline", str(place.folder / "r"), *names, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_the_same_trials_are_spent_without_what_was_learned(place):
    place.run("--proposer", "numeric", "--trials", "6")
    found, _ = told(place)
    assert [each["name"] for each in found] == ["", "best-of-n", "tuning"]
    run, blind, tuned = found
    assert [each["trials"] for each in found] == [6, 6, 6]
    assert (tuned["value"], tuned["adopted"]) == (run["value"], run["adopted"])  # it was tuning alone, with this seed
    folder = place.folder / "r" / "baselines" / "best-of-n"
    log = [json.loads(line) for line in place.call("log", str(folder), "--json").stdout.splitlines()]
    assert {parent for trial in log for parent in trial["parents"]} == {"v0"}
    assert blind["value"] == api.look(folder).best.metrics["size"]


def test_what_is_done_is_not_done_again_and_the_report_shows_it(place):
    place.run("--proposer", "numeric", "--trials", "3")
    first, _ = told(place, "tuning")
    tip = api.look(place.folder / "r" / "baselines" / "tuning").state.seq
    assert told(place, "tuning")[0] == first
    assert api.look(place.folder / "r" / "baselines" / "tuning").state.seq == tip
    page = api.report(api.look(place.folder / "r")).read_text()
    assert "tuning alone" in page and "best of N" not in page


def test_a_recording_has_no_best_of_n_and_that_is_said(place):
    place.run("--proposer", place.session(), "--trials", "2")
    with pytest.raises(BadInput, match="a recording says for itself"):
        api.baseline(place.folder / "r", ["best-of-n"])
    with pytest.raises(BadInput, match="no baseline 'luck'; there are best-of-n, tuning"):
        api.baseline(place.folder / "r", ["luck"])
