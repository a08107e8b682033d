"""A noisy time: count words faster. Most of what is proposed changes nothing that a clock could see."""

from benchmarks.outcome.task import Task, variants

CORE = """\
import random
import statistics
import time

CASES = ["all"]


def given(number):
    chance = random.Random(number)
    known = ["".join(chance.choices("abcdefgh", k=chance.randint(2, 5))) for _ in range(400)]
    return (" ".join(chance.choices(known, k=4000)),)


def expected(text):
    counts = {}
    for word in text.split(" "):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:20]


def value(call, case, seed):
    times = []
    for number in range(7):
        (text,) = given(seed + number)
        began = time.perf_counter()
        found = call("top", text)
        times.append(time.perf_counter() - began)
        if [tuple(pair) for pair in found] != expected(text):
            raise Wrong("the counts are wrong")
    return statistics.median(times)
"""
JUDGE = """\


from selfwright import InvalidCandidate


def cases(stage):
    return list(CASES)


def measure(candidate, case):
    timed = candidate.time("top", given, batches=3, batch_s=0.004)
    for (text,), found in zip(timed.inputs, timed.outputs):
        if [tuple(pair) for pair in found] != expected(text):
            raise InvalidCandidate("the counts are wrong")
    return {"value": timed}
"""
SEED = """\
def top(text):
    counts = {}
    for word in text.split(" "):
        if word in counts:
            counts[word] = counts[word] + 1
        else:
            counts[word] = 1
    found = []
    for word in counts:
        found.append((word, counts[word]))
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    return found[:20]
"""
LOOP = """\
        if word in counts:
            counts[word] = counts[word] + 1
        else:
            counts[word] = 1
"""
LIST = "    found = []\n    for word in counts:\n        found.append((word, counts[word]))\n"
TEXTS = (
    *variants(
        SEED,
        {"counts": "table"}, {"word": "w"}, {"pair": "p"}, {"found": "rows"}, {"counts = {}": "counts = dict()"},
        {"counts[word] = counts[word] + 1": "counts[word] += 1"},
        {"found[:20]": "found[0:20]"}, {"def top(text):": "def top(text, count=20):", "[:20]": "[:count]"},
        {"found.sort(key=": "found = sorted(found, key="},
        {LIST: "    found = list(counts.items())\n"},
        {LIST: "    found = [(word, counts[word]) for word in counts]\n"},
        {LOOP: "        counts[word] = counts.get(word, 0) + 1\n"},
        {LOOP: "        counts.setdefault(word, 0)\n        counts[word] += 1\n"},
        {LOOP: "        counts[word] = 1 + (counts[word] if word in counts.keys() else 0)\n"},
        {LOOP: "        try:\n            counts[word] += 1\n        except KeyError:\n            counts[word] = 1\n"},
        {'text.split(" ")': "text.split()"}, {'text.split(" ")': 'list(text.split(" "))'},
        {'text.split(" ")': 'sorted(text.split(" "))'},
        {"(-pair[1], pair[0])": "-pair[1]"},
    ),
    "def top(text):\n    words = text.split()\n    found = [(word, words.count(word)) for word in set(words)]\n"
    "    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:20]\n",
    "from collections import Counter\n\n\ndef top(text):\n    counts = Counter(text.split(' '))\n"
    "    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:20]\n",
)  # fmt: skip
TASK = Task(
    name="clock", description="Count the words of a text and return the twenty most frequent, faster.", core=CORE,
    judge=JUDGE, seed=SEED, texts=TEXTS, evaluations=480, noisy=True, effect="1 %",
)  # fmt: skip
