"""A provider of models on this machine: real HTTP, three ways to speak, and whatever may go wrong with them.

It speaks as Anthropic's Messages API, OpenAI's chat completions and Ollama's own API do, in pieces. What it says is
written by a function. A word is a token.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from selfwright.testing.model import SILENCE

MODEL = "claude-sonnet-4-6"
"""The model that it has unless others are named; its price is known."""

KEY = "sk-testing-0123456789"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What goes wrong with an answer.

    Attributes:
        status: Of an answer that is an error.
        headers: Of that one.
        message: What it says.
        words: Of an answer that begins well: so many words, then the connection is dropped.
        error: Whether an error is said after them instead.
        garbage: Sent instead of an answer.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "it went wrong"
    words: str = ""
    error: bool = False
    garbage: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def text(self) -> str:
        """Return all that the model was told."""
        system = self.body.get("system", [])
        messages = [*system, *self.body["messages"]] if isinstance(system, list) else self.body["messages"]
        return "\n".join(each.get("content") or each.get("text") for each in messages)

    @property
    def fresh(self) -> str:
        """Return the last message."""
        return str(self.body["messages"][-1]["content"])


Says = Callable[[Received], str | Mishap]


class Provider:
    """A server that answers until it is closed.

    Args:
        says: What it answers; ``SILENCE``: nothing, and does not end.
        key: What it takes; empty: whatever comes.

    Attributes:
        received: Every request for an answer that came, in order.
    """

    def __init__(self, says: Says, *, key: str = KEY, models: Sequence[str] = (MODEL,)) -> None:
        self.says = says
        self.key = key
        self.models = tuple(models)
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.cached: set[str] = set()
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the base URL, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it, and whatever it has not answered yet."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Provider":
        """Return itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close."""
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who hangs up may."""


