"""Serves MCP: on standard input and output, or by HTTP to whoever shows the token, asked for by a name of ours."""

import hmac
import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from selfwright.core.errors import BadInput, Unavailable
from selfwright.server.mcp.desk import Desk
from selfwright.server.mcp.making import make_server

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/mcp"
LEAST_TOKEN = 16
"""Characters of a token."""


def serve_stdio(desk: Desk, *, read_only: bool) -> None:
    """Serve until standard input ends."""
    make_server(desk, read_only=read_only).run("stdio")


def serve_http(
    desk: Desk, *, read_only: bool, host: str, port: int, token: str, on_ready: Callable[[str], None]
) -> None:
    """Serve until interrupted.

    Args:
        port: 0 for a free one.
        on_ready: Told the address, once it is listened on.

    Raises:
        BadInput: The token is too short, or the host is none of this machine.
        Unavailable: The port is taken.
    """
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    if len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable():
        raise BadInput(f"the token must have {LEAST_TOKEN} printable ASCII characters or more: SELFWRIGHT_MCP_TOKEN")
    with _listen(host, port) as listener:
        port = listener.getsockname()[1]
        hosts = [f"{name}:{port}" for name in _names(host)]
        security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[f"http://{each}" for each in hosts])
        app = make_server(desk, read_only=read_only).streamable_http_app(
            streamable_http_path=PATH, transport_security=security, host=host
        )
        config = uvicorn.Config(
            _guarded(app, token), log_level="warning", timeout_graceful_shutdown=2, server_header=False
        )
        on_ready(f"http://{hosts[0]}{PATH}")
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(f"--host {host!r} is no address: {error.strerror}; 127.0.0.1 is this machine alone") from error
    try:
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise Unavailable(f"can not listen on {host}:{port} ({error.strerror}); choose another --port") from error


def _names(host: str) -> list[str]:
    """Return by which names a client may ask for us: nobody else's, whatever a name server says."""
    local = ["127.0.0.1", "localhost", "[::1]"]
    if host in ("localhost", "127.0.0.1", "::1"):
        return local
    own = f"[{host}]" if ":" in host else host
    anywhere = host in ("0.0.0.0", "::")
    return list(dict.fromkeys([*([] if anywhere else [own]), socket.gethostname(), *local]))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guarded(app: App, token: str) -> App:
    """Return the application behind a door that only the token opens."""
    wanted = f"Bearer {token}".encode()
    body = json.dumps(
        {"error": "a bearer token is needed: Authorization: Bearer TOKEN, as the server said it"}
    ).encode()

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            shown = b"".join(value for name, value in scope["headers"] if name == b"authorization")
            if not hmac.compare_digest(shown, wanted):
                headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await app(scope, receive, send)

    return guarded
