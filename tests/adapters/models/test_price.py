"""What tokens cost: as said by a person, as the package knows it, or unknown."""

from __future__ import annotations

import pytest

from selfwright.adapters.models.price import price_of
from selfwright.core.completion import Tokens
from selfwright.core.errors import BadInput

TOKENS = Tokens(read=1_000_000, written=100_000)


def test_a_known_model_has_its_price() -> None:
    assert price_of("claude-sonnet-4-6", provider="anthropic")(Tokens(read=1000, written=100)) == pytest.approx(0.0045)
    assert price_of("gpt-4.1-mini", url="https://api.openai.com/v1")(TOKENS) == pytest.approx(0.4 + 0.16)


@pytest.mark.parametrize(
    ("model", "where"),
    [("nonesuch", {"provider": "anthropic"}), ("gpt-4o", {"url": "http://localhost:8000/v1"}), ("qwen3", {"url": ""})],
)  # fmt: skip
def test_what_nobody_knows_is_unknown_and_not_free(model: str, where: dict[str, str]) -> None:
    assert price_of(model, **where)(TOKENS) is None


def test_what_a_person_says_counts_before_what_is_known() -> None:
    stated = "other=9/9, qwen3:8b=0/0,a/b=0.5/2.5, claude-sonnet-4-6=1/1"
    assert price_of("qwen3:8b", stated=stated)(TOKENS) == 0
    assert price_of("a/b", stated=stated)(TOKENS) == pytest.approx(0.75)
    assert price_of("claude-sonnet-4-6", stated=stated, provider="anthropic")(TOKENS) == pytest.approx(1.1)


@pytest.mark.parametrize("stated", ["x", "x=", "x=1", "x=1/", "=1/2", "x=-1/2", "x=inf/1", "x=nan/1"])
def test_a_price_that_is_none_is_said(stated: str) -> None:
    with pytest.raises(BadInput, match=r"SELFWRIGHT_MODEL_PRICES.*MODEL=IN/OUT"):
        price_of("x", stated=stated)
