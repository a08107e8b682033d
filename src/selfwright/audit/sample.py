"""The samples of a certificate: whether its numbers follow from them."""

from collections.abc import Iterable

from selfwright.audit.certificate import Certificate
from selfwright.audit.finding import Finding, differs, holds
from selfwright.core.adoption import Sample
from selfwright.core.trial import Reading
from selfwright.gate.exact import metric_named
from selfwright.gate.pairs import Pair, Weighed
from selfwright.gate.summary import per_case, summarise
from selfwright.views.adoption import table_of

SENSELESS = (ArithmeticError, LookupError, StopIteration, ValueError)
"""What a forged certificate may raise, with names that are not there and numbers that can not be."""


def follow(certificate: Certificate) -> Finding:
    """Return whether ``before``, ``after``, ``cases`` and ``fresh`` are what the samples give."""
    try:
        wrong = _paired(certificate) if certificate.fresh else _exact(certificate)
    except SENSELESS as error:
        return differs("samples", f"nothing follows from them: {error!r}")
    if wrong:
        return differs("samples", f"these numbers do not follow from the samples: {', '.join(wrong)}")
    return holds("samples", f"{len(certificate.samples)}, and the numbers follow from them")


def readings_of(samples: Iterable[Sample]) -> list[Reading]:
    """Return a reading a case: what several samples say of one case, in their order."""
    merged: dict[str, dict[str, tuple[float, ...]]] = {}
    for sample in samples:
        for reading in sample.readings:
            known = merged.setdefault(reading.case, {})
            for name, values in reading.metrics.items():
                known[name] = (*known.get(name, ()), *values)
    return [Reading(case=case, metrics=metrics) for case, metrics in merged.items()]


def _exact(certificate: Certificate) -> list[str]:
    fresh = [each for each in certificate.samples if each.purpose == "fresh"]
    last = {each.stage for each in fresh}
    known = [each for each in certificate.samples if each.side == "incumbent" and each.stage in last]
    return _wrong(certificate, after=readings_of(fresh), before=readings_of(known))


def _paired(certificate: Certificate) -> list[str]:
    metric = metric_named(certificate.metrics, certificate.objective.metric)
    weighed = Weighed(metric, certificate.objective)
    pairs: dict[str, dict[str, Sample]] = {}
    for sample in certificate.samples:
        if sample.purpose.startswith("freshpair:") and sample.readings:
            pairs.setdefault(sample.purpose, {})[sample.side] = sample
    both = [pair for pair in pairs.values() if len(pair) == 2]
    for pair in both:
        new, old = (
            metric.combine(list(per_case(metric, pair[side].readings).values())) for side in ("candidate", "incumbent")
        )
        if min(new, old) > 0 or not weighed.by_ratio:
            weighed.add(Pair(candidate=new, incumbent=old))
    wrong = ["fresh"] if weighed.gain() != certificate.fresh else []
    after, before = (readings_of(pair[side] for pair in both) for side in ("candidate", "incumbent"))
    return [*wrong, *_wrong(certificate, after=after, before=before)]


def _wrong(certificate: Certificate, *, after: list[Reading], before: list[Reading]) -> list[str]:
    found = {
        "before": summarise(certificate.metrics, before) == certificate.before,
        "after": summarise(certificate.metrics, after) == certificate.after,
        "cases": table_of(certificate.metrics, after) == certificate.cases,
    }
    return [name for name, fits in found.items() if not fits]
