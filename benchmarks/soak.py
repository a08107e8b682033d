"""Evaluates very often in one zygote and looks whether anything grows: ``python -m benchmarks.soak [EVALUATIONS]``.

Everything is counted after the 1,000th and after the last; Ctrl-C ends it early, with what it saw.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from selfwright.adapters.sandboxes import owner
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.core.environment import Environment
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.testing.sandbox import GUEST

EVALUATIONS = 100_000
WARM = 1_000
"""From this one on nothing may grow."""
SLACK_BYTES = 1 << 20
"""What memory may move by: 10 bytes an evaluation, less than the smallest object that could be forgotten."""
SLACK_COUNT = 16
"""What counts may move by: a few boxes are on their way out at any time, with a few descriptors each."""
SAY_EVERY_S = 10
JOB = Job(files={"program.py": b"VALUE = 1\n"}, guest=str(GUEST), limits=Limits())


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else EVALUATIONS
    warm = min(WARM, wanted // 2)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        tempfile.tempdir = folder
        sandbox = ZygoteSandbox(environment=Environment(modules=("numpy",)))
        first: dict[str, int] = {}
        done = 0
        try:
            for done in evaluate(sandbox, wanted):
                if done == warm:
                    first = look(folder)
        except KeyboardInterrupt:
            print(f"interrupted after {done:,}", flush=True)
        finally:
            last = look(folder) if done > warm else {}
            sandbox.close()
        if not last:
            print(f"nothing can be said before the {warm:,}th evaluation and one more")
            return 2
        return report(first, last, warm, done)


def evaluate(sandbox: ZygoteSandbox, wanted: int) -> Iterator[int]:
    """Yield the number of evaluations that were made; most end well, some crash, some are commands."""
    started = said = time.monotonic()
    for number in range(1, wanted + 1):
        if number % 50 == 0:
            reply = sandbox.execute(JOB, ("true",), stdin=b"x", files={"given": b"1"}, produce=("given",))
            assert reply.status is CallStatus.OK, reply
        else:
            with sandbox.open(JOB) as box:
                crashes = number % 50 == 1
                reply = box.exchange(b"exit 3" if crashes else b"echo %d" % number)
            assert reply.status is (CallStatus.CRASHED if crashes else CallStatus.OK), reply
        yield number
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            print(f"{number:>8,} of {wanted:,}: {number / (said - started):.0f} a second, "
                  f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def look(folder: str) -> dict[str, int]:
    """Count what could grow, in this process, in the zygote and on the host."""
    own = psutil.Process()
    [outside] = own.children()
    inits = outside.children()
    counts = {
        "supervisor: memory (bytes)": own.memory_info().rss,
        "supervisor: descriptors": own.num_fds(),
        "supervisor: threads": own.num_threads(),
        "zygote: memory (bytes)": inits[0].memory_info().rss,
        "zygote: descriptors": inits[0].num_fds(),
        "zygote: mounts": len(Path(f"/proc/{inits[0].pid}/mountinfo").read_text().splitlines()),
        "host: mounts": len(Path("/proc/self/mountinfo").read_text().splitlines()),
        "host: our cgroups": sum(
            len(list(where.glob(f"{owner.prefix()}*"))) for where in cgroup.place().folders.values()
        ),
        "host: our folders": len(os.listdir(folder)),
        "host: shared memory": len(os.listdir("/dev/shm")),
        "host: our zombies": 0,
        "host: our processes": 0,
    }
    for each in own.children(recursive=True):
        with suppress(psutil.Error):
            zombie = each.status() == psutil.STATUS_ZOMBIE
            counts["host: our zombies" if zombie else "host: our processes"] += 1
    return counts


def report(first: dict[str, int], last: dict[str, int], warm: int, done: int) -> int:
    """Print both counts; return the exit code: 1 where something has grown."""
    grown = 0
    print(f"\n{'':28} {f'after {warm:,}':>16} {f'after {done:,}':>16}")
    for name, before in first.items():
        more = last[name] - before > (SLACK_BYTES if name.endswith("(bytes)") else SLACK_COUNT)
        grown += more
        print(f"{name:28} {before:16,} {last[name]:16,}{'  GROWN' if more else ''}")
    print("something has grown" if grown else "nothing has grown")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
