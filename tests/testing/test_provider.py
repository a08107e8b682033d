"""The provider of the tests speaks as the vendors do: their own clients read what it says (`make test-vendors`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selfwright.testing.provider import KEY, MODEL, Mishap, Provider

TEXT = "Two words, and more of them.\n"
TOLD = [{"role": "system", "content": "You improve programs."}, {"role": "user", "content": "Say something."}]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.may_skip("the vendors' packages are 60 MB: make test-vendors installs them"),
]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(lambda heard: TEXT) as provider:
        yield provider


def test_anthropic_reads_it(provider: Provider) -> None:
    anthropic = pytest.importorskip("anthropic")
    client = anthropic.Anthropic(base_url=provider.url, api_key=KEY, max_retries=0, _strict_response_validation=True)
    asked = {"model": MODEL, "max_tokens": 100, "system": [{"type": "text", "text": "You improve programs."}]}
    with client.messages.stream(messages=TOLD[1:], **asked) as stream:
        assert "".join(stream.text_stream) == TEXT
        message = stream.get_final_message()
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 6)
    with client.messages.stream(messages=TOLD[1:], **{**asked, "max_tokens": 2}) as stream:
        assert stream.get_final_message().stop_reason == "max_tokens"
    provider.says = lambda heard: Mishap(status=429)
    with pytest.raises(anthropic.RateLimitError):
        client.messages.create(messages=TOLD[1:], **asked)
    provider.says = lambda heard: Mishap(words="Half of", error=True)
    with pytest.raises(anthropic.APIStatusError), client.messages.stream(messages=TOLD[1:], **asked) as stream:
        stream.get_final_message()
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(messages=TOLD[1:], **{**asked, "model": "nonesuch"})
    with pytest.raises(anthropic.AuthenticationError):
        client.with_options(api_key="wrong").messages.create(messages=TOLD[1:], **asked)


def test_openai_reads_it(provider: Provider) -> None:
    openai = pytest.importorskip("openai")
    url = f"{provider.url}/v1"
    client = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0, _strict_response_validation=True)
    asked = {"model": MODEL, "messages": TOLD, "stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.create(**asked, max_tokens=100))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert (chunks[-1].usage.completion_tokens, chunks[-1].usage.prompt_tokens) == (6, 5)
    *_, last, _usage = client.chat.completions.create(**asked, max_tokens=2)
    assert last.choices[0].finish_reason == "length"
    provider.says = lambda heard: Mishap(status=429)
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**asked)
    provider.says = lambda heard: Mishap(words="Half of", error=True)
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(**asked))
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(**{**asked, "model": "nonesuch"})


def test_ollama_reads_it(provider: Provider) -> None:
    ollama = pytest.importorskip("ollama")
    client = ollama.Client(host=provider.url)
    parts = list(client.chat(model=MODEL, messages=TOLD, stream=True, options={"num_predict": 100}))
    assert "".join(part.message.content for part in parts) == TEXT
    assert (parts[-1].done, parts[-1].done_reason, parts[-1].eval_count, parts[-1].prompt_eval_count) == (
        True, "stop", 6, 5,
    )  # fmt: skip
    *_, last = client.chat(model=MODEL, messages=TOLD, stream=True, options={"num_predict": 2})
    assert last.done_reason == "length"
    with pytest.raises(ollama.ResponseError, match="nonesuch") as missing:
        list(client.chat(model="nonesuch", messages=TOLD, stream=True, options={"num_predict": 2}))
    assert missing.value.status_code == 404
    provider.says = lambda heard: Mishap(words="Half of", error=True)
    with pytest.raises(ollama.ResponseError, match="it went wrong"):
        list(client.chat(model=MODEL, messages=TOLD, stream=True, options={"num_predict": 9}))
