"""OpenAI's chat completions, as many others speak them too: OpenRouter, vLLM, llama.cpp, LM Studio.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from selfwright.adapters.models.wire import Heard, Request, Said, data_of, parse
from selfwright.core.completion import Finish, Prompt
from selfwright.core.errors import TryLater

_ENDED = {"stop": Finish.WHOLE, "length": Finish.CUT, "content_filter": Finish.DECLINED}


class _Details(Said):
    cached_tokens: int | None = None


class _Usage(Said):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Delta(Said):
    content: str | None = None


class _Choice(Said):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Error(Said):
    message: str = ""


class _Chunk(Said):
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None
    error: _Error | str | None = None


class OpenAI:
    """Satisfies ``Wire``.

    Args:
        own: Whether it is OpenAI itself, which calls the most tokens by another name than the others.
    """

    key_setting = "SELFWRIGHT_OPENAI_API_KEY"
    url_setting = "SELFWRIGHT_OPENAI_BASE_URL"

    def __init__(self, *, own: bool = False) -> None:
        self._most = "max_completion_tokens" if own else "max_tokens"

    def request(self, model: str, prompt: Prompt, *, tokens_out: int, key: str) -> Request:
        """Return a streamed request that is to end with its usage."""
        body = {
            "model": model, self._most: tokens_out, "stream": True, "stream_options": {"include_usage": True},
            "messages": [{"role": "system", "content": prompt.stable}, {"role": "user", "content": prompt.fresh}],
        }  # fmt: skip
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return Request(path="/chat/completions", headers=headers, body=body)

    def hear(self, line: str, heard: Heard) -> None:
        """Take in one line of the answer."""
        data = data_of(line)
        if not data or data == "[DONE]":
            return
        chunk = parse(_Chunk, data)
        if chunk.error:
            raise TryLater(chunk.error if isinstance(chunk.error, str) else chunk.error.message)
        for choice in chunk.choices[:1]:
            heard.say(choice.delta.content or "")
            if choice.finish_reason:
                heard.finish = _ENDED.get(choice.finish_reason, Finish.DECLINED)
        if chunk.usage:
            details = chunk.usage.prompt_tokens_details or _Details()
            heard.read, heard.written = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
            heard.cached = details.cached_tokens or 0

    def mend(self, model: str) -> str:
        """Return what to do where there is no such model."""
        return "write it as its provider's list of models does (GET /models)"
