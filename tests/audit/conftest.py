"""An adoption as the loop hands it over, and repositories to make it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from selfwright.core.adoption import Adoption, Sample
from selfwright.core.change import Change, Cost, change_id, tree_of
from selfwright.core.machine import Machine
from selfwright.core.metric import Better, Condition, Metric, Objective
from selfwright.core.trial import Reading
from selfwright.core.verdict import Decision, Verdict

Adopt = Callable[..., Adoption]

MACHINE = Machine(cpu="a cpu", kernel="Linux 6.1.0 x86_64", python="CPython 3.11.7", packages={"numpy": "2.0.0"})
SAMPLES = tuple(
    Sample(
        side=side, purpose="search", stage="full", case=case, seed=5,
        readings=(Reading(case=case, metrics={"bitrate_mbps": (rate,)}),),
    )
    for side, rate in (("candidate", 2.1), ("incumbent", 3.18)) for case in ("clip1", "clip2")
)  # fmt: skip
METRICS = (
    Metric(name="bitrate_mbps", unit="Mbps"),
    Metric(name="compression_ratio", better=Better.HIGHER),
    Metric(name="psnr_db", unit="dB", better=Better.HIGHER),
)


def adoption_of(
    *, version: int = 3, reason: str = "LLM evolved codec to v3 - 2.1 Mbps, 3.5x compression", proposer: str = "model",
    files: Mapping[str, bytes] | None = None, **others: object,
) -> Adoption:  # fmt: skip
    """The adoption of spec B's example, with what a test wants otherwise."""
    files = {"codec.py": b"x = %d\n" % version} if files is None else files
    tree = tree_of(files)
    change = Change(
        id=change_id("problem:codec", tree),
        tree=tree,
        parents=("c" * 64,) if version else (),
        proposer=proposer,
        reason=reason,
        cost=Cost(usd=0.25, tokens_in=1000, tokens_out=200),
    )
    verdict = Verdict(
        decision=Decision.ADOPT,
        sentence="adopted: bitrate_mbps 2.10, 34 % better than v2 (3.18)",
        metric="bitrate_mbps",
        candidate=2.1,
        incumbent=3.18,
    )
    after = {"bitrate_mbps": 2.1, "compression_ratio": 3.5, "psnr_db": 35.25}
    adoption = Adoption(
        name="codec",
        description="Encode and decode.",
        version=version,
        parent=None,
        change=change,
        files=files,
        verdict=verdict if version else None,
        metrics=METRICS,
        objective=Objective(metric="bitrate_mbps", constraints=(Condition.parse("psnr_db >= 30"),)),
        before={"bitrate_mbps": 3.18, "compression_ratio": 2.3, "psnr_db": 35.5} if version else {},
        after=after,
        cases={"clip1": after, "clip2": after},
        runs=2,
        holdout=True if version else None,
        compared=7,
        journal=f"{40 + version}:{'a' * 64}",
        time_s=1_700_000_000.123 + version,
        evaluator="e" * 64,
        evaluator_files={"judge.py": "f" * 64},
        sandbox="zygote",
        seed=5,
        look=4 if version else 0,
        machines=(MACHINE,),
        samples=SAMPLES if version else (),
    )
    return replace(adoption, **others)  # type: ignore[arg-type]


@pytest.fixture
def adoption() -> Adopt:
    return adoption_of
