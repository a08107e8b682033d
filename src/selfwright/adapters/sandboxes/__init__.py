"""Sandboxes: what fills the port, from "does not contain hostile code, and says so" upwards."""

__all__: list[str] = []
