"""Bad endings: half of what is proposed hangs, exits, crashes the interpreter, floods its output or leaves a child."""

from benchmarks.outcome.task import Task

CORE = """\
import random

CASES = ["short", "long"]


def value(call, case, seed):
    chance = random.Random(case)
    words = ["x" * chance.randint(1, 12) for _ in range(60 if case == "short" else 200)]
    lines = call("wrap", words, 40)
    if type(lines) is not list or [word for line in lines for word in line] != words:
        raise Wrong(f"{case}: wrap must return all words in order, as lists")
    widths = [sum(map(len, line)) + len(line) - 1 for line in lines]
    if max(widths) > 40:
        raise Wrong(f"{case}: a line is longer than 40")
    return 1.0 + sum((40 - width) ** 2 for width in widths[:-1]) / len(words)
"""
SEED = """\
def wrap(words, width):
    return [[word] for word in words]
"""
GREEDY = """\
def wrap(words, width):
    lines, line, used = [], [], 0
    for word in words:
        if line and used + 1 + len(word) > width:
            lines.append(line)
            line, used = [], 0
        used += len(word) + bool(line)
        line.append(word)
    return [*lines, line]
"""
EXACT = """\
def wrap(words, width):
    best = [(0.0, len(words))] * (len(words) + 1)
    for i in range(len(words) - 1, -1, -1):
        found, used = None, -1
        for j in range(i, len(words)):
            used += 1 + len(words[j])
            if used > width:
                break
            cost = best[j + 1][0] + (0 if j == len(words) - 1 else {cost})
            if found is None or cost < found[0]:
                found = (cost, j + 1)
        best[i] = found
    lines, i = [], 0
    while i < len(words):
        j = best[i][1]
        lines.append(words[i:j])
        i = j
    return lines
"""
FIRST = "def wrap(words, width):\n"
BAD = tuple(begin + EXACT.format(cost="(width - used) ** 2").replace(FIRST, FIRST + line) for begin, line in (
    ("", "    while True:\n        pass\n"),
    ("import time\n", "    time.sleep(1000)\n"),
    ("import os\n", "    os._exit(3)\n"),
    ("import sys\n", "    sys.exit()\n"),
    ("import ctypes\n", "    ctypes.string_at(0)\n"),
    ("import os\n", "    os.abort()\n"),
    ("import sys\n", "    sys.stdout.write('y' * 40_000_000)\n    raise ValueError\n"),
    ("import os\nimport time\n", "    if os.fork() == 0:\n        time.sleep(30)\n    raise ValueError\n"),
    ("import sys\n", "    sys.setrecursionlimit(10**9)\n    return wrap(words, width)\n"),
    ("", "    return [[0] * 10**11]\n"),
    ("while True:\n    pass\n", ""),
))  # fmt: skip
TEXTS = (
    GREEDY,
    GREEDY.replace("> width", "> width - 4"),
    GREEDY.replace("> width", "> width + 4"),
    "def wrap(words, width):\n    return [words[i:i + 3] for i in range(0, len(words), 3)]\n",
    "def wrap(words, width):\n    return [words[i:i + 2] for i in range(0, len(words), 2)]\n",
    "def wrap(words, width):\n    return [words]\n",
    *(EXACT.format(cost=cost) for cost in ("width - used", "(width - used) ** 3", "(width - used) ** 2")),
    *BAD,
)
TASK = Task(
    name="endings", description="Break words into lines of at most 40 characters, as evenly as can be.", core=CORE,
    seed=SEED, texts=TEXTS,
)  # fmt: skip
