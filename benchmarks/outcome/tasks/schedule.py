"""A heuristic: in which order a machine does its jobs, so that little of what matters is late."""

from benchmarks.outcome.task import Task, variants

CORE = """\
import random

CASES = ["loose", "tight", "mixed", "long", "weighty"]


def jobs_of(case):
    chance = random.Random(case)
    count = 40 if case == "long" else 24
    jobs = [(chance.randint(1, 20), chance.randint(1, 30 if case == "weighty" else 9)) for _ in range(count)]
    total = sum(time for time, _ in jobs)
    room = {"loose": 1.0, "tight": 0.4}.get(case, 0.7)
    return [(time, chance.uniform(0.1, room) * total, weight) for time, weight in jobs]


def value(call, case, seed):
    jobs = jobs_of(case)
    order = call("order", [list(job) for job in jobs])
    if type(order) is not list or sorted(order) != list(range(len(jobs))):
        raise Wrong(f"{case}: order must be a permutation of the jobs")
    now = late = 0.0
    for index in order:
        time, due, weight = jobs[index]
        now += time
        late += weight * max(0.0, now - due)
    return 1.0 + late / len(jobs)
"""
SEED = """\
import math

LOOK = 5.0  # tune: 0.1..20 log
WEIGHT = 0.2  # tune: 0..3
TIME = 0.1  # tune: 0..3


def order(jobs):
    left, now, found = list(range(len(jobs))), 0.0, []
    while left:
        mean = sum(jobs[i][0] for i in left) / len(left)

        def urgency(i):
            time, due, weight = jobs[i]
            slack = max(0.0, due - time - now)
            return weight ** WEIGHT / time ** TIME * math.exp(-slack / (LOOK * mean))

        best = max(left, key=urgency)
        left.remove(best)
        found.append(best)
        now += jobs[best][0]
    return found
"""
SIMPLE = "def order(jobs):\n    return sorted(range(len(jobs)), key=lambda i: {key})\n"
SWAPS = """\
def late(jobs, order):
    now = total = 0.0
    for i in order:
        now += jobs[i][0]
        total += jobs[i][2] * max(0.0, now - jobs[i][1])
    return total


def order(jobs):
    found = sorted(range(len(jobs)), key=lambda i: jobs[i][1])
    best = late(jobs, found)
    for _ in range({rounds}):
        for a in range(len(found) - 1):
            for b in range(a + 1, min(len(found), a + 1 + {reach})):
                found[a], found[b] = found[b], found[a]
                now = late(jobs, found)
                if now < best:
                    best = now
                else:
                    found[a], found[b] = found[b], found[a]
    return found
"""
TEXTS = (
    *variants(
        SEED,
        *({"LOOK = 5.0": f"LOOK = {look}"} for look in (1.0, 2.0, 10.0)),
        *({"WEIGHT = 0.2": f"WEIGHT = {weight}"} for weight in (0.6, 1.0)),
        *({"WEIGHT = 0.2": "WEIGHT = 1.0", "TIME = 0.1": "TIME = 1.0", "LOOK = 5.0": f"LOOK = {look}"}
          for look in (0.3, 1.0, 2.0, 4.0)),
        {"max(left": "min(left"}, {"left.remove(best)": "left.pop()"}, {"jobs[best][0]": "jobs[best][3]"},
    ),
    *(SIMPLE.format(key=key) for key in (
        "i", "jobs[i][0]", "jobs[i][1]", "-jobs[i][2]", "jobs[i][0] / jobs[i][2]", "jobs[i][1] / jobs[i][2]")),
    SWAPS.format(rounds=1, reach=1), SWAPS.format(rounds=2, reach=3), SWAPS.format(rounds=6, reach=40),
    "def order(jobs):\n    return [0]\n",
)  # fmt: skip
TASK = Task(
    name="schedule", description="Order jobs (time, due, weight) of one machine; value is the weighted lateness.",
    core=CORE, seed=SEED, texts=TEXTS, tunable=True,
)  # fmt: skip
