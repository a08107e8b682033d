"""What docs/python.md shows runs as it stands there, in a script."""

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
README = (DOCS.parent / "README.md").read_text()
PAGE = (DOCS / "python.md").read_text()


def test_the_examples_of_the_page_run_one_after_the_other(tmp_path):
    (tmp_path / "small").mkdir()
    for name, text in re.findall(r"```\w+\n# (small/[^\s:]+).*?\n(.*?)```", README, re.DOTALL):
        (tmp_path / name).write_text(text)
    script = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    # One search instead of two minutes of it: what a gain looks like, tests/api says.
    assert script.count('proposer="mutate", wall="2m"') == 1
    script = script.replace('proposer="mutate", wall="2m"', 'proposer="person", workers=1')
    (tmp_path / "page.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "v0 after 0 verdicts"
    assert "common: nothing is proven better (0 proposals, 0 undecided)" in said
    assert re.search(r"^t1 adopted: bytes .* better than v0", done.stdout, re.MULTILINE), done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {".selfwright", "mine", "page.py", "small"}
