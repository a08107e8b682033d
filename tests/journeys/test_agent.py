"""A coding agent as the proposer, from the command line: a stub that is a real process, paid, killed, resumed."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.journeys.place import ENVIRONMENT, PROBLEM, Place, kill, read_until

KEY = "sk-CANARY-5e1f77"

STUB = """\
#!/usr/bin/env python3
import json, os, re, sys, time
text = open("p.py").read()
size = int(re.search(r"return ([0-9]+)", text)[1])
open("p.py", "w").write(text.replace(f"return {size}", f"return {size - 10}", 1))
if "wait" in sys.argv and size < 100:
    print("waiting", flush=True)
    time.sleep(300)
if "cheat" in sys.argv:
    open("judge.py", "w").write("def measure(candidate, case): return {'size': 1, 'quality': 40}\\n")
print(json.dumps({
    "type": "result", "subtype": "success", "is_error": False, "total_cost_usd": 0.25,
    "result": "Say less. " + os.environ.get("AGENT_KEY", ""), "usage": {"input_tokens": 100, "output_tokens": 20},
}))
"""
HANDED = ENVIRONMENT | {"SELFWRIGHT_AGENT_VARIABLES": "AGENT_KEY", "AGENT_KEY": KEY, "SELFWRIGHT_AGENT_USD": "0.3"}


def place(folder: Path) -> Place:
    made = Place.make(folder)
    (folder / "stub.py").write_text(STUB)
    (folder / "stub.py").chmod(0o755)
    return made


def test_an_agent_improves_a_program_within_its_budget_and_its_key_is_nowhere(tmp_path: Path) -> None:
    here = place(tmp_path)
    done = here.run(
        "--proposer", "agent:./stub.py", "--select", "incumbent", "--trials", "9", "--budget-usd", "0.7", env=HANDED
    )  # fmt: skip
    assert f"agent:{tmp_path}/stub.py: has no network; is given AGENT_KEY of your environment" in done.stderr
    assert [line["state"] for line in here.log()] == ["adopted"] * 2  # 0.50 of 0.70 USD, and a third may take 0.30
    assert "what comes next may take 0.30 USD" in done.stdout + done.stderr
    shown = here.call("show", "r", "t1", "--transcript").stdout
    assert "cost: 0.2500 USD, 100 tokens in, 20 out" in shown
    assert '"total_cost_usd": 0.25' in shown and "--- exit code 0" in shown and "[AGENT_KEY]" in shown
    assert "see --transcript" in here.call("show", "r", "t1").stdout
    assert "[AGENT_KEY]" in json.loads(here.call("show", "r", "t1", "--json").stdout)["transcript"]
    written = b"".join(path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file())
    assert KEY.encode() not in written and KEY not in done.stderr + done.stdout + shown


def test_kill_9_and_ctrl_c_end_the_agent_and_no_trial_is_lost_or_doubled(tmp_path: Path) -> None:
    here = place(tmp_path)
    running = here.start(
        "run", "toy", "--dir", "r", "--workers", "1", "--select", "incumbent", "--trials", "2",
        "--proposer", "agent:./stub.py wait",
    )  # fmt: skip
    read_until(running, "t1    adopted")
    kill(running)  # the second is being made, and ends with it
    again = here.start("resume", "r")
    read_until(again, "has no network")
    again.send_signal(signal.SIGINT)
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=30)
    (tmp_path / "stub.py").write_text(STUB.replace("time.sleep(300)", ""))
    here.call("resume", "r")
    assert [(line["id"], line["state"]) for line in here.log()] == [("t1", "adopted"), ("t2", "adopted")]


def test_a_judge_that_was_changed_is_refused_and_the_agent_is_told(tmp_path: Path) -> None:
    here = Place.make(tmp_path, problem=PROBLEM.replace('["p.py"]', '["*.py"]'))
    (tmp_path / "stub.py").write_text(STUB)
    (tmp_path / "stub.py").chmod(0o755)
    done = here.run("--proposer", "agent:./stub.py cheat", "--trials", "1")
    states = [line["state"] for line in here.log()]
    assert len(states) == 3 and "adopted" not in states  # told twice, and not for ever
    assert done.stderr.count("judge.py is locked") >= 3


def test_what_is_wrong_is_said_before_anything_is_touched(tmp_path: Path) -> None:
    here = place(tmp_path)

    def refused(spec: str, *more: str, **env: str) -> str:
        done = here.call("run", "toy", "--dir", "r", "--proposer", spec, *more, env=ENVIRONMENT | env, code=2)
        assert not (tmp_path / "r").exists()
        return done.stderr

    assert "write agent-online:claude. It means that" in refused("agent:claude")
    assert "the agent 'nonesuch' is not here" in refused("agent:nonesuch")
    assert "does not: leave --sandbox out" in refused("agent:./stub.py", "--sandbox", "limits")
    assert "nobody knows what agent:stub.py costs" in refused("agent:./stub.py", "--budget-usd", "1")
    assert "names AGENT_KEY, which is not set" in refused("agent:./stub.py", SELFWRIGHT_AGENT_VARIABLES="AGENT_KEY")
    told = refused(f"agent:./stub.py {KEY}", SELFWRIGHT_AGENT_VARIABLES="AGENT_KEY", AGENT_KEY=KEY)
    assert "the value of AGENT_KEY stands in the command" in told and KEY not in told


def test_doctor_says_which_agents_are_here(tmp_path: Path) -> None:
    claude = tmp_path / "bin/claude"
    claude.parent.mkdir()
    claude.write_text("#!/bin/sh\n")
    claude.chmod(0o755)
    here = Place.make(tmp_path)
    env = ENVIRONMENT | {"PATH": f"{claude.parent}:{ENVIRONMENT['PATH']}"}
    agents = {each["name"]: each for each in json.loads(here.call("doctor", "--json", env=env).stdout)["agents"]}
    assert list(agents) == ["claude", "codex", "gemini", "aider"]
    assert agents["claude"]["path"] == str(claude)
