"""A run of a video codec as its journal would tell it: all that can become of a trial, and hostile words."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from selfwright.core import event as ev
from selfwright.core.budget import Budget
from selfwright.core.change import Cost, Origin, change_id, content_id
from selfwright.core.lifecycle import State
from selfwright.core.metric import Aggregate, Better, Condition, Effect, Metric, Objective
from selfwright.core.milestone import Phase, Span, Success, Tier
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading, Resources
from selfwright.core.verdict import Decision, Verdict
from selfwright.report import Facts
from selfwright.views.run import RunState, fold

HOSTILE = """<script>alert("1")</script><img src=x onerror=alert(2)>{{ 7 * 7 }}'"&amp;\u202e"""
CASES = {"smoke": ("carphone",), "full": ("bigbuckbunny", "bikes", "carphone"), "holdout": ("late",)}
METRICS = (
    Metric(name="bitrate_mbps", unit="Mbps"),
    Metric(name="compression_ratio", unit="x", better=Better.HIGHER),
    Metric(name="bytes", unit="B"),
    Metric(name="psnr_db", unit="dB", better=Better.HIGHER, aggregate=Aggregate.WORST),
    Metric(name="psnr_y_db", unit="dB", better=Better.HIGHER),
    Metric(name="ssim", unit="1", better=Better.HIGHER),
    Metric(name="encode_s", unit="s", noisy=True),
    Metric(name="decode_s", unit="s", noisy=True),
)
OBJECTIVE = Objective(
    metric="bitrate_mbps",
    constraints=(Condition.parse("psnr_db >= 34"),),
    minimum_effect=Effect(amount=0.005, relative=True),
)
FACTS = Facts(
    name="video_codec",
    description="Encode and decode 8-bit YUV 4:2:0 video in fewer bits, at 34 dB or better on every clip.",
    run=".selfwright/runs/video_codec",
    proposals="recorded, then numeric",
    confinement="keeps honest programs within their limits; it does not contain hostile code",
    note="clips: PROCEDURAL, because PyAV is not installed; numbers do not compare with public clips",
    tiers=tuple(
        Tier(name=f"{share} % below 10 Mbps", condition=Condition.parse(f"bitrate_mbps <= {bound}"))
        for share, bound in ((50, 5), (70, 3), (90, 1))
    ),
    phases=tuple(
        Phase(name=name, trials=Span.parse(trials), versions=Span.parse(versions), target=Condition.parse(target))
        for name, trials, versions, target in (
            ("baseline", "1-5", "v0", "bitrate_mbps <= 50"),
            ("motion, DCT", "6-30", "v4-v7", "bitrate_mbps <= 2"),
            ("novel", "31+", "v13+", "bitrate_mbps < 0.5"),
        )
    ),
    success=(
        Success(name="week 1", trials=20, version=5, condition=Condition.parse("bitrate_mbps < 10"), tool_uses=1),
        Success(
            name="weeks 3-4",
            trials=100,
            version=0,
            condition=Condition.parse("bitrate_mbps < 2"),
            self_healings=2,
            unattended=True,
            novel=True,
        ),
    ),
)

# bitrate, dB; a status in place of dB: failed; None: refused as a duplicate
PLAN: tuple[tuple[float, float | TrialStatus | None], ...] = (
    (8.1, 36.9),
    (6.05, 35.8),
    (0.0, TrialStatus.INVALID),
    (4.4, 35.1),
    (4.9, 35.6),
    (3.1, 31.2),
    (3.2, 34.8),
    (0.0, TrialStatus.CRASHED),
    (0.0, None),
    (2.31, 34.9),
    (2.4, 35.0),
    (0.0, TrialStatus.TIMED_OUT),
    (1.62, 34.4),
    (1.9, 34.6),
    (1.61, 34.4),
    (1.41, 34.3),
    (1.52, 34.6),
    (1.33, 33.7),
    (1.39, 34.2),
    (1.30, 34.11),
    (1.37, 34.3),
    (1.25, 34.06),
    (1.248, 34.05),
    (1.29, 34.2),
)


