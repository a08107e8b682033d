"""What others talk to over a wire; the only async room. So far MCP: models, agents and editors."""

__all__: list[str] = []
