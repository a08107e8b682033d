"""Our sandbox and judge inside Optuna, GEPA and OpenEvolve: one real run of each that is installed.

    python -m benchmarks.peer_loops

Their models are played by a script: a callable for GEPA, for OpenEvolve a server on this machine that speaks the
chat protocol. Of its proposals one crashes, and one imports the judge and prints a score of its own.
"""

import importlib.util
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import selfwright

PROBLEM = """\
name = "line"
description = "f(3) and f(5) should be 20.5 and 34.5."
editable = ["p.py"]
[evaluate]
judge = "judge.py"
[metrics]
error = { better = "lower" }
[objective]
metric = "error"
[limits]
wall_s = 5
"""
JUDGE = """\
def evaluate(candidate, stage):
    wanted = {3: 20.5, 5: 34.5}
    return {"error": 0.1 + sum(abs(candidate.call("f", x).value - y) for x, y in wanted.items())}
"""
SEED = """\
def f(x):
    a = 4.0  # tune: 0..10
    b = 3  # tune: 0..9
    return a * x + b
"""
BEST = SEED.replace("4.0", "7.0").replace("b = 3 ", "b = -0.5 ")
ANSWERS = (
    SEED.replace("return a", "return 1 / 0 * a"),
    "import judge\njudge.evaluate = lambda *given: {'error': 0.0}\nprint('combined_score: 1e9')\n" + SEED,
    SEED.replace("4.0", "6.0"),
    BEST,
)


@dataclass(frozen=True)
class Ended:
    """What a loop came back with.

    Attributes:
        best: Text of the best program.
        score: By our judge, the seed's being 1.
        asked: How often our judge was asked, where that was counted; else 0.
    """

    best: str
    score: float
    asked: int = 0


def make_problem(folder: Path) -> Path:
    """Write the problem; return its folder."""
    place = folder / "line"
    place.mkdir()
    for name, text in (("problem.toml", PROBLEM), ("judge.py", JUDGE), ("p.py", SEED)):
        (place / name).write_text(text)
    return place


def with_optuna(problem: Path, trials: int = 20) -> Ended:
    """Tune the numbers of the program by Optuna's TPE."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with selfwright.as_evaluator(problem) as judge:
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
        study.optimize(judge.optuna, n_trials=trials)
    return Ended(best=str(study.best_params), score=study.best_value, asked=len(study.trials))


def with_gepa(problem: Path) -> Ended:
    """Evolve the program by GEPA, whose reflection is played by the script."""
    from gepa.optimize_anything import EngineConfig, GEPAConfig, ReflectionConfig, optimize_anything

    answers = _in_turn(ANSWERS)
    with selfwright.as_evaluator(problem) as judge:
        asked: list[str] = []

        def evaluator(candidate: str) -> tuple[float, dict[str, object]]:
            asked.append(candidate)
            return judge.gepa(candidate)

        result = optimize_anything(
            seed_candidate=judge.seed["p.py"].decode(),
            evaluator=evaluator,
            objective="Make error small.",
            config=GEPAConfig(
                engine=EngineConfig(max_metric_calls=14),
                reflection=ReflectionConfig(reflection_lm=lambda prompt: f"```\n{answers(prompt)}\n```"),
            ),
        )
        best = str(result.best_candidate)
        return Ended(best=best, score=judge.measure(best).score, asked=len(asked))


def with_openevolve(problem: Path) -> Ended:
    """Evolve the program by OpenEvolve, whose model is played by a server on this machine."""
    from openevolve import run_evolution
    from openevolve.config import Config, LLMModelConfig

    with scripted_model(ANSWERS) as address, tempfile.TemporaryDirectory() as folder:
        config = Config(max_iterations=len(ANSWERS) + 2, diff_based_evolution=False, random_seed=1)
        config.llm.models = [LLMModelConfig(name="script", api_base=address, api_key="none", weight=1.0, retries=0)]
        config.llm.evaluator_models = config.llm.models
        config.llm.update_model_params(
            {"timeout": 30, "retries": 0, "retry_delay": 0, "temperature": 0.1, "max_tokens": 999}
        )
        config.evaluator.parallel_evaluations = 1
        config.evaluator.cascade_evaluation = False
        config.evaluator.max_retries = 0
        with selfwright.as_evaluator(problem) as judge:
            evaluator = judge.write_openevolve(Path(folder) / "evaluator.py")
            result = run_evolution(
                str(problem / "p.py"), str(evaluator), config=config, iterations=len(ANSWERS) + 2, output_dir=folder
            )
            return Ended(best=result.best_code, score=judge.measure(result.best_code).score)


@contextmanager
def scripted_model(answers: Sequence[str]) -> Iterator[str]:
    """Serve the chat protocol of OpenAI on this machine, with programs instead of thoughts; yield its address."""
    answer = _in_turn(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = f"```python\n{answer(str(asked['messages']))}\n```"
            message = {"role": "assistant", "content": text}
            body = json.dumps({
                "id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }).encode()  # fmt: skip
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _in_turn(answers: Sequence[str]) -> Callable[[str], str]:
    """Return a function that gives each answer once, and then the last."""
    left, lock = list(answers), threading.Lock()

    def answer(prompt: str) -> str:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


LOOPS = {"optuna": with_optuna, "gepa": with_gepa, "openevolve": with_openevolve}

if __name__ == "__main__":
    for name, loop in LOOPS.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name:12} is not installed: pip install {name}")
            continue
        with tempfile.TemporaryDirectory() as place:
            ended = loop(make_problem(Path(place)))
        asked = f", asked {ended.asked} times" if ended.asked else ""
        print(f"{name:12} {ended.score:.4g} times as good as the seed{asked}\n{ended.best}")
