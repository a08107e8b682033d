"""Cruelty: a run is killed with `kill -9`, goes on to the same trees, is audited, and a forged commit of it is refused.

python examples/cruelty/cruelty.py
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

PROBLEM = Path(__file__).parent / "problem"
SELFWRIGHT = str(Path(sys.executable).parent / "selfwright")
DEADLINE_S = 120.0

PACKER = """{module}


def pack(text):
    return {pack}


def unpack(packed):
    return {unpack}
"""


def compressed(module: str, options: str = "") -> str:
    """Return a packer that uses a module of the standard library."""
    call = f"{module}.compress(text{options})"
    return PACKER.format(module=f"import {module}", pack=call, unpack=f"{module}.decompress(packed)")


PROPOSALS = (
    ("store the bytes twice", PACKER.format(module="", pack="text + text", unpack="packed[::2]")),
    ("deflate, quickly", compressed("zlib", ", 1")),
    ("keep the first half", PACKER.format(module="", pack="text[: len(text) // 2]", unpack="packed")),
    ("deflate, thoroughly", compressed("zlib", ", 9")),
    ("end the judge's process", PACKER.format(module="import os", pack="os.kill(os.getppid(), 9)", unpack="packed")),
    ("sort blocks", compressed("bz2")),
    ("never return", PACKER.format(module="", pack="max(iter(int, 1))", unpack="packed")),
    ("a dictionary that reaches further", compressed("lzma")),
)


def main() -> None:
    """Be cruel."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(PROBLEM, folder / "problem")  # out of this repository, where its commits would go
        lines = [json.dumps({"files": {"packer.py": source}, "reason": reason}) for reason, source in PROPOSALS]
        (folder / "session.jsonl").write_text("\n".join(lines) + "\n")
        show_run(folder)


def show_run(folder: Path) -> None:
    """Run twice, once with a kill in the middle; audit; forge."""
    command = ["run", "problem", "--proposer", "recorded:session.jsonl", "--dir"]
    call(folder, *command, "whole")
    killed = kill_in_the_middle(folder, *command, "killed")
    print(f"$ kill -9 {killed}")
    call(folder, "resume", "killed")
    same = trees(folder / "whole") == trees(folder / "killed")
    print(f"the trees of the run that was killed: {'the same' if same else 'OTHERS'}\n")
    audited = call(folder, "audit", "killed", "--all")
    forge(folder / "killed" / "repo.git")
    refused = call(folder, "audit", "killed", "--no-measure")
    sys.exit(0 if same and audited == 0 and refused == 1 else 1)


def call(folder: Path, *arguments: str) -> int:
    """Run one command for a person to see, without the details that begin with two spaces; return its exit code."""
    print(f"$ selfwright {' '.join(arguments)}", flush=True)
    argv = [SELFWRIGHT, *arguments]
    done = subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S, check=False)
    shown = [line for line in done.stdout.splitlines() if not line.startswith("  ") or "differs" in line]
    print("\n".join(shown), end="\n\n", flush=True)
    return done.returncode


def kill_in_the_middle(folder: Path, *arguments: str) -> int:
    """Start a run and kill it after its first adoption; return what its process was."""
    print(f"$ selfwright {' '.join(arguments)}", flush=True)
    with subprocess.Popen([SELFWRIGHT, *arguments], cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            print(line, end="")
            if "adopted as v1" in line:
                os.kill(process.pid, signal.SIGKILL)
    return process.pid


def trees(run: Path) -> list[str]:
    """Return the tree of every adopted version."""
    return git(run / "repo.git", "log", "--format=%T", "selfwright/packer").split()


def forge(repository: Path) -> None:
    """Let the newest commit claim that it is one byte smaller."""
    branch = "refs/heads/selfwright/packer"
    commit = git(repository, "cat-file", "commit", branch)
    claimed = re.search(r'"new":(\d+)', commit)
    assert claimed is not None
    number = int(claimed[1])
    forged = commit.replace(claimed[0], f'"new":{number - 1}')
    made = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", stdin=forged).strip()
    git(repository, "update-ref", branch, made)
    print(f"forged: the newest commit says {number - 1} bytes now, not {number}\n", flush=True)


def git(repository: Path, *arguments: str, stdin: str = "") -> str:
    """Run git in a bare repository and return what it says."""
    argv = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=DEADLINE_S, check=True).stdout


if __name__ == "__main__":
    main()
