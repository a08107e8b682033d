"""The texts that a client is told, and that nothing heavy comes with the door."""

import subprocess
import sys

from selfwright.server.mcp.making import render


def test_who_only_looks_is_told_so():
    assert "This server only looks" in render("instructions.md", read_only=True)
    assert "This server only looks" not in render("instructions.md", read_only=False)


def test_the_command_line_brings_in_no_server():
    code = "import sys, selfwright.cli, selfwright.server.mcp; print({'mcp', 'uvicorn', 'anyio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "set()\n"
