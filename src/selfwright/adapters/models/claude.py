"""Anthropic's Messages API. The stable part of a prompt is marked for its cache.

https://platform.claude.com/docs/en/build-with-claude/streaming
"""

from selfwright.adapters.models.wire import Heard, Request, Said, data_of, parse
from selfwright.core.completion import Finish, Prompt
from selfwright.core.errors import TryLater

_VERSION = "2026-10-21"

_ENDED = {
    "end_turn": Finish.WHOLE, "stop_sequence": Finish.WHOLE, "max_tokens": Finish.CUT,
    "model_context_window_exceeded": Finish.CUT, "refusal": Finish.DECLINED,
}  # fmt: skip


class _Usage(Said):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Message(Said):
    usage: _Usage = _Usage()


class _Delta(Said):
    text: str = ""
    stop_reason: str | None = None


class _Error(Said):
    type: str = ""
    message: str = ""


class _Event(Said):
    type: str
    message: _Message = _Message()
    delta: _Delta = _Delta()
    usage: _Usage = _Usage()
    error: _Error = _Error()


class Claude:
    """Satisfies ``Wire``."""

    key_setting = "SELFWRIGHT_ANTHROPIC_API_KEY"
    url_setting = "SELFWRIGHT_ANTHROPIC_BASE_URL"

    def request(self, model: str, prompt: Prompt, *, tokens_out: int, key: str) -> Request:
        """Return a streamed request whose stable part is to be cached."""
        stable = {"type": "text", "text": prompt.stable, "cache_control": {"type": "ephemeral"}}
        body = {
            "model": model, "max_tokens": tokens_out, "stream": True, "system": [stable],
            "messages": [{"role": "user", "content": prompt.fresh}],
        }  # fmt: skip
        return Request(path="/v1/messages", headers={"x-api-key": key, "anthropic-version": _VERSION}, body=body)

    def hear(self, line: str, heard: Heard) -> None:
        """Take in one line of the answer."""
        if not (data := data_of(line)):
            return
        event = parse(_Event, data)
        match event.type:
            case "error":
                raise TryLater(f"{event.error.type}: {event.error.message}")
            case "message_start":
                self._count(event.message.usage, heard)
            case "content_block_delta":
                heard.say(event.delta.text)
            case "message_delta":
                heard.written = event.usage.output_tokens
                heard.finish = _ENDED.get(event.delta.stop_reason or "", heard.finish)

    def mend(self, model: str) -> str:
        """Return what to do where there is no such model."""
        return "write it as Anthropic's list of models does, such as claude:claude-sonnet-5-5"

    def _count(self, usage: _Usage, heard: Heard) -> None:
        heard.cached, heard.stored = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
        heard.read = (usage.input_tokens or 0) + heard.cached + heard.stored
