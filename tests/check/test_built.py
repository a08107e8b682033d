"""The sandbox of a check: what a planted program carries is what its build left, and nothing else is changed."""

from selfwright.check.built import PlantedSandbox, carrying
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from tests.check.inline import InlineSandbox

BUILD = ("sh", "-c", "echo built; echo true >out")


def said(files: dict[str, bytes], argv: tuple[str, ...]) -> tuple[bytes, dict[str, bytes]]:
    sandbox = PlantedSandbox(InlineSandbox(), build=BUILD)
    job = Job(files=files, guest="", limits=Limits())
    reply = sandbox.execute(job, argv, stdin=b"", files={}, produce=("out",))
    return reply.payload, dict(reply.files)


def test_only_a_program_that_carries_products_is_not_built() -> None:
    assert said({"p.c": b"x"}, BUILD) == (b"built\n", {"out": b"true\n"})
    carries = carrying({"p.c": b"x"}, {"out": b"planted", "bin/more": b"m"})
    assert said(carries, BUILD) == (b"", {"out": b"planted", "bin/more": b"m"})
    assert said(carries, ("cat", "p.c")) == (b"x", {})
