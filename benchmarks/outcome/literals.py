"""Without any model: ``numeric+mutate`` beside Optuna alone, on the same program with the same evaluations.

    python -m benchmarks.outcome.literals [--seeds N]

Optuna's estimator (TPE, its default) sees the numbers of the seed in the same ranges, by ``as_evaluator``: the same
judge in the same sandbox. The best of each is measured again, and compared as in ``benchmarks.outcome``.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import optuna

import selfwright
from benchmarks.outcome.ours import Ended, search
from benchmarks.outcome.task import PROGRAM, Task
from benchmarks.outcome.tasks import TASKS
from benchmarks.outcome.truth import compare, measure
from selfwright.proposers.space import Space


def with_optuna(task: Task, problem: Path, *, seed: int) -> Ended:
    """Tune the numbers of the seed by Optuna alone."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with selfwright.as_evaluator(problem) as judge:
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        study.optimize(judge.optuna, n_trials=task.evaluations)
        files = Space(judge.seed).files(tuple(study.best_trial.params.values()))
        claimed = judge.measure(files).metrics.get("value")
    return Ended(best={**judge.seed, **files}[PROGRAM].decode(), claimed=claimed, evaluations=task.evaluations)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outcome.literals", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    standings: Counter[str] = Counter()
    for task in (task for task in TASKS if task.tunable):
        print(f"\n{task.name}: {task.evaluations} evaluations; measured again")
        for seed in range(seeds):
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place) / task.name
                problem = task.write(folder)
                ours = search(task, folder, "numeric+mutate", seed=seed)
                theirs = with_optuna(task, problem, seed=seed)
                truths = measure(task, problem, [task.seed, ours.best, theirs.best])
            beside = compare(task, ours.best, theirs.best, truths)
            standings[beside] += 1
            values = [truths[text].value for text in (task.seed, ours.best, theirs.best)]
            told = "  ".join(
                f"{name} {value:.6g}" if value is not None else f"{name} fails"
                for name, value in zip(("the seed", "numeric+mutate", "Optuna"), values, strict=True)
            )
            print(f"  seed {seed}: {told}  ours is {beside}", flush=True)
    print(
        "\nours beside Optuna alone: " + ", ".join(f"{word} {standings[word]}" for word in ("better", "same", "worse"))
    )


if __name__ == "__main__":
    main()
