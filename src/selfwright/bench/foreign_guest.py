"""The trusted code in the jail of an evaluator that was written for another engine.

It loads the evaluator and lets it evaluate, once, as the engine would have. The host begins with one frame: ``(form,
evaluator, program, thresholds)``; every reply of this side is a question, and every later request its answer:

    ("load",)                             a program of its own: its number, and the names that it has
    ("call", number, name, args, kwargs)  what the function returns
    ("done", {...})                       the last: metrics, artifacts, what went wrong, why the shim does not fit

An answer is ``("value", value)`` or ``("error", status, reason)``. The evaluator runs in the main thread, where signals
reach it; another thread owns the frames, so that a question that is given up does not take another's answer. Where the
program lies here itself, no question is asked but the last. Descriptors are those of ``guest.py``.
"""

import contextlib
import importlib.util
import json
import os
import queue
import shutil
import sys
import tempfile
import threading
import traceback

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

BESIDE = "selfwright_shim"
"""Folder, below the evaluator's, of the files that go with this one into the jail."""
_TEXT = 4000  # characters of one artifact that is no metric
_GUEST: "dict[str, Any]" = {}


def prepare() -> None:
    """Import what this file needs of its own folder; a sandbox that forks does it once for all."""
    if not _GUEST:
        folder = os.path.dirname(os.path.abspath(__file__))
        path = os.path.join(folder, "guest.py")
        with open(path, "rb") as source:
            exec(compile(source.read(), path, "exec"), _GUEST)


def main() -> None:
    """Evaluate once; never returns."""
    prepare()
    _GUEST["die_with_parent"]()
    for descriptor in (_GUEST["REQUESTS"], _GUEST["REPLIES"]):
        os.set_inheritable(descriptor, False)
    requests, code = _GUEST["Requests"](), 70
    try:
        stand_in = _load_file("selfwright_stand_in", os.path.join(os.getcwd(), BESIDE, "stand_in.py"))
        wire = stand_in.load_beside("wire")
        form, evaluator, program, thresholds = wire.decode(requests.next(), name="order")
        jail = Jail(wire, requests, program=os.path.join(os.getcwd(), program))
        jail.open(stand_in)
        stand_in.load_beside("lent").lend()
        said = _evaluate(form, os.path.join(os.getcwd(), evaluator), jail.program, thresholds)
        jail.end(said)
        code = 0
    finally:
        os._exit(code)


class Jail:
    """The way from an evaluator to the host.

    Attributes:
        program: Path of what the evaluator takes for the program.

    Args:
        wire: The module of that name.
        requests: Reads the host's frames.
    """

    def __init__(self, wire: "Any", requests: "Any", *, program: str) -> None:
        self.program = program
        self._wire = wire
        self._requests = requests
        self._questions: queue.SimpleQueue[tuple[bytes, queue.SimpleQueue[Any]]] = queue.SimpleQueue()
        self._unfit: list[str] = []

    def open(self, stand_in: "ModuleType") -> None:
        """Let this process and its children ask."""
        stand_in.connect(self.ask)
        threading.Thread(target=self._exchange, daemon=True).start()
        with open(self.program, "rb") as file:
            if file.read() != stand_in.STUB:
                return  # the program itself: it may be read, and nobody asks
        sys.addaudithook(self._watch)
        with contextlib.suppress(OSError):  # nothing can be written here: then no other process has a way
            folder = os.path.join(tempfile.gettempdir(), stand_in.DOORS)
            door = os.path.join(folder, stand_in.DOOR)
            shutil.copytree(os.path.dirname(str(stand_in.__file__)), folder)
            os.chmod(folder, 0o700)
            os.mkfifo(door)
            threading.Thread(target=self._answer_doors, args=(door,), daemon=True).start()

    def ask(self, message: "tuple[Any, ...]") -> "Any":
        """Return the host's answer. What can not be carried is noted: such an evaluator needs the program beside it."""
        if message[0] == "unfit":
            self._note(message[1])
            return ("value", None)
        try:
            content = self._wire.encode(message, max_bytes=sys.maxsize, name="arguments")
        except self._wire.WireError as error:
            error.path = error.path.removeprefix("arguments[3]").removeprefix("arguments[4]")
            why = f"it passes to {message[2]} what can not be carried: {error}".replace(": : ", ": ")
            self._note(why)
            raise TypeError(why) from None
        return self._wire.decode(self._ask(content), name="answer")

    def end(self, said: "dict[str, Any]") -> None:
        """Send the last frame, and wait until the host has it."""
        self._ask(self._wire.encode(("done", {**said, "unfit": self._unfit}), max_bytes=sys.maxsize))

    def _note(self, why: str) -> None:
        if why not in self._unfit:
            self._unfit.append(why)

    def _ask(self, content: bytes) -> bytes:
        slot: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._questions.put((content, slot))
        answer: bytes = slot.get()
        return answer

    def _exchange(self) -> None:
        while True:
            content, slot = self._questions.get()
            _GUEST["write_frame"]([content])
            request = self._requests.next()
            if request is None:
                os._exit(0)
            slot.put(bytes(request))

    def _answer_doors(self, door: str) -> None:
        with open(os.open(door, os.O_RDWR), "rb", buffering=0) as names:
            waiting = b""
            while True:
                waiting += names.read(1 << 12)
                *lines, waiting = waiting.split(b"\n")
                for line in lines:
                    self._answer_door(os.fsdecode(line))

    def _answer_door(self, name: str) -> None:
        try:
            with open(f"{name}.request", "rb") as file:
                message = self._wire.decode(file.read(), name="request")
            os.unlink(f"{name}.request")
            answer = self._wire.encode(self.ask(message), max_bytes=sys.maxsize)
            out = os.open(f"{name}.answer", os.O_WRONLY | os.O_NONBLOCK)
            os.set_blocking(out, True)
            with open(out, "wb") as file:
                file.write(len(answer).to_bytes(8, "big") + answer)
        except OSError:  # who asked is gone
            return

    def _watch(self, event: str, arguments: "tuple[Any, ...]") -> None:
        if event == "open" and self._is_program(arguments[0]) and not _may_read(sys._getframe(1)):
            self._note("it reads the program's source")
        elif event == "subprocess.Popen" and any(map(self._is_program, arguments[1] or ())):
            program = os.path.basename(os.fsdecode(arguments[0]))
            if not program.startswith("python"):  # which imports it; run as a script, the stand-in says so itself
                self._note(f"it hands the program to {program}")

    def _is_program(self, path: "Any") -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return os.path.abspath(os.fsdecode(path)) == self.program


