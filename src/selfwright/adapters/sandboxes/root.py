"""What a candidate finds of this machine's file system: the interpreter, system libraries, declared packages.

Everything else (homes, the problem's folder, what is installed and not declared) is not there.
"""

import importlib.metadata
import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_USER = ("bin", "sbin", "lib", "lib32", "lib64", "libexec", "include", "share/zoneinfo")
_LOCAL = ("bin", "lib", "include", "go")
_FILES = ("/etc/ld.so.cache", "/etc/alternatives")
_NETWORK = (
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
)
_INTERPRETER = ("bin", "lib", "lib64", "include")
_INSTALLED = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages")


TEMPORARY = "/scratch"
"""The folder that can be written. Not ``/tmp``, below which an interpreter or a toolchain may lie."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
"""Those that a candidate finds; they are the host's, and can be written to where nothing else can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What is shown, read-only, at the same path as outside.

    Attributes:
        binds: Files and folders with everything below them.
        masks: Folders below them of which nothing is shown.
        links: Path → target, of symbolic links.
        site: What is shown of the folders of installed packages: folder → names.
        import_path: Where Python looks for modules.
    """

    binds: tuple[str, ...]
    masks: tuple[str, ...]
    links: dict[str, str]
    site: dict[str, tuple[str, ...]]
    import_path: tuple[str, ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """Everything that may be read, as paths; for means that can allow a path but not hide one below it."""
        shown = [f"{folder}/{name}" for folder, names in self.site.items() for name in names]
        return (*self.binds, *(path for path in self.links if path != "/tmp"), *shown)


def lacks() -> tuple[str, ...]:
    """Return what a root of this machine can not give."""
    if "/tmp" in root_of(BARE).links:
        return ()
    return (
        "Python lies below /tmp, which a candidate can therefore only read; it writes to $TMPDIR: install elsewhere",
    )


@cache
def root_of(environment: Environment, *, network: bool = False) -> Root:
    """Return what an environment asks for; with the network granted, also what finds and trusts others on it.

    Raises:
        SandboxError: A declared package is not installed here.
    """
    base = sys.base_prefix
    binds = [
        *_there(_SYSTEM),
        *_there(f"/usr/{name}" for name in _USER),
        *_there(f"/usr/local/{name}" for name in _LOCAL),
    ]
    binds += [*_there(_FILES), *(_there(_NETWORK) if network else []), *environment.folders]
    binds += [path for path in _there(f"{base}/{name}" for name in _INTERPRETER) if not _is_below(path, binds)]
    if sys.prefix != base:
        binds += _there((f"{sys.prefix}/bin", f"{sys.prefix}/pyvenv.cfg"))
    links = {path: os.readlink(path) for path in binds if os.path.islink(path) and path.count("/") == 1}
    site = {folder: tuple(sorted(names)) for folder, names in _packages(environment.modules).items()}
    stdlib = sysconfig.get_path("stdlib")
    return Root(
        binds=tuple(path for path in binds if path not in links),
        masks=tuple(sorted({str(path) for prefix in {"/usr", "/usr/local", base} for path in _installed(prefix)})),
        links=links if any(_is_below(path, ["/tmp"]) for path in (*binds, *site)) else links | {"/tmp": TEMPORARY},
        site=site, import_path=(stdlib, f"{stdlib}/lib-dynload", *site),
    )  # fmt: skip


def _there(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if os.path.exists(path)]


def _is_below(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _installed(prefix: str) -> Iterator[Path]:
    for pattern in _INSTALLED:
        yield from Path(prefix).glob(pattern)


# ----------------------------------------------------------------------------------------------------------- packages


def _packages(modules: tuple[str, ...]) -> dict[str, set[str]]:
    """Return what the distributions of these modules, and those that they depend on, have installed: folder → names."""
    wanted = {module.partition(".")[0] for module in modules}
    found: dict[str, set[str]] = {}
    for module in sorted(wanted):
        distribution = _distribution_of(module)
        if distribution is None:
            folder, name = _lone_module(module)
            found.setdefault(folder, set()).add(name)
            continue
        for each in _with_dependencies(distribution, set()):
            folder = str(each.locate_file(""))
            found.setdefault(folder.rstrip("/"), set()).update(_top_names(each))
    return found


def _distribution_of(module: str) -> importlib.metadata.Distribution | None:
    for distribution in importlib.metadata.distributions():
        if {module, f"{module}.py"} & _top_names(distribution):
            return distribution
    return None


def _top_names(distribution: importlib.metadata.Distribution) -> set[str]:
    """Return the names in the folder of packages that are this distribution's, by its RECORD."""
    firsts = {file.parts[0] for file in distribution.files or ()}
    return {name for name in firsts if name not in ("..", "__pycache__") and not name.endswith(".pth")}


def _with_dependencies(
    distribution: importlib.metadata.Distribution, seen: set[str]
) -> Iterator[importlib.metadata.Distribution]:
    """Yield it and all that it requires; what is not installed is not missed here, but by the import."""
    name = distribution.metadata["Name"].lower()
    if name in seen:
        return
    seen.add(name)
    yield distribution
    for requirement in distribution.requires or ():
        if "extra ==" in requirement:
            continue
        needed = re.match(r"[A-Za-z0-9._-]+", requirement)
        try:
            if needed:
                yield from _with_dependencies(importlib.metadata.distribution(needed[0]), seen)
        except importlib.metadata.PackageNotFoundError:
            continue


def _lone_module(module: str) -> tuple[str, str]:
    """Return folder and name of a module that no distribution claims: a checkout on the path, say."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        raise SandboxError(f"the environment declares {module!r}, which is not installed here: pip install {module}")
    path = Path(spec.origin)
    package = path.parent if path.name == "__init__.py" else path
    return str(package.parent), package.name
