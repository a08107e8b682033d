"""What may stand in a ``problem.toml``, as pydantic models, and its errors in words.

Only the form is checked here, each value by itself; what must fit together is checked in ``problem``.
"""

import difflib
import typing
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError
from pydantic_core import ErrorDetails

from selfwright.bench.command import CLOCKED, SIZE
from selfwright.core.limits import DEFAULT, Profile
from selfwright.core.metric import Aggregate, Better, Condition, Effect
from selfwright.core.milestone import Span


def _readable(parse: typing.Callable[[str], object]) -> AfterValidator:
    """A check that the text can be read by ``parse``; the text itself is kept."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


def _bare(unit: str) -> str:
    """A count has no unit, and ``1`` is how some write that."""
    return "" if unit == "1" else unit


def _holds_python(memory_mb: int) -> int:
    if memory_mb < _PYTHON_MB:
        raise ValueError(f"{memory_mb} MiB is too small for Python itself; give at least {_PYTHON_MB}")
    return memory_mb


def function_in(text: str) -> tuple[str, str]:
    """Return file and name of ``verify.py:check``.

    Raises:
        ValueError: It is something else.
    """
    file, _, name = text.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        raise ValueError(f"{text!r} names no function; write it as 'verify.py:check'")
    return file, name


def _measured(name: str) -> str:
    if name not in CLOCKED and not (name.startswith(SIZE) and len(name) > len(SIZE)):
        raise ValueError(f"{name!r} is nothing that can be measured outside; choose {', '.join(CLOCKED)} or {SIZE}FILE")
    return name


_PYTHON_MB = 32
"""What every sandbox can start an interpreter in, also where only its address space is bound."""
_MemoryMb = Annotated[PositiveInt, AfterValidator(_holds_python)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=100)]
_MetricName = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*|size:[^\s<>=]+)$")]
_ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]
_Text = Annotated[str, Field(min_length=1)]
_Function = Annotated[str, _readable(function_in)]
_Measured = Annotated[str, AfterValidator(_measured)]
_Condition = Annotated[str, _readable(Condition.parse)]
_Effect = Annotated[str, _readable(Effect.parse)]
_Span = Annotated[str, _readable(Span.parse)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class EvaluateEntry(_Entry):
    """``[evaluate]``: who measures, and how long one item of a block may take it."""

    judge: _Text | None = None
    command: Annotated[list[_Text], Field(min_length=1)] | None = None
    measure: list[_Measured] = []
    verify: _Function | None = None
    stdin: _Function | None = None
    produce: list[_Text] = []
    openevolve: _Text | None = None
    shinka: _Text | None = None
    whole: bool = False
    cascade: list[float] | None = None
    program: _Text | None = None
    wall_s: PositiveFloat = 300.0
    alone: bool = False

    @property
    def judging(self) -> str:
        """The file that measures, or that verifies what a command did; empty where there is none."""
        given = self.verify or self.stdin
        return self.judge or self.openevolve or self.shinka or (function_in(given)[0] if given else "")

    @property
    def foreign(self) -> str:
        """The form of a file that was written for another engine; else empty."""
        return "openevolve" if self.openevolve else "shinka" if self.shinka else ""


class MetricEntry(_Entry):
    """One line of ``[metrics]``."""

    unit: Annotated[str, AfterValidator(_bare)] = ""
    better: Annotated[Better, Field(strict=False)]
    noisy: bool = False
    aggregate: Annotated[Aggregate, Field(strict=False)] = Aggregate.MEAN
    worst_value: float | None = None


class ObjectiveEntry(_Entry):
    """``[objective]``."""

    metric: _MetricName
    constraints: list[_Condition] = []
    minimum_effect: _Effect = "0 %"
    holdout_tolerance: _Effect = "0 %"
    holdout_looks: PositiveInt = 30
    max_pairs: PositiveInt = 200


class StageEntry(_Entry):
    """One of ``[[stages]]``."""

    name: _Name
    holdout: bool = False


class EnvironmentEntry(_Entry):
    """``[environment]``: what candidates find: packages, folders of this machine, locked files of the problem."""

    python: list[_ModuleName] = []
    folders: list[_Text] = []
    files: list[_Text] | None = None


class BuildEntry(_Entry):
    """``[build]``: what is made of a candidate's sources before the first call."""

    command: Annotated[list[_Text], Field(min_length=1)]
    produce: Annotated[list[_Text], Field(min_length=1)]
    wall_s: PositiveFloat = 60.0
    memory_mb: _MemoryMb = DEFAULT.memory_mb
    files_mb: PositiveInt = DEFAULT.files_mb
    processes: PositiveInt = DEFAULT.processes


