"""Cruelty: a run is killed with `kill -9` in the middle, goes on, is audited, and a forged commit of it is refused.

python examples/cruelty/cruelty.py [what `selfwright run` is given; the session of the video codec if nothing]
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SELFWRIGHT = str(Path(sys.executable).parent / "selfwright")
RUN = ("video_codec", "--trials", "22")
KILL_AFTER = "adopted as v2"
WIDTH = 110


def main() -> None:
    """Be cruel to a run; end with 0 where it is none the worse."""
    run = killed_in_the_middle(*(sys.argv[1:] or RUN))
    before = versions(run)
    print(f"$ selfwright resume {run}", flush=True)
    resumed = subprocess.run([SELFWRIGHT, "resume", str(run)], check=False).returncode
    same = versions(run)[: len(before)] == before
    print(
        f"\nwhat was adopted before the kill, {len(before) - 1} versions: {'the same commits' if same else 'OTHERS'}\n"
    )
    written = audit(run, "--all", "--no-measure")
    measured = audit(run)
    print(f"Measured again was the newest alone, for time. All of them: selfwright audit {run} --all\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(run, Path(folder) / "forged", symlinks=True)
        forge(copy / "repo.git")
        refused = audit(copy, "--no-measure")
    sys.exit(0 if same and (resumed, written, measured, refused) == (0, 0, 0, 1) else 1)


def killed_in_the_middle(*arguments: str) -> Path:
    """Start a run, kill it when it has adopted a few versions, and return its folder."""
    folder = Path()
    with subprocess.Popen([SELFWRIGHT, "run", *arguments], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None  # it is a pipe
        for line in process.stderr:
            print(line, end="", file=sys.stderr, flush=True)
            begins = re.search(r"; run: (.+)$", line)
            folder = Path(begins[1]) if begins else folder
            if KILL_AFTER in line:
                os.kill(process.pid, signal.SIGKILL)
    if process.returncode != -signal.SIGKILL:
        sys.exit(f"the run ended by itself before it was {KILL_AFTER!r}: exit code {process.returncode}")
    print(f"\n$ kill -9 {process.pid}  # the run itself, in the middle of its work", flush=True)
    return folder


def audit(run: Path, *arguments: str) -> int:
    """Audit a run for a person to see, of the details those alone that differ; return the exit code."""
    print("$", " ".join(["selfwright", "audit", str(run), *arguments]), flush=True)
    argv = [SELFWRIGHT, "audit", str(run), *arguments]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines():
        if not line.startswith("  ") or "DIFFERS" in line:
            print(line if len(line) <= WIDTH else f"{line[: WIDTH - 4]} ...")
    print(flush=True)
    return done.returncode


def versions(run: Path) -> list[str]:
    """Return the commit of every adopted version, the seed first."""
    return git(run / "repo.git", "log", "--reverse", "--format=%H", branch(run / "repo.git")).split()


def branch(repository: Path) -> str:
    """Return the branch that versions are adopted on."""
    return git(repository, "for-each-ref", "--format=%(refname)", "refs/heads/selfwright").strip()


def forge(repository: Path) -> None:
    """Let the newest commit claim half of a number that was measured."""
    commit = git(repository, "cat-file", "commit", branch(repository))
    claimed = re.search(r'"new":([0-9.]+)', commit)
    assert claimed is not None  # every certificate has one
    half = f"{float(claimed[1]) / 2:g}"
    forged = commit.replace(claimed[0], f'"new":{half}')
    made = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", stdin=forged).strip()
    git(repository, "update-ref", branch(repository), made)
    print(f"forged, in a copy of the run: its newest commit says {half} now, not {claimed[1]}\n", flush=True)


def git(repository: Path, *arguments: str, stdin: str = "") -> str:
    """Run git in a bare repository and return what it says."""
    argv = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=60, check=True).stdout


if __name__ == "__main__":
    main()
