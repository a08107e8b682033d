"""A host with everything that attacks aim at, and the verdict on an attack: what of it was touched, found or left."""

from __future__ import annotations

import json
import os
import resource
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from selfwright.bench.outcome import CommandOutcome, Outcome
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits
from selfwright.core.printable import printable
from tests.hostile import judge
from tests.hostile.corpus import Attack
from tests.hostile.detectors import Canaries, Detector, Devices, Listeners, SecretFiles, Sentinel, Terminal, settled
from tests.hostile.remains import Remains
from tests.hostile.way import SLOWNESS, Evaluation, Way, strike

LIMITS = Limits(wall_s=1.5 * SLOWNESS, memory_mb=400, output_mb=4, log_kb=16, files_mb=8, processes=32)
_HONEST = Limits(wall_s=30.0 * SLOWNESS)
_SLACK_S = 5.0 * SLOWNESS
_GROWTH_MB = 48
_DESCRIPTORS, _INODES = 4096, 40_000
_OWN_PROCESSES = 4  # of the sandbox itself, which may count
_NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one attack.

    Attributes:
        broke: What was seen that must not happen; empty if it was held.
        lacks: Why this machine can not tell.
    """

    broke: tuple[str, ...] = ()
    lacks: str = ""

    def __str__(self) -> str:
        if self.lacks:
            return f"n/a: {self.lacks}"
        return f"BROKE: {'; '.join(self.broke)}" if self.broke else "held"


class World:
    """A host, in which one way runs one attack after the other.

    Args:
        way: It has run nothing yet.
        token: How the names of all files begin that are made here, or by attacks.
    """

    def __init__(self, way: Way, token: str) -> None:
        self._way = way
        self._patience_s = (5.0 if way.contains else 0.5) * SLOWNESS  # for processes that are on their way out
        self._folder = Path(tempfile.mkdtemp(prefix=token))
        self._folder.chmod(0o755)
        temporary = self._folder / "temporary"
        temporary.mkdir()
        temporary.chmod(0o777)
        tempfile.tempdir = str(temporary)
        os.chdir(self._folder)
        judge.CASE["expected"] = [secrets.randbelow(1 << 30) / 7 for _ in range(32)]
        self._remains = Remains(f"{token}-{secrets.token_hex(3)}", temporary)
        self._detectors: list[Detector] = [
            Canaries(self._folder), Devices(), SecretFiles(self._folder, token), Sentinel(), Listeners(self._folder),
            Terminal(), self._remains,
        ]  # fmt: skip
        self.target: dict[str, object] = {
            "processes": LIMITS.processes + _OWN_PROCESSES, "memory_mb": LIMITS.memory_mb, "files_mb": LIMITS.files_mb,
            "output_mb": LIMITS.output_mb, "descriptors": _DESCRIPTORS, "inodes": _INODES,
            "lacking": _lacking(), "cores": len(os.sched_getaffinity(0)), "message": "",
        }  # fmt: skip
        self.secrets: dict[str, str] = {}
        for detector in self._detectors:
            self.target |= detector.target
            self.secrets |= detector.secrets
        self._honest = self._score_of_the_honest()
        if "CallStatus.OK" not in self._honest:
            raise AssertionError(f"the honest candidate does not even run: {self._honest}")
        self._remains.settle()

    def trial(self, attack: Attack) -> Verdict:
        """Run an attack, and look at everything."""
        message = f"m{secrets.token_hex(6)}"
        before_mb, started = _peak_mb(), time.monotonic()
        try:
            done = strike(self._way, attack, {**self.target, "message": message}, LIMITS)
        except SandboxError as error:
            return Verdict(broke=(f"the sandbox failed: {error}",))
        except Exception as error:  # noqa: BLE001 - whatever it is, the candidate has brought it about
            return Verdict(broke=(f"the judge raised {type(error).__name__}: {printable(str(error)[:100])}",))
        took_s = time.monotonic() - started
        word = _word(done.outcome)
        broke = [*self._found(done.outcome, message if attack.then else ""), *bounds(done, word)]
        if took_s > (4 if attack.then else 2) * LIMITS.wall_s + _SLACK_S:
            broke.append(f"it took {took_s:.1f} s, at a deadline of {LIMITS.wall_s} s")
        if _peak_mb() - before_mb > _GROWTH_MB:
            broke.append(f"the supervisor grew by {_peak_mb() - before_mb:.0f} MiB")
        broke += settled(
            lambda: [what for detector in self._detectors for what in detector.offences()], self._patience_s
        )
        try:
            honest = self._score_of_the_honest()
        except (SandboxError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            honest = f"{type(error).__name__}: {error}"
        if honest != self._honest:
            broke.append(f"an honest candidate afterwards got {printable(honest[:100])}")
        return Verdict(broke=tuple(broke), lacks="" if broke else str(word.get("lacks", "")))

    def close(self) -> None:
        """Take everything away."""
        self._way.close()
        for detector in self._detectors:
            detector.close()
        tempfile.tempdir = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _score_of_the_honest(self) -> str:
        source = Path(__file__).with_name("honest.py").read_text()
        done = self._way.evaluate(source, "solve", _NUMBERS, limits=_HONEST, command=False)
        return repr((done.outcome.status, done.outcome.result, done.outcome.reason))

    def _found(self, outcome: Outcome, message: str) -> list[str]:
        """Name the secrets that came out, wherever."""
        came = repr((outcome.result, outcome.log, outcome.reason, dict(_left(outcome))))
        wanted = {**self.secrets, **({"message": message} if message else {})}
        return [f"got the secret: {name}" for name, secret in wanted.items() if secret in came]


def bounds(done: Evaluation, word: dict[str, object]) -> list[str]:
    """What exceeds what was promised: size of result and log, and what the attack says that it took."""
    outcome, broke = done.outcome, []
    if done.score != 0:
        broke.append(f"the judge gave it {done.score}")
    if len(outcome.log) > LIMITS.log_kb * 1024 + 20_000 or len(outcome.reason) > 10_000:
        broke.append(f"a log of {len(outcome.log)} and a reason of {len(outcome.reason)} characters")
    if printable(outcome.log) != outcome.log or printable(outcome.reason) != outcome.reason:
        broke.append("control characters in log or reason")
    size = len(outcome.result) if isinstance(outcome.result, bytes) else 0
    if size > (LIMITS.output_mb << 20) + 1 or any(
        len(content) > LIMITS.files_mb << 20 for content in _left(outcome).values()
    ):
        broke.append(f"a result of {size} bytes")
    match word:
        case {"got": what}:
            broke.append(f"it got {what}")
        case {"took": what, "amount": int(amount), "most": int(most)} if amount > most:
            broke.append(f"it took {amount} {what}, most is {most}")
        case {"burnt_s": float(burnt_s)} if done.cpu_s < 0.7 * burnt_s:
            broke.append(f"it burnt {burnt_s} s of CPU time, counted were {done.cpu_s:.2f} s")
        case {"slept_s": float(slept_s)} if outcome.wall_s < 0.9 * slept_s:
            broke.append(f"it slept {slept_s} s, measured were {outcome.wall_s:.2f} s")
    return broke


def _left(outcome: Outcome) -> Mapping[str, bytes]:
    """What a command left, also one that failed."""
    return outcome.left if isinstance(outcome, CommandOutcome) else {}


def _word(outcome: Outcome) -> dict[str, object]:
    """What the attack says of itself; a command says it on standard output."""
    if isinstance(outcome.result, dict):
        return outcome.result if all(isinstance(key, str) for key in outcome.result) else {}
    try:
        told = json.loads(outcome.result) if isinstance(outcome.result, bytes) and outcome.result else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lacking() -> list[str]:
    """Rights that nobody on this host can have."""
    status = Path("/proc/self/status").read_text()
    bound = int(status.partition("CapBnd:")[2].split()[0], 16)
    return [] if bound >> 24 & 1 else ["SYS_RESOURCE"]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
