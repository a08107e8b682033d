"""A model of a provider: which there are, and what each needs."""

import os
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from selfwright.adapters.models.claude import Claude
from selfwright.adapters.models.http import HttpModel, Place, shown
from selfwright.adapters.models.local import LocalModel, window
from selfwright.adapters.models.ollama import Ollama
from selfwright.adapters.models.openai import OpenAI
from selfwright.adapters.models.price import price_of
from selfwright.adapters.models.shelf import Shelf
from selfwright.adapters.models.wire import Wire
from selfwright.core.errors import BadInput
from selfwright.core.offer import Provider
from selfwright.ports.model import Model

_OPENAI = "://api.openai.com"
"""The only one of its kind that never does without a key."""

_LOOK_S = 1.0


def make_model(
    provider: str, model: str, base_url: str, key: str, *, prices: str = "", window_of: tuple[int, int] = (0, 0)
) -> Model:
    """Return a model; touches no network.

    Args:
        provider: ``claude``, ``openai``, ``ollama`` or ``local``.
        base_url: Where it is asked; of ``local`` the folder of what was pulled.
        prices: What a person has said of prices; see ``price_of``.
        window_of: The bytes of a prompt and the tokens of an answer that a local one is to have room for.

    Raises:
        BadInput: No model is named, there is no key or no such file, or what is needed is not installed.
    """
    name = f"{provider}:{model}"
    if not model:
        raise BadInput(f"proposer {provider!r} does not say which model; write {provider}:MODEL")
    if missing := lacking(provider, base_url, key):
        raise BadInput(f"proposer {name!r}: {missing}")
    if provider == "local":
        return local_model(model, Path(base_url), window(*window_of))
    whose, url = ("anthropic", "") if provider == "claude" else ("", base_url)
    price = price_of(model, provider=whose, url=url, stated=prices)
    return HttpModel(name, wire=_wire(provider, base_url), place=Place(model, base_url, key), price=price)


def local_model(model: str, folder: Path, tokens: int) -> LocalModel:
    """Return a model in a file: one that was pulled to a folder, or of a path that ends in ``.gguf``.

    Args:
        tokens: Of a prompt and its answer together.

    Raises:
        BadInput: There is none of that name, it is not what was pulled, or llama.cpp is not installed.
    """
    if missing := lacking("local", "", ""):
        raise BadInput(f"local:{model}: {missing}")
    is_file = model.endswith(".gguf")
    path = Path(model) if is_file else Shelf(folder).find(model)
    threads = max(1, len(os.sched_getaffinity(0)) // 2)  # the others are for measurements
    return LocalModel(path.stem if is_file else model, path, window=tokens, threads=threads)


def lacking(provider: str, base_url: str, key: str) -> str:
    """Return what is in the way of asking a provider, with the mend; or nothing. Touches no network."""
    if not all(map(find_spec, ("httpx2", "genai_prices"))):
        return "what speaks to models is not installed: pip install 'selfwright[models]'"
    if provider == "local":
        return "" if find_spec("xllamacpp") else "llama.cpp is not installed: pip install 'selfwright[local]'"
    wire = _wire(provider, base_url)
    if not _is_url(base_url):
        return f"{wire.url_setting}: {shown(base_url)!r} is no URL of a server; write http://HOST:PORT and its path"
    if not key:
        needs_key = provider == "claude" or _OPENAI in base_url
        return f"there is no key: set {wire.key_setting}" if needs_key else ""
    if not key.isascii() or not key.isprintable() or " " in key:
        return (
            f"{wire.key_setting} holds what no key does (a space, a line break, a letter with an accent): set it anew"
        )
    return ""


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is none
        return False


def offer(provider: str, base_url: str, key: str) -> Provider:
    """Return what is known of a provider; a server of one's own is asked whether it is there."""
    lacks = lacking(provider, base_url, key)
    if not lacks and provider == "ollama":
        try:
            with urlopen(f"{base_url.rstrip('/')}/api/version", timeout=_LOOK_S):
                pass
        except (OSError, ValueError, HTTPException) as error:
            setting = _wire(provider, base_url).url_setting
            lacks = f"nobody answers ({error}): start it with `ollama serve`, or set {setting}"
    return Provider(name=provider, where=shown(base_url), key=bool(key), lacks=lacks)


def _wire(provider: str, base_url: str) -> Wire:
    match provider:
        case "claude":
            return Claude()
        case "openai":
            return OpenAI(own=_OPENAI in base_url)
        case _:
            return Ollama()
