"""Does the judge remember? What it says of the seed must not depend on the program that it measured before."""

from collections.abc import Iterator

from selfwright.check.finding import Finding, Severity
from selfwright.check.measure import Measurer
from selfwright.check.questions import Known
from selfwright.core.change import Files
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.gate.summary import disagreement


def state(measurer: Measurer, seed: Files, known: Known, planted: Files) -> Iterator[Finding]:
    """Measure a program that does nothing, then the seed twice, each case in a worker whose judge has seen neither.

    Args:
        measurer: Of an engine that has measured nothing.
        known: What the seed got there alone.

    Raises:
        OutOfTime: The deadline passed.
    """
    stage = measurer.public[-1]
    before, after = measurer.shots(planted, stage), measurer.shots(seed, stage)
    blocks = measurer.blocks([[idle, shot, shot] for idle, shot in zip(before, after, strict=True)])
    for shot, (_, *outcomes) in zip(after, blocks, strict=True):
        alone = known[stage, shot.case]
        differs = next(filter(None, (_difference(measurer, alone, outcome) for outcome in outcomes)), "")
        if differs:
            yield Finding(
                name="state", severity=Severity.UNTRUSTWORTHY,
                says="what the judge says of the seed depends on what it measured before",
                mend="keep nothing between measurements: no global that evaluate or measure writes, no file; compute "
                "what is right from the case alone",
                seen=f"{stage}, the seed twice after a program that does nothing: {differs}",
            )  # fmt: skip
            return


def _difference(measurer: Measurer, alone: Outcome, outcome: Outcome) -> str | None:
    if outcome.status is not TrialStatus.OK:
        return f"{outcome.status.value}: {outcome.reason.partition(chr(10))[0]}"
    return disagreement(measurer.problem.metrics, list(alone.readings), list(outcome.readings))
