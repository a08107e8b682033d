"""A run told in words: the research blog; and why a trial failed, as a model sees it."""

from threading import Event
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.core.errors import BadInput
from selfwright.evolve.history import History
from selfwright.proposers.specification import parse_spec

if TYPE_CHECKING:
    from selfwright.diagnose.explain import Advice
    from selfwright.ports.model import Model
    from selfwright.report.blog import Entry


def blog(history: History, *, model: "str | Model" = "") -> "list[Entry]":
    """Return an entry for each adoption, the oldest first, written from the record; ``str`` of one is Markdown.

    Args:
        model: Words them, ``claude:MODEL``, at its price; a text with a figure that is not in the record is not kept.

    Raises:
        JournalCorrupt: A file of a version is not there.
        BadInput, TryLater, Unavailable: As ``Model.complete``.
    """
    from selfwright.report.blog import entries
    from selfwright.report.wording import worded

    found = entries(history.state, history.load)
    if not model:
        return found
    words = _model(model)
    return [worded(each, model=words, cancel=Event()) for each in found]


def explain(history: History, trial: str, *, model: "str | Model") -> "Advice":
    """Ask a model why a trial failed; what it says is advice.

    Raises:
        BadInput: There is no such trial, or it has not failed; or as ``Model.complete``.
        TryLater, Unavailable: As ``Model.complete``.
    """
    from selfwright.diagnose import evidence_of
    from selfwright.diagnose.explain import explain

    attempt = history.find(trial)
    evidence = evidence_of(history.state, attempt)
    if evidence is None:
        raise BadInput(f"{attempt.id} has not failed: {attempt.ending or 'it is the start'}; name one that has")
    return explain(evidence, history.program(trial).files, model=_model(model), cancel=Event())


def _model(given: "str | Model") -> "Model":
    if not isinstance(given, str):
        return given
    part, *more = parse_spec(given)
    if more or part.name not in bootstrap.MODELS:
        raise BadInput(f"{given!r} is no model; write it as NAME:MODEL, where NAME is {', '.join(bootstrap.MODELS)}")
    return bootstrap.model_of(part.name, part.argument)
