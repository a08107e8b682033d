"""What agents say of themselves: known forms are read, anything else is unknown and never 0."""

from __future__ import annotations

import json

import pytest

from selfwright.proposers.agent.account import Account, read_account

CLAUDE = {
    "type": "result", "subtype": "success", "is_error": False, "result": "Shorter.", "total_cost_usd": 0.0123,
    "usage": {
        "input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000, "output_tokens": 40,
    },
}  # fmt: skip
CODEX = [
    {"type": "thread.started", "thread_id": "x"},
    {"type": "item.completed", "item": {"id": "item_0", "type": "reasoning", "text": "Hm."}},
    {"type": "item.completed", "item": {"id": "item_1", "type": "agent_message", "text": "Shorter."}},
    {"type": "turn.completed", "usage": {"input_tokens": 24763, "cached_input_tokens": 24448, "output_tokens": 122}},
]
GEMINI = {
    "response": "Shorter.",
    "stats": {"models": {"a": {"tokens": {"prompt": 100, "candidates": 7, "total": 110, "thoughts": 3}},
                         "b": {"tokens": {"prompt": 50, "candidates": 1}}}},
}  # fmt: skip


def test_claude_says_its_price() -> None:
    said = Account(words="Shorter.", usd=0.0123, tokens_in=3210, tokens_out=40)
    assert read_account(json.dumps(CLAUDE)) == said
    assert read_account(json.dumps([{"type": "system"}, CLAUDE])) == said
    assert read_account('{"type":"system"}\nwarning\n' + json.dumps(CLAUDE) + "\n") == said


def test_claude_says_that_it_failed() -> None:
    stopped = {**CLAUDE, "is_error": True, "subtype": "error_max_turns"}
    del stopped["result"]
    account = read_account(json.dumps(stopped))
    assert (account.failed, account.words, account.usd) == (True, "error_max_turns", 0.0123)


def test_codex_says_its_tokens_and_no_price() -> None:
    said = read_account("\n".join(json.dumps(each) for each in CODEX))
    assert said == Account(words="Shorter.", usd=None, tokens_in=24763, tokens_out=122)


def test_gemini_says_its_tokens_and_no_price() -> None:
    assert read_account(json.dumps(GEMINI)) == Account(words="Shorter.", usd=None, tokens_in=150, tokens_out=11)


@pytest.mark.parametrize("usd", ["-1", "NaN", "Infinity", '"much"', "null"])
def test_a_price_that_is_none_is_unknown(usd: str) -> None:
    text = json.dumps(CLAUDE).replace("0.0123", usd)
    assert read_account(text).usd is None


@pytest.mark.parametrize("text", ["", "done\n", "[" * 100_000, '{"type": "result"}', "{}\n[1, 2]", "\x00{"])
def test_what_is_no_known_form_is_words(text: str) -> None:
    account = read_account(text)
    assert (account.usd, account.tokens_in, account.tokens_out, account.failed) == (None, None, None, False)
    assert account.words == text.strip()
