"""What a watched sandbox remembers, and what it says of the rest."""

from pathlib import Path

from selfwright.bench.candidate import Candidate
from selfwright.check import WatchedSandbox
from selfwright.check.seen import read_seen
from selfwright.core.limits import Limits
from tests.check.inline import InlineSandbox

PROGRAM = b"def small(x):\n    return x\ndef large(x):\n    return x\n"


def test_what_is_too_large_is_named(tmp_path: Path) -> None:
    sandbox = WatchedSandbox(InlineSandbox(), folder=tmp_path, most_bytes=2000)
    candidate = Candidate(files={"p.py": PROGRAM}, program="p.py", sandbox=sandbox, limits=Limits())
    assert candidate.call("large", bytes(3000)).value == bytes(3000)
    assert candidate.call("small", 1).value == 1
    assert candidate.call("small", bytes(3000)).value == bytes(3000)
    assert len(candidate.run(["cat", "-", "p.py"], stdin=bytes(3000)).value) == 3000 + len(PROGRAM)
    seen = read_seen(tmp_path)
    assert seen.functions == ["small"] and [call.result for call in seen.calls] == [1]
    assert seen.left_out == ("large", "cat - p.py")
