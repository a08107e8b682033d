"""Blobs: sources, logs and artefacts by their sha256."""

from selfwright.adapters.blobs.sqlite import SqliteBlobs

__all__ = ["SqliteBlobs"]
