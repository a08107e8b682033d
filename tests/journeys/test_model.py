"""A model that writes the changes, from the command line: paid for, down, wrong; and its key stays where it is."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfwright.bootstrap import MODELS
from selfwright.testing.provider import MODEL, Mishap, Provider, Received
from tests.journeys.place import ENVIRONMENT, Place

KEY = "sk-CANARY-5e1f"


def smaller(heard: Received) -> str:
    found = re.search(r"^    return (\d+)$", heard.fresh, re.M)
    assert found
    return (
        f"Say less.\n\np.py\n<<<<<<< SEARCH\n    return {found[1]}\n\n\ndef quality\n=======\n"
        f"    return {int(found[1]) - 10}\n\n\ndef quality\n>>>>>>> REPLACE\n"
    ).replace("def quality\n", "def quality():\n")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider(smaller, key=KEY) as provider:
        yield provider


def settings(provider: Provider, **more: str) -> dict[str, str]:
    known = {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1"}
    return ENVIRONMENT | {f"SELFWRIGHT_{name}": value for name, value in (known | more).items()}


def test_a_model_improves_a_program_and_its_key_is_nowhere(tmp_path: Path, provider: Provider) -> None:
    place, env = Place.make(tmp_path), settings(provider)
    arguments = ("run", "toy", "--dir", "r", "--workers", "1", "--select", "incumbent", "--proposer", f"claude:{MODEL}")
    down = settings(provider, ANTHROPIC_BASE_URL="http://127.0.0.1:9", MODEL_WALL_S="2")
    done = place.call(*arguments, "--trials", "2", "--budget-usd", "1", env=down, code=75)
    assert f"claude:{MODEL} at http://127.0.0.1:9: no connection" in done.stderr
    assert "`selfwright resume RUN` goes on when it answers again; SELFWRIGHT_ANTHROPIC_BASE_URL" in done.stderr
    again = place.call("resume", "r", env=env)
    log = place.log()
    assert [line["reason"] for line in log] == ["Say less."] * 2
    usd = json.loads(place.call("status", "r", "--json").stdout)["used"]["usd"]
    assert 0 < usd < 0.1
    written = b"".join(path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file())
    assert b"Say less." in written
    assert KEY.encode() not in written and KEY not in done.stderr + done.stdout + again.stderr + again.stdout


def test_as_many_are_asked_at_once_as_a_person_says(tmp_path: Path) -> None:
    together = threading.Barrier(64)  # broken, and every answer an error, unless so many questions come at once

    def said(heard: Received) -> str:
        together.wait(60)
        return smaller(heard)

    with Provider(said, key=KEY) as provider:
        place, env = Place.make(tmp_path), settings(provider)
        arguments = ("run", "toy", "--dir", "r", "--workers", "1", "--proposer", f"claude:{MODEL}", "--trials", "64")
        place.call(*arguments, "--in-flight", "64", env=env)
    assert len(place.log()) == 64
    refused = place.call("run", "toy", "--dir", "s", "--proposer", "numeric", "--in-flight", "9", env=env, code=2)
    assert "leave out --in-flight 9" in refused.stderr


def test_what_is_wrong_is_said_before_anything_is_touched(tmp_path: Path, provider: Provider) -> None:
    place = Place.make(tmp_path)

    def refused(spec: str, *more: str, env: dict[str, str]) -> str:
        done = place.call("run", "toy", "--dir", "r", "--proposer", spec, *more, env=env, code=2)
        assert not (tmp_path / "r").exists() and KEY not in done.stderr
        return done.stderr

    no_key = settings(provider, ANTHROPIC_API_KEY="")
    assert "there is no key: set SELFWRIGHT_ANTHROPIC_API_KEY" in refused(f"claude:{MODEL}", env=no_key)
    assert "write it as NAME:ARG" in refused("claude", env=settings(provider))
    no_price = refused("openai:qwen", "--budget-usd", "1", env=settings(provider))
    assert "nobody knows what openai:qwen costs" in no_price and "SELFWRIGHT_MODEL_PRICES" in no_price


def test_a_wrong_model_is_said_when_it_is_asked_and_costs_nothing(tmp_path: Path, provider: Provider) -> None:
    place = Place.make(tmp_path)
    done = place.run("--proposer", "claude:claude-nonesuch", "--trials", "1", code=2, env=settings(provider))
    assert "there is no such model" in done.stderr and "claude:claude-sonnet-5-5" in done.stderr


def test_doctor_says_which_providers_are_ready_and_no_key(tmp_path: Path, provider: Provider) -> None:
    provider.says = lambda heard: Mishap(status=500)  # it asks no model
    env = settings(provider, OLLAMA_BASE_URL="http://me:secret@127.0.0.1:9")
    place = Place.make(tmp_path)
    said = place.call("doctor", "--json", env=env).stdout
    models = {each["name"]: each for each in json.loads(said)["models"]}
    assert list(models) == list(MODELS) and [name for name, each in models.items() if each["key"]] == ["claude"]
    assert models["claude"] == {"name": "claude", "where": provider.url, "key": True, "lacks": ""}
    assert models["openai"]["lacks"] == ""  # a server of one's own may need none
    assert "ollama serve" in models["ollama"]["lacks"] and models["ollama"]["where"] == "http://127.0.0.1:9"
    assert "CANARY" not in said and "secret" not in said


def test_a_model_in_a_file_is_kept_with_its_manifest(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF, and nothing else")
    assert place.call("model", "list").stdout == ""
    assert "tiny" in place.call("model", "pull", "tiny.gguf").stdout
    (kept,) = [json.loads(line) for line in place.call("model", "list", "--json").stdout.splitlines()]
    assert (kept["name"], kept["bytes"]) == ("tiny", 22) and len(kept["sha256"]) == 64
    assert "there is a model tiny already" in place.call("model", "pull", "tiny.gguf", code=2).stderr
