"""Serving models and editors by MCP, as a Python call."""

import secrets
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from selfwright.api.front import FrontDesk
from selfwright.core.errors import Unavailable


def mcp(
    offered: Sequence[str | Path] = (), *, http: bool = False, host: str = "127.0.0.1", port: int = 8765,
    read_only: bool = False, proposers: Sequence[str] = (), budget_usd: float | None = None,
    announce: Callable[[str], None] = lambda words: None,
) -> None:  # fmt: skip
    """Serve the runs of this folder, and what else is offered, until the client goes away or it is interrupted.

    Args:
        offered: Runs and problems by their folders, which a client may use too: it can start runs of these problems
            and of the bundled ones alone.
        http: Serve HTTP and not standard input and output.
        read_only: Only look.
        proposers: Specifications that a client may choose for a run, beside the free ones.
        budget_usd: The most that one run may spend which a client starts or takes up again.
        announce: Told the address, and the token where nobody had set one.

    Raises:
        BadInput: Something given is wrong.
        Unavailable: The extra is not installed, or the port is taken.
    """
    if find_spec("mcp") is None:
        raise Unavailable("what speaks MCP is not installed: pip install 'selfwright[mcp]'")
    from selfwright.server.mcp import serving

    desk = FrontDesk(offered, proposers=proposers, budget_usd=budget_usd)
    if not http:
        serving.serve_stdio(desk, read_only=read_only)
        return
    from selfwright.config import settings

    token = settings().mcp_token.get_secret_value()
    shown = token or secrets.token_urlsafe(32)
    if not serving.is_loopback(host):
        announce("warning: other machines can reach this, and what is said is not encrypted; put TLS before it")

    def ready(address: str) -> None:
        announce(f"MCP at {address}; Ctrl-C ends it")
        announce("token: as SELFWRIGHT_MCP_TOKEN says" if token else f"token: {shown}")

    serving.serve_http(desk, read_only=read_only, host=host, port=port, token=shown, on_ready=ready)
