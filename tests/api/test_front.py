"""The desk behind the MCP server: what a client says is looked up in lists, and nothing else is done with it."""

import sys
from types import SimpleNamespace

import pytest

from selfwright import api, config
from selfwright.api.front import AT_ONCE, FREE, FrontDesk
from selfwright.core.errors import BadInput, Unavailable
from tests.journeys.place import Place


@pytest.fixture
def settings(monkeypatch):
    """Sets what the next who asks for the settings is told."""
    config.settings.cache_clear()
    yield monkeypatch.setenv
    config.settings.cache_clear()


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    monkeypatch.chdir(tmp_path)
    return Place.make(tmp_path)


class Quiet:
    """An errand that was never started."""

    running, failed = True, False


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """What would have been started."""
    commands: list[list[str]] = []
    monkeypatch.setattr("selfwright.api.front.Errand", lambda words: commands.append(words) or Quiet())
    return commands


def start(desk, **given):
    return desk.start("toy", **{"proposer": "", "trials": None, "wall_s": None, "seed": 0} | given)


def test_a_run_is_started_under_a_name_that_nobody_has(place, started):
    desk = FrontDesk(["toy"])
    assert [start(desk)[0], start(desk, trials=3, wall_s=1.5, proposer="person")[0]] == ["toy", "toy-2"]
    assert started[0][:2] == ["run", f"{place.folder}/toy/"] and started[0][-2:] == ["--trials", "100"]
    assert started[1][-2:] == ["--wall", "1.500s"]
    for _ in range(AT_ONCE - 2):
        start(desk)
    with pytest.raises(BadInput, match="still run"):
        start(desk)


@pytest.mark.parametrize("name", ["judge.py", "problem.toml", "new.py"])
def test_a_problem_whose_judge_was_changed_meanwhile_is_not_started(place, started, name):
    desk = FrontDesk(["toy"])
    (place.folder / "toy" / "p.py").write_text("def size(case):\n    return 7\n")  # the program may change
    start(desk)
    file = place.folder / "toy" / name
    file.write_text((file.read_text() if file.exists() else "") + "\n# now another\n")
    with pytest.raises(BadInput, match=f"toy: {name} changed since this server was started"):
        start(desk)
    assert len(started) == 1


def test_who_costs_money_is_offered_under_a_bound_alone(place, started, settings):
    settings("SELFWRIGHT_ANTHROPIC_API_KEY", "k")
    for proposer in ("claude:claude-sonnet-5-5", "ollama:of-an-unknown-price"):
        with pytest.raises(BadInput, match="could spend without bound: `selfwright mcp --budget-usd"):
            FrontDesk(["toy"], proposers=[proposer])
    desk = FrontDesk(["toy"], proposers=["claude:claude-sonnet-5-5"], budget_usd=2)
    start(desk, proposer="claude:claude-sonnet-5-5")
    assert "--budget-usd" in started[0] and started[0][started[0].index("--budget-usd") + 1] == "2"


def test_who_is_free_needs_no_bound(place, started, settings):
    settings("SELFWRIGHT_MODEL_PRICES", "tiny=0/0")
    start(FrontDesk(["toy"], proposers=["ollama:tiny"]), proposer="ollama:tiny")
    assert "--budget-usd" not in started[0]


def test_one_process_measures_all_that_waits_in_a_run(place, started, monkeypatch):
    desk, (one, other) = FrontDesk(), (SimpleNamespace(folder=place.folder / name) for name in "ab")
    assert desk.measure(one) is desk.measure(one) is not desk.measure(other)
    assert [words[1] for words in started] == [str(place.folder / "a"), str(place.folder / "b")]
    monkeypatch.setattr(Quiet, "running", False)
    desk.measure(one)
    assert len(started) == 3


def test_nobody_is_asked_who_was_not_offered(place, started):
    desk = FrontDesk(["toy"])
    for proposer in ("recorded:/etc/passwd", "agent:sh", "claude:x", "numeric:tpe", "--yes"):
        with pytest.raises(BadInput, match="is not offered here"):
            start(desk, proposer=proposer)
    assert desk.proposers() == FREE and not started


def test_a_run_elsewhere_that_was_offered_goes_on_with_another_proposer(place, started):
    place.run("--proposer", "person")
    desk = FrontDesk(["r"])
    assert desk.runs() == ["r"]
    assert desk.resume(desk.look("r"), proposer="numeric", trials=2, wall_s=None)
    assert started == [["resume", "r", "--proposer", "numeric", "--trials", "2"]]
    with pytest.raises(BadInput, match="is not offered here"):
        desk.resume(desk.look("r"), proposer="recorded:x", trials=None, wall_s=None)


def test_what_is_no_run_and_no_problem_is_not_offered(place):
    with pytest.raises(BadInput, match="no folder 'nothing' here"):
        FrontDesk(["nothing"])


def test_without_the_extra_the_mend_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(Unavailable, match=r"pip install 'selfwright\[mcp\]'"):
        api.mcp()


def test_a_token_that_is_short_opens_nothing(place, settings):
    settings("SELFWRIGHT_MCP_TOKEN", "short")
    with pytest.raises(BadInput, match="must have 16 printable ASCII characters or more: SELFWRIGHT_MCP_TOKEN"):
        api.mcp(http=True, port=0)
