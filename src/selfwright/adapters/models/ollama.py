"""Ollama's own API.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from selfwright.adapters.models.wire import Heard, Request, Said, parse
from selfwright.core.completion import Finish, Prompt
from selfwright.core.errors import TryLater

_BYTES_A_TOKEN = 2
"""Fewer than programs have, so that the window is wide enough; else Ollama drops the beginning of a prompt unsaid."""


class _Message(Said):
    content: str = ""


class _Line(Said):
    message: _Message = _Message()
    done: bool = False
    done_reason: str = "stop"
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: str = ""


class Ollama:
    """Satisfies ``Wire``. There is no key."""

    key_setting = ""
    url_setting = "SELFWRIGHT_OLLAMA_BASE_URL"

    def request(self, model: str, prompt: Prompt, *, tokens_out: int, key: str) -> Request:
        """Return a streamed request with a window that holds it."""
        window = 1024 * (1 + (prompt.size // _BYTES_A_TOKEN + tokens_out) // 1024)
        body = {
            "model": model, "stream": True, "options": {"num_predict": tokens_out, "num_ctx": window},
            "messages": [{"role": "system", "content": prompt.stable}, {"role": "user", "content": prompt.fresh}],
        }  # fmt: skip
        return Request(path="/api/chat", headers={}, body=body)

    def hear(self, line: str, heard: Heard) -> None:
        """Take in one line of the answer."""
        if not line.strip():
            return
        said = parse(_Line, line)
        if said.error:
            raise TryLater(said.error)
        heard.say(said.message.content)
        if said.done:
            heard.finish = Finish.CUT if said.done_reason == "length" else Finish.WHOLE
            heard.read, heard.written = said.prompt_eval_count, said.eval_count

    def mend(self, model: str) -> str:
        """Return what to do where there is no such model."""
        return f"`ollama pull {model}` first; `ollama list` shows which there are"
