"""What binds a process for good is tried in a child of this one."""

from __future__ import annotations

import errno
import json
import os
import warnings
from collections.abc import Callable
from typing import Any


def in_child(do: Callable[[], Any]) -> Any:
    """Return what ``do`` returned in a forked child, or how it failed there: the name of the errno, or the words."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that this process has threads: the child uses none
        child = os.fork()
    if child == 0:
        os.close(reading)
        answer = attempt(do)
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if said else f"ended: {os.waitstatus_to_exitcode(status)}"


def attempt(do: Callable[[], Any]) -> Any:
    """Return what it returns, or the name of its errno; every other error in words."""
    try:
        return do()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except BaseException as error:  # noqa: BLE001 - the boundary of the child
        return repr(error)
