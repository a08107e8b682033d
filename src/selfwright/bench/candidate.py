"""The candidate as a judge sees it: functions that can be called, commands that can be run, files that can be read."""

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from selfwright.bench.hint import granted, hint
from selfwright.bench.outcome import CommandOutcome, Outcome
from selfwright.bench.session import GUEST, Session
from selfwright.bench.stopwatch import BATCH_S, Samples, as_arguments
from selfwright.bench.transcript import Transcript
from selfwright.core.change import Files
from selfwright.core.draw import draw
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import InvalidCandidate
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.core.trial import Resources
from selfwright.ports.sandbox import Sandbox


class Candidate:
    """One program under trial. Everything that it runs, it runs in a sandbox; nothing else of it can be reached.

    Arguments and results are None, bool, int, float, str, bytes, lists, tuples, dicts of these, and numpy arrays.

    Args:
        files: The editable files: path → content.
        program: Which of them holds the functions.
        limits: Of each call.
        environment: What the program finds beside itself.
        built: What the build step made of them.
        cores: The trial's: how many calls ``map`` runs at once, and how many a timed function may use.
        seed: Makes the candidate of the seed, if there is one.
        secret: What the inputs of ``time`` are drawn from: the same for both sides of a pair, and known to no program.
            Drawn at random if not given.
    """

    def __init__(
        self, *, files: Files, program: str, sandbox: Sandbox, limits: Limits, environment: Environment = BARE,
        built: Files | None = None, cores: int = 1, secret: int | None = None,
        seed: "Callable[[], Candidate] | None" = None,
    ) -> None:  # fmt: skip
        secret = secrets.randbits(63) if secret is None else secret
        self._files = files
        self._seed = seed
        self._placed = {**(built or {}), **files}
        self._program = program
        self._sandbox = sandbox
        self._limits = limits
        self._modules = environment.modules
        self._cores = cores
        self._secrets = (draw(secret, "time", timing) for timing in count())
        self._lock = threading.Lock()  # a judge may have threads of its own
        self._transcript = Transcript()
        self._blind = not built
        self._cpu_s = 0.0
        self._peak_memory_bytes = 0
        self._log = ""

    def call(self, function: str, *args: object, wall_s: float | None = None) -> Outcome:
        """Call one function of the program in a fresh sandbox.

        Args:
            wall_s: A deadline below that of the limits; it never raises it.

        Raises:
            WireError: An argument is not carried; the message says which and what to use instead.
            SandboxError: The sandbox could not be set up; never the candidate's fault.
        """
        outcome, notes = self._call_alone(function, args, wall_s)
        self._note(*notes)
        return outcome

    def map(self, function: str, list_of_args: Iterable[object]) -> list[Outcome]:
        """Call one function for each element, each time in a fresh sandbox, on the trial's cores; results in order.

        Args:
            list_of_args: Tuples of arguments; what is no tuple is the only argument.

        Raises:
            WireError: An argument is not carried.
            SandboxError: The sandbox could not be set up.
        """
        with ThreadPoolExecutor(max_workers=self._cores) as pool:
            ended = list(pool.map(lambda args: self._call_alone(function, as_arguments(args), None), list_of_args))
        for _, notes in ended:  # in the order of the arguments, so that the log is the same every time
            self._note(*notes)
        return [outcome for outcome, _ in ended]

    def session(self) -> Session:
        """Return a context whose calls share one process: a warm JIT, a loaded model.

        Raises:
            SandboxError: On entering: the sandbox could not be set up.
        """
        return self._session(self._note)

    def time(
        self, function: str, make_input: Callable[[int], object] | Callable[[Sequence[int]], Sequence[object]],
        *, batches: int = 7, batch_s: float = BATCH_S, calls: int = 0, together: bool = False,
    ) -> Samples:  # fmt: skip
        """Measure what one call of a function takes, in seconds: one sample a batch, in one process.

        Args:
            make_input: Number → arguments as a tuple; what is no tuple is the only argument. The numbers are drawn at
                random below 2**32, and what is made of them must differ, so that nothing can be known before.
            batches: How many samples to take; fewer where all calls would take longer than ``limits.wall_s``.
            batch_s: How long a batch should last: a shorter one needs fewer inputs, and a clock tells less of it.
            calls: So many calls a batch, whatever it lasts; so that both sides of a pair have the same batches.
            together: Whether it is given a list of numbers, and returns as many arguments.

        Raises:
            CallFailed: A call did not end ``ok``, or more than the trial's cores were used.
            ValueError: ``make_input`` gave the same twice.
            WireError: An argument is not carried.
            SandboxError: The sandbox could not be set up.
        """
        with self.session() as session:
            return session.time(function, make_input, batches=batches, batch_s=batch_s, calls=calls, together=together)

    def run(
        self,
        argv: Sequence[str],
        stdin: bytes = b"",
        files: Mapping[str, bytes] | None = None,
        produce: Iterable[str] = (),
    ) -> CommandOutcome:
        """Run a command in a private folder that holds the editable files; for programs that are not Python.

        Args:
            files: More files for the folder: path → content.
            produce: Paths and globs of files to bring back; to look up one that is then missing, or is no regular
                file, is the command's failure.

        Raises:
            SandboxError: The sandbox could not be set up.
        """
        self._blind = False
        reply = self._sandbox.execute(
            self._job(), tuple(argv), stdin=stdin, files=files or {}, produce=tuple(produce)
        )  # fmt: skip
        reason = f"{argv[0]}: {reply.reason}" if reply.reason else ""
        if reply.status is not CallStatus.OK:
            may = granted(self._limits, contains=self._sandbox.contains, command=True)
            reason += hint(reason, reply.log, self._limits, granted=may)
        outcome = CommandOutcome(
            status=reply.status, result=reply.payload, wall_s=reply.wall_s, cpu_s=reply.cpu_s, log=reply.log,
            peak_memory_bytes=reply.peak_memory_bytes, reason=reason, left=reply.files, command=argv[0],
        )  # fmt: skip
        self._note(outcome)
        self._transcript.begin().add(
            b"run", *(part.encode(errors="surrogateescape") for part in argv), stdin, *_flat(files or {}),
            reply.status.encode(), reply.payload, *_flat(reply.files),
        )  # fmt: skip
        return outcome

    def read(self, path: str) -> bytes:
        """Return the content of an editable file: a prompt, a query, a configuration.

        Raises:
            InvalidCandidate: It has no such file; a change may delete one.
        """
        if path not in self._files:
            raise InvalidCandidate(f"there is no editable file {path!r}; there are: {', '.join(sorted(self._files))}")
        self._blind = False
        self._transcript.begin().add(b"read", path.encode(), self._files[path])
        return self._files[path]

    def seed(self) -> "Candidate":
        """Return the program as it lies in the problem's folder, in sandboxes of its own: an oracle, or a yardstick.

        What it answers stays with the judge, and what it uses is not charged to this candidate.

        Raises:
            RuntimeError: There is none: this candidate was made by hand.
        """
        if self._seed is None:
            raise RuntimeError("this candidate knows no seed; only a run's judge is given one that does")
        return self._seed()

    def placed(self) -> Files:
        """Return all that the program finds, itself included: path → content."""
        return self._placed

    def note(self, outcome: Outcome) -> None:
        """Count what a call used, that somebody else has made for this candidate."""
        self._note(outcome)

    @property
    def resources(self) -> Resources:
        """What its calls used so far: CPU time in all, memory at most; no wall time."""
        return Resources(cpu_s=self._cpu_s, peak_memory_bytes=self._peak_memory_bytes)

    @property
    def log(self) -> str:
        """What its calls wrote so far, capped."""
        return self._log

    @property
    def behaviour(self) -> str:
        """A hash of all that it was asked so far and answered; empty where that can not be compared."""
        return self._transcript.digest

    @property
    def blind(self) -> bool:
        """Whether nothing of the sources was looked at so far but what their functions answered."""
        return self._blind

    def _call_alone(
        self, function: str, args: tuple[object, ...], wall_s: float | None
    ) -> tuple[Outcome, list[Outcome]]:
        notes: list[Outcome] = []
        with self._session(notes.append) as session:
            return session.call(function, *args, wall_s=wall_s), notes

    def _session(self, note: Callable[[Outcome], None]) -> Session:
        return Session(
            files=self._placed, program=self._program, sandbox=self._sandbox, limits=self._limits,
            modules=self._modules, note=note, conversation=self._transcript.begin(), cores=self._cores,
            secrets=self._secrets,
        )  # fmt: skip

    def _job(self) -> Job:
        return Job(files=self._placed, guest=GUEST, limits=self._limits)

    def _note(self, *outcomes: Outcome) -> None:
        most = self._limits.log_kb * 1024
        with self._lock:
            for outcome in outcomes:
                self._cpu_s += outcome.cpu_s
                self._peak_memory_bytes = max(self._peak_memory_bytes, outcome.peak_memory_bytes)
                if len(self._log) < most and len(self._log) + len(outcome.log) > most:
                    self._log += outcome.log[: most - len(self._log)] + "\n... the rest was dropped\n"
                elif len(self._log) < most:
                    self._log += outcome.log


def _flat(files: Mapping[str, bytes]) -> list[bytes]:
    return [part for path, content in sorted(files.items()) for part in (path.encode(), content)]
