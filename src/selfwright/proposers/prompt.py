"""Writes what a model is told: the rules of a problem, and what one request is about. Capped, and fenced.

Whatever programs, judges or other models have written stands between lines with a number that nobody could know before,
so that no text of theirs can pass for ours. Numbers of a holdout never come here, because ``Ask`` has none.
"""

import difflib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright.core.brief import Failure, Past
from selfwright.core.budget import Budget, amount
from selfwright.core.change import Files, Proposal
from selfwright.core.completion import Prompt
from selfwright.core.printable import fenced
from selfwright.ports.proposer import Ask

if TYPE_CHECKING:
    import jinja2

LEAST = 16_000
"""Bytes that a prompt must be allowed to have."""

_OURS = 7_000
"""Bytes of it that are left for our own words."""

TRIALS = 16
"""So many of the newest are told."""

_SHARES = {
    "description": 0.1, "sources": 0.4, "inspirations": 0.14, "trials": 0.1, "memory": 0.06, "answer": 0.1, "log": 0.05,
}  # fmt: skip
"""Of the bytes that are not ours."""

_FENCE = 120
"""Bytes that a fence takes, with the path of a file."""

_HERE = Path(__file__).with_name("prompts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody works who changes files, instead of answering with a change.

    Attributes:
        files: Paths of the program's files.
        beside: Paths of what else is there, to be read.
        wall_s: How long there is.
        network: Whether there is one.
    """

    files: tuple[str, ...]
    beside: tuple[str, ...]
    wall_s: float
    network: bool


def write_task(
    ask: Ask, *, parent: str, most: int, place: Place, last: Proposal | None = None, failure: Failure | None = None
) -> str:
    """Return the same for whoever works in a folder that holds the program; see ``write_prompt``."""
    prompt = write_prompt(ask, parent=parent, most=most, last=last, failure=failure, place=place)
    return f"{prompt.stable}\n{prompt.fresh}"


def write_prompt(
    ask: Ask, *, parent: str, most: int, last: Proposal | None = None, failure: Failure | None = None,
    place: Place | None = None,
) -> Prompt:  # fmt: skip
    """Return the prompt of a request, of at most ``most`` bytes, which are at least ``LEAST``.

    Args:
        parent: The program to change.
        last: What was proposed before, and failed; its ``patch`` is the answer, where no change came of it.
        failure: Why.
        place: Where it is changed; None for an answer that says the change.
    """
    room = {name: int(share * (most - _OURS)) for name, share in _SHARES.items()}
    program, nonce = ask.program(parent), secrets.token_hex(8)
    material = partial(fenced, nonce=nonce)

    trials = "\n".join(_trial(past, room["trials"] // TRIALS) for past in ask.history[-TRIALS:])
    answer = (last.patch or _difference(program, last)) if last else ""
    stable = _render(
        "rules.md", brief=ask.brief, description=shortened(ask.brief.description, room["description"]), place=place,
        how="work.md" if place else "answer.md",
    )  # fmt: skip
    fresh = _render(
        "ask.md", place=place, nonce=nonce, material=material, parent=parent, objective=ask.brief.objective.metric,
        sources=_texts(program, room["sources"]), standing=_standing(ask, parent), left=_left(ask.left), trials=trials,
        memory=shortened(str(ask.memory(parent)), room["memory"]),
        inspirations=[(name, _texts(ask.program(name), room["inspirations"] // 3)) for name in ask.inspirations[:3]],
        failure=failure, answered=bool(last and last.patch), answer=shortened(answer, room["answer"]),
        reason=shortened(failure.reason if failure else "", room["log"]),
        log=shortened(failure.log if failure else "", room["log"]),
    )  # fmt: skip
    return Prompt(stable=stable, fresh=fresh)


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` bytes: of a longer one its beginning and its end."""
    content = text.encode()
    if len(content) <= most:
        return text
    half = max(0, most - 60) // 2
    first, last = (part.decode(errors="ignore") for part in (content[:half], content[len(content) - half :]))
    return f"{first}\n... {len(content) - 2 * half} bytes are not shown ...\n{last}"


def _texts(files: Files, most: int) -> list[tuple[str, str]]:
    """Return path and text of each file, which share the bytes evenly; the shorter leave theirs to the longer.

    Where there are so many files that none would have room, the longest are only named.
    """
    shortest = sorted(files, key=lambda each: (len(files[each]), each))
    shown = shortest[: most // (3 * _FENCE)]
    texts: dict[str, str] = {}
    if unseen := shortest[len(shown) :]:
        texts["not shown"] = shortened(", ".join(unseen), 2 * _FENCE)
        most -= 3 * _FENCE
    for left, path in zip(range(len(shown), 0, -1), shown, strict=True):
        try:
            text = files[path].decode()
        except UnicodeDecodeError:
            text = f"({len(files[path])} bytes that are no text)"
        texts[path] = shortened(text, max(0, most // left - _FENCE))
        most -= len(texts[path].encode()) + _FENCE
    return sorted(texts.items())


def _standing(ask: Ask, parent: str) -> list[str]:
    """Return a line a metric: what it is of the program, of the best and of the start."""
    known = {"this program": _past(ask, parent), f"the best ({ask.best})": _past(ask, ask.best), "the start": ask.start}
    lines = []
    for metric in ask.brief.metrics:
        values = [
            f"{past.metrics[metric.name]:.6g} {metric.unit}".rstrip() + f" of {name}"
            for name, past in known.items()
            if past is not None and metric.name in past.metrics
        ]
        lines.append(f"{metric.name} ({metric.better.value} is better): {', '.join(values) or 'not known'}")
    return lines


def _past(ask: Ask, name: str) -> Past | None:
    name = ask.best if name == "best" else name
    if name in ("seed", "v0"):
        return ask.start
    found = (past for past in reversed(ask.history) if name in (past.trial, f"v{past.version}"))
    return next(found, None)


def _trial(past: Past, most: int) -> str:
    became = f"adopted as v{past.version}" if past.version else str(past.decision or past.status or "refused")
    numbers = ", ".join(f"{name} {value:.6g}" for name, value in past.metrics.items())
    reason, detail = (
        shortened(" ".join(text.split()), most // 3).replace("\n", " ") for text in (past.reason, past.detail)
    )
    words = f"{past.trial}, from {', '.join(past.parents)}: {reason or 'no reason given'}; {became}: {numbers} {detail}"
    return words.rstrip()


def _left(left: Budget) -> str:
    return ", ".join(amount(kind, max(0, bound)) for kind, bound in left.bounds().items())


def _difference(before: Files, last: Proposal) -> str:
    """Return what a proposal changed, as a diff."""
    parts: list[str] = []
    for path in sorted(last.files):
        old, new = (_lines(content) for content in (before.get(path), last.files[path]))
        parts += difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(parts)


def _lines(content: bytes | None) -> Sequence[str]:
    return (content or b"").decode(errors="replace").splitlines()


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> "jinja2.Environment":
    import jinja2  # most commands ask no model

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False, keep_trailing_newline=True,
    )  # fmt: skip
