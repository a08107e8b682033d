"""What is said of the bounds of a run: which there are, what is used, and how it goes on with more."""

from selfwright.cli.command import command
from selfwright.cli.duration import show_duration
from selfwright.core.budget import amount
from selfwright.evolve.history import History
from selfwright.views.estimate import estimate
from selfwright.views.run import RunState

OPTIONS = {
    "trials": "--trials", "pairs": "--pairs", "wall_s": "--wall", "cpu_s": "--cpu", "tokens": "--tokens",
    "usd": "--budget-usd",
}  # fmt: skip
"""Kind of a bound → the option that sets it."""


def goes_on(history: History) -> str:
    """Return how a run goes on that has ended by itself: a command to copy, with more of what had run out."""
    state, ended = history.state, history.state.control.ended
    if ended is None or ended.why != "budget":
        return f"with other proposals it goes on: {command('resume', history.folder, '--proposer', 'NAME')}"
    kind = ended.bound or "trials"  # a run of a version that did not say
    bound = state.budget.bounds().get(kind)
    if bound is None:
        return f"it goes on: {command('resume', history.folder)}"
    twice = f"{2 * bound:g}s" if kind.endswith("_s") else f"{2 * bound:.10g}"
    return f"with twice as much it goes on: {command('resume', history.folder, OPTIONS[kind], twice)}"


def used_words(state: RunState) -> str:
    """Return what is used of each bound: ``of its budget: 12 of 100 trials, 3.1 of 60 s of CPU``; or nothing."""
    parts = []
    for kind, bound in state.budget.bounds().items():
        used, words = getattr(state.used, kind), amount(kind, bound)
        parts.append(f"{amount(kind, used).partition(' ')[0]} of {words}{' in all' if kind == 'wall_s' else ''}")
    return f"used: {', '.join(parts)}" if parts else ""


def estimate_words(state: RunState) -> str:
    """Return, in a line, what a trial takes and so what the budget will come to."""
    found = estimate(state)
    trial = found.trial
    words = f"estimate: a trial takes about {trial.wall_s:.2g} s and {trial.cpu_s:.2g} s of CPU"
    if trial.pairs:
        words += f", with {trial.pairs} pairs; one that is promising takes more"
    if found.trials is None:
        return f"{words}; nothing bounds the measurements"
    bound = state.budget.bounds()[found.kind]
    many = amount("trials", found.trials)
    if found.kind != "trials":
        many += f" ({OPTIONS[found.kind]}, {amount(found.kind, bound)}, ends it first)"
    took = f"{show_duration(found.trials * trial.wall_s)} and {show_duration(found.trials * trial.cpu_s)} of CPU"
    return f"{words}; so the budget allows about {many} in {took}, proposals not counted"