def png(red: int, size: int = 48) -> bytes:
    """A PNG file: a gradient with some red in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(v for x in range(size) for v in (red, 4 * x % 256, 3 * y % 256)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@dataclass
class Sample:
    """Builds events; `blobs` holds what they name."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    events: list[ev.Event] = field(default_factory=list)

    def load(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    def put(self, content: bytes) -> str:
        self.blobs[content_id(content)] = content
        return content_id(content)

    def state(self) -> RunState:
        return fold(self.records())

    def records(self) -> Iterator[ev.Record]:
        before = ev.GENESIS
        for seq, event in enumerate(self.events, start=1):
            before = ev.chain(before, ev.encode(event))
            yield ev.Record(seq=seq, time_s=1.77e9 + 2.5 * seq, event=event, hash=before)

    def program(self, trial: int) -> dict[str, str]:
        lines = [f"STEP = {20 - trial % 7}", "", "def encode(y, u, v, fps, quality):"]
        lines += [f"    part_{n} = y[{n}] + {n if n % (trial + 2) else trial}" for n in range(30)]
        lines += [f"    # {HOSTILE}" if trial else "    # naive", "    return bytes(part_0)"]
        return {"codec.py": self.put("\n".join(lines).encode())}

    def open(self) -> None:
        self.events += [
            ev.RunOpened(
                version=ev.VERSION,
                subject="problem:video_codec",
                problem="problems/video_codec",
                problem_hash="ab" * 32,
                metrics=METRICS,
                objective=OBJECTIVE,
                cases=CASES,
                holdout=("holdout",),
                seed=7,
                lag=1,
                proposers=("recorded:session.jsonl", "numeric"),
                sandbox="limits",
                tree=self.program(0),
            ),
            ev.SittingStarted(
                budget=Budget(trials=24), workers=2, host="bench-1", pid=4711, proposers=("recorded:session.jsonl",)
            ),
        ]

    def seed(self) -> None:
        self.measure(0, 9.31, 37.2, purposes=("search", "proof"))
        self.events.append(
            ev.Measured(
                trial=0,
                attempt=0,
                purpose="holdout",
                stage="holdout",
                case="late",
                outcome=Outcome(status=TrialStatus.OK, readings=(self.reading("late", 987.654, 12.0),)),
            )
        )
        self.adopt(0, 0, version=0)

    def reading(self, case: str, bitrate: float, psnr: float) -> Reading:
        values = {
            "bitrate_mbps": bitrate,
            "compression_ratio": 36.5 / bitrate,
            "bytes": round(bitrate * 125_000 / 7) * 1.0,
            "psnr_db": psnr,
            "psnr_y_db": psnr - 0.7,
            "ssim": 0.5 + psnr / 80,
            "encode_s": 4 / bitrate,
            "decode_s": 0.3,
        }
        return Reading(case=case, metrics={name: (value,) for name, value in values.items()})

    def measure(
        self, trial: int, bitrate: float, psnr: float, *, attempt: int = 0, purposes: tuple[str, ...] = ("search",)
    ) -> None:
        for purpose in purposes:
            for stage in ("smoke", "full") if purpose == "search" else ("full",):
                for index, case in enumerate(CASES[stage]):
                    shown = stage == "full" and index == 0
                    outcome = Outcome(
                        status=TrialStatus.OK,
                        readings=(self.reading(case, bitrate * (1 + 0.1 * (index - 1)), psnr + index),),
                        artifacts=self.pictures(trial) if shown else {},
                        resources=Resources(wall_s=1.5, cpu_s=1.2, usd=0.001),
                    )
                    self.events.append(
                        ev.Measured(
                            trial=trial,
                            attempt=attempt,
                            purpose=purpose,
                            stage=stage,
                            case=case,
                            outcome=outcome,
                        )
                    )

    def pictures(self, trial: int) -> Mapping[str, str]:
        return {
            "decoded.png": self.put(png(100 + trial)),
            "difference_x4.png": self.put(png(40)),
            "original.png": self.put(png(100)),
            "notes.txt": self.put(b"no picture"),
            "fake.png": self.put(b"<svg onload=x>"),
        }

    def propose(
        self,
        trial: int,
        *,
        attempt: int = 0,
        reason: str = "",
        origin: Origin = Origin.STRUCTURE,
        proposer: str = "recorded",
        cost: Cost | None = None,
        submission: int | None = None,
        parent: str = "v0",
    ) -> None:
        tree = self.program(trial)
        self.events.append(
            ev.Proposed(
                trial=trial,
                attempt=attempt,
                change=change_id("problem:video_codec", tree),
                tree=tree,
                parents=(parent,),
                proposer=proposer,
                reason=reason,
                cost=cost or Cost(),
                origin=origin,
                submission=submission,
            )
        )

    def move(self, trial: int, *to: State, attempt: int = 0, reason: str = "") -> None:
        self.events += [ev.Moved(trial=trial, attempt=attempt, to=each, reason=reason) for each in to]

    def fail(self, trial: int, status: TrialStatus, *, attempt: int = 0) -> None:
        outcome = Outcome(
            status=status,
            reason=f"decode raised ValueError: {HOSTILE}",
            log=f"Traceback\n  codec.py, line 4\n{HOSTILE}",
            resources=Resources(wall_s=0.4, cpu_s=0.3),
        )
        self.events.append(
            ev.Measured(
                trial=trial,
                attempt=attempt,
                purpose="search",
                stage="smoke",
                case="carphone",
                outcome=outcome,
            )
        )

    def judge(self, trial: int, decision: Decision, sentence: str) -> None:
        verdict = Verdict(decision=decision, sentence=sentence, metric="bitrate_mbps")
        self.events.append(ev.Judged(trial=trial, attempt=0, verdict=verdict))

    def adopt(self, trial: int, attempt: int, version: int) -> None:
        self.events += [
            ev.AdoptionIntended(trial=trial, attempt=attempt, version=version, time_s=1.77e9),
            ev.Adopted(
                trial=trial,
                attempt=attempt,
                version=version,
                commit=content_id(b"%d" % version)[:40],
                tree="cd" * 20,
                branch="selfwright/video_codec",
            ),
        ]

    def trial(self, trial: int, bitrate: float, psnr: float | TrialStatus | None, best: float, version: int) -> bool:
        tuning = trial > 18
        self.propose(
            trial,
            reason=_REASONS[trial % len(_REASONS)],
            origin=Origin.TUNING if tuning else Origin.STRUCTURE,
            proposer="numeric" if tuning else "recorded",
            cost=Cost(usd=None, tokens_in=900) if trial == 5 else Cost(usd=0.01),
            parent=f"v{version}",
        )
        if psnr is None:
            self.move(trial, State.REFUSED, reason="the same program as t2, adopted: bitrate_mbps 6.05 Mbps")
            return False
        self.move(trial, State.CHECKED)
        if isinstance(psnr, TrialStatus):
            self.fail(trial, psnr)
        else:
            self.measure(trial, bitrate, psnr)
        self.move(trial, State.TRIED)
        adopted = not isinstance(psnr, TrialStatus) and psnr >= 34 and bitrate < best * 0.995
        if adopted:
            self.measure(trial, bitrate, 34.5, purposes=("fresh",))
            self.judge(trial, Decision.ADOPT, f"adopted: bitrate_mbps {bitrate}, better than v{version} ({best})")
            self.adopt(trial, 0, version + 1)
        else:
            why = (
                f"{psnr} in smoke/carphone: {HOSTILE}"
                if isinstance(psnr, TrialStatus)
                else f"bitrate_mbps {bitrate} Mbps, not better than v{version} ({best:.4g}), or psnr_db is {psnr}"
            )
            self.judge(trial, Decision.REJECT, f"rejected: {why}")
            self.move(trial, State.REJECTED, reason=f"rejected: {why}")
        return adopted


_REASONS = (
    "Predict each picture by the decoded one before it, and code what is left: most of a video stands still.",
    "8x8 integer DCT of the residual with a dead zone; levels sorted by frequency before entropy coding.",
    f"Trust me, this is better. {HOSTILE}",
    "Arithmetic coding with adaptive contexts, one for each frequency band and the size of the neighbours.",
    "Quarter-pixel motion with a six-tap filter.",
)


def seed_only() -> Sample:
    sample = Sample()
    sample.open()
    sample.seed()
    return sample


def whole_run() -> Sample:
    """24 trials of the plan, then one repaired in vain that needs a person, and one submitted by a person in flight."""
    sample = seed_only()
    best, version = 9.31, 0
    for trial, (bitrate, psnr) in enumerate(PLAN, start=1):
        if sample.trial(trial, bitrate, psnr, best, version):
            best, version = bitrate, version + 1
    sample.propose(
        25, reason="an import that is not there", proposer="model", cost=Cost(usd=None, tokens_in=2400, tokens_out=512)
    )
    sample.move(25, State.FAILED, reason="codec.py: line 3: scipy may not be imported here")
    sample.move(25, State.REPAIRED, reason="repaired as t25.1")
    sample.propose(
        25, attempt=1, reason="without scipy", proposer="model", cost=Cost(usd=0.02, tokens_in=2600, tokens_out=498)
    )
    sample.move(25, State.CHECKED, attempt=1)
    sample.fail(25, TrialStatus.OUT_OF_MEMORY, attempt=1)
    sample.move(25, State.TRIED, State.FAILED, attempt=1)
    sample.move(
        25, State.NEEDS_PERSON, attempt=1, reason=f"out of memory in smoke/carphone; its proposer gave up {HOSTILE}"
    )
    sample.events.append(ev.Submitted(files={}, reason="by hand", proposer="person"))
    sample.propose(26, reason="half-pixel motion, by hand", proposer="person", submission=len(sample.events))
    sample.move(26, State.CHECKED)
    sample.events.append(ev.SittingEnded(why="budget", reason="24 trials are done", wall_s=61.0))
    return sample
