"""Runs in the sandbox, before and after the agent: makes its environment, and lists what it has left.

It is told on standard input, before the task, so that no value of a variable is ever an argument. What it lists is
believed by nobody: it only words why something was not taken. Standard library only.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys
from contextlib import suppress

LEFT = ".left.json"
MOST = 5000
SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")


def main() -> int:
    """Run the agent; return its exit code, as a shell has it."""
    order = json.loads(_read(int.from_bytes(_read(8), "big")))
    for path in order["editable"]:
        with suppress(OSError):  # where modes can not be changed, they need not be
            os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o644)
    search = [*order["search"], os.path.dirname(sys.executable), *SYSTEM]
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb", "NO_COLOR": "1", **order["variables"]}
    variables |= {"PATH": os.pathsep.join(search), "SELFWRIGHT_TASK": os.path.abspath(order["task"])}
    for name, value in variables.items():  # beside those that the sandbox has made, a home and the like
        os.putenv(name, value)
    try:
        code = subprocess.run(order["argv"], check=False).returncode
    except OSError as error:
        sys.stderr.write(f"{order['argv'][0]}: {error.strerror}\n")
        code = 127
    with suppress(OSError, ValueError):
        _list(order["locked"])
    return code if code >= 0 else 128 - code


def _read(size: int) -> bytes:
    """Read so many bytes and not one more: what follows is the agent's."""
    read = b""
    while len(read) < size:
        read += os.read(0, size - len(read)) or sys.exit("no order came")
    return read


def _list(locked: "dict[str, str]") -> None:
    found: dict[str, str] = {}
    for folder, folders, names in os.walk("."):
        for name in folders:
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.islink(path):
                found[path] = _kind(path)
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        for name in names:
            path = os.path.normpath(os.path.join(folder, name))
            if not name.startswith(".") and len(found) < MOST:
                found[path] = _kind(path)
    changed = [path for path, digest in locked.items() if _digest(path) != digest]
    with suppress(OSError):
        os.unlink(LEFT)
    descriptor = os.open(LEFT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with open(descriptor, "wb") as file:
        file.write(json.dumps({"found": found, "changed": changed}).encode())


def _kind(path: str) -> str:
    state = os.lstat(path)
    if stat.S_ISLNK(state.st_mode):
        return f"a link to {os.readlink(path)[:200]}"
    if not stat.S_ISREG(state.st_mode):
        return "no regular file"
    return "a hard link" if state.st_nlink > 1 else "file"


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
