"""Models over real HTTP: three ways to speak, and what may go wrong with each."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from selfwright.adapters.models.claude import Claude
from selfwright.adapters.models.http import HttpModel, Place, retry_after_s
from selfwright.adapters.models.ollama import Ollama
from selfwright.adapters.models.openai import OpenAI
from selfwright.adapters.models.price import price_of
from selfwright.core.completion import Allowance, Completion, Finish, Prompt
from selfwright.core.errors import BadInput, TryLater, Unavailable
from selfwright.ports.model import Model
from selfwright.testing.model import SILENCE, ModelContract
from selfwright.testing.model import Says as Speaks
from selfwright.testing.provider import KEY, MODEL, Mishap, Provider, Received, Says

WIRES = {"claude": (Claude(), ""), "openai": (OpenAI(), "/v1"), "ollama": (Ollama(), "")}
PROMPT = Prompt(stable="You improve programs.", fresh="Make it small.")
ROOM = Allowance(tokens_out=100, wall_s=20)
ONCE_S = 1000.0
"""A pause before the second try that nothing has the time for."""


def model_of(provider: Provider, kind: str, *, key: str = KEY, model: str = MODEL, pause_s: float = 0.001) -> HttpModel:
    wire, path = WIRES[kind]
    price = price_of(model, stated="" if kind == "claude" else f"{MODEL}=1/2", provider="anthropic")
    place = Place(model=model, base_url=provider.url + path, key=key)
    return HttpModel(f"{kind}:{model}", wire=wire, place=place, price=price, first_pause_s=pause_s)


def ask(model: Model, room: Allowance = ROOM, prompt: Prompt = PROMPT) -> Completion:
    return model.complete(prompt, allowance=room, cancel=threading.Event())


def once(first: str | Mishap, *more: str | Mishap) -> Says:
    """Say one thing after the other, and the last for ever."""
    said: Iterator[str | Mishap] = iter((first, *more))
    last = [first]

    def says(heard: Received) -> str | Mishap:
        last[0] = next(said, last[0])
        return last[0]

    return says


each_wire = pytest.mark.parametrize("kind", list(WIRES))


@each_wire
class TestHttpModel(ModelContract):
    @pytest.fixture(autouse=True)
    def _server(self, kind: str) -> Iterator[None]:
        self.kind = kind
        with Provider(lambda heard: "") as self.provider:
            yield

    def make(self, says: Speaks) -> Model:
        self.provider.says = lambda heard: says(Prompt(stable="", fresh=heard.fresh))
        return model_of(self.provider, self.kind)


@each_wire
@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_what_passes_is_tried_again(kind: str, status: int) -> None:
    busy = Mishap(status=status, headers={"retry-after": "0"})
    with Provider(once(busy, busy, "It is here.")) as provider:
        assert ask(model_of(provider, kind)).text == "It is here."
        assert len(provider.received) == 3


@each_wire
def test_it_waits_as_long_as_it_is_asked_to(kind: str) -> None:
    with Provider(once(Mishap(status=429, headers={"retry-after": "0.3"}), "Now.")) as provider:
        began = time.monotonic()
        assert ask(model_of(provider, kind)).text == "Now."
        assert time.monotonic() - began >= 0.3


@each_wire
def test_it_does_not_begin_a_wait_that_is_longer_than_it_may_take(kind: str) -> None:
    with Provider(once(Mishap(status=429, headers={"retry-after": "3600"}))) as provider:
        with pytest.raises(TryLater, match=r"HTTP 429 .*left alone for 3600 s") as raised:
            ask(model_of(provider, kind))
        assert raised.value.exit_code == 75 and "selfwright resume RUN" in str(raised.value)
        assert len(provider.received) == 1


@each_wire
def test_what_stays_down_is_given_up_and_then_tried_once_a_call_until_it_is_back(kind: str) -> None:
    with Provider(once(Mishap(status=503))) as provider:
        model = model_of(provider, kind)
        with pytest.raises(TryLater, match="HTTP 503"):
            ask(model, Allowance(tokens_out=9, wall_s=1))
        patience = len(provider.received)
        assert patience > 2
        with pytest.raises(TryLater):
            ask(model)
        assert len(provider.received) == patience + 1
        provider.says = once("Back.", Mishap(status=503), "Again.")
        assert [ask(model).text, ask(model).text] == ["Back.", "Again."]


def test_where_nobody_listens_it_says_so() -> None:
    with Provider(lambda heard: "") as provider:
        model = model_of(provider, "openai", pause_s=ONCE_S)
    with pytest.raises(TryLater, match=r"no connection \(ConnectError.*SELFWRIGHT_OPENAI_BASE_URL"):
        ask(model)


@each_wire
@pytest.mark.parametrize("error", [False, True], ids=["dropped", "error said"])
def test_an_answer_that_breaks_off_is_an_answer_that_was_paid_for(kind: str, error: bool) -> None:
    with Provider(once(Mishap(words="half of a change", error=error))) as provider:
        answer = ask(model_of(provider, kind))
        assert (answer.text, answer.finish) == ("half of a change", Finish.BROKEN)
        assert answer.tokens.written == len("half of a change") and answer.usd
        assert answer.tokens.read >= 6
        assert len(provider.received) == 1, "it was asked twice"


@each_wire
def test_an_answer_that_ends_before_it_begins_is_asked_again(kind: str) -> None:
    with Provider(once(Mishap(error=True), "Well.")) as provider:
        if kind == "claude":  # it has said how much it read, which is paid
            assert ask(model_of(provider, kind)).finish is Finish.BROKEN
        else:
            assert ask(model_of(provider, kind)).text == "Well."


@each_wire
@pytest.mark.parametrize(
    "garbage", [b"data: {\n\n", b"<html>busy</html>\n", b'data: {"type": 7}\n\n{"done": 7}\n', b"\xff\n"]
)
def test_what_nobody_understands_is_asked_again_and_then_given_up(kind: str, garbage: bytes) -> None:
    with Provider(once(Mishap(garbage=garbage), "Well.")) as provider:
        assert ask(model_of(provider, kind)).text == "Well."
        provider.says = once(Mishap(garbage=garbage))
        with pytest.raises(TryLater, match=r"it answered what is no|its answer has no end|no connection"):
            ask(model_of(provider, kind, pause_s=ONCE_S))


@each_wire
def test_a_model_that_writes_more_than_it_may_is_cut_by_us(kind: str) -> None:
    with Provider(lambda heard: "word " * 5000) as provider:
        room = Allowance(tokens_out=20, wall_s=20)
        wire, _ = WIRES[kind]
        model = model_of(provider, kind)
        model._wire = _Deaf(wire)  # type: ignore[assignment]
        answer = ask(model, room)
        assert answer.finish is Finish.CUT and answer.tokens.written == 20
        assert len(answer.text) < 1000


class _Deaf:
    """A way to speak that never says how much may be written."""

    def __init__(self, wire: Claude | OpenAI | Ollama) -> None:
        self.hear, self.url_setting, self._wire = wire.hear, wire.url_setting, wire

    def request(self, model: str, prompt: Prompt, *, tokens_out: int, key: str) -> object:
        return self._wire.request(model, prompt, tokens_out=10**6, key=key)


@each_wire
def test_what_says_nothing_in_time_is_given_up(kind: str) -> None:
    with Provider(lambda heard: SILENCE) as provider, pytest.raises(TryLater, match="did not answer in time"):
        ask(model_of(provider, kind), Allowance(tokens_out=9, wall_s=0.1))


@each_wire
def test_a_wrong_name_of_a_model_is_said_with_the_mend_and_not_tried_again(kind: str) -> None:
    with Provider(lambda heard: "") as provider:
        with pytest.raises(BadInput, match=r"no such model .HTTP 404.*nonesuch") as raised:
            ask(model_of(provider, kind, model="nonesuch"))
        mends = {"claude": "claude:claude-", "openai": "GET /models", "ollama": "`ollama pull nonesuch`"}
        assert mends[kind] in str(raised.value) and "_BASE_URL" in str(raised.value)


@pytest.mark.parametrize("kind", ["claude", "openai"])
def test_a_wrong_key_is_said_without_the_key(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "sk-wrong-CANARY-42"
    with Provider(lambda heard: "") as provider, pytest.raises(BadInput, match="does not take the key") as raised:
        ask(model_of(provider, kind, key=wrong))
    assert "_API_KEY" in str(raised.value) and "[key]" in str(raised.value)
    assert "CANARY" not in str(raised.value) + caplog.text
    told: BaseException | None = raised.value
    while told is not None:
        assert "CANARY" not in repr(told)
        told = told.__cause__ or told.__context__


@each_wire
def test_a_key_that_stands_in_a_prompt_does_not_leave_the_machine(kind: str) -> None:
    with Provider(lambda heard: "Well.") as provider:
        ask(model_of(provider, kind), prompt=Prompt(stable=f"a {KEY}", fresh=f"b {KEY} c"))
        (heard,) = provider.received
        assert KEY not in json.dumps(heard.body) and heard.fresh == "b [key] c"


def test_a_word_in_place_of_a_key_may_stand_in_a_program() -> None:
    with Provider(lambda heard: "Well.", key="EMPTY") as provider:
        ask(model_of(provider, "openai", key="EMPTY"), prompt=Prompt(stable="Rules.", fresh="if queue is EMPTY: stop"))
        assert provider.received[0].fresh == "if queue is EMPTY: stop"


@pytest.mark.parametrize("kind", ["claude", "openai"])
def test_a_key_that_an_answer_repeats_is_not_passed_on(kind: str) -> None:
    with Provider(lambda heard: f"You sent {KEY} to me.") as provider:
        assert ask(model_of(provider, kind)).text == "You sent [key] to me."


def test_half_a_character_is_none() -> None:
    half = b'data: {"choices": [{"delta": {"content": "a\\ud83d"}, "finish_reason": "stop"}]}\n\n'
    with Provider(once(Mishap(garbage=half))) as provider:
        assert ask(model_of(provider, "openai")).text == "a?"


def test_who_is_merely_too_fast_has_credit_whatever_page_it_is_told_of() -> None:
    words = "Rate limit reached, try again in 20s. Visit https://platform.openai.com/account/billing to pay more."
    with Provider(once(Mishap(status=429, message=words), "Well.")) as provider:
        assert ask(model_of(provider, "openai")).text == "Well."


def test_where_a_server_has_moved_its_new_place_is_said() -> None:
    moved = Mishap(status=308, headers={"location": "https://me:secret@there.example/v1"})
    with Provider(once(moved)) as provider:
        with pytest.raises(
            BadInput, match=r"moved to https://there\.example/v1 \(HTTP 308\); set SELFWRIGHT_OPENAI_BASE"
        ):
            ask(model_of(provider, "openai"))
        assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [("openai", 429, "You exceeded your quota: insufficient_quota"), ("claude", 400, "Your credit balance is too low"),
     ("openai", 402, "pay")],
)  # fmt: skip
def test_where_there_is_no_credit_nothing_is_tried_again(kind: str, status: int, message: str) -> None:
    with Provider(once(Mishap(status=status, message=message))) as provider:
        with pytest.raises(Unavailable, match="no credit left"):
            ask(model_of(provider, kind))
        assert len(provider.received) == 1


@each_wire
def test_what_is_refused_is_said_with_what_it_said(kind: str) -> None:
    with Provider(once(Mishap(status=400, message="prompt is too long: 9 > 8"))) as provider:
        model = model_of(provider, kind)
        with pytest.raises(BadInput, match=r"prompt is too long: 9 > 8.*SELFWRIGHT_MODEL_PROMPT_BYTES"):
            ask(model)


def test_a_base_url_that_is_none_is_said() -> None:
    place = Place(model=MODEL, base_url="localhost:11434")
    model = HttpModel("ollama:x", wire=Ollama(), place=place, price=price_of(MODEL, stated=f"{MODEL}=0/0"))
    with pytest.raises(BadInput, match=r"SELFWRIGHT_OLLAMA_BASE_URL: 'localhost:11434' is no URL"):
        ask(model)


def test_no_password_of_a_base_url_is_shown() -> None:
    place = Place(model=MODEL, base_url="http://me:secret@127.0.0.1:1")
    price = price_of(MODEL, stated=f"{MODEL}=0/0")
    model = HttpModel("ollama:x", wire=Ollama(), place=place, price=price, first_pause_s=ONCE_S)
    with pytest.raises(TryLater, match=r"at http://127\.0\.0\.1:1") as raised:
        ask(model)
    assert "secret" not in str(raised.value)


def test_a_call_that_waits_for_its_next_try_can_be_let_go_of() -> None:
    heard = threading.Event()

    def busy(received: Received) -> Mishap:
        heard.set()
        return Mishap(status=503, headers={"retry-after": "50"})

    cancel = threading.Event()
    with Provider(busy) as provider, ThreadPoolExecutor(max_workers=1) as pool:
        room = Allowance(tokens_out=9, wall_s=100)
        call = pool.submit(model_of(provider, "claude").complete, PROMPT, allowance=room, cancel=cancel)
        assert heard.wait(20)
        cancel.set()
        with pytest.raises(Unavailable, match="let go of"):
            call.result(20)


def test_what_a_claude_costs_is_right_to_the_cent_with_its_cache() -> None:
    stable, fresh = "rule " * 4000, "ask " * 1000
    with Provider(lambda heard: "word " * 2000) as provider:
        model = model_of(provider, "claude")
        room = Allowance(tokens_out=4000, wall_s=20)
        first, second = (ask(model, room, Prompt(stable=stable, fresh=fresh)) for _ in range(2))
    # 3 USD a million tokens read, 3.75 into the cache, 0.30 out of it, 15 written: as Anthropic lists them.
    assert first.usd == pytest.approx((1000 * 3 + 4000 * 3.75 + 2000 * 15) / 1e6, abs=1e-9)
    assert second.usd == pytest.approx((1000 * 3 + 4000 * 0.30 + 2000 * 15) / 1e6, abs=1e-9)
    assert (second.tokens.read, second.tokens.cached, second.tokens.written) == (5000, 4000, 2000)
    most = model.most(len(stable) + len(fresh), 4000).usd
    assert most is not None and first.usd is not None and first.usd <= most


def test_ollama_is_given_a_window_that_holds_the_prompt_and_the_answer() -> None:
    with Provider(lambda heard: "Well.") as provider:
        ask(model_of(provider, "ollama"), prompt=Prompt(stable="x" * 20_000, fresh="y" * 20_000))
        assert provider.received[0].body["options"] == {"num_predict": 100, "num_ctx": 20 * 1024}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 0), ({"retry-after": "7"}, 7), ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
     ({"retry-after": "soon"}, 0), ({"retry-after": "-3"}, 0)],
)  # fmt: skip
def test_retry_after_is_read(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < retry_after_s({"retry-after": later}) <= 100
    assert retry_after_s({"retry-after": format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)}) == 0


IN_FLIGHT = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
import psutil
import selfwright.api, selfwright.evolve.run, selfwright.proposers.prompt
from selfwright.adapters.models.making import make_model
from selfwright.core.completion import Allowance, Prompt
model = make_model("claude", "claude-sonnet-4-6", sys.argv[1], sys.argv[2])
model.most(64_000, 16_000)
room, cancel = Allowance(tokens_out=16_000, wall_s=100), threading.Event()
with ThreadPoolExecutor(max_workers=64) as pool:
    calls = [pool.submit(model.complete, Prompt(stable="r" * 16_000, fresh="f" * 48_000), allowance=room, cancel=cancel)
             for _ in range(64)]
    sys.stdin.readline()
    threads = threading.active_count()
    print(psutil.Process().memory_info().rss, threads, sum(call.done() for call in calls), flush=True)
    cancel.set()
"""


def test_sixty_four_calls_in_flight_take_little_memory() -> None:
    asked = threading.Semaphore(0)

    def silent(heard: Received) -> str:
        asked.release()
        return SILENCE

    with Provider(silent) as provider:
        command = [sys.executable, "-c", IN_FLIGHT, provider.url, KEY]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin and process.stdout
            assert all(asked.acquire(timeout=60) for _ in range(64))
            print("all in flight", file=process.stdin, flush=True)
            memory, threads, done = map(int, process.stdout.readline().split())
            process.stdin.close()
            assert process.wait(30) == 0
    assert done == 0 and threads <= 72  # one each, the main one, one event loop, and its few that look names up
    assert memory <= 120e6
