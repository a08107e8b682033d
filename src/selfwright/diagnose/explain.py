"""What a model says of a failure: advice beside the diagnosis of the rules, and never instead of it."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from selfwright.core.completion import Allowance, Finish, Prompt
from selfwright.core.printable import one_line, printable
from selfwright.diagnose.diagnosis import Diagnosis, diagnose
from selfwright.diagnose.evidence import Evidence
from selfwright.diagnose.rule import Category, Severity
from selfwright.ports.model import Model

if TYPE_CHECKING:
    import jinja2

ALLOWANCE = Allowance(tokens_out=1000, wall_s=60.0)
"""What one explanation may take."""

_MOST = {"reason": 2000, "log": 4000, "source": 8000}
"""Characters that are told, of a log from its end."""
_SAID = re.compile(r"^\W*(category|severity|cause|fix)\W*?:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A model's opinion.

    Attributes:
        diagnosis: By the rules; where none is sure, with the category and severity that the model says.
        model: Who says so.
        cause: Its words, or empty where it had none that could be read.
        fix: Likewise.
        usd: What it cost; None where nobody knows.
    """

    diagnosis: Diagnosis
    model: str
    cause: str
    fix: str
    usd: float | None

    def __str__(self) -> str:
        """Return it marked as what it is: a guess of a model."""
        said = "; ".join(filter(None, (self.cause, self.fix))) or "nothing that could be read"
        price = "unknown" if self.usd is None else f"{self.usd:.4f} USD"
        return f"advice of {self.model}, which nobody has checked (price {price}): {said}"


def explain(
    evidence: Evidence, sources: Mapping[str, bytes], *, model: Model, cancel: Event, allowance: Allowance = ALLOWANCE
) -> Advice:
    """Ask a model why something failed. What a rule is sure of stays, whatever the model says.

    Raises:
        TryLater, Unavailable, BadInput: As ``Model.complete``.
    """
    known = diagnose(evidence)
    answer = model.complete(write_prompt(evidence, known, sources), allowance=allowance, cancel=cancel)
    said: dict[str, str] = {}
    if answer.finish in (Finish.WHOLE, Finish.CUT):
        for name, words in _SAID.findall(printable(answer.text)):
            said.setdefault(name.lower(), one_line(words)[:300])
    if not known.sure:
        category, severity = (said.get(name, "").lower().strip(" .`*") for name in ("category", "severity"))
        known = replace(
            known, category=Category(category) if category in list(Category) else known.category,
            severity=Severity(severity) if severity in list(Severity) else known.severity,
        )  # fmt: skip
    return Advice(
        diagnosis=known, model=model.name, cause=said.get("cause", ""), fix=said.get("fix", ""), usd=answer.usd
    )


def write_prompt(evidence: Evidence, known: Diagnosis, sources: Mapping[str, bytes]) -> Prompt:
    """Return the question; what programs and judges wrote stands between lines that they could not write."""
    nonce = secrets.token_hex(8)

    def material(label: str, text: str) -> str:
        name = one_line(label).replace("]", " ")[:200]
        return f"[material {nonce}: {name}]\n{printable(text).rstrip()}\n[end {nonce}]"

    most = _MOST["source"] // max(1, len(sources))
    fresh = _template().render(
        nonce=nonce, material=material, category=known.category, severity=known.severity, cause=one_line(known.cause),
        sure=known.sure, reason=evidence.reason[: _MOST["reason"]], log=evidence.log[-_MOST["log"] :],
        sources=[(path, content.decode(errors="replace")[:most]) for path, content in sorted(sources.items())],
        categories=list(Category), severities=list(Severity),
    )  # fmt: skip
    return Prompt(stable="You explain why programs fail.", fresh=fresh)


@cache
def _template() -> "jinja2.Template":
    import jinja2  # most commands ask no model

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("prompts")), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, autoescape=False, keep_trailing_newline=True,
    ).get_template("explain.md")  # fmt: skip
