"""A model in a file on this machine: llama.cpp in a process of its own, started by the first question."""

import select
import subprocess
import sys
from pathlib import Path
from threading import Event, Lock

from selfwright.adapters.models.http import HttpModel, Place
from selfwright.adapters.models.openai import OpenAI
from selfwright.adapters.models.shelf import is_model
from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Completion, Prompt
from selfwright.core.errors import BadInput, Unavailable

START_S = 300.0
"""Deadline for a file to be loaded."""

_BYTES_A_TOKEN = 2
"""Fewer than programs have, so that the window is wide enough."""


class LocalModel:
    """Satisfies ``ports.model.Model``. It costs no money.

    Args:
        name: As it is recorded, after ``local:``.
        path: A file of the format GGUF.
        window: Tokens that a prompt and its answer may have together.
        threads: Of llama.cpp.

    Raises:
        BadInput: There is no such file, or it is of another kind.
    """

    def __init__(self, name: str, path: Path, *, window: int, threads: int) -> None:
        _check(path)
        self.name = f"local:{name}"
        self._command = [sys.executable, "-P", "-m", "selfwright.adapters.models.llama"]
        self._command += [str(path), str(window), str(threads)]
        self._starting = Lock()
        self._server: subprocess.Popen[str] | None = None
        self._model: HttpModel | None = None

    def most(self, prompt_bytes: int, tokens_out: int) -> Cost:
        return Cost(usd=0.0, tokens_in=prompt_bytes, tokens_out=tokens_out)

    def complete(self, prompt: Prompt, *, allowance: Allowance, cancel: Event) -> Completion:
        return self._served(cancel).complete(prompt, allowance=allowance, cancel=cancel)

    def serve(self, cancel: Event) -> str:
        """Start the server, unless it runs, and return where it is: it speaks as OpenAI does.

        Raises:
            Unavailable: It does not start.
        """
        return self._served(cancel).base_url

    def _served(self, cancel: Event) -> HttpModel:
        with self._starting:
            if self._server is None or self._server.poll() is not None or self._model is None:
                self._model = self._start(cancel)
            return self._model

    def close(self) -> None:
        """End the server, if there is one; the next question starts another."""
        server, self._server, self._model = self._server, None, None
        if server is not None:
            server.kill()
            server.communicate()

    def _start(self, cancel: Event) -> HttpModel:
        """Start the server; it ends when our end of its standard input is closed, and so with this process."""
        self._server = server = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert server.stdout is not None
        left_s = START_S
        while left_s > 0 and not cancel.is_set() and not select.select([server.stdout], [], [], 0.2)[0]:
            left_s -= 0.2
        url = server.stdout.readline().strip() if left_s > 0 and not cancel.is_set() else ""
        if not url:
            self.close()
            raise Unavailable(
                f"{self.name} could not be served: llama.cpp could not load it, or needed longer than {START_S:.0f} s; "
                "is the file whole, and is there memory for it?"
            )
        place = Place(model=self.name, base_url=f"{url}/v1")
        return HttpModel(self.name, wire=OpenAI(), place=place, price=lambda tokens: 0.0)


def window(prompt_bytes: int, tokens_out: int) -> int:
    """Return the tokens that a prompt and its answer may have together."""
    return 256 * (1 + (prompt_bytes // _BYTES_A_TOKEN + tokens_out) // 256)


def _check(path: Path) -> None:
    try:
        good = is_model(path)
    except OSError as error:
        raise BadInput(f"proposer local: {path} can not be read: {error.strerror}; write local:FILE.gguf") from error
    if not good:
        raise BadInput(f"proposer local: {path} is no model of the format GGUF")
