"""What an agent says of itself when it ends: its last words, and what they cost, where it says so in a known form.

Known are the JSON of ``claude -p --output-format json`` (a stream of it too), the events of ``codex exec --json`` and
the JSON of ``gemini --output-format json``. What is not said is unknown, and never 0.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

_Count = Annotated[int, Field(ge=0)]
_Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was said.

    Attributes:
        usd: None where it did not say.
        tokens_in: Read, what came from a cache included; None where it did not say. ``tokens_out``: written.
        failed: Whether it says itself that it failed.
    """

    words: str = ""
    usd: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    failed: bool = False


class _ClaudeUsage(BaseModel):
    input_tokens: _Count = 0
    cache_creation_input_tokens: _Count = 0
    cache_read_input_tokens: _Count = 0
    output_tokens: _Count = 0

    @property
    def read(self) -> int:
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens


class _Claude(BaseModel):
    type: Literal["result"]
    subtype: str
    is_error: bool = False
    result: str = ""
    total_cost_usd: _Usd | None = None
    usage: _ClaudeUsage | None = None

    def account(self) -> Account:
        used = self.usage
        return Account(
            words=self.result or self.subtype, usd=self.total_cost_usd, failed=self.is_error,
            tokens_in=used.read if used else None, tokens_out=used.output_tokens if used else None,
        )  # fmt: skip


class _CodexUsage(BaseModel):
    input_tokens: _Count
    output_tokens: _Count


class _Turn(BaseModel):
    type: Literal["turn.completed"]
    usage: _CodexUsage


class _Message(BaseModel):
    type: Literal["agent_message"]
    text: str


class _Item(BaseModel):
    type: Literal["item.completed"]
    item: _Message


class _GeminiTokens(BaseModel):
    prompt: _Count
    candidates: _Count
    thoughts: _Count = 0


class _GeminiModel(BaseModel):
    tokens: _GeminiTokens


class _GeminiStats(BaseModel):
    models: dict[str, _GeminiModel]


class _Gemini(BaseModel):
    response: str
    stats: _GeminiStats

    def account(self) -> Account:
        used = [each.tokens for each in self.stats.models.values()]
        return Account(
            words=self.response, tokens_in=sum(each.prompt for each in used),
            tokens_out=sum(each.candidates + each.thoughts for each in used),
        )  # fmt: skip


_Known = _Claude | _Gemini | _Turn | _Item
_KNOWN: TypeAdapter[_Known] = TypeAdapter(_Known)


def read_account(stdout: str) -> Account:
    """Return what an agent said on standard output; of what is no known form, its last lines."""
    turns: list[_CodexUsage] = []
    words = ""
    for said in _known(stdout):
        match said:
            case _Claude() | _Gemini():
                return said.account()
            case _Turn():
                turns.append(said.usage)
            case _Item():
                words = said.item.text
    if turns or words:
        tokens_in, tokens_out = (sum(each.input_tokens for each in turns), sum(each.output_tokens for each in turns))
        return Account(words=words, tokens_in=tokens_in if turns else None, tokens_out=tokens_out if turns else None)
    return Account(words="\n".join(stdout.strip().splitlines()[-5:]))


def _known(stdout: str) -> Iterator[_Known]:
    """Yield what is of a known form: all of it as one JSON, or line by line."""
    for text in (stdout, *stdout.splitlines()):
        if not text.lstrip().startswith(("{", "[")):
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for each in data if isinstance(data, list) else [data]:
            try:
                yield _KNOWN.validate_python(each)
            except ValidationError:
                continue
