"""A task: a small problem, with a stream of proposals that is the same for every engine.

What a program is worth is said by one text, the *core*: for us it is put into a judge that calls the program in the
sandbox, for the others into an evaluator that calls it as theirs do, in a process of its own with a deadline.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "program.py"

MANIFEST = """\
name = "{name}"
description = "{description}"
editable = ["program.py"]
[evaluate]
judge = "judge.py"
wall_s = 30
[metrics]
value = {{ better = "{better}"{noisy} }}
[objective]
metric = "value"
minimum_effect = "{effect}"
max_pairs = {max_pairs}
[limits]
wall_s = 2
memory_mb = 512
"""

JUDGE = """\


from selfwright import InvalidCandidate


def cases(stage):
    return list(CASES)


def measure(candidate, case):
    def call(name, *args):
        return candidate.call(name, *args).value

    try:
        return {"value": value(call, case.id, case.seed)}
    except Wrong as error:
        raise InvalidCandidate(str(error)) from error
"""
"""Makes a judge of a core that has ``CASES``, ``Wrong`` and ``value(call, case, seed)``."""

CORE = """\
class Wrong(ValueError):
    pass


"""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One of the problems.

    Attributes:
        core: Defines ``CASES`` and ``value(call, case, seed)``, which may raise ``Wrong``; the mean over the cases
            counts.
        seed: The program that everyone starts from.
        texts: What is proposed: whole programs, each once.
        evaluations: The budget: how often a program may be measured, the first one included.
        judge: Instead of ``JUDGE``, where the sandbox measures another way.
        better: ``lower`` or ``higher``. Values are positive.
        tunable: Whether the numbers of the seed are worth tuning without a model.
    """

    name: str
    description: str
    core: str
    seed: str
    texts: tuple[str, ...]
    evaluations: int = 40
    judge: str = JUDGE
    better: str = "lower"
    noisy: bool = False
    effect: str = "0.1 %"
    tunable: bool = False

    def write(self, folder: Path) -> Path:
        """Write problem, core, harness and stream into a new folder; return that of the problem."""
        problem = folder / "problem"
        problem.mkdir(parents=True)
        manifest = MANIFEST.format(
            name=self.name, description=self.description, better=self.better, effect=self.effect, max_pairs=60,
            noisy=", noisy = true" if self.noisy else "",
        )  # fmt: skip
        (problem / "problem.toml").write_text(manifest)
        (problem / "judge.py").write_text(CORE + self.core + self.judge)
        (problem / PROGRAM).write_text(self.seed)
        (folder / "core.py").write_text(CORE + self.core)
        facts = {
            "name": self.name, "description": self.description, "seed": self.seed, "stream": self.stream(),
            "evaluations": self.evaluations, "better": self.better, "noisy": self.noisy,
        }  # fmt: skip
        (folder / "task.json").write_text(json.dumps(facts))
        lines = [{"files": {PROGRAM: text}, "reason": f"proposal {n}"} for n, text in enumerate(self.stream(), 1)]
        (folder / "session.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return problem

    def stream(self) -> list[str]:
        """Return the proposals in the order in which every engine gets them: each text, and repeats among them.

        Models repeat themselves. The order is drawn once, so that no text has a place that helps anybody.
        """
        chance = random.Random(self.name)
        stream = [*self.texts, *chance.choices(self.texts, k=self.evaluations - 1 - len(self.texts))]
        chance.shuffle(stream)
        return stream

    def is_better(self, value: float, than: float) -> bool:
        """Whether one value of the objective is better than another."""
        return value < than if self.better == "lower" else value > than


def variants(text: str, *changes: dict[str, str]) -> tuple[str, ...]:
    """Return the text with each of these sets of replacements; every replaced part must be there."""
    found = []
    for change in changes:
        new = text
        for old, better in change.items():
            if old not in new:
                raise ValueError(f"{old!r} is not in the text")
            new = new.replace(old, better)
        found.append(new)
    return tuple(found)
