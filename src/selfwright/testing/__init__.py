"""Contract suites and fakes that ship, so that an adapter from outside can prove itself.

A suite is a class to inherit from; pytest runs what it brings. The fakes are code that keeps the same contracts, for
tests of what stands above the ports. Nothing in ``src`` may import this room.
"""

from selfwright.testing.adopter import AdopterContract, MemoryAdopter, toy_adoption
from selfwright.testing.blobs import BlobsContract, MemoryBlobs
from selfwright.testing.clock import FakeClock
from selfwright.testing.engine import TOY, EngineContract, FunctionEngine, finish_last_first, judge_toy, toy_order
from selfwright.testing.journal import JournalContract, MemoryJournal, Stream
from selfwright.testing.model import FunctionModel, ModelContract
from selfwright.testing.proposer import PlainAsk, ProposerContract, ScriptedProposer, ScriptedRepairer
from selfwright.testing.sandbox import SandboxContract

__all__ = [
    "AdopterContract",
    "BlobsContract",
    "EngineContract",
    "FakeClock",
    "FunctionEngine",
    "FunctionModel",
    "JournalContract",
    "MemoryAdopter",
    "MemoryBlobs",
    "MemoryJournal",
    "ModelContract",
    "PlainAsk",
    "ProposerContract",
    "SandboxContract",
    "ScriptedProposer",
    "ScriptedRepairer",
    "Stream",
    "TOY",
    "finish_last_first",
    "judge_toy",
    "toy_adoption",
    "toy_order",
]
