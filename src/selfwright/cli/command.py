"""A command that a person can copy and run where they are."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def command(*words: str | Path) -> str:
    """Return ``selfwright WORDS...`` for a shell, with the path of this program where its name alone is not enough."""
    return shlex.join([*_program(), *(str(word) for word in words)])


def _program() -> list[str]:
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return [sys.executable, "-m", "selfwright"]
    found = shutil.which(program.name)
    if not program.is_file() or (found and os.path.samefile(found, program)):
        return ["selfwright"]
    return [sys.argv[0] if os.sep in sys.argv[0] else f".{os.sep}{program}"]
