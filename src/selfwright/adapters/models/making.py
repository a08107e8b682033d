"""A model of a provider: which there are, and what each needs."""

import os
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from selfwright.adapters.models.claude import Claude
from selfwright.adapters.models.http import HttpModel, Place, shown
from selfwright.adapters.models.local import LocalModel, window
from selfwright.adapters.models.ollama import Ollama
from selfwright.adapters.models.openai import OpenAI
from selfwright.adapters.models.price import price_of
from selfwright.adapters.models.wire import Wire
from selfwright.core.errors import BadInput
from selfwright.core.offer import Provider
from selfwright.ports.model import Model

_OPENAI = "://api.openai.com"
"""The only one of its kind that never does without a key."""

_LOOK_S = 1.0


def make_model(provider: str, place: Place, *, prices: str = "", window_of: tuple[int, int] = (0, 0)) -> Model:
    """Return a model; touches no network.

    Args:
        provider: ``claude``, ``openai``, ``ollama`` or ``local``, whose model is a file.
        prices: What a person has said of prices; see ``price_of``.
        window_of: The bytes of a prompt and the tokens of an answer that a local one is to have room for.

    Raises:
        BadInput: No model is named, there is no key, or what speaks HTTP is not installed.
    """
    name = f"{provider}:{place.model}"
    if not place.model:
        raise BadInput(f"proposer {provider!r} does not say which model; write {provider}:MODEL")
    if missing := lacking(provider, place):
        raise BadInput(f"proposer {name!r}: {missing}")
    if provider == "local":
        threads = max(1, len(os.sched_getaffinity(0)) // 2)  # the others are for measurements
        return LocalModel(Path(place.model), window=window(*window_of), threads=threads)
    whose, url = ("anthropic", "") if provider == "claude" else ("", place.base_url)
    price = price_of(place.model, provider=whose, url=url, stated=prices)
    return HttpModel(name, wire=_wire(provider, place), place=place, price=price)


def lacking(provider: str, place: Place) -> str:
    """Return what is in the way of asking a provider, with the mend; or nothing. Touches no network."""
    if not all(map(find_spec, ("httpx2", "genai_prices"))):
        return "what speaks to models is not installed: pip install 'selfwright[models]'"
    if provider == "local":
        return "" if find_spec("xllamacpp") else "llama.cpp is not installed: pip install 'selfwright[local]'"
    needs_key = provider == "claude" or _OPENAI in place.base_url
    return f"there is no key: set {_wire(provider, place).key_setting}" if needs_key and not place.key else ""


def offer(provider: str, place: Place) -> Provider:
    """Return what is known of a provider; a server of one's own is asked whether it is there."""
    where, lacks = shown(place.base_url) or "a file of the format GGUF", lacking(provider, place)
    if not lacks and provider == "ollama":
        try:
            with urlopen(f"{place.base_url.rstrip('/')}/api/version", timeout=_LOOK_S):
                pass
        except (OSError, ValueError, HTTPException) as error:
            setting = _wire(provider, place).url_setting
            lacks = f"nobody answers ({error}): start it with `ollama serve`, or set {setting}"
    return Provider(name=provider, where=where, key=bool(place.key), lacks=lacks)


def _wire(provider: str, place: Place) -> Wire:
    match provider:
        case "claude":
            return Claude()
        case "openai":
            return OpenAI(own=_OPENAI in place.base_url)
        case _:
            return Ollama()
