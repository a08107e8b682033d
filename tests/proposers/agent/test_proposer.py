"""Agents that are real processes, good and hostile, in the strongest sandbox that there is here."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from selfwright.api.confinement import strongest_sandbox
from selfwright.bootstrap import make_sandbox
from selfwright.core.brief import Failure
from selfwright.core.budget import Budget
from selfwright.core.change import Cost, Proposal
from selfwright.core.errors import Unavailable
from selfwright.core.setup import AgentSetup
from selfwright.ports.interruptible import Interruptible
from selfwright.ports.priced import Priced
from selfwright.ports.proposer import Repairer
from selfwright.ports.sandbox import Sandbox
from selfwright.proposers.agent import AgentProposer, Command, given_of
from selfwright.testing.proposer import BRIEF, PlainAsk
from selfwright.testing.refusal import refused

KEY = "sk-CANARY-5e1f77"
ASK = PlainAsk(
    programs={"v0": {"toy.py": b"LENGTH = 10\nWIDTH = 2.5\n"}}, brief=replace(BRIEF, beside={"data.txt": b"read me"})
)
SHORTER = "open('toy.py', 'w').write('LENGTH = 9\\nWIDTH = 2.5\\n')\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with closing(make_sandbox(strongest_sandbox(trusted=False))) as made:
        yield made


def agent(
    code: str, sandbox: Sandbox, *, online: bool = False, wall_s: float = 30, usd: float | None = None
) -> AgentProposer:
    command = Command(words=("python3", "-c", code))
    setup = AgentSetup(
        variables={"A_KEY": KEY}, folders=(), wall_s=wall_s, memory_mb=512, usd=usd, tokens=5000, prompt_bytes=16_000,
        at_once=1,
    )  # fmt: skip
    given = given_of("python3", setup, online=online, program=sys.executable, search=())
    return AgentProposer(command, name="agent:stub", sandbox=sandbox, given=given, prompt_bytes=16_000)


def proposal(code: str, sandbox: Sandbox, *, wall_s: float = 30) -> Proposal:
    made = agent(code, sandbox, wall_s=wall_s).ask(ASK)
    assert made is not None
    return made


def test_what_it_leaves_is_the_change(sandbox: Sandbox) -> None:
    asked = agent(f"import sys; print('heard', len(sys.stdin.read())); {SHORTER}", sandbox, usd=2.0)
    assert isinstance(asked, Priced) and isinstance(asked, Repairer) and isinstance(asked, Interruptible)
    assert asked.most == Cost(usd=2.0, tokens_in=5000)
    made = asked.ask(ASK)
    assert made is not None
    assert (made.files, made.fault) == ({"toy.py": b"LENGTH = 9\nWIDTH = 2.5\n"}, "")
    assert (made.parent, made.proposer, made.cost) == ("v0", "agent:stub", Cost(usd=None))
    assert re.fullmatch(r"heard \d{4,}", made.reason) and made.reason in made.transcript


def test_the_task_says_what_a_model_is_told_and_is_a_file_too(sandbox: Sandbox) -> None:
    code = (
        "import os, sys; t = sys.stdin.read(); assert t == open(os.environ['SELFWRIGHT_TASK']).read(); print(t);"
        "print(sorted(os.listdir()), open('data.txt').read())"
    )
    told = proposal(code, sandbox).transcript
    for words in (
        "Make it small.",
        "You have 30 seconds",
        "no network",
        "data.txt",
        "['TASK.md', 'data.txt', 'toy.py']",
    ):
        assert words in told


def test_what_a_budget_is_to_hold_counts_as_the_most_where_it_is_not_said(sandbox: Sandbox) -> None:
    made = agent(SHORTER, sandbox, usd=2.0).ask(replace(ASK, left=Budget(tokens=9000, usd=5.0)))
    assert made is not None and made.cost == Cost(usd=2.0, tokens_in=5000)


def test_a_failure_is_laid_before_it_and_it_gives_up(sandbox: Sandbox) -> None:
    code = "t = open('toy.py').read(); print(open('TASK.md').read()); open('toy.py', 'w').write(t.replace('(', '7'))"
    asked = agent(code, sandbox)
    last = Proposal(files={"toy.py": b"LENGTH = (\n"}, parent="v0", proposer="agent:stub")
    failure = Failure(where="validation", status=None, reason="does not parse")
    again = asked.repair(replace(ASK, attempt=1), last, failure)
    assert again is not None and again.files == {"toy.py": b"LENGTH = 7\n"}
    assert "as you left it" in again.transcript and "does not parse" in again.transcript
    assert asked.repair(replace(ASK, attempt=3), last, failure) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("print('nothing to do')", "it left the program as it was"),
        ("open('notes.md', 'w').write('x')", "as it was; what it wrote (notes.md) is not part of it"),
        (f"{SHORTER}\nraise SystemExit(3)", "the agent failed: exit code 3 (it has no network: agent-online:COMMAND"),
        ("import os; os.remove('toy.py'); os.symlink('/etc/passwd', 'toy.py')", "toy.py is a link to /etc/passwd now"),
        ("import os; os.mkfifo('more.py')", "more.py is no regular file now"),
        ("import os; os.remove('data.txt'); open('toy.py', 'a').write('# x')", "it changed data.txt, which is locked"),
        ("open('toy.py', 'wb').write(bytes(99))", "toy.py is no text any more"),
        ("import os; open('toy.py', 'w').write(os.environ['A_KEY'])", "it wrote the value of A_KEY into toy.py"),
        ("import sys; [sys.stdout.write('x' * 1_000_000) for _ in range(99)]", "output limit of 16 MiB"),
        ("b = bytearray(1 << 30); b[::4096] = b[::4096]; print(len(b))", "the agent failed"),
        ("f = open('big.py', 'wb'); [f.write(bytes(1 << 20)) for _ in range(1 << 10)]", "the agent failed"),
    ],
)  # fmt: skip
def test_what_can_not_be_taken_is_said(code: str, fault: str, sandbox: Sandbox) -> None:
    made = proposal(code, sandbox)
    assert fault in made.fault
    assert KEY not in f"{made.transcript}{made.files}{made.reason}{made.fault}"


def test_its_deadline_ends_it_with_all_that_it_started(sandbox: Sandbox) -> None:
    code = (
        "import os, time\nif os.fork() == 0:\n  os.setsid(); os.execvp('sleep', ['sleep', '98765.25'])\n"
        f"{SHORTER}while True: time.sleep(1)"
    )
    made = proposal(code, sandbox, wall_s=1)
    assert "no answer within 1 s; SELFWRIGHT_AGENT_WALL_S" in made.fault
    assert not _sleeping("98765.25")


def test_a_child_that_outlives_it_does_not(sandbox: Sandbox) -> None:
    code = f"import os\n{SHORTER}if os.fork() == 0:\n  os.setsid(); os.execvp('sleep', ['sleep', '98765.5'])\n"
    assert not proposal(code, sandbox).fault
    assert not _sleeping("98765.5")


def test_it_finds_no_judge_no_history_no_token_and_no_network(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFWRIGHT_ANTHROPIC_API_KEY", "sk-ELSEWHERE-1234")
    for name in ("judge.py", "problem/.git/config", ".netrc"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("CANARY")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"""
