"""The live line: how far the run is, of how much."""

import io
import sys

from selfwright.cli.progress import Progress
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, proposal


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bound_is_that_of_the_run_whoever_gave_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    Toy(tmp_path).run(ScriptedProposer([proposal(90), proposal(80)], lag=1), trials=2, observe=Progress().observe)
    assert "1/2 trials, about " in terminal.getvalue()
