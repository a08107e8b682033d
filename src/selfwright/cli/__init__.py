"""The command line: one file a command. Prints; nothing below it does."""

from selfwright.cli.app import main

__all__ = ["main"]
