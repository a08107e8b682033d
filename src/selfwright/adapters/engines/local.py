"""The engine of one machine: a few worker processes, each with one block at a time.

Workers are started when they are first needed, spawned and never forked, and kept for the next block. There is no
thread and no polling: everything happens in ``submit``, ``wait`` and ``cases`` of the one loop that owns the engine.
"""

import logging
import math
import os
import selectors
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from selfwright.adapters.engines.process import WorkerProcess
from selfwright.core.change import tree_of
from selfwright.core.errors import JudgeFault
from selfwright.core.message import BlockMeasured, CasesListed, ListCases, Measure, Message, Ready, Waiting, pack
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.ports.engine import Done, Order

_GRACE_S = 0.5
"""How long a worker may take to end its sandbox before it is killed."""
_CLOSING_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Job:
    """What one worker is asked to do: measure the block ``key``, or (None) list the cases."""

    key: str | None
    frame: bytes
    items: int = 1
    cancelled: bool = False


@dataclass(slots=True, kw_only=True)
class _Seat:
    """The place of a worker: its cores, a process once it was needed, its job, and its resting deadline."""

    cores: frozenset[int]
    process: WorkerProcess | None = None
    ready: bool = False
    job: _Job | None = None
    deadline_s: float = math.inf
    left_s: float | None = None


