"""The MCP server: looking at runs, handing in changes, starting and steering, for a model that nobody vouches for.

What a client can ask for is ``Desk`` and nothing else: it names runs, problems and proposers out of lists that a person
made, and sends contents, never paths of this machine. Only the modules that speak the protocol import ``mcp``, the
extra; ``serving`` is their door.
"""

from selfwright.server.mcp.desk import Desk, Errand, Offered

__all__ = ["Desk", "Errand", "Offered"]
