"""Progress of a sitting: a line a verdict; between them, on a terminal, a live line of what is going on, else a few."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType

import typer

from selfwright.cli.bound import estimate_words
from selfwright.cli.duration import show_duration
from selfwright.core import event as ev
from selfwright.core.count import counted
from selfwright.core.lifecycle import CONCLUDED, State
from selfwright.core.printable import one_line
from selfwright.evolve.sitting import Sitting
from selfwright.views.comparison import comparison
from selfwright.views.run import RunState

EVERY_S = 30.0
"""Where there is no terminal, what is going on is said when nothing else was for so long."""


class Progress:
    """Prints what happens, and lets Ctrl-C end a sitting: once gently, twice at once. SIGTERM ends it at once too.

    Args:
        live: Whether there is a line that may be written over; default: whether standard error is a terminal.
        now_s: A clock that only goes forwards, in seconds.
        answering: Whether the verdict on the last submission is left to the command that handed it in.
    """

    def __init__(
        self, *, live: bool | None = None, now_s: Callable[[], float] = time.monotonic, answering: bool = False
    ) -> None:
        self._answering = answering
        self._live = sys.stderr.isatty() if live is None else live
        self._now_s = now_s
        self._began_s = self._said_s = now_s()
        self._begun_at = -1
        self._comparing: tuple[int, int, float] = (0, 0, 0.0)
        self._sitting: Sitting | None = None
        self._open = 0
        self._before: dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None] = {}
        self.interrupted = False

    def __enter__(self) -> "Progress":
        """Take over Ctrl-C and SIGTERM."""
        for number, handler in ((signal.SIGINT, self._interrupt), (signal.SIGTERM, self._terminate)):
            self._before[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give them back and clear the live line."""
        for number, before in self._before.items():
            signal.signal(number, before or signal.SIG_DFL)
        self._line("")

    def say(self, words: str) -> None:
        """Print a line above the live one."""
        self._line("")
        typer.echo(words, err=True)
        self._said_s = self._now_s()

    def interruptible(self, sitting: Sitting) -> None:
        """From now on Ctrl-C ends this sitting."""
        self._sitting = sitting

    def observe(self, event: ev.Event, state: RunState) -> None:
        """Show one event."""
        match event:
            case ev.Adopted(version=0):
                self.say("v0         the seed, measured twice")
                self.say(estimate_words(state))
            case ev.Adopted(trial=trial) | ev.Moved(trial=trial) if self._answering and _is_last(state, trial):
                pass
            case ev.Adopted(trial=trial, version=version):
                words = one_line(state.last(trial).ending.removeprefix("adopted: "))
                self.say(f"{f't{trial}':5} adopted as v{version}: {words}  [{_found_by(state, trial)}]")
            case ev.Moved(to=State.TRIED, reason=reason, trial=trial, attempt=number) if reason:
                self.say(f"{state.trials[trial][number].id:5} {one_line(reason)}")
            case ev.Moved(trial=trial, attempt=number, to=to) if to in CONCLUDED or to is State.FAILED:
                attempt = state.trials[trial][number]
                self.say(f"{attempt.id:5} {one_line(attempt.ending)}")
        self._open = state.begun
        self.show(lambda: self._now(event, state))

    def show(self, now: Callable[[], str]) -> None:
        """Say what is going on: on the live line, or where there is none now and then."""
        if self._live:
            self._line(now())
        elif self._now_s() - self._said_s >= EVERY_S:
            self.say(f"{'':5} {now()}")

    def _now(self, event: ev.Event, state: RunState) -> str:
        if self._begun_at < 0:
            self._begun_at = state.verdicts
        what = ""
        if isinstance(event, ev.Measured) and event.purpose.startswith("pair"):
            resumed = ", resumed" if state.resumed == event.trial else ""
            what = f"t{event.trial}{resumed}: {self._comparison(event, state)}"
        elif isinstance(event, ev.Measured):
            what = f"measured {event.stage} {event.case} ({event.purpose.partition(':')[0]})"
        elif isinstance(event, ev.Proposed):
            what = f"t{event.trial}: {one_line(event.reason)}"
        total = state.budget.trials
        return f"{state.verdicts}{f'/{total}' if total else ''} trials{self._eta(state, total)}  {what}"

    def _comparison(self, event: ev.Measured, state: RunState) -> str:
        """Return how far a comparison by pairs has come, and how long it can take at most."""
        stands = comparison(state, state.trials[event.trial][event.attempt])
        trial, first, began_s = self._comparing
        if trial != event.trial:
            self._comparing = (event.trial, stands.pairs, self._now_s())
        if trial != event.trial or stands.pairs == first:
            return str(stands)
        left_s = (self._now_s() - began_s) / (stands.pairs - first) * (stands.most - stands.pairs)
        return f"{stands}, at most {show_duration(left_s)} left of it"

    def _eta(self, state: RunState, total: int | None) -> str:
        done = state.verdicts - self._begun_at
        if not total or done < 1 or state.resumed is not None:
            return ""
        left_s = (self._now_s() - self._began_s) / done * max(0, total - state.verdicts)
        return f", about {show_duration(left_s)} left"

    def _line(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text[:110]}")
            sys.stderr.flush()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        if self._sitting is None:
            raise KeyboardInterrupt
        if self._sitting.interrupt() == 1:
            self.say(
                f"finishing the measurements that have begun; {counted(self._open, 'trial')} in flight will go on with "
                "`selfwright resume`; Ctrl-C again ends at once (nothing measured is lost)"
            )

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        if self._sitting is None:
            raise KeyboardInterrupt
        while self._sitting.interrupt() < 2:
            self.say("told to terminate: ending at once (nothing measured is lost)")


def _is_last(state: RunState, trial: int) -> bool:
    """Whether a trial is what was handed in last."""
    handed_in = [each.proposed.submission or 0 for each in state.attempts()]
    number = state.last(trial).proposed.submission
    return number is not None and number == max(handed_in + list(state.submissions))


def _found_by(state: RunState, trial: int) -> str:
    said = state.last(trial).proposed
    return f"{one_line(said.proposer)}, {said.origin.value}"
