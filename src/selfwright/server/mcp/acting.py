"""The tools that act: hand in, start, steer. Each method is a tool; its docstring is what a model is told of it.

All waits have a deadline and say how far they are; a call that is cancelled only stops waiting, except that a run whose
seed is still measured is not begun.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from pydantic import Field

from selfwright.core.errors import BadInput
from selfwright.evolve.history import History
from selfwright.evolve.submission import verdict_on
from selfwright.server.mcp import sight
from selfwright.server.mcp.answer import Steered, Verdict
from selfwright.server.mcp.desk import Desk, Errand
from selfwright.server.mcp.looking import Name, RunName
from selfwright.server.mcp.quote import quote
from selfwright.server.mcp.sight import NOBODY

T = TypeVar("T")
Wait = Annotated[
    float,
    Field(ge=0, le=600, description="Seconds to wait; then what is known is answered. Clients often give up at 60."),
]
Trials = Annotated[int | None, Field(ge=1, le=100_000, description="Bound on the trials, all sittings together.")]
Wall = Annotated[float | None, Field(ge=1, le=1e7, description="Bound on the time in seconds, all sittings together.")]
Proposer = Annotated[str, Field(max_length=500, description="One of `problems`.proposers; of none the default.")]
Text = Annotated[str, Field(max_length=1_048_576)]

GOES_ON = "it goes on in a process of its own"
LOOK_S = 0.2
NEWS_S = 1.0
"""Between two pieces of news."""


class Pending:
    """A change that was handed in.

    Args:
        measure: Begins to measure what was handed in; None for who may not, or where somebody drives the run.
    """

    def __init__(self, history: History, seq: int, measure: Callable[[], Errand] | None = None) -> None:
        self.history = history
        self.seq = seq
        self._measure = measure
        self._errand: Errand | None = None
        self._begins = 2  # one that was begun for an earlier change may end without a look at this one

    def look(self) -> Verdict | None:
        """Return what became of it; None while somebody works on it, which is seen to.

        Raises:
            BadInput: It could not be measured.
        """
        holder = self.history.holder()  # asked before reading: what it wrote last is then read
        self.history.catch_up()
        if attempt := verdict_on(self.history.state, self.seq):
            return sight.verdict(self.history, self.seq, attempt, "`show` tells more of it")
        if holder or (self._errand and self._errand.running):
            return None
        if self._errand and self._errand.failed:
            words = f"the change is handed in as {self.seq}, and could not be measured; `resume` goes on"
            raise BadInput(f"{words}: {_last_words(self._errand)}")
        if not self._measure or not self._begins:
            return self.undecided("not measured yet: nobody drives the run; `resume` goes on")
        self._begins -= 1
        try:
            self._errand = self._measure()
        except BadInput as error:  # it is handed in all the same, and must not be handed in again
            return self.undecided(f"handed in, and not measured yet, `resume` goes on: {error}")
        return None

    def undecided(self, words: str) -> Verdict:
        """Return that it is not decided."""
        return sight.verdict(self.history, self.seq, None, words)

    def news(self) -> str:
        """Say what it waits for."""
        ahead = sum(other < self.seq for other in self.history.state.submissions)
        return f"{ahead} before it" if self.seq in self.history.state.submissions else "it is measured"


class Waiting:
    """The tool that waits for a verdict, which a server that only looks has too.

    Args:
        desk: What is behind it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def verdict(
        self, run: RunName, submission: Annotated[int, Field(ge=1)], ctx: Context, wait_s: Wait = 50
    ) -> Verdict:
        """Wait for the verdict on a change that was handed in, and return it."""
        history = await _aside(partial(self._desk.look, run))
        known = [each.proposed.submission for each in history.state.attempts()]
        if submission not in known and submission not in history.state.submissions:
            raise BadInput(f"{history.folder.name} has no submission {submission}: `submit` returns its number")
        return await _awaited(Pending(history, submission), wait_s, ctx)


