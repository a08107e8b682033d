"""What the README tells a newcomer to write and to type works as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text()
SELFWRIGHT = str(Path(sys.executable).parent / "selfwright")


def test_the_problem_of_the_readme_runs_and_gets_better(tmp_path):
    blocks = re.findall(r"```\w+\n# ([^\s:]+).*?\n(.*?)```", README, re.DOTALL)
    written = dict(blocks)
    assert set(written) == {"small/problem.toml", "small/judge.py", "small/packer.py"}
    (tmp_path / "small").mkdir()
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    command = next(line.split("#")[0].split() for line in README.splitlines() if "run small --trials" in line)
    done = subprocess.run(
        [SELFWRIGHT, *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "adopted as v1" in done.stderr
    log = subprocess.run(
        [SELFWRIGHT, "log", "small", "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert {json.loads(line)["origin"] for line in log.splitlines()} == {"tuning"}


def test_every_command_of_the_readme_exists():
    known = subprocess.run([SELFWRIGHT, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    for command in set(re.findall(r"(?:^    |`)selfwright (\w+)", README, re.MULTILINE)):
        assert f"\n  {command} " in known, command
