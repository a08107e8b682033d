"""The environment variables of a box: all of them; nothing of ours is passed on."""

import sys
from collections.abc import Iterable
from pathlib import Path

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def variables(temporary: str, search_path: Iterable[str] = ()) -> dict[str, str]:
    """Return name → value.

    Args:
        temporary: The folder that can be written.
        search_path: Folders of programs that are found before the system's.
    """
    return {
        "PATH": ":".join([str(Path(sys.executable).parent), *search_path, "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "LOGNAME": "nobody",
        "PYTHONHASHSEED": "0",
        "HOME": temporary,
        "TMPDIR": temporary,
    } | dict.fromkeys(_ONE_THREAD, "1")
