"""Progress of a sitting: a line a verdict, and on a terminal one live line with what is going on and the ETA."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType

import typer

from selfwright.cli.duration import show_duration
from selfwright.core import event as ev
from selfwright.core.lifecycle import State
from selfwright.evolve.history import History
from selfwright.evolve.sitting import Sitting
from selfwright.views.run import RunState

_MARKS = {State.ADOPTED: "adopted", State.REJECTED: "rejected", State.REFUSED: "refused", State.PARKED: "parked",
          State.NEEDS_PERSON: "needs a person", State.FAILED: "failed"}  # fmt: skip


class Progress:
    """Prints what happens, and lets Ctrl-C end a sitting: once gently, twice at once."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._began_s = time.monotonic()
        self._begun_at = -1
        self._sitting: Sitting | None = None
        self._open = 0
        self._before: signal.Handlers | Callable[[int, FrameType | None], object] | int | None = None

    def __enter__(self) -> "Progress":
        """Take over Ctrl-C."""
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give Ctrl-C back and clear the live line."""
        signal.signal(signal.SIGINT, self._before or signal.SIG_DFL)
        self._line("")

    def say(self, words: str) -> None:
        """Print a line above the live one."""
        self._line("")
        typer.echo(words, err=True)

    def interruptible(self, sitting: Sitting) -> None:
        """From now on Ctrl-C ends this sitting."""
        self._sitting = sitting

    def observe(self, event: ev.Event, state: RunState) -> None:
        """Show one event."""
        match event:
            case ev.Adopted(version=0):
                self.say("v0         the seed, measured twice")
            case ev.Adopted(trial=trial, version=version):
                verdict = state.last(trial).verdict
                words = verdict.sentence.removeprefix("adopted: ") if verdict else ""
                self.say(f"{f't{trial}':5} adopted as v{version}: {words}  [{_found_by(state, trial)}]")
            case ev.Moved(trial=trial, attempt=attempt, to=to, reason=reason) if to in _MARKS:
                first = (reason.removeprefix(f"{_MARKS[to]}: ").splitlines() or [""])[0]
                name = f"t{trial}" + (f".{attempt}" if attempt else "")
                self.say(f"{name:5} {_MARKS[to]}: {first}")
        self._open = state.asked - state.verdicts
        self._line(self._now(event, state))

    def _now(self, event: ev.Event, state: RunState) -> str:
        if self._begun_at < 0:
            self._begun_at = state.verdicts
        what = ""
        if isinstance(event, ev.Measured):
            what = f"measured {event.stage} {event.case} ({event.purpose.partition(':')[0]})"
        elif isinstance(event, ev.Proposed):
            what = f"t{event.trial}: {event.reason}"
        total = state.budget.trials
        return f"{state.verdicts}{f'/{total}' if total else ''} trials{self._eta(state, total)}  {what}"

    def _eta(self, state: RunState, total: int | None) -> str:
        done = state.verdicts - self._begun_at
        if not total or done < 1:
            return ""
        left_s = (time.monotonic() - self._began_s) / done * max(0, total - state.verdicts)
        return f", about {show_duration(left_s)} left"

    def _line(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text[:110]}")
            sys.stderr.flush()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._sitting is None:
            raise KeyboardInterrupt
        if self._sitting.interrupt() == 1:
            self.say(
                f"finishing the measurements that have begun; {_trials(self._open)} in flight will go on with "
                "`selfwright resume`; Ctrl-C again ends at once (nothing measured is lost)"
            )


def _trials(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"


def _found_by(state: RunState, trial: int) -> str:
    said = state.last(trial).proposed
    return f"{said.proposer}, {said.origin.value}"


def farewell(history: History) -> None:
    """Print how a sitting ended: the table, the commits, where everything lies and what to do next.

    Raises:
        typer.Exit: With 130 where it was interrupted.
    """
    from selfwright import api
    from selfwright.cli.table import versions

    state, folder = history.state, history.folder
    ended = state.control.ended
    typer.echo(f"\n{versions(history)}\n")
    typer.echo(api.commits(history))
    for attempt in state.attempts():
        if attempt.state is State.NEEDS_PERSON:
            typer.echo(f"needs a person: {attempt.id}: {attempt.reason.splitlines()[0]}")
    if ended is not None and ended.why == "interrupted":
        begun = state.asked - state.verdicts
        more = f" and {begun} more that had begun" if begun else ""
        typer.echo(
            f"interrupted after {_trials(state.verdicts)}{more}; go on with: selfwright resume {folder}", err=True
        )
        raise typer.Exit(130)
    typer.echo(f"ended: {ended.reason if ended else 'not yet'} ({state.verdicts} trials)")
    typer.echo(f"report: {api.report(history)}")
    typer.echo(f"your turn: selfwright best {folder} --to mine, edit it, selfwright submit {folder} mine --wait")
