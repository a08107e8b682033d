"""What docs/proposers.md names is there, and nothing that is there is missing."""

import re
from pathlib import Path

from selfwright.api.agents import AGENTS
from selfwright.bootstrap import MODELS, PROPOSERS
from selfwright.proposers.literal import find_literals, wrong_marks
from selfwright.proposers.mutation.kind import SPEED
from selfwright.proposers.mutation.mutant import ALL_KINDS
from selfwright.proposers.numeric import SEARCHES, make_numeric

PAGE = (Path(__file__).parents[2] / "docs/proposers.md").read_text()
PAGE_OF_MODELS = Path(__file__).parents[2] / "docs/models.md"


def table(title: str) -> list[str]:
    """Return the first column of the table below a title, its names only."""
    section = f"\n{PAGE}".partition(f"\n{title}\n")[2].partition("\n## ")[0]
    return [
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]


def test_every_proposer_search_and_kind_is_named():
    assert {name.partition(":")[0] for name in table("# Proposers without a model")} == set(PROPOSERS) - {
        *MODELS,
        *AGENTS,
    }
    models = re.findall(r"^\| `(\w+):MODEL` \|", PAGE_OF_MODELS.read_text(), re.MULTILINE)
    assert models == list(MODELS)
    searches = table("## `numeric`")
    assert searches[:2] == ["--proposer", "numeric"]
    assert {name.partition(":")[2] for name in searches[2:]} == set(SEARCHES)
    assert make_numeric("tpe:8").lag == 8
    assert table("## `mutate`") == list(ALL_KINDS)
    assert list(ALL_KINDS)[: len(SPEED)] == list(SPEED)


def test_the_marks_read_as_the_page_says():
    text = "".join(f"{line.strip()}\n" for line in PAGE.splitlines() if "# tune" in line)
    assert wrong_marks({"p.py": text.encode()}) == []
    found = {each.name: each.bounds for each in find_literals(text)}
    assert (found["STEP"].low, found["STEP"].high) == (14, 30)
    assert (found["WEIGHT"].low, found["WEIGHT"].log) == (0.001, True)
    assert found["BLOCK"].choices == (4, 8, 16)
    assert found["MODE"].choices == ("fast", "slow", None)
    assert (found["DRAW"].low, found["DRAW"].high, found["DRAW"].ordered) == (0, 9999, False)
    assert (found["LEVEL"].low, found["LEVEL"].high) == (1, 24)
