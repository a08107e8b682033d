"""It proposes nothing, and suits a run that any other proposer joins later."""

from selfwright.bootstrap import make_proposer
from selfwright.evolve.run import lag_for
from selfwright.ports.proposer import Proposer
from selfwright.proposers.person import Person
from selfwright.testing.proposer import PlainAsk


def test_nobody_is_asked():
    person = make_proposer(["person"])
    assert isinstance(person, Person) and isinstance(person, Proposer)
    assert person.ask(PlainAsk(programs={"v0": {"p.py": b"N = 3\n"}})) is None


def test_whatever_proposer_comes_later_suits_its_run():
    assert lag_for(Person()) <= min(lag_for(make_proposer([name])) for name in ("numeric", "person"))
