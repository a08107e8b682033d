"""What this machine is, as far as a person who runs Selfwright needs to know it."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from selfwright.adapters.sandboxes.linux import cgroup, landlock
from selfwright.core.machine import Machine

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


@cache
def identify() -> Machine:
    """Return what measurements made here depend on."""
    found = ((each.metadata["Name"], each.version) for each in importlib.metadata.distributions())
    return Machine(
        cpu=_cpu(),
        kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        packages=dict(sorted((name.lower().replace("_", "-"), version) for name, version in found if name)),
    )


def _cpu() -> str:
    with suppress(OSError):  # no such file but on Linux
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _git() -> str:
    try:
        shown = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True, timeout=_GIT_S)
    except (OSError, subprocess.SubprocessError):
        return "missing: install git; adopted versions are commits"
    return shown.stdout.strip().removeprefix("git version ")
