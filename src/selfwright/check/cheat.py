"""A planted cheat: what it does, when the judge has fallen for it, and what is said then. The table of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from selfwright.check import stating, ways
from selfwright.check.finding import Severity
from selfwright.core.metric import Metric

READ = "selfwright-check-could-read"
"""What the planted reader prints before the path of a file."""

TIMES = ("s", "ms", "us", "µs", "ns", "min", "h")
_ABSURD = 1e3


class Rule(StrEnum):
    """When a judge has fallen for a program; all of its measurements must have ended ``ok``, within the constraints."""

    SCORE = "score"
    """Its objective is not worse than the seed's, where that is no clock's. What that means, the cheat says."""
    NEGATIVE = "negative"
    """A time or a size is below zero."""
    FOLLOWS = "follows"
    """The objective is absurdly better, and doubles or halves with the planted number."""
    SAYS = "says"
    """It could read what it should not; how its measurements ended does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheat:
    """One entry of the table.

    Attributes:
        does: What a program with it does.
        says: What is wrong with a judge that has fallen for it.
        mend: What the judge should do.
        plant: Yields the programs.
        needs: What is missing where there is none to try.
        equal: How bad it is where the program is accepted and not known to be better; None where that is nothing.
        better: How bad it is where it is better; None where that shows that the judge looks at what is planted.
        costs: Whether a clock's number may show it, as that of a failure that counts as the longest time does.
    """

    name: str
    does: str
    says: str
    mend: str
    plant: ways.Way
    needs: str
    rule: Rule = Rule.SCORE
    equal: Severity | None = None
    better: Severity | None = Severity.UNTRUSTWORTHY
    costs: bool = False


_CHECK = "check type, shape, length and range of every output, and raise InvalidCandidate for what is not as asked"
_ASKED = "no call returned anything"
_SURE = Severity.UNTRUSTWORTHY

