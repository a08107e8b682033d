"""A model behind HTTP: asks, reads the answer as it comes, and waits where waiting helps.

What passes by itself (no connection, 429, 5xx, an answer that nobody understands) is tried again, ever more rarely, as
long as the allowance lasts; the provider's ``Retry-After`` counts. Once that was in vain, the next call tries once, so
that a provider that is down costs a run its patience once. An answer that has begun is paid for, and never asked twice.
"""

import asyncio
import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Event
from typing import TYPE_CHECKING

from selfwright.adapters.models.loop import event_loop
from selfwright.adapters.models.price import Price
from selfwright.adapters.models.wire import Heard, Wire
from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Completion, Finish, Prompt, Tokens
from selfwright.core.errors import BadInput, TryLater, Unavailable

if TYPE_CHECKING:
    import httpx2

logger = logging.getLogger(__name__)

CONNECT_S = 10.0
LONGEST_PAUSE_S = 60.0

BYTES_A_TOKEN = 16
"""More than tokens have on average: an answer that is longer than its tokens allow is cut by us."""

_MOST_SAID = 300
"""Letters of a provider's complaint that are passed on."""

_PASSES = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))
_NO_CREDIT = (
    "insufficient_quota",
    "credit balance",
    "insufficient credits",
    "billing_hard_limit",
    "billing_not_active",
)
"""Not ``billing``: whoever is merely too fast may be told a page of that name."""

_LEAST_SECRET = 12
"""Letters of a key that is one: servers of one's own often get a word (``none``, ``EMPTY``) that programs have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is.

    Attributes:
        key: Empty where it needs none.
    """

    model: str
    base_url: str
    key: str = ""


