"""Runs whose changes a model writes: real HTTP to a provider of our own, the real loop, and whatever goes wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from selfwright.adapters.models.making import make_model
from selfwright.core.completion import Allowance
from selfwright.core.errors import BadInput, TryLater, Unavailable
from selfwright.core.event import encode
from selfwright.core.lifecycle import State
from selfwright.proposers.compose import Compose, weighted
from selfwright.proposers.model import ModelProposer
from selfwright.testing.model import SILENCE
from selfwright.testing.proposer import PlainAsk
from selfwright.testing.provider import KEY, MODEL, Mishap, Provider, Received, Says
from tests.evolve.test_loop import scripted
from tests.evolve.toy import SEED, Toy, judge_toy, proposal, summary

HIDDEN = 0.8125
"""What the holdout adds to a size: no other number has it."""


def edit(old: object, new: object, *, why: str = "Smaller.") -> str:
    return f"{why}\n\np.py\n<<<<<<< SEARCH\nSIZE = {old}\n=======\nSIZE = {new}\n>>>>>>> REPLACE\n"


def smaller(heard: Received) -> str:
    """Make the size that it is shown ten less."""
    found = re.search(r"^SIZE = (\d+)$", heard.fresh, re.M)
    assert found
    return edit(found[1], int(found[1]) - 10)


def in_turn(*answers: str | Mishap) -> Says:
    said: Iterator[str | Mishap] = iter(answers)
    return lambda heard: next(said)


def asking(
    provider: Provider, *, wall_s: float = 20, tokens: int = 500, lag: int | None = 1, model: str = MODEL
) -> ModelProposer:
    proposer = ModelProposer(
        make_model("claude", model, provider.url, KEY),
        allowance=Allowance(tokens_out=tokens, wall_s=wall_s),
        prompt_bytes=16_000,
    )
    proposer.lag = lag
    return proposer


def hiding(files, item):
    """The judge, with numbers on the holdout that stand nowhere else."""
    outcome = judge_toy(files, item)
    if item.stage != "hidden" or not outcome.readings:
        return outcome
    (reading,) = outcome.readings
    more = {name: tuple(value + HIDDEN for value in values) for name, values in reading.metrics.items()}
    return replace(outcome, readings=(replace(reading, metrics=more),))


def test_a_run_is_improved_told_and_paid_to_the_cent(tmp_path):
    with Provider(smaller) as provider:
        state = Toy(tmp_path, select="incumbent").run(asking(provider), trials=4, usd=1.0)
    assert summary(state) == ["v1", "v2", "v3", "v4"]
    said = [attempt.proposed for attempt in state.attempts()]
    assert {(each.proposer, each.reason) for each in said} == {(f"claude:{MODEL}", "Smaller.")}
    written, expected = len(edit(100, 90).split()), []
    for number, heard in enumerate(provider.received):
        rules = len(heard.body["system"][0]["text"].split())
        fresh, price = len(heard.fresh.split()), 0.30 if number else 3.75
        expected.append((3 * fresh + price * rules + 15 * written) / 1e6)
    assert [each.cost.usd for each in said] == pytest.approx(expected, abs=1e-9)
    assert state.spent.usd == pytest.approx(sum(expected), abs=1e-9)


def test_neither_holdout_numbers_nor_keys_are_told_or_written_down(tmp_path, caplog):
    with Provider(smaller) as provider:
        toy = Toy(tmp_path, judge=hiding)
        state = toy.run(asking(provider), trials=3)
        journal = "".join(encode(record.event).decode() for record in toy.journal.read(0))
    prompts = [heard.text for heard in provider.received]
    measured = [each for attempt in state.attempts() for each in attempt.measured if each[0] == "holdout"]
    assert measured and "90.8125" in journal, "the holdout was never measured, so that this proves nothing"
    assert len(prompts) == 3
    assert all(".8125" not in prompt and KEY not in prompt for prompt in prompts)
    assert KEY not in journal and KEY not in caplog.text
    assert all(KEY not in json.dumps(heard.body) for heard in provider.received)


def test_an_answer_that_does_not_fit_or_breaks_off_is_told_and_mended_in_the_same_trial(tmp_path):
    answers = in_turn(edit(77, 60), Mishap(words="Smaller.\n\np.py\n<<<<<<< SEAR"), edit(100, 60))
    with Provider(answers) as provider:
        state = Toy(tmp_path).run(asking(provider), trials=1)
        told = [heard.fresh for heard in provider.received]
    assert [attempt.state for attempt in state.attempts()] == [State.REPAIRED, State.REPAIRED, State.ADOPTED]
    assert "what it searches is not in p.py" in told[1] and "SIZE = 77" in told[1]
    assert "the connection broke in the middle of the answer" in told[2]
    assert all(attempt.proposed.cost.usd for attempt in state.attempts())


def test_a_program_that_crashes_is_mended_with_its_log(tmp_path):
    crash = edit(100, '50\nMORE = "CRASH"')
    with Provider(in_turn(crash, edit(100, 60))) as provider:
        state = Toy(tmp_path).run(asking(provider), trials=1)
        told = provider.received[1].fresh
    assert [attempt.state for attempt in state.attempts()] == [State.REPAIRED, State.ADOPTED]
    assert "crashed in full" in told and "Traceback ..." in told and '+MORE = "CRASH"' in told


def test_a_model_that_never_gets_it_right_costs_six_answers_a_trial_and_not_more(tmp_path):
    with Provider(lambda heard: "I have no idea.") as provider:
        state = Toy(tmp_path).run(asking(provider), trials=2)
        assert len(provider.received) == 12
    assert summary(state) == ["needs_person"] * 2


def test_a_provider_that_is_down_ends_the_sitting_and_the_run_goes_on_later(tmp_path):
    toy = Toy(tmp_path, select="incumbent")
    with Provider(lambda heard: Mishap(status=503)) as provider:
        with pytest.raises(TryLater, match="selfwright resume RUN"):
            toy.run(asking(provider, wall_s=0.2), trials=2)
        assert toy.state().control.ended.why == "failed" and toy.state().asked == 0
        provider.says = smaller
        state = toy.drive(asking(provider), trials=2)
    assert summary(state) == ["v1", "v2"]


def test_while_a_provider_is_down_the_next_proposer_is_asked(tmp_path):
    with Provider(lambda heard: Mishap(status=503)) as provider:
        model = asking(provider, wall_s=0.1, lag=1)
        both = Compose(
            [model, scripted(proposal(90), proposal(80))], order=weighted({model.name: 9.0, "scripted": 1.0})
        )
        state = Toy(tmp_path).run(both, trials=2)
    assert [attempt.proposed.proposer for attempt in state.attempts()] == ["scripted"] * 2


def test_a_wrong_model_ends_the_sitting_at_once(tmp_path):
    with Provider(smaller) as provider, pytest.raises(BadInput, match="no such model"):
        Toy(tmp_path).run(asking(provider, model="claude-nonesuch-4"), trials=2)


@pytest.mark.parametrize("bound", [{"tokens": 25_000}, {"usd": 0.1}])
def test_what_is_in_flight_fits_into_the_budget_at_its_worst(tmp_path, bound):
    with Provider(smaller) as provider:
        proposer = asking(provider, lag=8)
        state = Toy(tmp_path).run(proposer, trials=200, **bound)
    ((kind, limit),) = bound.items()
    most = {"tokens": 16_000 + 500, "usd": (16_000 * 3.75 + 500 * 15) / 1e6}[kind]
    assert limit - most < getattr(state.spent, kind) <= limit
    assert (state.control.ended.why, state.control.ended.bound) == ("budget", kind)


def test_no_budget_in_money_without_a_price(tmp_path):
    with Provider(smaller) as provider:
        unknown = ModelProposer(
            make_model("openai", MODEL, f"{provider.url}/v1", KEY),
            allowance=Allowance(tokens_out=500, wall_s=20),
            prompt_bytes=16_000,
        )
        with pytest.raises(BadInput, match=r"nobody knows what openai:.* costs.*SELFWRIGHT_MODEL_PRICES"):
            Toy(tmp_path).run(unknown, trials=2, usd=1.0)
        toy = Toy(tmp_path)
        state = toy.run(unknown, trials=2)
    assert [attempt.proposed.cost.usd for attempt in state.attempts()] == [None, None]
    assert state.spent.tokens > 100


def test_who_stops_a_run_at_once_does_not_wait_for_an_answer(tmp_path):
    with Provider(lambda heard: SILENCE) as provider:
        proposer, sittings = asking(provider, wall_s=1000), []

        def stop(heard: Received) -> str:
            sittings[0].interrupt()
            sittings[0].interrupt()
            return SILENCE

        provider.says = stop
        state = Toy(tmp_path).run(proposer, trials=1, on_ready=sittings.append)
        assert state.control.ended.why == "interrupted"
        with pytest.raises(Unavailable, match="let go of"):
            proposer.ask(PlainAsk(programs={"v0": SEED}))