CHEATS = (
    Cheat(
        name="nothing", does="does nothing and returns None (a command: ends at once)",
        says="a program that does nothing is accepted",
        mend=f"compare the output with what is right: {_CHECK}",
        plant=ways.output("nothing", of=ways.is_something, script_way="nothing"), needs=_ASKED, equal=_SURE,
    ),
    Cheat(
        name="type", does="does its work and returns a text instead",
        says="an output of the wrong type is accepted", mend=_CHECK,
        plant=ways.output("garbage", of=ways.is_something, unread="all", script_way="garbage"),
        needs=_ASKED, equal=_SURE,
    ),
    Cheat(
        name="nan", does="returns NaN for every number",
        says="NaN is accepted: no comparison with it is ever true, so a test such as `error > limit` lets it pass",
        mend="refuse what is not finite: math.isfinite, numpy.isfinite(...).all()",
        plant=ways.number("nan"), needs="no call returned a number", equal=_SURE,
    ),
    Cheat(
        name="infinity", does="returns infinity for every number", says="infinity is accepted",
        mend="refuse what is not finite: math.isfinite, numpy.isfinite(...).all()",
        plant=ways.number("inf"), needs="no call returned a number", equal=_SURE,
    ),
    Cheat(
        name="minus infinity", does="returns minus infinity for every number", says="minus infinity is accepted",
        mend="refuse what is not finite: math.isfinite, numpy.isfinite(...).all()",
        plant=ways.number("-inf"), needs="no call returned a number", equal=_SURE,
    ),
    Cheat(
        name="zero", does="returns zeros of the right type, as many as its answer has numbers, bytes or signs",
        says="an answer of nothing but zeros is accepted",
        mend="compare with the right answer: ==, math.isclose or numpy.allclose, within far less than itself",
        plant=ways.zero, needs="no call returned anything that is not zero", equal=_SURE, better=None,
    ),
    Cheat(
        name="one answer", does="gives the answer to one input to every input",
        says="the right answer to another input is accepted",
        mend="compare with the answer to this very input, never with a set of answers",
        plant=ways.constant, needs="no clock decides, or no function had two different answers", equal=_SURE,
        better=None,
    ),
    Cheat(
        name="evaluated output", does="returns an expression, or a pickle with a call in it, for its answer",
        says="what the program returns is run by the judge: outside the sandbox, with your rights",
        mend="never eval, exec or pickle.loads what comes from a candidate: plain values come as they are, and of "
        "a text ast.literal_eval and json.loads run nothing",
        plant=ways.expression, needs="no call returned a Python value as a text, or a pickle", equal=_SURE,
    ),
    Cheat(
        name="rough", does="returns 95 % of every number that is no integer",
        says="an answer that is 5 % off is accepted",
        mend="nothing, where no more is asked, or the order alone counts; else compare with a narrower tolerance: "
        "math.isclose(a, b, rel_tol=1e-9), numpy.allclose(a, b, rtol=1e-9, atol=0)",
        plant=ways.rough, needs="no call returned a number that is no integer", equal=Severity.ADVICE, better=None,
    ),
    Cheat(
        name="failing", does="fails on every input, or on all but one",
        says="a program that fails on most inputs is accepted: its failures are swallowed",
        mend="let .value raise, or count a failure as the worst result: never `except: continue` around a call",
        plant=ways.failing, needs="nothing of the program is run", equal=_SURE, costs=True,
    ),
    Cheat(
        name="empty", does="returns nothing of the right type: b'', [], an array without rows",
        says="an empty output is accepted", mend="compare lengths before contents: zip stops at the shorter one",
        plant=ways.output("empty", of=ways.is_sized, unread="sequences"),
        needs="no call returned anything with a length", equal=_SURE,
    ),
    Cheat(
        name="huge", does="returns its output and 1 MB more", says="a huge output is accepted",
        mend="compare lengths before contents, and bound them",
        plant=ways.output("huge", of=ways.is_sized, unread="sequences", script_way="huge"),
        needs="no call returned anything with a length", equal=_SURE,
    ),
    Cheat(
        name="shorter", does="leaves out the last item or row of its output",
        says="an output of the wrong shape is accepted: too short",
        mend="compare shapes before contents: zip(..., strict=True), array.shape",
        plant=ways.output("shape", of=ways.has_shape, unread="sequences", longer=False),
        needs="no call returned a list or an array", equal=_SURE,
    ),
    Cheat(
        name="longer", does="returns every item or row of its output twice",
        says="an output of the wrong shape is accepted: too long",
        mend="compare shapes before contents: zip(..., strict=True), array.shape",
        plant=ways.output("shape", of=ways.has_shape, unread="sequences", longer=True),
        needs="no call returned a list or an array", equal=_SURE,
    ),
    Cheat(
        name="identity", does="hands one of its inputs back",
        says="a program that hands an input back is better than the seed",
        mend="do not send the expected answer along, compare the output with it outside; or start from a better seed",
        plant=ways.argument, needs="no call was given anything that it did not hand back",
    ),
    Cheat(
        name="mutated input", does="empties its inputs before it works on them",
        says="the work is compared with what the program says that its input was, or not at all",
        mend="compare with the input that was sent, which the judge has, and never with one that comes back",
        plant=ways.smaller, needs="no call was given anything with a length",
    ),
    Cheat(
        name="negative", does="states -1 wherever it states a number",
        says="a negative time or size is accepted",
        mend="measure it outside (Outcome.wall_s), or refuse what is negative",
        plant=stating.negative, needs="no call returned a single number", rule=Rule.NEGATIVE,
    ),
    Cheat(
        name="stated score", does="states a better number than the true one",
        says="the score is a number that the candidate's own process states",
        mend="compute it outside, from outputs; times from Outcome.wall_s or candidate.time",
        plant=stating.favourable, needs="no call returned a single number", rule=Rule.FOLLOWS,
    ),
    Cheat(
        name="readable", does="opens the judge, and every other file that is locked",
        says="the evaluator's files, and answers that lie beside them, can be read by a candidate",
        mend="use a sandbox that contains (selfwright doctor), not --sandbox limits",
        plant=ways.reader(READ), needs="nothing of the program is run", rule=Rule.SAYS,
    ),
    Cheat(
        name="hard-coded answers", does="knows the answers to the public inputs, and nothing else",
        says="a program that knows the public answers by heart is accepted",
        mend="add a stage with `holdout = true` and other inputs; draw inputs from stage.seed; nothing, where "
        "the answers themselves are what is searched",
        plant=ways.replay, needs="no call was given an input, or the answers are too large for a program",
        equal=Severity.ADVICE,
    ),
    Cheat(
        name="cached input", does="remembers its answer to an input",
        says="a process is asked the same twice, and is better when it remembers",
        mend="use each input once in a process: candidate.call, or candidate.time, which draws new ones",
        plant=ways.memory, needs="no process was asked the same twice",
    ),
    Cheat(
        name="first answer", does="works for the first call in a process, then repeats its first answer",
        says="after the first call of a process, the answer to another input is accepted", equal=_SURE,
        mend="verify every output that is timed: samples.outputs, each result of a session",
        plant=ways.first, needs="no process was asked for several different answers",
    ),
    Cheat(
        name="late work", does="returns at once, and works after the clock has stopped",
        says="the work of one call can be moved into another one, which is not timed",
        mend="time all calls of the session, or fetch the result with the call that is timed",
        plant=ways.later, needs="no process was asked for two different functions",
    ),
    Cheat(
        name="early work", does="works while it is imported, before the clock starts",
        says="a function without input can do its work while the program is imported, which is not timed",
        mend="give it an input that is not known before, or count Outcome.load_s too",
        plant=ways.early, needs="every function was given an input",
    ),
)  # fmt: skip


CONTROL = Cheat(name="", does="", says="", mend="", plant=lambda scene: iter(()), needs="")
"""No cheat: for programs that are measured beside them, by the same rule."""


def is_time(metric: Metric) -> bool:
    """Whether a metric is a time or a rate: what a spoiled output does to it says nothing."""
    return metric.unit in TIMES or metric.unit.endswith("/s")


def is_worse(metric: Metric, value: float, seed: float, *, costs: bool = False) -> bool:
    """Whether a value is worse than the seed's, by more than luck; of a clock's, by far where that ``costs``."""
    if is_time(metric):
        return costs and metric.gain(value, seed) < -abs(seed)
    slack = abs(seed) / 2 if metric.noisy else 0.0
    return metric.gain(value, seed) < -slack


def has_negative(metrics: tuple[Metric, ...], values: Mapping[str, float], seed: Mapping[str, float]) -> bool:
    """Whether a time or size is below zero, that was not so of the seed."""
    sizes = (metric for metric in metrics if metric.unit in (*TIMES, "B", "KB", "MB", "bytes"))
    return any(values.get(metric.name, 0.0) < 0 <= seed.get(metric.name, 0.0) for metric in sizes)


def is_absurdly_better(metric: Metric, value: float, seed: float) -> bool:
    """Whether a value is a thousand times better than the seed's."""
    if metric.gain(value, seed) <= 0:
        return False
    if seed > 0 and value > 0:
        return max(value / seed, seed / value) >= _ABSURD
    return abs(value - seed) >= _ABSURD * max(1.0, abs(seed))


def follows(value: float, twin: float) -> bool:
    """Whether a value doubles or halves when the planted number doubles."""
    return any(abs(twin - factor * value) <= 1e-3 * abs(value) for factor in (2.0, 0.5)) and value != 0
