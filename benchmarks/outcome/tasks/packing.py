"""Compression: fewer bytes, and what comes out must be what went in."""

from benchmarks.outcome.task import Task, variants

CORE = """\
import random

CASES = ["walk", "words", "table"]


def content(case):
    chance = random.Random(case)
    if case == "walk":
        found, level = [], 20000
        for _ in range(3000):
            level += chance.randint(-40, 40)
            found.append(level.to_bytes(2, "little"))
        return b"".join(found)
    if case == "words":
        known = [bytes(chance.choices(b"etaoinshrdlu", k=chance.randint(2, 8))) for _ in range(90)]
        return b" ".join(chance.choices(known, range(90, 0, -1), k=1500))
    rows = [(n, 1700000000 + 60 * n + chance.randint(0, 3), chance.randint(0, 9)) for n in range(300)]
    return b"".join(b"%d,%d,%d\\n" % row for row in rows)


def value(call, case, seed):
    given = content(case)
    packed = call("pack", given)
    if type(packed) is not bytes or call("unpack", packed) != given:
        raise Wrong(f"{case}: what was unpacked is not what was packed")
    return float(len(packed))
"""
SEED = """\
import zlib

LEVEL = 1  # tune: 1..9
WINDOW = 9  # tune: 9..15
MEMORY = 1  # tune: 1..9
STRATEGY = 2  # tune: {0, 1, 2, 3}


def pack(data):
    made = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY, STRATEGY)
    return made.compress(data) + made.flush()


def unpack(data):
    return zlib.decompress(data)
"""
OTHER = """\
import bz2
import lzma
import zlib


def there(data):
    return data


def back(data):
    return data


def pack(data):
    return zlib.compress(there(data), 9)


def unpack(data):
    return back(zlib.decompress(data))
"""
DELTA = {
    "def there(data):\n    return data": "def there(data):\n"
    "    return bytes((data[i] - (data[i - STEP] if i >= STEP else 0)) % 256 for i in range(len(data)))",
    "def back(data):\n    return data": "def back(data):\n    out = bytearray()\n    for i, b in enumerate(data):\n"
    "        out.append((b + (out[i - STEP] if i >= STEP else 0)) % 256)\n    return bytes(out)",
}
SPLIT = {
    "def there(data):\n    return data": "def there(data):\n    return data[::2] + data[1::2]",
    "def back(data):\n    return data": "def back(data):\n    half = (len(data) + 1) // 2\n"
    "    out = bytearray(len(data))\n    out[::2], out[1::2] = data[:half], data[half:]\n    return bytes(out)",
}
LZMA = {"zlib.compress(there(data), 9)": "lzma.compress(there(data), preset=9)", "zlib.decompress": "lzma.decompress"}
RAW = {
    "zlib.compress(there(data), 9)": "lzma.compress(there(data), lzma.FORMAT_RAW, filters=FILTERS)",
    "zlib.decompress(data)": "lzma.decompress(data, lzma.FORMAT_RAW, filters=FILTERS)",
    "import zlib\n": "import zlib\n\nFILTERS = [{'id': lzma.FILTER_LZMA2, 'preset': 9, 'lc': LC, 'pb': 0}]\n",
}
BZ2 = {"zlib.compress(there(data), 9)": "bz2.compress(there(data), 9)", "zlib.decompress": "bz2.decompress"}
EACH = {
    "def pack(data):\n    return zlib.compress(there(data), 9)": "def pack(data):\n"
    "    made = [b'0' + zlib.compress(data, 9), b'1' + bz2.compress(data, 9), b'2' + bz2.compress(there(data), 9)]\n"
    "    return min(made, key=len)",
    "def unpack(data):\n    return back(zlib.decompress(data))": "def unpack(data):\n"
    "    kind, data = data[:1], data[1:]\n"
    "    if kind == b'0':\n        return zlib.decompress(data)\n    data = bz2.decompress(data)\n"
    "    return back(data) if kind == b'2' else data",
}
TEXTS = (
    *variants(
        SEED, {"LEVEL = 1": "LEVEL = 9"}, {"WINDOW = 9": "WINDOW = 15"}, {"MEMORY = 1": "MEMORY = 9"},
        {"STRATEGY = 2": "STRATEGY = 0"}, {"STRATEGY = 2": "STRATEGY = 3", "MEMORY = 1": "MEMORY = 8"},
        {"LEVEL = 1": "LEVEL = 9", "WINDOW = 9": "WINDOW = 15", "MEMORY = 1": "MEMORY = 9", "STRATEGY = 2":
         "STRATEGY = 0"}, {"WINDOW = 9": "WINDOW = 16"},
    ),
    *variants(
        OTHER, {}, LZMA, BZ2, SPLIT, {**SPLIT, **BZ2}, {**SPLIT, **LZMA}, {**SPLIT, **EACH},
        {**RAW, "LC": "3"}, {**RAW, "LC": "0"}, {**SPLIT, **RAW, "LC": "0"},
        {key: text.replace("STEP", "1") for key, text in DELTA.items()},
        {key: text.replace("STEP", "2") for key, text in DELTA.items()} | EACH,
        {"there(data), 9)": "data[: len(data) // 2], 9)"}, {"return back(zlib.decompress(data))": "return b''"},
        {"zlib.compress(there(data), 9)": "data.compress()"},
    ),
)  # fmt: skip
TASK = Task(
    name="packing", description="Pack three kinds of data into fewer bytes, losing nothing.", core=CORE, seed=SEED,
    texts=TEXTS, tunable=True,
)  # fmt: skip