class LimitsEntry(_Entry):
    """``[limits]``: of each call into the sandbox."""

    wall_s: PositiveFloat = DEFAULT.wall_s
    memory_mb: _MemoryMb = DEFAULT.memory_mb
    output_mb: PositiveInt = DEFAULT.output_mb
    log_kb: PositiveInt = DEFAULT.log_kb
    files_mb: PositiveInt = DEFAULT.files_mb
    processes: PositiveInt = DEFAULT.processes
    profile: Annotated[Profile, Field(strict=False)] = DEFAULT.profile
    allow: list[Literal["exec", "network"]] = []


class SearchEntry(_Entry):
    """``[search]``: what the archive keeps apart."""

    features: dict[_MetricName, Annotated[list[float], Field(min_length=1)]] = {}


class TierEntry(_Entry):
    """One of ``[[tiers]]``."""

    name: _Text
    condition: _Condition


class PhaseEntry(_Entry):
    """One of ``[[phases]]``."""

    name: _Text
    trials: _Span
    versions: _Span
    target: _Condition


class SuccessEntry(_Entry):
    """One of ``[[success]]``."""

    name: _Text
    trials: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=0)] = 0
    condition: _Condition
    tool_uses: Annotated[int, Field(ge=0)] = 0
    self_healings: Annotated[int, Field(ge=0)] = 0
    unattended: bool = False
    novel: bool = False


class ProblemEntry(_Entry):
    """A whole ``problem.toml``."""

    name: _Name
    description: str = ""
    editable: Annotated[list[_Text], Field(min_length=1)]
    evaluate: EvaluateEntry
    metrics: Annotated[dict[_MetricName, MetricEntry], Field(min_length=1)]
    objective: ObjectiveEntry
    stages: list[StageEntry] = [StageEntry(name="full")]
    environment: EnvironmentEntry = EnvironmentEntry()
    build: BuildEntry | None = None
    limits: LimitsEntry = LimitsEntry()
    search: SearchEntry = SearchEntry()
    tiers: list[TierEntry] = []
    phases: list[PhaseEntry] = []
    success: list[SuccessEntry] = []


def parse(data: Mapping[str, object]) -> ProblemEntry | list[str]:
    """Return the problem file as models, or everything that is wrong with it: ``key: what is wrong; the mend``."""
    try:
        return ProblemEntry.model_validate(data)
    except ValidationError as error:
        return [_describe(details) for details in error.errors(include_url=False)]


def suggest(word: object, known: Iterable[str]) -> str:
    """Return ``; did you mean 'better'?`` where one of ``known`` resembles ``word``, else nothing."""
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _describe(details: ErrorDetails) -> str:
    path = [part for part in details["loc"] if part != "[key]"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return f"{key}: {_complaint(details, path)}"


def _complaint(details: ErrorDetails, path: list[int | str]) -> str:
    value, context = details["input"], details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            known = _keys_beside(path)
            return f"unknown key{suggest(path[-1], known) or '; known here: ' + ', '.join(known)}"
        case "missing":
            return "is missing; add it"
        case "enum" | "literal_error":
            return f"{value!r} is not {context['expected']}{suggest(value, context['expected'].split(chr(39))[1::2])}"
        case "string_pattern_mismatch":
            return f"{value!r} is not a name here; it must match {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case "too_short" | "string_too_short":
            return "is empty; give at least one"
        case "string_too_long":
            return f"has {len(value)} letters; give at most {context['max_length']}"
        case "string_type":
            return f"{_toml(value)} is not text; write it in quotes"
        case "model_type" | "dict_type":
            return f"{_toml(value)} is not a table; write it as {{ key = value }}"
        case "list_type":
            return f"{_toml(value)} is not a list; write it in [brackets]"
        case _:
            return f"{_toml(value)} is not {details['msg'].removeprefix('Input should be ')}"


def _toml(value: object) -> str:
    """Name a value as the problem file writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return repr(value)


def _keys_beside(path: list[int | str]) -> list[str]:
    """Return the keys that are known where the last part of ``path`` stands."""
    hint: typing.Any = ProblemEntry
    for part in path[:-1]:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            hint = hint.model_fields[str(part)].annotation
        else:  # list[X] or dict[str, X]
            hint = typing.get_args(hint)[-1]
    return list(hint.model_fields)
