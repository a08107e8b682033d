"""The fakes keep the contracts of what they stand for."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from selfwright.core.adoption import Revision
from selfwright.core.brief import Failure
from selfwright.core.change import Proposal, tree_of
from selfwright.core.status import TrialStatus
from selfwright.ports.adopter import Adopter
from selfwright.ports.blobs import Blobs
from selfwright.ports.clock import Clock
from selfwright.ports.engine import Engine
from selfwright.ports.journal import Journal
from selfwright.ports.model import Model
from selfwright.ports.proposer import Proposer, Repairer
from selfwright.testing import (
    AdopterContract,
    BlobsContract,
    EngineContract,
    FakeClock,
    FunctionEngine,
    FunctionModel,
    JournalContract,
    MemoryAdopter,
    MemoryBlobs,
    MemoryJournal,
    ModelContract,
    PlainAsk,
    ProposerContract,
    ScriptedProposer,
    ScriptedRepairer,
    Stream,
    finish_last_first,
    judge_toy,
    toy_adoption,
    toy_order,
)
from selfwright.testing.model import Says
from selfwright.testing.refusal import refused
from tests.house import tree

SCRIPT = tuple(Proposal(files={"toy.py": b"LENGTH = %d\n" % length}) for length in (9, 8, 7))


class TestMemoryJournal(JournalContract):
    def setup_method(self) -> None:
        self.streams: defaultdict[Path, Stream] = defaultdict(Stream)

    def open(self, folder: Path, clock: Clock) -> Journal:
        return MemoryJournal(clock=clock, stream=self.streams[folder])


class TestFunctionModel(ModelContract):
    def make(self, says: Says) -> Model:
        return FunctionModel(says=says)


class TestMemoryBlobs(BlobsContract):
    def setup_method(self) -> None:
        self.stores: defaultdict[Path, MemoryBlobs] = defaultdict(MemoryBlobs)

    def open(self, folder: Path) -> Blobs:
        return self.stores[folder]


class TestFunctionEngine(EngineContract):
    def make(self, folder: Path) -> Engine:
        return FunctionEngine(judge_toy, cases={"full": ("a", "b")})


class TestFunctionEngineOutOfOrder(EngineContract):
    def make(self, folder: Path) -> Engine:
        return FunctionEngine(judge_toy, cases={"full": ("a", "b")}, finish=finish_last_first)


class TestMemoryAdopter(AdopterContract):
    def setup_method(self) -> None:
        self.adopters: defaultdict[Path, MemoryAdopter] = defaultdict(MemoryAdopter)

    def make(self, folder: Path) -> Adopter:
        return self.adopters[folder]

    def files_of(self, folder: Path, revision: Revision) -> Mapping[str, bytes]:
        adopter = self.adopters[folder]
        return adopter.adopted[adopter.revisions.index(revision)].files


class TestScriptedProposer(ProposerContract):
    def make(self, folder: Path) -> Proposer:
        return ScriptedProposer(SCRIPT)


class TestScriptedRepairer(ProposerContract):
    def make(self, folder: Path) -> Proposer:
        return ScriptedRepairer(SCRIPT, repairs={}, lag=1)


def test_only_a_repairer_can_repair() -> None:
    ask = PlainAsk(programs={}, trial=1, attempt=1)
    failure = Failure(where="execution", status=TrialStatus.CRASHED, reason="exit code 3")
    repairer = ScriptedRepairer(SCRIPT, repairs={1: SCRIPT[1:2]})
    assert isinstance(repairer, Repairer)
    assert not isinstance(ScriptedProposer(SCRIPT), Repairer)
    assert repairer.repair(ask, SCRIPT[0], failure) == SCRIPT[1]
    ask.attempt = 2
    assert repairer.repair(ask, SCRIPT[1], failure) is None
    assert (repairer.failures, repairer.asked) == ([failure, failure], [(1, 1), (1, 2)])


def test_blocks_may_finish_out_of_order_as_far_as_there_are_workers() -> None:
    engine = FunctionEngine(judge_toy, cases={}, workers=3, finish=finish_last_first)
    for number in range(5):
        engine.submit(toy_order(str(number), f"say {number}"))
    assert [engine.wait(0)[0].key for _ in range(5)] == ["2", "3", "4", "1", "0"]


def test_a_fake_clock_goes_on_when_it_is_told() -> None:
    clock = FakeClock(start_s=100.0)
    assert (clock.now_s(), clock.monotonic_s()) == (100.0, 0.0)
    clock.advance(2.5)
    assert (clock.now_s(), clock.monotonic_s()) == (102.5, 2.5)
    with pytest.raises(ValueError, match="can not go back"):
        clock.advance(-1)


def test_an_adopted_commit_is_made_of_its_content() -> None:
    files = {"toy.py": b"LENGTH = 10\n"}
    first, same = (MemoryAdopter().adopt(toy_adoption(0, files, parent=None)) for _ in range(2))
    assert first == same
    other = MemoryAdopter().adopt(toy_adoption(0, {"toy.py": b"LENGTH = 9\n"}, parent=None))
    assert (first.commit == other.commit, first.tree == other.tree) == (False, False)
    assert toy_adoption(0, files, parent=None).change.tree == tree_of(files)


def test_an_expected_error_must_come_and_say_its_words() -> None:
    with refused(KeyError, "a word"):
        raise KeyError("a word")
    with pytest.raises(AssertionError, match="KeyError was expected"), refused(KeyError):
        pass
    with pytest.raises(AssertionError, match="'a word' is not in the message"), refused(KeyError, "a word"):
        raise KeyError("nothing")
    with pytest.raises(OSError, match="another"), refused(KeyError):
        raise OSError("another")


def test_the_room_needs_no_pytest() -> None:
    code = "import sys, selfwright.testing; print([m for m in sys.modules if m.split('.')[0] in ('pytest', 'psutil')])"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tree.SRC)!r}); {code}"]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "[]\n"