import os, socket
for path in {[str(tmp_path / name) for name in ("judge.py", "problem/.git/config", ".netrc")]}:
    try: print("READ", open(path).read())
    except OSError as error: print("held", error.strerror)
for where in (("127.0.0.1", {port}), ("192.0.2.1", 80)):
    try: socket.create_connection(where, timeout=2); print("REACHED")
    except OSError as error: print("held", error.strerror)
print("ELSEWHERE" in str(os.environ), "CANARY" in os.environ["A_KEY"], os.path.exists(".git"), os.environ["A_KEY"])
for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
    try: print("LEAK" if b"ELSEWHERE" in open(f"/proc/{{pid}}/environ", "rb").read() else "", end="")
    except OSError: pass
"""
        told = proposal(code, sandbox).transcript.partition("--- standard output")[2]
    assert told.count("held") == 5
    assert "False True False [A_KEY]" in told
    assert not re.search("READ|REACHED|LEAK|CANARY", told)


def test_it_has_the_network_where_that_was_consented_to(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]})); print('reached')"
        made = agent(code, sandbox, online=True).ask(ASK)
    assert made is not None and "reached" in made.transcript and "no network" not in made.fault


def test_one_that_never_comes_to_anything_ends_the_sitting(sandbox: Sandbox) -> None:
    asked = agent("print('no key')", sandbox)
    assert asked.ask(ASK) and asked.ask(ASK)
    with refused(Unavailable, "nothing came of it 3 times in a row, lastly: it left the program as it was"):
        asked.ask(ASK)


def test_it_is_let_go_of_at_once() -> None:
    asked = agent(
        "import os; os.execvp('sleep', ['sleep', '98765.75'])", make_sandbox(strongest_sandbox(trusted=False))
    )
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            asked.ask(ASK)
        except Unavailable as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not _sleeping("98765.75"):
        thread.join(0.02)
    asked.interrupt()
    thread.join(20)
    assert [str(each) for each in raised] == ["agent:stub: it was let go of"]
    assert not _sleeping("98765.75")
    with refused(Unavailable, "let go of"):
        asked.ask(ASK)


def _sleeping(argument: str) -> bool:
    """Whether some process on this machine sleeps for so long."""
    return any(each.info["cmdline"] == ["sleep", argument] for each in psutil.process_iter(["cmdline"]))
