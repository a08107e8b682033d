"""What this machine is, as far as a person who runs Selfwright needs to know it."""

import os
import platform
import subprocess
import sys

from selfwright.adapters.sandboxes.linux import cgroup, landlock

_GIT_S = 10


def describe() -> dict[str, str]:
    """Return name → words."""
    facts = {
        "python": f"{platform.python_version()} at {sys.executable}",
        "system": f"{platform.system()} {platform.release()} on {platform.machine()}",
        "cores": str(_cores()),
        "git": _git(),
    }
    if sys.platform == "linux":
        where, version = cgroup.place(), landlock.version()
        facts |= {
            "user": "root" if os.geteuid() == 0 else f"ordinary ({os.geteuid()})",
            "cgroup": f"version {2 if 'v2' in where.folders else 1}" if where.offered else f"none: {where.why}",
            "landlock": f"version {version}" if version else "none",
        }
    return facts


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _git() -> str:
    try:
        shown = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True, timeout=_GIT_S)
    except (OSError, subprocess.SubprocessError):
        return "missing: install git; adopted versions are commits"
    return shown.stdout.strip().removeprefix("git version ")
