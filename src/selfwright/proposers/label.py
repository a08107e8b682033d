"""The label under which a proposal is recorded: the proposer's name, and whom it speaks for.

``recorded (claude)`` is a change that Claude once proposed and a recording brings again. Searches and recordings find
their own past by it, so that they need no state that a resumed run would lack.
"""


def label(name: str, by: str) -> str:
    """Return ``name`` or ``name (by)``; a label that begins with the name already stays as it is."""
    return by if bears(by, name) else f"{name} ({by})" if by else name


def bears(text: str, name: str) -> bool:
    """Whether a label is that of the proposer ``name``."""
    return text == name or text.startswith(f"{name} (")
