"""The loops beside ours: plain best-of-N, OpenEvolve and GEPA, each with the stream for a model. One run of one.

    python loops.py naive|openevolve|gepa FOLDER

FOLDER is what ``Task.write`` made. Prints one JSON line: the best program by the loop's own account, what it claims of
it, and how many evaluations it took. Needs the package of the loop and the standard library, nothing of ours.
"""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HARNESS = Path(__file__).with_name("harness.py")
WALL_S = 3.0


class Task:
    """What ``Task.write`` wrote, as these loops need it."""

    def __init__(self, folder: Path) -> None:
        facts = json.loads((folder / "task.json").read_text())
        self.folder, self.core = folder, folder / "core.py"
        self.description, self.seed, self.stream = facts["description"], facts["seed"], facts["stream"]
        self.evaluations, self.noisy, self.lower = facts["evaluations"], facts["noisy"], facts["better"] == "lower"

    def evaluate(self, path: str) -> tuple[float, str]:
        """Measure a program once; return its score (higher is better, 0 where it has none) and its last words.

        Every evaluation is counted in a file, because some loops evaluate in processes of their own.
        """
        with (self.folder / "count").open("a") as count:
            count.write("1\n")
        argv = [sys.executable, str(HARNESS), str(self.core), path, str(random.SystemRandom().getrandbits(32))]
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                process.wait(WALL_S)
            except subprocess.TimeoutExpired:
                return 0.0, f"no answer within {WALL_S:g} s"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            told.seek(max(0, told.seek(0, os.SEEK_END) - 2000))
            words = told.read().decode(errors="replace")
        found = re.findall(r"^value: (\S+)$", words, re.M)
        try:
            value = float(found[-1]) if found else 0.0
        except ValueError:
            value = 0.0
        return self.score(value), words

    def score(self, value: float) -> float:
        """Return a score, higher is better, of a value of the objective; and the other way round."""
        if not value > 0:
            return 0.0
        return 1 / value if self.lower else value

    def asked(self) -> int:
        """Return how many evaluations were made."""
        count = self.folder / "count"
        return len(count.read_text().splitlines()) if count.exists() else 0

    def answers(self) -> "Answers":
        """Return the stream as a model that says one after the other."""
        return Answers(self.stream)


class Answers:
    """Says each text of a stream once, then the last again."""

    def __init__(self, stream: list[str]) -> None:
        self._left, self._lock = list(stream), threading.Lock()

    def __call__(self, prompt: object) -> str:
        """Answer a prompt, whatever it says."""
        with self._lock:
            return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def naive(task: Task) -> tuple[str, float]:
    """Measure everything once and keep what was best."""
    best, score = task.seed, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        for text in (task.seed, *task.stream):
            path.write_text(text)
            got = task.evaluate(str(path))[0]
            if got > score:
                best, score = text, got
    return best, score


def with_gepa(task: Task) -> tuple[str, float]:
    """Evolve by GEPA, whose reflection is played by the stream."""
    from gepa.optimize_anything import EngineConfig, GEPAConfig, ReflectionConfig, optimize_anything

    answers = task.answers()

    def evaluator(candidate: str) -> tuple[float, dict[str, object]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.py"
            path.write_text(candidate)
            score, words = task.evaluate(str(path))
        return score, {"words": words}

    config = GEPAConfig(
        # What is deterministic need not be measured twice: GEPA can be told so, and is. It counts what it remembers as
        # calls, so that its own bound would end it early.
        engine=EngineConfig(
            max_candidate_proposals=len(task.stream), parallel=False, cache_evaluation=not task.noisy,
            raise_on_exception=False,
        ),
        reflection=ReflectionConfig(reflection_lm=lambda prompt: f"```\n{answers(prompt)}\n```"),
        stop_callbacks=lambda state: task.asked() >= task.evaluations,
    )  # fmt: skip
    result = optimize_anything(seed_candidate=task.seed, evaluator=evaluator, objective=task.description, config=config)
    return str(result.best_candidate), float(result.val_aggregate_scores[result.best_idx])


def with_openevolve(task: Task) -> tuple[str, float]:
    """Evolve by OpenEvolve, whose model is played by a server on this machine."""
    from openevolve import run_evolution
    from openevolve.config import Config, LLMModelConfig

    server = serve(task.answers())
    try:
        config = Config(max_iterations=task.evaluations - 1, diff_based_evolution=False, random_seed=1)
        address = f"http://127.0.0.1:{server.server_port}/v1"
        config.llm.models = [LLMModelConfig(name="script", api_base=address, api_key="none", weight=1.0, retries=0)]
        config.llm.evaluator_models = config.llm.models
        told = {"timeout": 30, "retries": 0, "retry_delay": 0, "temperature": 0.1, "max_tokens": 9999}
        config.llm.update_model_params(told)
        config.evaluator.parallel_evaluations = 1
        config.evaluator.cascade_evaluation = False
        config.evaluator.max_retries = 0
        path = task.folder / "evaluator.py"
        path.write_text(
            f"import sys\nfrom pathlib import Path\nsys.path.insert(0, {str(HARNESS.parent)!r})\nimport loops\n"
            f"task = loops.Task(Path({str(task.folder)!r}))\n"
            "def evaluate(program_path):\n    return {'combined_score': task.evaluate(program_path)[0]}\n"
        )
        (task.folder / "first.py").write_text(task.seed)
        result = run_evolution(
            str(task.folder / "first.py"), str(path), config=config, iterations=task.evaluations - 1,
            output_dir=str(task.folder / "openevolve"),
        )  # fmt: skip
        return result.best_code, float(result.best_score)
    finally:
        server.shutdown()
        server.server_close()


def serve(answers: Answers) -> ThreadingHTTPServer:
    """Serve the chat protocol of OpenAI on this machine, with the stream for thoughts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            message = {"role": "assistant", "content": f"```python\n{answers(asked)}\n```"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            said = {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"]}
            body = json.dumps({**said, "choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


LOOPS = {"naive": naive, "openevolve": with_openevolve, "gepa": with_gepa}

if __name__ == "__main__":
    task = Task(Path(sys.argv[2]))
    best, score = LOOPS[sys.argv[1]](task)
    print(json.dumps({"best": best, "claimed": task.score(score) if score else None, "evaluations": task.asked()}))