def _may_read(frame: "FrameType") -> bool:
    """Return whether it is the import system, a traceback or a mere copy that opens a file."""
    file = frame.f_code.co_filename
    return file.startswith("<frozen importlib") or os.path.basename(file) in ("shutil.py", "tokenize.py")


# ------------------------------------------------------------------------------------------------------- evaluating


def _evaluate(form: str, evaluator: str, program: str, thresholds: "list[float] | None") -> "dict[str, Any]":
    try:
        if form == "shinka":
            return _as_shinka(evaluator, program)
        module = _load_file("evaluation_module", evaluator)
        if thresholds is None or not hasattr(module, "evaluate_stage1"):
            return _said(module.evaluate(program))
        return _cascade(module, program, thresholds)
    except BaseException as error:  # noqa: BLE001 - the process boundary: SystemExit of an evaluator is data too
        traceback.print_exc()
        return {"metrics": {}, "artifacts": {}, "raised": f"{type(error).__name__}: {error}"}


def _cascade(module: "ModuleType", program: str, thresholds: "list[float]") -> "dict[str, Any]":
    """Return what the stages say, the later over the earlier, until one does not reach its threshold."""
    said: dict[str, Any] = {"metrics": {}, "artifacts": {}, "raised": ""}
    for number, stage in enumerate(("evaluate_stage1", "evaluate_stage2", "evaluate_stage3")):
        if not hasattr(module, stage):
            break
        new = _said(getattr(module, stage)(program))
        said = {part: {**said[part], **new[part]} for part in ("metrics", "artifacts")} | {"raised": ""}
        score = fitness(said["metrics"])
        if number >= len(thresholds) or score < thresholds[number]:
            if hasattr(module, f"evaluate_stage{number + 2}") and number < len(thresholds):
                least = thresholds[number]
                said["artifacts"]["cascade"] = f"{stage} gave {score:g}, and the cascade goes on from {least:g}"
                said["stopped"] = said["artifacts"]["cascade"]
            break
    return said


def fitness(metrics: "dict[str, float]") -> float:
    """Return OpenEvolve's score of these metrics: ``combined_score``, or else their mean."""
    if "combined_score" in metrics:
        return metrics["combined_score"]
    return sum(metrics.values()) / len(metrics) if metrics else 0.0


def _said(result: "Any") -> "dict[str, Any]":
    """Return a result as numbers and as artifacts; what is neither number, text nor bytes becomes text."""
    if hasattr(result, "__await__"):
        import asyncio

        result = asyncio.run(result)
    given = dict(getattr(result, "metrics", result))
    more = dict(getattr(result, "artifacts", None) or given.pop("artifacts", None) or {})
    if isinstance(given.get("metrics"), dict):
        given |= given.pop("metrics")
    metrics = {str(name): float(value) for name, value in given.items() if _is_number(value)}
    artifacts = {str(name): _artifact(value) for name, value in {**given, **more}.items() if str(name) not in metrics}
    return {"metrics": metrics, "artifacts": artifacts, "raised": ""}


def _is_number(value: "Any") -> bool:
    return isinstance(value, int | float) or (hasattr(value, "dtype") and getattr(value, "shape", None) == ())


def _artifact(value: "Any") -> "str | bytes":
    return value if isinstance(value, bytes) else str(value)[:_TEXT].encode(errors="replace").decode()


def _as_shinka(evaluator: str, program: str) -> "dict[str, Any]":
    """Run the evaluator as the script that it is, and read what it left."""
    with tempfile.TemporaryDirectory() as folder:
        sys.argv = [evaluator, "--program_path", program, "--results_dir", folder]
        _load_file("__main__", evaluator)
        found = {}
        for name in ("metrics", "correct"):
            with open(os.path.join(folder, f"{name}.json")) as file:
                found[name] = json.load(file)
    parts = [found["metrics"].pop(part, None) for part in ("public", "private")]
    metrics = {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
    said = _said(metrics | found["metrics"])
    if not found["correct"].get("correct"):
        said["raised"] = str(found["correct"].get("error") or "it says that the program is not correct")
    return said


def _load_file(name: str, path: str) -> "ModuleType":
    folder = os.path.dirname(path)
    if folder not in sys.path and not folder.endswith(BESIDE):
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
