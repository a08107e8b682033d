"""The corpus: every attack, by class, each with one line that says what must not happen.

An attack is a function in ``attacks/<class>.py``, which is the candidate's program. It is called with the target (real
paths, ports, process ids, key names), and returns honestly what it got:

- a value that holds a secret of the host, if it found one; the host searches for it;
- ``{"got": what}``, where only the attacker can tell that it won;
- ``{"took": what, "amount": n, "most": m}``, ``{"burnt_s": s}``, ``{"slept_s": s}``, which the host holds against its
  bounds;
- ``{"lacks": what}`` where this machine has no such door.

``import_<name>`` attacks while the program is imported; ``command_<name>`` is run as a command, whose ``result.bin``,
``part/canary`` and ``result.npy`` are brought back; ``<name>_then`` is called in the next box.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ATTACKS = Path(__file__).with_name("attacks")
CLASSES = ("time_and_size", "secrets", "network", "files", "system", "judge", "leaks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One hostile program.

    Attributes:
        family: Its class, and the file that holds it.
        function: Its function in that file.
        forbidden: What must not happen.
        then: The function that the next box is asked for; may be empty.
    """

    family: str
    function: str
    forbidden: str
    then: str = ""

    @property
    def name(self) -> str:
        """How tables and tests call it."""
        return f"{self.family}/{self.function}"

    @property
    def at_import(self) -> bool:
        """Whether it attacks while it is imported."""
        return self.function.startswith("import_")

    @property
    def by_command(self) -> bool:
        """Whether it is run as a command."""
        return self.function.startswith("command_")

    def source(self, target: object) -> str:
        """The program."""
        source = (ATTACKS / f"{self.family}.py").read_text()
        if not self.at_import:
            return source
        return f"{source}\n\ndef nothing(target):\n    pass\n\n\n{self.function}({target!r})\n"


@cache
def corpus() -> dict[str, Attack]:
    """Every attack by its name, in the order of the files."""
    found = [attack for family in CLASSES for attack in _attacks(family)]
    return {attack.name: attack for attack in found}


def _attacks(family: str) -> list[Attack]:
    """The functions that take a target and nothing else, and say in a docstring what must not happen."""
    tree = ast.parse((ATTACKS / f"{family}.py").read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {node.name for node in functions}
    return [
        Attack(
            family=family,
            function=node.name,
            forbidden=forbidden,
            then=f"{node.name}_then" if f"{node.name}_then" in names else "",
        )
        for node in functions
        if [argument.arg for argument in node.args.args] == ["target"]
        and (forbidden := ast.get_docstring(node) or "").split(" ", 1)[0] in BEGINNINGS
    ]


BEGINNINGS = ("No", "Nobody", "Nothing", "A", "The")
"""How a line begins that says what must not happen."""
