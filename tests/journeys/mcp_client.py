"""The SDK's own client of `selfwright mcp`, driven from tests that are not async: by real stdio, or real HTTP."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.journeys.place import ENVIRONMENT, SELFWRIGHT, Place, read_until

TOKEN = "0123456789abcdef-of-a-test"


class Session:
    """A connected client."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self.portal = portal
        self.client = client
        self.news: list[str] = []

    def ask(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Call a tool that answers."""
        said = self._call(tool, arguments)
        assert not said.is_error, said.content[0].text
        return said.structured_content

    def refused(self, tool: str, **arguments: object) -> str:
        """Call a tool that refuses; return its words."""
        said = self._call(tool, arguments)
        assert said.is_error, said.structured_content
        return said.content[0].text

    def read(self, uri: str) -> str:
        """Read a resource."""
        return self.portal.call(self.client.read_resource, uri).contents[0].text

    def tools(self) -> Mapping[str, Any]:
        """Return the tools by name."""
        return {each.name: each for each in self.portal.call(self.client.list_tools).tools}

    def _call(self, tool: str, arguments: Mapping[str, object]) -> Any:
        async def call() -> Any:
            return await self.client.call_tool(tool, dict(arguments), progress_callback=self._hear)

        return self.portal.call(call)

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        self.news.append(message or "")


@contextmanager
def by_stdio(place: Place, *options: str) -> Iterator[Session]:
    """Connect to a server of our own on stdio."""
    server = StdioServerParameters(
        command=SELFWRIGHT, args=["mcp", *options], cwd=place.folder, env=dict(ENVIRONMENT)
    )  # fmt: skip
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(stdio_client(server))) as client:
        yield Session(portal, client)


@contextmanager
def http_server(place: Place, *options: str) -> Iterator[str]:
    """Start a server of HTTP; yield its address."""
    process = place.start("mcp", "--http", "--port", "0", *options, env={**ENVIRONMENT, "SELFWRIGHT_MCP_TOKEN": TOKEN})
    try:
        said = read_until(process, "MCP at ")
        yield said.partition("MCP at ")[2].partition(";")[0]
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


@contextmanager
def by_http(address: str, token: str = TOKEN) -> Iterator[Session]:
    """Connect to a server by HTTP."""
    with start_blocking_portal() as portal:
        headers = {"Authorization": f"Bearer {token}"}
        with portal.wrap_async_context_manager(httpx2.AsyncClient(headers=headers)) as http:
            client = Client(streamable_http_client(address, http_client=http))
            with portal.wrap_async_context_manager(client) as connected:
                yield Session(portal, connected)
