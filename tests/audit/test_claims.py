"""The gains that other engines claim are read from what their runs left, in the order in which they came."""

from __future__ import annotations

import json
import pickle
import sqlite3
from pathlib import Path

import pytest

from selfwright.audit.claims import read_gains
from selfwright.core.errors import BadInput


def openevolve(folder: Path) -> None:
    programs = [(0, 1.0), (1, 1.0), (2, 1.5), (3, 1.2), (4, 2.0)]
    for checkpoint, count in ((2, 3), (4, 5)):
        place = folder / f"checkpoints/checkpoint_{checkpoint}/programs"
        place.mkdir(parents=True)
        for number, score in programs[:count]:
            program = {
                "id": f"p{number}", "code": f"# {number}\n", "iteration_found": number, "timestamp": 100.0 - number,
                "metrics": {"combined_score": score, "eval_time": 9.0, "error": "none"},
            }  # fmt: skip
            (place / f"p{number}.json").write_text(json.dumps(program))


def shinka(folder: Path) -> None:
    with sqlite3.connect(folder / "programs.sqlite") as database:
        database.execute("CREATE TABLE programs (id, generation, timestamp, code, combined_score, correct)")
        rows = [(0, 1.0, 1), (1, 9.0, 0), (2, 1.5, 1), (3, 1.2, 1), (4, 2.0, 1)]
        for number, score, correct in rows:
            row = (f"p{number}", number, 0.0, f"# {number}\n", score, correct)
            database.execute("INSERT INTO programs VALUES (?, ?, ?, ?, ?, ?)", row)
    database.close()
    sqlite3.connect(folder / "prompts.sqlite").close()


def gepa(folder: Path) -> None:
    scores = [1.0, 0.5, 1.5, 1.2, 2.0]
    result = {"candidates": [{"text": f"# {n}\n"} for n in range(5)], "val_aggregate_scores": scores}
    (folder / "result.json").write_text(json.dumps(result))


@pytest.mark.parametrize("make", [openevolve, shinka, gepa])
def test_a_gain_is_what_was_better_than_all_before(make: object, tmp_path: Path) -> None:
    make(tmp_path)  # type: ignore[operator]
    gains = read_gains(tmp_path, make.__name__)  # type: ignore[attr-defined]
    assert [(gain.code, gain.score) for gain in gains] == [("# 2\n", 1.5), ("# 4\n", 2.0)]


def test_gepa_keeps_what_it_calls_better_and_its_pickle_is_left_alone(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    (tmp_path / "gepa_state.bin").write_bytes(pickle.dumps(Trap()))
    (tmp_path / "candidates.json").write_text(json.dumps([{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]))
    (gain,) = read_gains(tmp_path, "gepa")
    assert (gain.name, gain.code, gain.score) == ("candidate 1", {"a": "3", "b": "4"}, None)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("source", ["openevolve", "shinka", "gepa"])
def test_where_nothing_lies_it_says_what_it_looked_for(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"candidates": 3}')
    with pytest.raises(BadInput, match=f"found no programs of {source}; looked for"):
        read_gains(tmp_path, source)
    with pytest.raises(BadInput, match="there is no folder"):
        read_gains(tmp_path / "none", source)


def test_another_engine_is_none_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="known are openevolve, shinka, gepa"):
        read_gains(tmp_path, "deap")
