"""The values of the variables that an agent was given: taken out of whatever it says, looked for in what it leaves."""

import base64
import json
import re
from collections.abc import Mapping
from urllib.parse import quote

SHORTEST = 8
"""Characters of a value that is kept secret: a shorter one (1, true, a region) says nothing, and stands everywhere."""

_DROPPED = re.compile(r"\n\.\.\. \d+ bytes more were dropped\n\Z")


class Secrets:
    """What must not be told.

    Args:
        variables: Name → value.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._forms = {
            form: name
            for name, value in variables.items()
            if len(value) >= SHORTEST
            for form in (
                value, json.dumps(value)[1:-1], quote(value, safe=""), base64.b64encode(value.encode()).decode(),
            )
        }  # fmt: skip

    def redacted(self, text: str) -> str:
        """Return a text with names of variables in the place of their values, of one that is cut off at its end too."""
        for form, name in sorted(self._forms.items(), key=lambda each: -len(each[0])):
            text = text.replace(form, f"[{name}]")
        dropped = _DROPPED.search(text)
        kept, rest = (text[: dropped.start()], dropped[0]) if dropped else (text, "")
        for form, name in self._forms.items():
            for size in range(len(form) - 1, SHORTEST // 2, -1):
                if kept.endswith(form[:size]):
                    kept = f"{kept[:-size]}[{name}]"
        return kept + rest

    def found_in(self, content: bytes) -> str:
        """Return the name of a variable whose value stands in a content; empty where none does."""
        return next((name for form, name in self._forms.items() if form.encode() in content), "")