class HttpModel:
    """Satisfies ``ports.model.Model``.

    Args:
        name: As it is recorded.
        wire: How it is spoken to.
        first_pause_s: Before the second try; doubled for each that follows.
    """

    def __init__(self, name: str, *, wire: Wire, place: Place, price: Price, first_pause_s: float = 1.0) -> None:
        self.name = name
        self._wire = wire
        self._place = place
        self._price = price
        self._first_pause_s = first_pause_s
        self._in_vain = False

    def most(self, prompt_bytes: int, tokens_out: int) -> Cost:
        dearest: float | None = 0.0
        for stored in (0, prompt_bytes):  # what is put into a cache costs more than what is read
            usd = self._price(Tokens(read=prompt_bytes, written=tokens_out, stored=stored))
            dearest = None if usd is None or dearest is None else max(dearest, usd)
        return Cost(usd=dearest, tokens_in=prompt_bytes, tokens_out=tokens_out)

    def complete(self, prompt: Prompt, *, allowance: Allowance, cancel: Event) -> Completion:
        clean = Prompt(stable=self._clean(prompt.stable), fresh=self._clean(prompt.fresh))
        return event_loop().run(self._persist(clean, allowance), cancel=cancel)

    async def _persist(self, prompt: Prompt, allowance: Allowance) -> Completion:
        """Try, and try again."""
        end_s, pause_s = time.monotonic() + allowance.wall_s, self._first_pause_s
        before: TryLater | None = None
        while True:
            try:
                answer = await self._once(prompt, allowance, end_s)
            except TryLater as error:
                pause = max(error.after_s, pause_s * random.uniform(0.5, 1.0))
                if self._in_vain or time.monotonic() + pause >= end_s:
                    self._in_vain = True
                    last = before if before and isinstance(error.__cause__, TimeoutError) else error
                    raise self._given_up(last) from error
                before = error
                logger.warning("%s: %s; again in %.1f s", self.name, error, pause)
                await asyncio.sleep(pause)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._in_vain = False
                return answer

    def _given_up(self, error: TryLater) -> TryLater:
        wait = f" It asks to be left alone for {error.after_s:.0f} s." if error.after_s else ""
        mend = f"`selfwright resume RUN` goes on when it answers again; {self._wire.url_setting} says where it is"
        return TryLater(f"{self.name} at {self._where()}: {error}.{wait} {mend}", after_s=error.after_s)

    async def _once(self, prompt: Prompt, allowance: Allowance, end_s: float) -> Completion:
        import httpx2

        heard = Heard()
        try:
            async with asyncio.timeout(max(0.0, end_s - time.monotonic())):
                await self._listen(prompt, allowance, heard)
        except TimeoutError as error:
            self._broken(heard, TryLater("it did not answer in time"), error)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise BadInput(
                f"{self._wire.url_setting}: {self._where()!r} is no URL: {self._clean(str(error))}"
            ) from error
        except httpx2.HTTPError as error:
            what = f"{type(error).__name__}: {self._clean(str(error))}"
            self._broken(heard, TryLater(f"no connection ({what})"), error)
        except TryLater as error:
            self._broken(heard, TryLater(self._clean(str(error)), after_s=error.after_s), error)
        if heard.finish is None:
            what = "its answer has no end" + ("" if heard.begun else ", and no words of a model: the URL may be wrong")
            self._broken(heard, TryLater(what))
        tokens = heard.tokens(prompt, most=allowance.tokens_out)
        finish = heard.finish or Finish.BROKEN
        text = self._clean("".join(heard.text))
        return Completion(text=text, tokens=tokens, finish=finish, usd=self._price(tokens))

    def _broken(self, heard: Heard, error: TryLater, cause: Exception | None = None) -> None:
        """Keep an answer that has begun; raise where none has."""
        if not heard.begun:
            raise error from cause
        logger.warning("%s: the answer broke off: %s", self.name, error)
        heard.finish = heard.finish or Finish.BROKEN

    async def _listen(self, prompt: Prompt, allowance: Allowance, heard: Heard) -> None:
        place, most = self._place, allowance.tokens_out
        request = self._wire.request(place.model, prompt, tokens_out=most, key=place.key)
        url = place.base_url.rstrip("/") + request.path
        async with _http().stream("POST", url, headers=dict(request.headers), json=dict(request.body)) as reply:
            if reply.status_code != 200:
                await reply.aread()
                raise self._refusal(reply.status_code, reply.text, dict(reply.headers))
            size = 0
            async for line in reply.aiter_lines():
                before = len(heard.text)
                self._wire.hear(line, heard)
                size += sum(len(piece.encode()) for piece in heard.text[before:])
                if size > most * BYTES_A_TOKEN:
                    heard.finish, heard.written = Finish.CUT, most
                    return

    def _refusal(self, status: int, body: str, headers: dict[str, str]) -> Exception:
        """Return what an answer that is none means, and the mend."""
        whole = " ".join(self._clean(body).split())
        said = whole[:_MOST_SAID]
        who = f"{self.name} at {self._where()}"
        if status == 402 or (status in (400, 403, 429) and any(word in whole.lower() for word in _NO_CREDIT)):
            return Unavailable(f"{who} has no credit left ({said}); add some, then `selfwright resume RUN`")
        if status in _PASSES:
            return TryLater(f"HTTP {status} {said}".rstrip(), after_s=retry_after_s(headers))
        if status in (401, 403):
            mend = (
                f"set {self._wire.key_setting} to a key that is good there" if self._wire.key_setting else "see to it"
            )
            return BadInput(f"{who} does not take the key (HTTP {status} {said}); {mend}")
        if status == 404:
            mend = f"{self._wire.mend(self._place.model)}; or {self._wire.url_setting} is wrong"
            return BadInput(f"{who}: there is no such model (HTTP 404 {said}); {mend}")
        if 300 <= status < 400:
            to = shown(self._clean(headers.get("location", "another place")))[:_MOST_SAID]
            return BadInput(f"{who} has moved to {to} (HTTP {status}); set {self._wire.url_setting} to where it is")
        return BadInput(
            f"{who} refused the request (HTTP {status} {said}); where it is too long for the model, lower "
            "SELFWRIGHT_MODEL_PROMPT_BYTES or SELFWRIGHT_MODEL_ANSWER_TOKENS"
        )

    @property
    def base_url(self) -> str:
        """Return where it is asked."""
        return self._place.base_url

    def _where(self) -> str:
        return shown(self._place.base_url)

    def _clean(self, text: str) -> str:
        """Return a text without our key."""
        key = self._place.key
        return text.replace(key, "[key]") if len(key) >= _LEAST_SECRET else text


def shown(url: str) -> str:
    """Return a URL without the password that may stand in it."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


@cache
def _http() -> "httpx2.AsyncClient":
    """Return the client of this process, which the event loop's thread alone touches."""
    import httpx2

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(None, connect=CONNECT_S),
        limits=httpx2.Limits(
            max_connections=256
        ),  # the most that --in-flight allows; each is kept for the next question
    )


def retry_after_s(headers: dict[str, str]) -> float:
    """Return how long a provider asks to be left alone, in seconds; 0 where it does not say."""
    milliseconds, said = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    try:
        return max(0.0, float(milliseconds) / 1000 if milliseconds else float(said or 0))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
