"""Engines: what runs blocks on workers. ``local`` has them on this machine."""

__all__: list[str] = []
