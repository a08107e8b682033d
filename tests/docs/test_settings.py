"""The page of settings says what the settings say."""

from pathlib import Path

from selfwright.config import Settings

PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text()


def test_every_setting_has_its_line_and_no_line_is_left_over():
    lines = [
        f"| `SELFWRIGHT_{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    assert [line for line in PAGE.splitlines() if line.startswith("| `")] == lines
