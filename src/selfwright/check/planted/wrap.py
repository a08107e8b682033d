"""Puts an ``act`` in place of the functions that a judge calls, and leaves calls among themselves alone."""

import hashlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def plant(
    program: "dict[str, Any]", names: "list[str]", act: "Callable[..., object]", how: "dict[str, Any]"
) -> None:  # fmt: skip
    """Replace the functions of these names by ones that call ``act``; calls from within the program do not."""
    inside: list[str] = []

    def put(name: str, function: "Callable[..., object]") -> None:
        def planted(*arguments: object, **named: object) -> object:
            if inside or sys._getframe(1).f_globals is program:
                return function(*arguments, **named)

            def call(*given: object) -> object:
                return function(*given[: len(arguments)], **dict(zip(named, given[len(arguments) :], strict=False)))

            inside.append(name)
            try:
                return act(call if named else function, (*arguments, *named.values()), how | {"name": name})
            finally:
                inside.pop()

        program[name] = planted

    for name in names:
        put(name, program[name])


def fingerprint(value: "Any") -> bytes:
    """Return the same bytes for equal values, and others for others."""
    if isinstance(value, (list, tuple)):
        parts = [type(value).__name__.encode(), *map(fingerprint, value)]
    elif isinstance(value, dict):
        parts = [b"dict", *sorted(fingerprint(key) + fingerprint(item) for key, item in value.items())]
    elif isinstance(value, bytes):
        parts = [b"bytes", value]
    elif hasattr(value, "tobytes"):
        parts = [str(value.dtype).encode(), str(value.shape).encode(), value.tobytes()]
    else:
        parts = [type(value).__name__.encode(), repr(value).encode(errors="surrogatepass")]
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