class LocalEngine:
    """Runs blocks on worker processes of this machine; satisfies the ``Engine`` port.

    Cancelling a block that runs does not stop its worker, which would cost more than it saves: the result is dropped.

    Args:
        command: What starts a worker; the descriptor of its connection is appended.
        workers: How many blocks run at once; the cores are shared out equally, so that with as many workers
            as cores each has one of its own. What a worker starts inherits them.
        wall_s_per_item: A block has this long for each of its items before its worker is ended.
        start_s: How long a worker may take until its judge is loaded.
        wait_s: How long it may wait for its turn on the machine, which is no time of the block's.
    """

    def __init__(
        self, *, command: Sequence[str], workers: int, wall_s_per_item: float, start_s: float = 120.0,
        wait_s: float = 3600.0,
    ) -> None:  # fmt: skip
        self._wait_s = wait_s
        self.workers = workers
        self._command = tuple(command)
        self._wall_s_per_item = wall_s_per_item
        self._start_s = start_s
        self._selector = selectors.DefaultSelector()
        self._seats = [_Seat(cores=cores) for cores in _shares(workers)]
        self._queue: deque[_Job] = deque()
        self._done: list[Done] = []
        self._listed: list[CasesListed] = []

    def cases(self) -> Mapping[str, tuple[str, ...]]:
        self._queue.append(_Job(key=None, frame=pack(ListCases())))
        while not self._listed:
            self._step(math.inf)
        listed = self._listed.pop()
        if listed.fault:
            raise JudgeFault(listed.fault)
        return listed.cases

    def submit(self, order: Order) -> None:
        message = Measure(block=order.block, trees={change: tree_of(files) for change, files in order.files.items()})
        contents = {content for files in order.files.values() for content in files.values()}
        self._queue.append(_Job(key=order.key, frame=pack(message, contents), items=len(order.block.items)))
        self._dispatch()

    def wait(self, timeout_s: float) -> Sequence[Done]:
        until_s = time.monotonic() + timeout_s
        while not self._done:
            self._step(until_s)
            if time.monotonic() >= until_s:
                break
        done, self._done = self._done, []
        return done

    def cancel(self, key: str) -> None:
        self._queue = deque(job for job in self._queue if job.key != key)
        self._done = [done for done in self._done if done.key != key]
        for seat in self._seats:
            if seat.job is not None and seat.job.key == key:
                seat.job.cancelled = True

    def withdraw(self) -> Sequence[str]:
        keys = [job.key for job in self._queue if job.key is not None]
        self._queue = deque(job for job in self._queue if job.key is None)
        return keys

    def close(self) -> None:
        processes = [seat.process for seat in self._seats if seat.process is not None]
        for process in processes:
            process.terminate()
        until_s = time.monotonic() + _CLOSING_S
        for process in processes:
            process.end(grace_s=max(0.0, until_s - time.monotonic()))
        for seat in self._seats:
            seat.process, seat.job = None, None
        self._queue.clear()
        self._selector.close()

    def _step(self, until_s: float) -> None:
        """Give out what is queued, then hear the first that happens until then, and end what is overdue."""
        self._dispatch()
        deadline_s = min([until_s, *(seat.deadline_s for seat in self._seats)])
        timeout_s = None if deadline_s == math.inf else max(0.0, deadline_s - time.monotonic())
        for key, _ in self._selector.select(timeout_s):
            key.data()
        now_s = time.monotonic()
        for seat in self._seats:
            if now_s >= seat.deadline_s:
                self._end(seat, self._overdue(seat))
        self._dispatch()

    def _dispatch(self) -> None:
        for seat in self._seats:
            if self._queue and seat.job is None:
                self._give(seat, self._queue.popleft())

    def _give(self, seat: _Seat, job: _Job) -> None:
        if seat.process is not None and seat.process.has_ended():
            self._end(seat, "")  # while it was idle: no block shall pay for that
        if seat.process is None:
            seat.process, seat.ready = WorkerProcess(self._command, cores=seat.cores), False
            self._selector.register(
                seat.process.connection, selectors.EVENT_READ, partial(self._hear, seat, seat.process)
            )
            self._selector.register(seat.process.errors, selectors.EVENT_READ, partial(self._drain, seat, seat.process))
        seat.job = job
        seat.deadline_s = time.monotonic() + (self._limit_s(job) if seat.ready else self._start_s)
        seat.process.send(job.frame)
        self._watch(seat, seat.process)

    def _watch(self, seat: _Seat, process: WorkerProcess) -> None:
        """Wait for the connection to become writable only while something is left to send."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if process.unsent else 0)
        known = self._selector.get_key(process.connection)
        if known.events != events:
            self._selector.modify(process.connection, events, known.data)

    def _hear(self, seat: _Seat, process: WorkerProcess) -> None:
        if seat.process is not process:
            return
        process.flush()
        for message, blobs in process.receive():
            self._take(seat, message, blobs)
        if process.gone:
            self._end(seat, "")
        else:
            self._watch(seat, process)

    def _drain(self, seat: _Seat, process: WorkerProcess) -> None:
        if seat.process is process and not process.drain():
            self._selector.unregister(process.errors)

    def _take(self, seat: _Seat, message: Message, blobs: Mapping[str, bytes]) -> None:
        job = seat.job
        match message:
            case Ready():
                seat.ready = True
                if job is not None:
                    seat.deadline_s = time.monotonic() + self._limit_s(job)
                return
            case Waiting(over=over):
                self._rest(seat, over)
                return
            case CasesListed():
                self._listed.append(message)
            case BlockMeasured(outcomes=outcomes) if job is not None and job.key is not None and not job.cancelled:
                self._done.append(Done(key=job.key, outcomes=outcomes, artifacts=blobs))
        seat.job, seat.deadline_s = None, math.inf

    def _rest(self, seat: _Seat, over: bool) -> None:
        """Stop the deadline of a worker that waits for its turn on the machine, or let it go on."""
        now_s, left_s = time.monotonic(), seat.left_s
        if not over and left_s is None:
            seat.left_s, seat.deadline_s = seat.deadline_s - now_s, now_s + self._wait_s
        elif over and left_s is not None:
            seat.left_s, seat.deadline_s = None, now_s + left_s

    def _end(self, seat: _Seat, reason: str) -> None:
        """End a worker; its job gets ``reason`` as its outcome, or else how the process ended by itself."""
        process, job = seat.process, seat.job
        if process is None:
            return
        for known in (process.connection, process.errors):
            if known in self._selector.get_map():
                self._selector.unregister(known)
        seat.process, seat.job, seat.deadline_s, seat.left_s = None, None, math.inf, None
        ending = process.end(grace_s=_GRACE_S)
        reason = reason or f"the judge's process {ending}"
        _log.warning("worker %d: %s", process.pid, reason)
        if job is None or job.cancelled:
            return
        if job.key is None:
            self._listed.append(CasesListed(cases={}, fault=reason))
        else:
            outcome = Outcome(status=TrialStatus.UNJUDGED, reason=reason)
            self._done.append(Done(key=job.key, outcomes=(outcome,) * job.items, artifacts={}))

    def _overdue(self, seat: _Seat) -> str:
        if seat.job is None or not seat.ready:
            return f"the judge was not loaded within {self._start_s:g} s; let it do less when it is imported"
        if seat.left_s is not None:
            return f"the machine was not free within {self._wait_s:g} s (evaluate.alone); end what else runs on it"
        each = f", {self._wall_s_per_item:g} s for each of {seat.job.items} items" if seat.job.items > 1 else ""
        return (
            f"the judge did not answer within {self._limit_s(seat.job):g} s (evaluate.wall_s{each}); "
            "make it faster, or raise evaluate.wall_s in problem.toml"
        )

    def _limit_s(self, job: _Job) -> float:
        return self._wall_s_per_item * job.items


def _shares(workers: int) -> list[frozenset[int]]:
    """Share out the cores that this process may use; nothing where the system does not tell, or pins nobody."""
    if not hasattr(os, "sched_getaffinity"):
        return [frozenset()] * workers
    cores = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(cores)  # so that two engines with few workers do not meet on core 0
    cores = cores[first:] + cores[:first]
    each = max(1, len(cores) // workers)
    return [frozenset(cores[(each * index + own) % len(cores)] for own in range(each)) for index in range(workers)]
