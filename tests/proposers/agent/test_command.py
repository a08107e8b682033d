"""Commands as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfwright.core.errors import BadInput
from selfwright.proposers.agent import PRESETS, Command, absolute
from selfwright.testing.refusal import refused


@pytest.mark.parametrize("text", ["", "  ", "a 'b"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with refused(BadInput, "agent"):
        Command.parse(text)


def test_a_known_agent_asks_nobody_and_takes_more_arguments() -> None:
    def words(text: str, usd: float | None = None) -> str:
        return " ".join(Command.parse(text).arguments(task="TASK.md", files=["p.py"], usd=usd))

    assert words("claude --model opus", 1.5).endswith("--max-budget-usd 1.5 --model opus")
    assert "--output-format json" in words("claude") and "budget" not in words("claude")
    assert words("codex -m x").startswith("exec --json") and words("codex -m x").endswith("-m x -")
    assert "--approval-mode yolo" in words("gemini")
    assert words("aider").endswith("--message-file TASK.md p.py")


def test_a_known_agent_needs_the_network_and_says_what_that_means() -> None:
    for name in PRESETS:
        with refused(BadInput, f"agent-online:{name} x. It means that the agent can send what it is shown"):
            Command.parse(f"{name} x").check(online=False)
        Command.parse(name).check(online=True)
    Command.parse("./anything").check(online=False)


def test_any_other_command_is_run_as_given_its_files_named_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.py").touch()
    text = "python3 './a b.py' p.py --to=./x"
    assert absolute(text) == f"python3 '{tmp_path}/a b.py' p.py --to=./x"
    command = Command.parse(text)
    assert command.arguments(task="T", files=["p.py"], usd=None) == [f"{tmp_path}/a b.py", "p.py", "--to=./x"]
    assert command.short == "python3 'a b.py' p.py x"
