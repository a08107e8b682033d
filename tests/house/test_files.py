"""Names and texts of all files obey the rules of the house; and each rule finds a planted offender."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import rules, tree

Rule = Callable[[Path], list[str]]

# Where a text of the specification prescribes an emoji: file -> the signs, and which text it is. None elsewhere; a room
# that comes later adds its line here.
QUOTED = {
    "src/selfwright/audit/message.py": ("\U0001f916", "commit messages begin with it (A, B)"),
    "tests/audit/test_message.py": ("\U0001f916", "the same texts, held against the code"),
    "tests/journeys/test_run.py": ("\U0001f916", "the same texts, as git log shows them"),
}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.ROOT)


def offences(rule: Rule, paths: list[Path]) -> str:
    return "\n".join(line for path in paths for line in rule(path))


def quoted_emoji(path: Path) -> list[str]:
    return rules.emoji(path, QUOTED.get(path.as_posix(), ("", ""))[0])


def test_the_tree_has_files() -> None:
    assert {Path("pyproject.toml"), Path("tests/house/rules.py")} <= set(tree.files())


def test_names_say_something() -> None:
    assert not offences(rules.vague_name, list(tree.files()))


def test_there_are_no_status_documents() -> None:
    documents = [path for path in tree.files() if "prompts" not in path.parts]
    assert not offences(rules.status_document, documents)


def test_no_file_names_a_package_registry() -> None:
    assert not offences(rules.registry_hosts, tree.texts())


def test_emoji_stand_only_where_the_specification_puts_them() -> None:
    assert not offences(quoted_emoji, tree.texts())


@pytest.mark.parametrize(("name", "most"), [("README.md", 120), ("examples/mini.py", 150)])
def test_the_first_five_minutes_are_short(name: str, most: int) -> None:
    path = Path(name)
    if path.exists():  # until it is written
        assert not rules.lines(path, most)


def test_the_license_is_whole() -> None:
    text = Path("LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize(
    "name",
    [
        "src/utils.py",
        "src/x/helpers/a.py",
        "src/git_manager.py",
        "src/gate_v2.py",
        "src/v2/gate.py",
        "src/string_utils.py",
        "src/loop_old.py",
        "tests/util.py",
    ],
)
def test_a_vague_name_is_found(name: str) -> None:
    (found,) = rules.vague_name(Path(name))
    assert found.startswith(f"{name}:1: ")


@pytest.mark.parametrize(
    "name", ["src/utility.py", "src/versions.py", "src/managed.py", "src/selfwright/core/change.py"]
)
def test_a_telling_name_is_allowed(name: str) -> None:
    assert rules.vague_name(Path(name)) == []


@pytest.mark.parametrize("name", ["STATUS.md", "docs/todo.txt", "IMPLEMENTATION_SUMMARY.md", "git-fixes-complete.md"])
def test_a_status_document_is_found(name: str) -> None:
    (found,) = rules.status_document(Path(name))
    assert found.startswith(f"{name}:1: ")


@pytest.mark.parametrize(
    "name", ["docs/architecture.md", "src/selfwright/core/status.py", "docs/how-to/todo-list-tool.md"]
)
def test_a_document_is_allowed(name: str) -> None:
    assert rules.status_document(Path(name)) == []


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "pypi" + ".org/simple",
        "https://files.python" + "hosted.org/x",
        "-" + "-index-url https://example.com",
        "-" + "-extra-index-url=file:///x",
        "-" + "-find-links /opt/x",
        "index" + "-url = 'https://example.com'",
    ],
)
def test_a_registry_is_found(line: str, tmp_path: Path) -> None:
    path = tmp_path / "pins.txt"
    path.write_text(f"numpy==2.0\n{line}\n")
    (found,) = rules.registry_hosts(path)
    assert found.startswith(f"{path}:2: ")


def test_pins_are_no_registry(tmp_path: Path) -> None:
    path = tmp_path / "pins.txt"
    path.write_text("numpy==2.0 --hash=sha256:00\n# from PyPI, see https://example.com\n")
    assert rules.registry_hosts(path) == []


def test_an_emoji_is_found_unless_quoted(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\ny = '\U0001f916 \u2705 \U0001f6e0\ufe0f'\n", encoding="utf-8")
    (found,) = rules.emoji(path, quoted="\u2705")
    assert found.startswith(f"{path}:2: ")
    assert "\U0001f916" in found
    assert rules.emoji(path, quoted="\U0001f916\u2705\U0001f6e0\ufe0f") == []


def test_typography_is_no_emoji(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("a → b, 2 × 3 ≥ 5 – ✓ ✗ • ─► é ü 漢\n", encoding="utf-8")
    assert rules.emoji(path) == []
