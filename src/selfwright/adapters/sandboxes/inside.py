"""What a trusted process does in itself before it becomes a candidate's: load the guest, forget the host."""

import importlib.machinery
import sys
from pathlib import Path
from types import ModuleType


def load_guest(path: str) -> ModuleType:
    """Return the guest as a module that has not begun; what it can prepare beforehand, it prepares."""
    guest = ModuleType("guest")
    guest.__file__ = path
    exec(compile(Path(path).read_bytes(), path, "exec"), guest.__dict__)
    if hasattr(guest, "prepare"):
        guest.prepare()
    return guest


def forget_host(import_path: list[str]) -> None:
    """Find modules in the new root only, and let a candidate not meet ours."""
    sys.path[:] = import_path
    sys.meta_path[:] = [
        importlib.machinery.BuiltinImporter,
        importlib.machinery.FrozenImporter,
        importlib.machinery.PathFinder,
    ]
    sys.path_importer_cache.clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "selfwright"]:
        del sys.modules[name]
