"""The page of the problem file says of its limits what they are."""

import re
import tomllib
from pathlib import Path

from selfwright.bench.schema import BuildEntry, LimitsEntry

PAGE = (Path(__file__).parents[2] / "docs/problem.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| `([^`]+)` \| (?:`([^`]+)`)? ?\|", re.MULTILINE)


def test_the_limits_and_their_defaults_are_those_of_the_problem_file():
    _, _, section = PAGE.partition("\n## What a call may do\n")
    rows = ROW.findall(section.partition("\n## ")[0])
    said = tomllib.loads("\n".join(f"{key} = {default}" for key, default, _ in rows))
    assert said == LimitsEntry().model_dump(mode="json")
    built = tomllib.loads("\n".join(f"{key} = {default}" for key, _, default in rows if default))
    required = {"command": ["cc"], "produce": ["a.so"]}
    assert required | built == BuildEntry.model_validate(required).model_dump(mode="json")
