"""Which file an answer speaks of: paths are said in many places and ways."""

import re
from collections.abc import Collection, Sequence

_TOKEN = re.compile(r"[\w./\\-]*\w")
_ALONE = re.compile(
    r"""^[\s#*>/;`"'(\[-]*(?:(?:in|new|the|full|updated?|edit(?:ed)?|modif(?:y|ied)|create[ds]?|complete|delete)\s+)*
    (?:file(?:\s?name)?|path)?\s*[:=]?[\s*`"']*(?P<path>[\w./\\-]*\w\.\w+|[\w.-]+(?:/[\w.-]+)+)[\s*`"'):,\]]*
    (?:\((?:new|updated|modified|full|complete)(?:\sfile)?\)|-->)?[\s*:]*$""",
    re.IGNORECASE | re.VERBOSE,
)


class Paths:
    """Knows the files that there are.

    Args:
        known: Their paths.
    """

    def __init__(self, known: Collection[str]) -> None:
        self.known = tuple(sorted(known))

    def resolve(self, said: str) -> str:
        """Return the known file that is meant, else the path as it was said, without what is never part of one."""
        path = said.strip().strip("`*'\"").replace("\\", "/")
        for prefix in ("", "./", "a/", "b/", "/"):
            if path.startswith(prefix) and path.removeprefix(prefix) in self.known:
                return path.removeprefix(prefix)
        ends = [each for each in self.known if path.endswith(f"/{each}") or each.endswith(f"/{path}")]
        return ends[0] if path and len(ends) == 1 else path.removeprefix("./")

    def alone(self, line: str) -> str:
        """Return the path that a line consists of, decoration apart; or nothing."""
        found = _ALONE.match(line)
        return self.resolve(found["path"]) if found else ""

    def nearest(self, lines: Sequence[str]) -> str:
        """Return the file that the lines above a piece name, the nearest first; or nothing.

        A line that is a path counts before one that only mentions a known file, and that one only if it mentions one.
        """
        for line in reversed(lines):
            if path := self.alone(line):
                return path
        for line in reversed(lines):
            mentioned = {self.resolve(token) for token in _TOKEN.findall(line)} & set(self.known)
            if len(mentioned) == 1:
                return mentioned.pop()
        return ""
