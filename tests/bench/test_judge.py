"""What a judge returns is looked at before it counts, and what goes wrong in it is never the candidate's fault."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from selfwright.bench.judge import Judge, Judgement
from selfwright.bench.problem import load_problem
from selfwright.bench.reading import clean_text
from selfwright.core.change import content_id
from selfwright.core.errors import JudgeFault
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Reading, Resources

PROBLEM = """
name = "tiny"
editable = ["codec.py"]
[evaluate]
judge = "judge.py"
[metrics]
bytes = { better = "lower" }
psnr_db = { better = "higher" }
[objective]
metric = "bytes"
[[stages]]
name = "smoke"
[[stages]]
name = "holdout"
holdout = true
"""

HEAD = """
from selfwright.bench.report import Report
from selfwright.core.errors import CallFailed, InvalidCandidate, SandboxError
from selfwright.core.status import CallStatus
"""


@dataclass
class Guest:
    """Stands for a candidate that was called before."""

    resources: Resources = field(default_factory=lambda: Resources(cpu_s=2.5, peak_memory_bytes=7))
    log: str = "hello from the candidate"
    behaviour: str = "0abc"
    blind: bool = True


Write = Callable[..., Judge]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Load a judge from source; afterwards the interpreter is as it was."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def make(source: str, toml: str = PROBLEM) -> Judge:
        (tmp_path / "problem.toml").write_text(toml)
        (tmp_path / "codec.py").write_text("")
        (tmp_path / "judge.py").write_text(HEAD + source)
        return Judge(load_problem(tmp_path))

    yield make
    sys.modules.pop("selfwright_judge", None)


def measure(judge: Judge, *, stage: str = "smoke", case: str = "", seed: int = 5) -> Judgement:
    return judge.measure(Item(change="c", stage=stage, case=case, seed=seed), Guest())


def returning(expression: str) -> str:
    return f"def evaluate(candidate, stage):\n    return {expression}\n"


def raising(expression: str) -> str:
    return f"def evaluate(candidate, stage):\n    raise {expression}\n"


def readings(judge: Judge) -> tuple[Reading, ...]:
    outcome = measure(judge).outcome
    assert (outcome.status, outcome.reason) == (TrialStatus.OK, "")
    return outcome.readings


# ------------------------------------------------------------------------------------------------------------ the forms


def test_evaluate_sees_the_stage_and_has_one_case(write: Write) -> None:
    judge = write(returning("{'bytes': stage.seed, 'psnr_db': len(stage.name) + stage.holdout}"))
    assert judge.cases() == {"smoke": ("",), "holdout": ("",)}
    assert readings(judge) == (Reading(case="", metrics={"bytes": (5.0,), "psnr_db": (5.0,)}),)


def test_measure_sees_its_case(write: Write) -> None:
    judge = write(
        "def cases(stage):\n    return ['a', 'b'] if stage.holdout else ['c']\n"
        "def measure(candidate, case):\n"
        "    assert case.seed == case.stage.seed\n"
        "    return {'bytes': case.seed, 'psnr_db': len(case.id + case.stage.name)}\n"
    )
    assert judge.cases() == {"smoke": ("c",), "holdout": ("a", "b")}
    outcome = measure(judge, case="c").outcome
    assert outcome.readings == (Reading(case="c", metrics={"bytes": (5.0,), "psnr_db": (6.0,)}),)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", "none of the functions of a judge"),
        ("def cases(stage): ...", "cases"),
        ("def evaluate(candidate, stage): ...\ndef measure(candidate, case): ...", "evaluate and measure"),
    ],
)
def test_exactly_one_form(write: Write, source: str, found: str) -> None:
    with pytest.raises(JudgeFault) as raised:
        write(source)
    assert str(raised.value) == (
        f"judge.py defines {found}; it needs either evaluate(candidate, stage), or both cases(stage) and "
        "measure(candidate, case)"
    )


@pytest.mark.parametrize("listed", ["[]", "['a', 'a']", "['']", "[1]", "None", "'abc'", r"['\ud800']", r"['a\nb']"])
def test_cases_are_distinct_names(write: Write, listed: str) -> None:
    judge = write(f"def cases(stage):\n    return {listed}\ndef measure(candidate, case): ...\n")
    with pytest.raises(JudgeFault) as raised:
        judge.cases()
    assert str(raised.value) == (
        f"judge.py: cases returned {listed} for stage 'smoke'; return a list of distinct names, at least one, none of "
        "them empty, and each printable"
    )


def test_judge_imports_what_lies_beside_it_and_leaves_no_cache(write: Write, tmp_path: Path) -> None:
    (tmp_path / "beside_the_judge.py").write_text("SIZE = 12\n")
    judge = write("from beside_the_judge import SIZE\n" + returning("{'bytes': SIZE, 'psnr_db': 1}"))
    assert readings(judge)[0].metrics["bytes"] == (12.0,)
    assert not (tmp_path / "__pycache__").exists()
    del sys.modules["beside_the_judge"]


# ------------------------------------------------------------------------------------------------------ what it returns


def test_numbers_samples_and_numpy_scalars_are_readings(write: Write) -> None:
    judge = write(
        "import numpy as np\n" + returning("Report({'bytes': [np.int64(3), 4.5], 'psnr_db': np.float32(0.5)})")
    )
    assert readings(judge) == (Reading(case="", metrics={"bytes": (3.0, 4.5), "psnr_db": (0.5,)}),)


def test_evaluate_may_return_values_by_case_beside_a_number_for_all(write: Write) -> None:
    judge = write(returning("{'psnr_db': 30, 'bytes': {'b': 1, 'a': 2}}"))
    assert readings(judge) == (
        Reading(case="b", metrics={"bytes": (1.0,)}),
        Reading(case="a", metrics={"bytes": (2.0,)}),
        Reading(case="", metrics={"psnr_db": (30.0,)}),
    )


def test_missing_case_is_invalid(write: Write) -> None:
    outcome = measure(write(returning("{'psnr_db': {'a': 3}, 'bytes': {'a': 2, 'b': 1}}"))).outcome
    assert outcome.status is TrialStatus.INVALID
    assert outcome.reason == "psnr_db is missing for case 'b', which other metrics have; it declares no worst_value"
    assert outcome.readings == ()


def test_missing_case_takes_the_worst_value_where_one_is_declared(write: Write) -> None:
    toml = PROBLEM.replace('"higher"', '"higher", worst_value = -1')
    judge = write(returning("{'psnr_db': {'a': 3}, 'bytes': {'a': 2, 'b': 1}}"), toml)
    assert readings(judge) == (
        Reading(case="a", metrics={"bytes": (2.0,), "psnr_db": (3.0,)}),
        Reading(case="b", metrics={"bytes": (1.0,), "psnr_db": (-1.0,)}),
    )
    judge = write("def cases(stage): ...\ndef measure(candidate, case):\n    return {'bytes': 3}\n", toml)
    assert measure(judge, case="c").outcome.readings == (
        Reading(case="c", metrics={"bytes": (3.0,), "psnr_db": (-1.0,)}),
    )


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("None", "the judge returned NoneType; return a mapping metric → number, or a Report of one"),
        ("3.0", "the judge returned float; return a mapping metric → number, or a Report of one"),
        (
            "{'bytes': 1, 'psnr': 2, 'psnr_db': 3}",
            "the judge returned 'psnr', which is no metric of problem.toml (bytes, psnr_db); declare it under "
            "[metrics], or do not return it",
        ),
        (
            "{'bytes': 1}",
            "the judge did not return psnr_db; return it, give it a worst_value, or remove it from [metrics]",
        ),
        (
            "{'bytes': float('nan'), 'psnr_db': 1}",
            "metric bytes is nan; return a finite number, or raise InvalidCandidate where there is none",
        ),
        (
            "{'bytes': 1, 'psnr_db': float('inf')}",
            "metric psnr_db is inf; return a finite number, or raise InvalidCandidate where there is none",
        ),
        (
            "{'bytes': 10 ** 400, 'psnr_db': 1}",
            "metric bytes is inf; return a finite number, or raise InvalidCandidate where there is none",
        ),
        (
            "{'bytes': [1, -float('inf')], 'psnr_db': 1}",
            "metric bytes, sample 1 is -inf; return a finite number, or raise InvalidCandidate where there is none",
        ),
        ("{'bytes': True, 'psnr_db': 1}", "metric bytes is bool True; return a number"),
        ("{'bytes': '12', 'psnr_db': 1}", "metric bytes is str '12'; return a number"),
        ("{'bytes': None, 'psnr_db': 1}", "metric bytes is NoneType; return a number"),
        ("{'bytes': [], 'psnr_db': 1}", "metric bytes is an empty list; return at least one sample"),
        ("{'bytes': [[1]], 'psnr_db': 1}", "metric bytes, sample 0 is list; return a number"),
        ("{'bytes': {'a': [1]}, 'psnr_db': 1}", "metric bytes, case a is list; return a number"),
        ("{'bytes': {'a': {'b': 1}}, 'psnr_db': 1}", "metric bytes, case a is dict; return a number"),
        ("{'bytes': {}, 'psnr_db': 1}", "metric bytes: cases must be names, at least one, none of them empty"),
        ("{'bytes': {3: 1}, 'psnr_db': 1}", "metric bytes: cases must be names, at least one, none of them empty"),
        ("Report({'bytes': 1, 'psnr_db': 1}, feedback=3)", "Report.feedback is int; give text"),
        (
            "Report({'bytes': 1, 'psnr_db': 1}, artifacts={'a.png': 'text'})",
            "Report.artifacts: str 'a.png' → str 'text'; give a mapping file name → bytes",
        ),
        ("Report({'bytes': 1, 'psnr_db': 1}, usd='3')", "usd is str '3'; return a number"),
    ],
)
def test_what_is_no_measurement_is_the_judges_fault(write: Write, returned: str, reason: str) -> None:
    outcome = measure(write(returning(returned))).outcome
    assert (outcome.status, outcome.reason, outcome.readings) == (TrialStatus.UNJUDGED, reason, ())


def test_measure_returns_no_mapping_by_case(write: Write) -> None:
    judge = write(
        "def cases(stage): ...\ndef measure(candidate, case):\n    return {'bytes': {'a': 1}, 'psnr_db': 1}\n"
    )
    outcome = measure(judge, case="c").outcome
    assert outcome.status is TrialStatus.UNJUDGED
    assert outcome.reason == "metric bytes is a mapping; measure returns a number or a list for its one case"


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ("aggregate = 'geomean'", "geomean needs"),
        ("noisy = true", "a noisy objective with a minimum_effect in % needs"),
    ],
)
def test_what_has_no_logarithm_is_refused_where_one_is_taken(write: Write, declared: str, why: str) -> None:
    toml = PROBLEM.replace('bytes = { better = "lower"', f'bytes = {{ better = "lower", {declared}')
    outcome = measure(write(returning("{'bytes': 0, 'psnr_db': 0}"), toml)).outcome
    assert outcome.status is TrialStatus.UNJUDGED
    assert outcome.reason.startswith(f"metric bytes is 0, but {why} positive numbers; shift its scale")


def test_an_absolute_minimum_effect_asks_for_no_positive_number(write: Write) -> None:
    toml = PROBLEM.replace('bytes = { better = "lower"', 'bytes = { better = "lower", noisy = true')
    toml = toml.replace('metric = "bytes"', 'metric = "bytes"\nminimum_effect = "3"')
    outcome = measure(write(returning("{'bytes': -2.5, 'psnr_db': 0}"), toml)).outcome
    assert (outcome.status, outcome.reason) == (TrialStatus.OK, "")


# ------------------------------------------------------------------------------------------------------ what goes wrong


def test_the_judges_word_makes_a_candidate_invalid(write: Write) -> None:
    outcome = measure(write(raising("InvalidCandidate('plane y\\x1b[31m has 3 rows, not 4')"))).outcome
    assert (outcome.status, outcome.reason) == (TrialStatus.INVALID, "plane y has 3 rows, not 4")
    assert outcome.log == "hello from the candidate"
    assert (outcome.resources.cpu_s, outcome.resources.peak_memory_bytes) == (2.5, 7)


def test_failed_call_gives_its_status(write: Write) -> None:
    outcome = measure(write(raising("CallFailed(CallStatus.OUT_OF_MEMORY, 'used 3 GB of 2 GB')"))).outcome
    assert (outcome.status, outcome.reason) == (TrialStatus.OUT_OF_MEMORY, "used 3 GB of 2 GB")


def test_judge_that_raises_is_told_where(write: Write) -> None:
    source = "def deeper(x):\n    return x / 0\n" + returning("deeper(1)")
    outcome = measure(write("print('about to fail')\n" + source.replace("return d", "print('now'); return d"))).outcome
    assert outcome.status is TrialStatus.UNJUDGED
    assert outcome.reason == (
        "the judge raised ZeroDivisionError: division by zero at judge.py:7 (deeper)\n"
        "  judge.py:9 (evaluate): print('now'); return deeper(1)\n"
        "  judge.py:7 (deeper): return x / 0"
    )
    assert (outcome.log, outcome.printed) == ("hello from the candidate", "about to fail\nnow\n")


@pytest.mark.parametrize("raised", ["SystemExit(3)", "TimeoutError('3')", "MemoryError('3')", "GeneratorExit('3')"])
def test_whatever_the_judge_raises_stays_in_its_item(write: Write, raised: str) -> None:
    outcome = measure(write(raising(raised))).outcome
    assert outcome.status is TrialStatus.UNJUDGED
    name, _, _ = raised.partition("(")
    assert outcome.reason.startswith(f"the judge raised {name}: 3 at judge.py:6 (evaluate)\n")


def test_failed_confinement_is_not_the_candidates(write: Write) -> None:
    outcome = measure(write(raising("SandboxError('no user namespaces here')"))).outcome
    assert (outcome.status, outcome.reason) == (TrialStatus.UNJUDGED, "no user namespaces here")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "the judge raised ZeroDivisionError: division by zero at judge.py:5 (<module>)\n"),
        (
            "import nothing_like_it",
            "the judge raised ModuleNotFoundError: No module named 'nothing_like_it' at judge.py:5",
        ),
        ("def evaluate(:", "the judge raised SyntaxError: invalid syntax at judge.py:5"),
        ("raise SystemExit(2)", "the judge raised SystemExit: 2 at judge.py:5 (<module>)"),
    ],
)
def test_judge_that_can_not_be_loaded_says_where(write: Write, source: str, reason: str) -> None:
    with pytest.raises(JudgeFault) as raised:
        write(source)
    assert str(raised.value).startswith(reason)


def test_cases_that_raise_say_where(write: Write) -> None:
    judge = write("def cases(stage):\n    raise OSError('no clips')\ndef measure(candidate, case): ...\n")
    with pytest.raises(JudgeFault, match=r"the judge raised OSError: no clips at judge\.py:6 \(cases\)"):
        judge.cases()


# ---------------------------------------------------------------------------------- feedback, artifacts, what it prints

SAYS_A_LOT = returning(
    "Report({'bytes': 1, 'psnr_db': 2}, 'too soft', {'a.png': b'picture', 'b.png': b'picture'}, usd=0.25)"
)


def test_report_comes_through(write: Write) -> None:
    judgement = measure(write(SAYS_A_LOT))
    sha256 = content_id(b"picture")
    assert judgement.outcome.feedback == "too soft"
    assert judgement.outcome.artifacts == {"a.png": sha256, "b.png": sha256}
    assert judgement.artifacts == {sha256: b"picture"}
    assert judgement.outcome.resources.usd == 0.25
    assert judgement.outcome.log == "hello from the candidate"
    assert (judgement.outcome.behaviour, judgement.outcome.blind) == ("0abc", True)


def test_holdout_says_nothing_but_numbers(write: Write) -> None:
    judgement = measure(write(SAYS_A_LOT), stage="holdout")
    assert judgement.outcome.status is TrialStatus.OK
    assert judgement.outcome.readings[0].metrics == {"bytes": (1.0,), "psnr_db": (2.0,)}
    assert (judgement.outcome.feedback, judgement.outcome.log, judgement.outcome.artifacts) == ("", "", {})
    assert judgement.outcome.behaviour == ""
    assert judgement.artifacts == {}
    assert judgement.outcome.resources.usd == 0.25


def test_on_holdout_only_a_judge_that_fails_is_heard(write: Write) -> None:
    judge = "def evaluate(candidate, stage):\n    print('secret')\n    return {'bytes': 1, 'psnr_db': %s}\n"
    fine, faulty = (measure(write(judge % value), stage="holdout").outcome for value in ("2", "None"))
    assert (fine.status, fine.log, fine.printed) == (TrialStatus.OK, "", "")
    assert (faulty.status, faulty.log, faulty.printed) == (TrialStatus.UNJUDGED, "", "secret\n")


def test_feedback_and_artifacts_are_capped(write: Write) -> None:
    judge = write(
        returning(
            "Report({'bytes': 1, 'psnr_db': 2}, 'é' * 4000, "
            "{'big': bytes(9 * 2**20)} | {f'{n}': bytes([n]) * 2**23 for n in range(5)})"
        )
    )
    judgement = measure(judge)
    assert sorted(judgement.outcome.artifacts) == ["0", "1", "2", "3"]
    feedback, cut, dropped = judgement.outcome.feedback.splitlines()
    assert (feedback, cut) == ("é" * 2048, "... (3904 bytes more were cut)")
    assert dropped == "(dropped artifacts, more than 8 MiB, or 32 MiB in all: big (9.0 MiB), 4 (8.0 MiB))"


def test_what_the_judge_prints_is_kept_apart_from_what_the_candidate_wrote(
    write: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import sys\nprint('loading')\ndef evaluate(candidate, stage):\n    print('out'); sys.stderr.write('err')\n"
    )
    good = measure(write(source + "    return {'bytes': 1, 'psnr_db': 2}\n"))
    bad = measure(write(source + "    print('x' * 100_000)\n"))
    assert capfd.readouterr() == ("", "")
    assert (good.outcome.log, good.outcome.printed) == ("hello from the candidate", "loading\nout\nerr")
    assert bad.outcome.log == "hello from the candidate"
    assert bad.outcome.printed == "x" * (4 * 1024 - 1) + "\n"


def test_cut_text_is_still_text() -> None:
    assert clean_text("aé", 2) == "a\n... (1 bytes more were cut)"
    assert clean_text("ok \udc80\x07\ttab\n") == "ok \ttab\n"