class _Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer whether it is there, as Ollama does."""
        self._whole(200, {"version": "0.0.0"})

    def do_POST(self) -> None:
        """Answer a prompt."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        heard = Received(path=self.path, headers={name.lower(): each for name, each in self.headers.items()}, body=body)
        speech = {"/v1/messages": _Claude, "/v1/chat/completions": _OpenAI, "/api/chat": _Ollama}.get(self.path)
        if speech is None:
            return self._whole(404, {"error": f"there is no {self.path} here"})
        spoken = speech(heard)
        if spoken.keyed and self.provider.key not in ("", spoken.key):
            return self._whole(401, spoken.error(401, f"invalid x-api-key: {spoken.key}"))
        if body["model"] not in self.provider.models:
            return self._whole(404, spoken.error(404, f"model: {body['model']}"))
        self.provider.received.append(heard)
        said = self.provider.says(heard)
        if said == SILENCE:
            self.provider.closing.wait()
        elif isinstance(said, str):
            self._speak(spoken, said)
        elif said.status:
            self._whole(said.status, spoken.error(said.status, said.message), said.headers)
        else:
            self._fail(spoken, said)
        return None

    def _whole(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        told = {"content-type": "application/json", "content-length": str(len(content)), **(headers or {})}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _send(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()

    def _speak(self, spoken: "_Speech", text: str) -> None:
        words = re.findall(r"\S+\s*|\s+", text)
        said = words[: spoken.most]
        self._begin(spoken.kind)
        cached = spoken.stable in self.provider.cached
        self.provider.cached.add(spoken.stable)
        for piece in spoken.begin(cached=cached):
            self._send(piece)
        for word in said:
            self._send(spoken.word(word))
        for piece in spoken.end(len(said), cut=len(said) < len(words)):
            self._send(piece)
        self._send(b"")

    def _fail(self, spoken: "_Speech", mishap: Mishap) -> None:
        self.close_connection = True
        if mishap.garbage:
            self._begin(spoken.kind)
            self._send(mishap.garbage)
            return self._send(b"")
        self._begin(spoken.kind)
        for piece in (*spoken.begin(cached=False), *map(spoken.word, re.findall(r"\S+\s*|\s+", mishap.words))):
            self._send(piece)
        if mishap.error:
            self._send(spoken.error_within(mishap.message))
            self._send(b"")
        return None


class _Speech:
    """How one protocol words an answer."""

    kind = "text/event-stream"
    keyed = True

    def __init__(self, heard: Received) -> None:
        self.model = heard.body["model"]
        self.read = len(heard.text.split())
        self.key = heard.headers.get("authorization", "").removeprefix("Bearer ")
        self.most = int(heard.body.get("max_tokens") or heard.body.get("max_completion_tokens") or 10**6)
        self.stable = str(heard.body["messages"][0]["content"])

    def error(self, status: int, message: str) -> Json:
        """Return an answer that is an error."""
        return {"error": message}

    def error_within(self, message: str) -> bytes:
        """Return an error in the middle of an answer."""
        return _event(self.error(500, message))

    def begin(self, *, cached: bool) -> Iterator[bytes]:
        """Yield what comes before the first word."""
        yield from ()

    def word(self, word: str) -> bytes:
        """Return a word."""
        raise NotImplementedError

    def end(self, written: int, *, cut: bool) -> Iterator[bytes]:
        """Yield what comes after the last word."""
        yield from ()


class _Claude(_Speech):
    def __init__(self, heard: Received) -> None:
        super().__init__(heard)
        self.key = heard.headers.get("x-api-key", self.key)  # either will do
        self.stable = str(heard.body["system"])
        marked = [each for each in heard.body["system"] if "cache_control" in each]
        self.stored = sum(len(each["text"].split()) for each in marked)

    def error(self, status: int, message: str) -> Json:
        kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
        kind = kinds.get(status, "invalid_request_error" if status < 500 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_01"}

    def begin(self, *, cached: bool) -> Iterator[bytes]:
        usage = {
            "input_tokens": self.read - self.stored, "output_tokens": 1,
            "cache_creation_input_tokens": 0 if cached else self.stored,
            "cache_read_input_tokens": self.stored if cached else 0,
        }  # fmt: skip
        message = {
            "id": "msg_01", "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        yield _event({"type": "message_start", "message": message})
        yield _event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
        yield _event({"type": "ping"})

    def word(self, word: str) -> bytes:
        delta = {"type": "text_delta", "text": word}
        return _event({"type": "content_block_delta", "index": 0, "delta": delta})

    def end(self, written: int, *, cut: bool) -> Iterator[bytes]:
        delta = {"stop_reason": "max_tokens" if cut else "end_turn", "stop_sequence": None}
        yield _event({"type": "content_block_stop", "index": 0})
        yield _event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": written}})
        yield _event({"type": "message_stop"})


class _OpenAI(_Speech):
    def error(self, status: int, message: str) -> Json:
        return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": str(status)}}

    def begin(self, *, cached: bool) -> Iterator[bytes]:
        self.cached = self.read // 2 if cached else 0
        yield _event(self._chunk({"role": "assistant", "content": ""}))

    def word(self, word: str) -> bytes:
        return _event(self._chunk({"content": word}))

    def end(self, written: int, *, cut: bool) -> Iterator[bytes]:
        usage = {
            "prompt_tokens": self.read, "completion_tokens": written, "total_tokens": self.read + written,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }  # fmt: skip
        yield _event(self._chunk({}, finish="length" if cut else "stop"))
        yield _event({**self._chunk({}), "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {
            "id": "chatcmpl-01", "object": "chat.completion.chunk", "created": 1, "model": self.model,
            "choices": [choice], "usage": None,
        }  # fmt: skip


class _Ollama(_Speech):
    kind = "application/x-ndjson"
    keyed = False

    def __init__(self, heard: Received) -> None:
        super().__init__(heard)
        self.most = int(heard.body["options"]["num_predict"])

    def error_within(self, message: str) -> bytes:
        return json.dumps(self.error(500, message)).encode() + b"\n"

    def word(self, word: str) -> bytes:
        return self._line({"message": {"role": "assistant", "content": word}, "done": False})

    def end(self, written: int, *, cut: bool) -> Iterator[bytes]:
        counts = {"prompt_eval_count": self.read, "eval_count": written, "total_duration": 1, "eval_duration": 1}
        last = {
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "length" if cut else "stop",
        }
        yield self._line({**last, **counts})

    def _line(self, more: Json) -> bytes:
        said = {"model": self.model, "created_at": "2026-01-01T00:00:00Z", **more}
        return json.dumps(said).encode() + b"\n"


def _event(data: Json) -> bytes:
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()