class Acting(Waiting):
    """The tools that change something."""

    async def submit(
        self, run: RunName, ctx: Context, files: dict[str, Text] | None = None, patch: Text = "",
        parent: Name = "best", reason: Annotated[str, Field(max_length=2000)] = "", wait_s: Wait = 50,
    ) -> Verdict:  # fmt: skip
        """Hand in a change; it is measured and judged like any other, and adopted if the numbers prove it better.

        Give `files` (path and whole new text of each; others stay as in `parent`) or `patch` (a unified diff against
        `parent`), and the `reason` why it should be better. A run that nobody drives measures it at once; a running one
        takes it as one of its next trials. What is not decided after `wait_s` goes on: ask `verdict`.
        """

        def hand_in() -> Pending:
            history = self._desk.look(run)
            seq = self._desk.submit(history, files=files or {}, patch=patch, parent=parent, reason=reason)
            pending = Pending(history, seq, partial(self._desk.measure, history))
            pending.look()  # measuring begins, also for a client that is gone
            return pending

        return await _awaited(await _aside(hand_in), wait_s, ctx)

    async def run(
        self, problem: Annotated[str, Field(max_length=200)], ctx: Context,
        proposer: Proposer = "", trials: Trials = None, wall_s: Wall = None,
        seed: Annotated[int, Field(ge=0, le=2**31)] = 0, wait_s: Wait = 50,
    ) -> Steered:  # fmt: skip
        """Start a run of a problem (see `problems`); it goes on in a process of its own, also when you go away.

        Without a bound it ends after 100 trials. `stop` ends it; `status` tells how it does. With the proposer `person`
        nobody proposes anything but you, by `submit`.
        """
        start = partial(
            self._desk.start, problem, proposer=proposer, trials=trials, wall_s=wall_s, seed=seed
        )  # fmt: skip
        name, errand = await _aside(start)

        def look() -> Steered | None:
            if name not in self._desk.runs():
                if errand.failed:
                    raise BadInput(f"no run was begun: {_last_words(errand)}")
                return None
            history = self._desk.look(name, briefly=True)
            where = sight.standing(history)
            if errand.running and (where == NOBODY or not history.state.versions):
                return None
            words = "nobody drives it: `submit` is measured at once" if where == NOBODY else GOES_ON
            return Steered(run=name, standing=where, words=words)

        try:
            begun = await _until(look, wait_s, ctx, lambda: "the seed is measured")
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await _aside(lambda: None if name in self._desk.runs() else errand.end())
            raise
        words = "its seed is still measured: `status` finds it once that is done"
        return begun or Steered(run=name, standing="opening", words=words)

    async def resume(
        self, run: RunName, ctx: Context, proposer: Proposer = "", trials: Trials = None, wall_s: Wall = None,
        wait_s: Wait = 50,
    ) -> Steered:  # fmt: skip
        """Go on with a run that is paused, or that nobody drives.

        Bounds that are not given stay as they were. Another `proposer` is one for a run that nobody drives.
        """
        history = await _aside(partial(self._desk.look, run))
        begun = history.state.control.sittings
        errand = await _aside(partial(self._desk.resume, history, proposer=proposer, trials=trials, wall_s=wall_s))
        name = history.folder.name
        if errand is None:
            return Steered(run=name, standing="running", words="told whoever drives it to go on")

        def look() -> Steered | None:
            if errand.failed:
                raise BadInput(f"it does not go on: {_last_words(errand)}")
            history.catch_up()
            where = sight.standing(history)
            if errand.running and (where == NOBODY or history.state.control.sittings == begun):
                return None
            return Steered(run=name, standing=where, words=_last_words(errand) if where == NOBODY else GOES_ON)

        said = await _until(look, wait_s, ctx, lambda: "it is taken up")
        return said or Steered(run=name, standing="opening", words="it is still taken up: `status` tells")

    def pause(self, run: RunName) -> Steered:
        """Let a run begin nothing new until `resume`; what is in flight is kept."""
        history = self._desk.look(run)
        return Steered(run=history.folder.name, standing="paused", words=self._desk.pause(history))

    def stop(self, run: RunName) -> Steered:
        """End a run after its current trials; called twice, at once. `resume` goes on with it."""
        history = self._desk.look(run)
        return Steered(run=history.folder.name, standing="stopping", words=self._desk.stop(history))


def _last_words(errand: Errand) -> str:
    """Return the last line that an errand said: it may repeat what a program did."""
    return quote("its last words", errand.last_words()).text


async def _awaited(pending: Pending, wait_s: float, ctx: Context) -> Verdict:
    said = await _until(pending.look, wait_s, ctx, pending.news)
    return said or pending.undecided("not decided yet, and it goes on: ask `verdict` again")


async def _aside(call: Callable[[], T]) -> T:
    """Do something that reads or writes in a thread; once begun it is not cut off."""
    return await anyio.to_thread.run_sync(call)


async def _until(look: Callable[[], T | None], wait_s: float, ctx: Context, news: Callable[[], str]) -> T | None:
    """Look until there is something to see, and return it; None where there is nothing in time.

    Tells the client how long it has waited, and what for.
    """
    began_s, told = anyio.current_time(), 0
    while True:
        seen = await _aside(look)
        waited_s = anyio.current_time() - began_s
        if seen is not None or waited_s >= wait_s:
            return seen
        if waited_s >= told * NEWS_S:
            await ctx.report_progress(waited_s, wait_s, news())
            told += 1
        await anyio.sleep(min(LOOK_S, wait_s - waited_s))
