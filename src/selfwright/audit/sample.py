"""The samples of a certificate: whether its numbers, and the decision itself, follow from them."""

from collections.abc import Iterable
from math import isclose

from selfwright.audit.certificate import Certificate
from selfwright.audit.finding import Finding, differs, holds
from selfwright.core.adoption import Sample
from selfwright.core.trial import Reading
from selfwright.core.verdict import Verdict
from selfwright.gate.exact import judge_exact, metric_named
from selfwright.gate.pairs import Pair, Weighed, confirmed, judge_pairs, threshold
from selfwright.gate.summary import per_case, summarise
from selfwright.views.adoption import table_of
from selfwright.views.comparison import FRESH_PAIRS

SENSELESS = (ArithmeticError, LookupError, StopIteration, ValueError)
"""What a forged certificate may raise, with names that are not there and numbers that can not be."""


def follow(certificate: Certificate) -> Finding:
    """Return whether ``before``, ``after``, ``cases``, ``fresh`` and ``verdict`` are what the samples give."""
    try:
        noisy = metric_named(certificate.metrics, certificate.objective.metric).noisy
        wrong = _paired(certificate) if noisy else _exact(certificate)
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
    searched = [each for each in certificate.samples if each.purpose == "search" and each.stage in last]
    new, old = (readings_of(each for each in searched if each.side == side) for side in ("candidate", "incumbent"))
    candidate, incumbent = (summarise(certificate.metrics, readings) for readings in (new, old))
    verdict = judge_exact(
        certificate.metrics, certificate.objective, candidate=candidate, incumbent=incumbent, name=_before(certificate)
    )
    wrong = [] if _alike(certificate.verdict, verdict) else ["verdict"]
    wrong += ["fresh"] if certificate.fresh else []
    return [*wrong, *_wrong(certificate, after=readings_of(fresh), before=old)]


def _paired(certificate: Certificate) -> list[str]:
    """Return what does not follow from the pairs: those of the fresh block, all of them, and those that decided."""
    fresh, both = _weighed(certificate, "freshpair")
    tried = {each.purpose for each in certificate.samples if each.purpose.startswith("freshpair:")}
    whole = tried == {f"freshpair:{index}" for index in range(max(FRESH_PAIRS, len(certificate.cases)))}
    wrong = [] if whole and fresh.gain() == certificate.fresh and both else ["fresh"]
    after, before = (readings_of(pair[side] for pair in both) for side in ("candidate", "incumbent"))
    if not _alike(certificate.verdict, _decided(certificate, fresh)):
        wrong.append("verdict")
    return [*wrong, *_wrong(certificate, after=after, before=before)]


def _decided(certificate: Certificate, fresh: Weighed) -> Verdict | None:
    """Return the verdict that its pairs give at the E that it names, which no comparison may be below."""
    said, kinds = certificate.verdict, {each.purpose.partition(":")[0] for each in certificate.samples}
    found, name = [kind for kind in kinds if kind.startswith("pair")], _before(certificate)
    if said is None or len(found) != 1 or said.needed < threshold(1, certificate.version - 1) * (1 - 1e-9):
        return None
    tried = {int(each.purpose.partition(":")[2]) for each in certificate.samples if each.purpose.startswith(found[0])}
    if tried != set(range(len(tried))):
        return None
    weighed, _ = _weighed(certificate, found[0])
    verdict = judge_pairs(weighed, needed=said.needed, max_pairs=weighed.tried, name=name)
    return verdict and confirmed(verdict, fresh, name)


def _weighed(certificate: Certificate, kind: str) -> tuple[Weighed, list[dict[str, Sample]]]:
    """Return the evidence in the pairs of a kind, and those in which both sides ran, in order."""
    metric = metric_named(certificate.metrics, certificate.objective.metric)
    weighed = Weighed(metric, certificate.objective)
    pairs: dict[int, dict[str, Sample]] = {}
    for sample in certificate.samples:
        if sample.purpose.startswith(f"{kind}:") and sample.readings:
            pairs.setdefault(int(sample.purpose.partition(":")[2]), {})[sample.side] = sample
    both = [pairs[index] for index in sorted(pairs) if len(pairs[index]) == 2]
    for pair in both:
        new, old = (
            metric.combine(list(per_case(metric, pair[side].readings).values())) for side in ("candidate", "incumbent")
        )
        if min(new, old) > 0 or not weighed.by_ratio:
            weighed.add(Pair(candidate=new, incumbent=old, case=pair["candidate"].case))
    return weighed, both


def _before(certificate: Certificate) -> str:
    return f"v{certificate.version - 1}"


def _alike(said: Verdict | None, given: Verdict | None) -> bool:
    """Whether a verdict is the one that is given, but for last digits: another library's logarithm may differ there."""
    if said is None or given is None:
        return False
    numbers = [
        (getattr(said, name), getattr(given, name)) for name in ("candidate", "incumbent", "gain", "evidence", "needed")
    ]
    return (said.decision, said.sentence, said.metric, said.pairs, said.inert) == (
        given.decision, given.sentence, given.metric, given.pairs, given.inert
    ) and all(
        one is other if one is None or other is None else isclose(one, other, rel_tol=1e-9) for one, other in numbers
    )  # fmt: skip


def _wrong(certificate: Certificate, *, after: list[Reading], before: list[Reading]) -> list[str]:
    found = {
        "before": summarise(certificate.metrics, before) == certificate.before,
        "after": summarise(certificate.metrics, after) == certificate.after,
        "cases": table_of(certificate.metrics, after) == certificate.cases,
    }
    return [name for name, fits in found.items() if not fits]
