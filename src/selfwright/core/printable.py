"""Text that nobody vouches for, made fit for a terminal, a page and a prompt."""

import re

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def printable(text: bytes | str) -> str:
    """Return ``text`` without terminal sequences, control characters, bidirectional marks and lone surrogates.

    Newline and tab stay, a carriage return becomes a newline. Bytes are read as UTF-8; what is none becomes U+FFFD.
    """
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return _HIDDEN.sub("", _ESCAPE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str) -> str:
    """Return the first line of ``text``, printable: more of it could look like lines of ours."""
    return printable(text).strip().partition("\n")[0].rstrip()


def indented(text: str, by: int = 6) -> str:
    """Return ``text``, printable, all lines but the first so far to the right that none looks like one of ours."""
    return printable(text).rstrip("\n").replace("\n", "\n" + " " * by)


def fenced(label: str, text: str, nonce: str) -> str:
    """Return ``text``, printable, between two lines that nobody could write who does not know ``nonce``."""
    name = one_line(label).replace("]", " ")[:200]
    return f"[material {nonce}: {name}]\n{printable(text).rstrip()}\n[end {nonce}]"
