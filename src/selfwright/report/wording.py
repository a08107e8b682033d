"""A blog's entry in the words of a model: kept where each of its figures is in the record, else thrown away."""

import logging
import secrets
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from selfwright.core.completion import Allowance, Finish, Prompt
from selfwright.core.printable import one_line, printable
from selfwright.ports.model import Model
from selfwright.report.blog import Entry
from selfwright.report.figure import unproven

if TYPE_CHECKING:
    import jinja2

ALLOWANCE = Allowance(tokens_out=1000, wall_s=60.0)
"""What the wording of one entry may take."""

LONGEST = 2500
"""Characters of a text; a longer one is thrown away."""

_MOST = 4000
_log = logging.getLogger(__name__)


def worded(entry: Entry, *, model: Model, cancel: Event, allowance: Allowance = ALLOWANCE) -> Entry:
    """Return an entry with its text by a model; the entry as it was where the text has a figure that is not proven.

    Raises:
        TryLater, Unavailable, BadInput: As ``Model.complete``.
    """
    answer = model.complete(write_prompt(entry), allowance=allowance, cancel=cancel)
    text = printable(answer.text).strip()
    fits = answer.finish is Finish.WHOLE and 0 < len(text) <= LONGEST
    faults = unproven(text, entry.figures, names=entry.names) if fits else [f"{len(text)} characters, {answer.finish}"]
    if faults:
        _log.info("%s: the words of %s are not kept: %s", entry.title, model.name, ", ".join(faults))
        return entry
    return replace(entry, text=text, worded_by=model.name)


def write_prompt(entry: Entry) -> Prompt:
    """Return the question; what others wrote stands between lines that they could not write."""
    nonce = secrets.token_hex(8)

    def material(label: str, text: str) -> str:
        return f"[material {nonce}: {one_line(label)}]\n{printable(text)[:_MOST].rstrip()}\n[end {nonce}]"

    record = "\n".join([entry.change, *entry.numbers, entry.learned, entry.failed])
    figures = list(dict.fromkeys(entry.figures))
    fresh = _template().render(
        nonce=nonce, material=material, hypothesis=entry.hypothesis, record=record, figures=figures
    )
    return Prompt(stable="You write down what was found, and nothing else.", fresh=fresh)


@cache
def _template() -> "jinja2.Template":
    import jinja2  # most commands ask no model

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("prompts")), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, autoescape=False, keep_trailing_newline=True,
    ).get_template("word.md")  # fmt: skip
