"""A zygote with one step broken: ``python faulty.py STEP DESCRIPTOR``.

STEP is one of ``child.STEPS``, or ``server:`` and a name of the module ``server`` that shall raise when it is called.
"""

import os
import socket
import sys
from typing import Any

WHY = "broken on purpose"


def broken(*arguments: Any, **named: Any) -> None:
    raise OSError(WHY)


def main() -> None:
    from selfwright.adapters.sandboxes.zygote import child, server

    where, _, name = sys.argv[1].partition(":")
    if where == "server":
        holder, _, attribute = name.rpartition(".")
        module = getattr(server, holder) if holder else server
        assert hasattr(module, attribute)
        setattr(module, attribute, broken)
    elif where:
        assert where in dict(child.STEPS)
        child.STEPS[:] = [(step, broken if step == where else take) for step, take in child.STEPS]
    server.main(socket.socket(fileno=int(sys.argv[-1])))


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
