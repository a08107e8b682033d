"""What tokens cost: as a person has said, else as the package genai-prices knows it. What nobody knows is None."""

from collections.abc import Callable

from selfwright.core.completion import Tokens
from selfwright.core.errors import BadInput

Price = Callable[[Tokens], float | None]
"""Tokens → US dollars, or None where nobody knows."""


def price_of(model: str, *, provider: str = "", url: str = "", stated: str = "") -> Price:
    """Return the price of a model.

    Args:
        provider: Whose model it is, as genai-prices calls it; empty where the URL tells.
        url: Where it is asked.
        stated: What a person has said: ``MODEL=IN/OUT``, in US dollars for a million tokens; several with commas.

    Raises:
        BadInput: ``stated`` is not of that form.
    """
    said = _read(stated).get(model)
    if said is not None:
        read, written = said
        return lambda tokens: (tokens.read * read + tokens.written * written) / 1e6
    from genai_prices import Usage, calc_price

    def usd(tokens: Tokens) -> float | None:
        usage = Usage(
            input_tokens=tokens.read, output_tokens=tokens.written, cache_read_tokens=tokens.cached,
            cache_write_tokens=tokens.stored,
        )  # fmt: skip
        try:
            if provider:
                return float(calc_price(usage, model, provider_id=provider).total_price)
            return float(calc_price(usage, model, provider_api_url=url).total_price)
        except LookupError:
            return None

    return usd


def _read(stated: str) -> dict[str, tuple[float, float]]:
    prices = {}
    for entry in filter(None, (each.strip() for each in stated.split(","))):
        model, _, price = entry.rpartition("=")
        try:
            read, written = (float(number) for number in price.split("/"))
        except ValueError:
            read = written = -1.0
        if not model or not 0 <= read < float("inf") or not 0 <= written < float("inf"):
            raise BadInput(
                f"SELFWRIGHT_MODEL_PRICES: {entry!r} is no price; write MODEL=IN/OUT, US dollars for a million tokens"
            )
        prices[model] = (read, written)
    return prices
