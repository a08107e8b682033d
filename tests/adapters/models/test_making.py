"""What is in the way of asking a provider, told before it is asked."""

from __future__ import annotations

import pytest

from selfwright.adapters.models.making import lacking, make_model
from selfwright.core.errors import BadInput

URL = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    "key", ["sk-CANARY-0123456789\n", "sk-CANARY\n-0123456789", "sk-CANARY 012345", "sk-CANARY-\u00e9"]
)
def test_what_can_not_be_a_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(BadInput, match="SELFWRIGHT_OPENAI_API_KEY holds what no key does") as raised:
        make_model("openai", "m", URL, key)
    assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize("url", ["localhost:11434", "http://[::1", "http://me:secret@127.0.0.1:99999", "http://", ""])
@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_what_is_no_url_is_refused_and_no_password_shown(provider: str, url: str) -> None:
    said = lacking(provider, url, "")
    assert f"SELFWRIGHT_{provider.upper()}_BASE_URL" in said and "is no URL of a server" in said
    assert "secret" not in said


@pytest.mark.parametrize(("url", "key"), [(URL, ""), (URL, "EMPTY"), ("https://[::1]:8000", "sk-0123456789")])
def test_a_server_of_ones_own_lacks_nothing(url: str, key: str) -> None:
    assert lacking("openai", url, key) == ""
