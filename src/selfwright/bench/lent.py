"""What evaluators import of the engines that they were written for, lent where those are not installed.

OpenEvolve's evaluators name one class of it, Shinka's one function. What an evaluator can see of them is the same; they
were written anew. Runs in the evaluator's jail, and stands alone.
"""

import importlib.util
import json
import math
import os
import sys
import time
from types import ModuleType

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class EvaluationResult:
    """What an OpenEvolve evaluator may return instead of a mapping.

    Args:
        metrics: Name → number.
        artifacts: Name → text or bytes, shown to whoever proposes.
    """

    def __init__(self, metrics: "dict[str, Any]", artifacts: "dict[str, Any] | None" = None) -> None:
        self.metrics = metrics
        self.artifacts = {} if artifacts is None else artifacts

    @classmethod
    def from_dict(cls, metrics: "dict[str, Any]") -> "EvaluationResult":
        """Return one without artifacts."""
        return cls(metrics=metrics)

    def to_dict(self) -> "dict[str, Any]":
        """Return the metrics."""
        return self.metrics

    def has_artifacts(self) -> bool:
        """Return whether there are any."""
        return bool(self.artifacts)


def run_shinka_eval(
    program_path: str,
    results_dir: str,
    experiment_fn_name: str,
    num_runs: int,
    get_experiment_kwargs: "Callable[[int], dict[str, Any]] | None" = None,
    aggregate_metrics_fn: "Callable[[list[Any]], dict[str, Any]] | None" = None,
    validate_fn: "Callable[[Any], tuple[bool, str | None]] | None" = None,
    plotting_fn: object = None,
    **_: object,
) -> "tuple[dict[str, Any], bool, str | None]":
    """Call one function of the program several times, validate, aggregate, and write what came.

    Runs are made one after the other, none is stopped early, and nothing is plotted.

    Returns:
        Metrics, whether everything was right, and the first thing that was wrong.
    """
    wrong: list[str] = []
    metrics: dict[str, Any] = {"combined_score": 0.0}
    try:
        function = _function(program_path, experiment_fn_name)
        results, times_s = [], []
        for index in range(num_runs):
            kwargs = get_experiment_kwargs(index) if get_experiment_kwargs else {"seed": index + 1}
            began_s = time.perf_counter()
            results.append(function(**kwargs))
            times_s.append(time.perf_counter() - began_s)
            right, why = validate_fn(results[-1]) if validate_fn else (True, None)
            if not right:
                wrong.append(f"Validation failed: {why}")
        metrics = aggregate_metrics_fn(results) if aggregate_metrics_fn else {"num_successful_runs": len(results)}
        metrics["execution_time_mean"] = sum(times_s) / len(times_s) if times_s else 0.0
        if not math.isfinite(metrics.get("combined_score", 0.0)):
            wrong.append(f"combined_score is {metrics['combined_score']}")
    except Exception as error:  # noqa: BLE001 - whatever the program or its evaluator raises is the result
        wrong.append(str(error))
    metrics.pop("extra_data", None)
    os.makedirs(results_dir, exist_ok=True)
    for name, content in (
        ("correct", {"correct": not wrong, "error": wrong[0] if wrong else None}),
        ("metrics", metrics),
    ):
        with open(os.path.join(results_dir, f"{name}.json"), "w") as file:
            json.dump(content, file)
    return metrics, not wrong, wrong[0] if wrong else None


def _function(path: str, name: str) -> "Callable[..., Any]":
    spec = importlib.util.spec_from_file_location("program", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


def lend() -> None:
    """Put both into ``sys.modules``, under the names that evaluators import."""
    for package, module, names in (
        ("openevolve", "evaluation_result", {"EvaluationResult": EvaluationResult}),
        ("shinka", "core", {"run_shinka_eval": run_shinka_eval}),
    ):
        outer, inner = ModuleType(package), ModuleType(f"{package}.{module}")
        outer.__path__ = []
        inner.__dict__.update(names)
        setattr(outer, module, inner)
        sys.modules.setdefault(package, outer)
        sys.modules.setdefault(f"{package}.{module}", inner)
