"""docs/agents.md, followed to the letter; and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from selfwright.api.agents import AGENTS
from selfwright.config import Settings
from selfwright.proposers.agent import PRESETS
from tests.journeys.place import Place

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "agents.md").read_text()
README = (DOCS.parent / "README.md").read_text()


def test_the_first_agent_runs_as_the_page_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:toml|python)\n(.*?)```", README, re.DOTALL)
    small = {name: next(each for each in blocks if each.startswith(f"# small/{name}")) for name in (
        "problem.toml", "judge.py", "packer.py"
    )}  # fmt: skip
    for name, text in small.items():
        (tmp_path / "small").mkdir(exist_ok=True)
        (tmp_path / "small" / name).write_text(text)
    (agent,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "agent.py").write_text(agent)
    (tmp_path / "agent.py").chmod(0o755)
    section = PAGE.partition("## A first agent")[2].partition("\n## ")[0]
    commands = re.findall(r"^    selfwright (.*)$", section, re.MULTILINE)
    assert [each.split()[0] for each in commands] == ["run", "show"]
    here = Place(tmp_path)
    here.call(*commands[0].split())
    shown = here.call(*commands[1].split()).stdout
    assert "adopted" in shown and "Half of the first number may do." in shown


def test_every_agent_and_setting_is_named() -> None:
    named = re.findall(r"^\| `(agent[\w-]*):(\w+)` \|", PAGE, re.MULTILINE)
    assert {kind for kind, _ in named} == set(AGENTS)
    assert [name for _, name in named if name != "COMMAND"] == list(PRESETS)
    for name in ("agent_variables", "agent_folders", "agent_wall_s", "agent_usd", "agent_tokens", "agents_at_once"):
        assert name in Settings.model_fields and f"SELFWRIGHT_{name.upper()}" in PAGE
