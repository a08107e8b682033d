"""What the ways to speak to a provider have in common: what is sent, and what was heard so far."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from selfwright.core.completion import Finish, Prompt, Tokens
from selfwright.core.errors import TryLater

M = TypeVar("M", bound="Said")

_MOST_TOKENS = 2**53
"""What is more is no count."""


class Said(BaseModel):
    """A piece of an answer as a provider words it; what we have no use for is left where it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST.

    Attributes:
        path: Below the base URL.
        body: Becomes JSON.
    """

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Heard:
    """An answer as far as it has come.

    Attributes:
        finish: None until the provider has said how it ended.
        read: Tokens of the prompt; None until the provider has said so. Likewise ``written``.
    """

    text: list[str] = field(default_factory=list)
    finish: Finish | None = None
    read: int | None = None
    written: int | None = None
    cached: int = 0
    stored: int = 0

    @property
    def begun(self) -> bool:
        """Whether anything came that is paid for."""
        return bool(self.text) or self.read is not None

    def say(self, text: str) -> None:
        """Take in a piece of the text, of which half a character is none; empty ones are said by the way."""
        if text:
            self.text.append(text.encode(errors="replace").decode())

    def tokens(self, prompt: Prompt, *, most: int) -> Tokens:
        """Return the counts; where the provider said none that can be, the most that it was: a byte is a token."""
        size = len("".join(self.text).encode())
        read = _believed(self.read, least=1, otherwise=prompt.size)
        written = _believed(self.written, least=min(1, size), otherwise=min(most, size))
        cached = min(read, max(0, self.cached))
        return Tokens(read=read, written=written, cached=cached, stored=min(read - cached, max(0, self.stored)))


def _believed(count: int | None, *, least: int, otherwise: int) -> int:
    return count if count is not None and least <= count <= _MOST_TOKENS else otherwise


class Wire(Protocol):
    """How one kind of provider is spoken to.

    Attributes:
        key_setting: The setting that its key stands in; empty where there is none.
        url_setting: The setting of its base URL.
    """

    key_setting: str
    url_setting: str

    def request(self, model: str, prompt: Prompt, *, tokens_out: int, key: str) -> Request:
        """Return what asks for an answer in pieces."""

    def hear(self, line: str, heard: Heard) -> None:
        """Take in one line of the answer.

        Raises:
            TryLater: The provider says that it failed, or says what nobody understands.
        """

    def mend(self, model: str) -> str:
        """Return what to do where there is no such model."""


def data_of(line: str) -> str:
    """Return what a line of server-sent events carries; or nothing."""
    return line[5:].strip() if line.startswith("data:") else ""


def parse(kind: type[M], text: str) -> M:
    """Return a piece of an answer.

    Raises:
        TryLater: It is none.
    """
    try:
        return kind.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError) as error:
        raise TryLater(f"it answered what is no {kind.__name__}: {text[:200]!r}") from error
