"""What the source says of a function: impure ones are told, pure ones are let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfwright.core.errors import Unfit
from selfwright.oracle.purity import check_purity
from selfwright.oracle.target import Target, find_target


def target(folder: Path, source: str) -> Target:
    (folder / "m.py").write_text(source)
    return find_target(f"{folder}/m.py:f")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import time\ndef f(x): return x + time.time()", r"m.py:2: f uses the clock \(time.time\)"),
        ("from datetime import datetime\ndef f(x): return datetime.now()", "the clock"),
        ("import random as r\ndef f(x): return r.choice(x)", r"chance \(r.choice\)"),
        ("from random import choice\ndef f(x): return choice(x)", "chance"),
        ("def f(x):\n    with open(x) as file: return file.read()", r"files \(open\)"),
        ("import os\ndef f(x): return os.environ[x]", "the environment"),
        ("import os\ndef f(x): return os.path.exists(x)", "files"),
        ("def f(x): print(x)", "the terminal.*return the text"),
        ("n = 0\ndef f(x):\n    global n\n    n += x\n    return n", r"m.py:3: f changes or reads a global \(n\)"),
        (
            "n = 0\ndef g():\n    global n\n    n += 1\ndef f(x): return x + n",
            r"m.py:5: f changes or reads a global \(n\)",
        ),
        ("known = {}\ndef f(x):\n    known[x] = 1\n    return known", r"a global \(known\)"),
        ("known = []\ndef f(x):\n    known.append(x)\n    return len(known)", r"a global \(known\)"),
        ("import time\ndef f(x): return g(x)\ndef g(x): return time.time()", r"g, which f calls, uses the clock"),
    ],
)
def test_what_is_impure_is_told_with_its_mend(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as unfit:
        check_purity(target(tmp_path, source))
    assert unfit.value.why == "impure"


@pytest.mark.parametrize(
    "source",
    [
        "import os, time\ndef f(x): return os.path.join(x, 'a')\ndef g(): return time.time()",
        "TABLE = {1: 2}\ndef f(x): return TABLE[x]",
        "known = []\ndef f(x):\n    known = [x]\n    known.append(1)\n    return known",
        "import datetime\ndef f(x): return datetime.timedelta(x)",
        "def f(open): return open(1)",
        "def f(x):\n    x.append(1)\n    x[0] = 2\n    return x",
        "from .random import choice\ndef f(x): return choice(x)",
    ],
)
def test_what_is_pure_is_let_through(tmp_path: Path, source: str) -> None:
    check_purity(target(tmp_path, source))
