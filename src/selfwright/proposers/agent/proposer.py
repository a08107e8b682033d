"""A coding agent as a proposer: asked by a task in a folder, answering by what it leaves there.

Whatever it leaves, it was paid for: what can not be taken as a change is a proposal all the same, with its fault.
"""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from threading import Event

from selfwright.core.brief import Failure
from selfwright.core.change import Cost, Proposal
from selfwright.core.errors import BadInput, SandboxError, Unavailable
from selfwright.core.job import Job, Reply
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus
from selfwright.ports.proposer import Ask
from selfwright.ports.sandbox import Sandbox
from selfwright.proposers.agent.account import Account, read_account
from selfwright.proposers.agent.command import Command
from selfwright.proposers.agent.desk import Desk
from selfwright.proposers.agent.given import Given
from selfwright.proposers.agent.secret import Secrets
from selfwright.proposers.label import bears
from selfwright.proposers.prompt import Place, shortened, write_task

REPAIRS = 2
"""So often it is told of a failure in one trial: each time costs as much as the first."""

IDLE = 3
"""So many times in a row that nothing came of it end the sitting: then it is the agent, or how it is set up."""

MOST_NAMED = 50
"""Files to read that a task names; all are there."""

LONGEST_TRANSCRIPT = 256_000
LONGEST_REASON = 500

_START = Path(__file__).with_name("start.py")


class AgentProposer:
    """Proposes what an agent leaves; satisfies ``Repairer``, ``Interruptible`` and ``Priced``.

    Args:
        name: As its proposals are recorded.
        sandbox: Where it works: one that contains hostile code.
        prompt_bytes: The most that its task has.
        lag: So many work at once.
    """

    def __init__(
        self, command: Command, *, name: str, sandbox: Sandbox, given: Given, prompt_bytes: int, lag: int = 1
    ) -> None:  # fmt: skip
        self.name = name
        self.lag: int | None = lag
        self.most: Cost | None = given.most
        self._command = command
        self._sandbox = sandbox
        self._given = given
        self._secrets = Secrets(given.variables)
        self._prompt_bytes = prompt_bytes
        self._stopped = Event()
        self._idle = 0

    def ask(self, ask: Ask) -> Proposal | None:
        return self._propose(ask, ask.parent, None, None)

    def repairs(self, proposer: str) -> bool:
        return bears(proposer, self.name)

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        return self._propose(ask, last.parent, last, failure) if ask.attempt <= REPAIRS else None

    def interrupt(self) -> None:
        self._stopped.set()
        self._sandbox.close()

    def _propose(self, ask: Ask, parent: str, last: Proposal | None, failure: Failure | None) -> Proposal:
        files = ask.program(parent)
        said = {path: text for path, text in (last.files if last else {}).items() if text is not None}
        desk = Desk(
            editable=ask.brief.editable, parent=files, laid={**files, **said} if said else files,
            beside=ask.brief.beside,
        )  # fmt: skip
        place = Place(
            files=tuple(sorted(desk.laid)), beside=tuple(sorted(desk.beside)[:MOST_NAMED]),
            wall_s=self._given.limits.wall_s, network="network" in self._given.limits.allow,
        )  # fmt: skip
        task = write_task(ask, parent=parent, most=self._prompt_bytes, place=place, last=last, failure=failure)
        argv = self._argv(desk)
        reply = self._run(desk, argv, task)
        stdout = printable(reply.payload)
        account = read_account(stdout)
        proposal = Proposal(
            parent=parent, proposer=self.name, cost=self._cost(ask, account), reason=self._reason(account),
            transcript=self._transcript(argv, reply, stdout),
        )  # fmt: skip
        return self._answered(proposal, desk, reply, account)

    def _answered(self, proposal: Proposal, desk: Desk, reply: Reply, account: Account) -> Proposal:
        """Return the proposal with what was left, or with why that is none."""
        files: dict[str, bytes | None] = {}
        fault = self._ended_badly(reply, account)
        try:
            files = desk.taken(reply.files)
        except BadInput as error:
            fault = fault or str(error)
        for path, content in files.items():
            if name := self._secrets.found_in(content or b""):
                fault, files = f"it wrote the value of {name} into {path}, which would be published", {}
                break
        self._idle = self._idle + 1 if fault and not files else 0
        if self._idle >= IDLE:
            raise Unavailable(
                f"{self.name}: nothing came of it {IDLE} times in a row, lastly: {fault}; `selfwright show RUN` has "
                "what it said; when it works, `selfwright resume RUN` goes on"
            )
        return replace(proposal, files=files, fault=fault)

    def _run(self, desk: Desk, argv: list[str], task: str) -> Reply:
        order = json.dumps({
            "argv": argv, "search": self._given.search, "variables": dict(self._given.variables), "task": desk.task,
            "editable": sorted(desk.laid), "locked": desk.locked,
        }).encode()  # fmt: skip
        stdin = len(order).to_bytes(8, "big") + order + task.encode()
        job = Job(files=desk.beside, guest="", limits=self._given.limits)
        if self._stopped.is_set():
            raise Unavailable(f"{self.name}: it was let go of")
        try:
            return self._sandbox.execute(
                job, ("python", "-I", "-B", "-c", _START.read_text()), stdin=stdin,
                files={**desk.laid, desk.task: task.encode()}, produce=desk.produce,
            )  # fmt: skip
        except SandboxError as error:
            if self._stopped.is_set():
                raise Unavailable(f"{self.name}: it was let go of") from error
            raise

    def _argv(self, desk: Desk) -> list[str]:
        usd = self._given.most.usd
        return [self._given.program, *self._command.arguments(task=desk.task, files=sorted(desk.laid), usd=usd)]

    def _ended_badly(self, reply: Reply, account: Account) -> str:
        """Return why what an agent has left is not whole; empty where it may be."""
        if reply.status is CallStatus.OK and not account.failed:
            return ""
        said = account.words if account.failed else reply.log or account.words
        words = self._secrets.redacted(shortened(" ".join(printable(said).split()), LONGEST_REASON))
        mend = {
            CallStatus.TIMED_OUT: "; SELFWRIGHT_AGENT_WALL_S is its deadline",
            CallStatus.OUT_OF_MEMORY: "; SELFWRIGHT_AGENT_MEMORY_MB is its limit",
        }.get(reply.status, "")
        if not mend and "network" not in self._given.limits.allow:
            mend = " (it has no network: agent-online:COMMAND would give it one)"
        return f"the agent failed: {reply.reason or 'it says so'}{mend}{': ' if words else ''}{words}"

    def _reason(self, account: Account) -> str:
        words = " ".join(self._secrets.redacted(printable(account.words)).split())
        return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}..."

    def _transcript(self, argv: list[str], reply: Reply, stdout: str) -> str:
        half = LONGEST_TRANSCRIPT // 2
        shown = [shortened(self._secrets.redacted(text), half).rstrip() for text in (stdout, reply.log)]
        ended = f"{reply.reason or 'exit code 0'}, after {reply.wall_s:.1f} s"
        out, log = (
            f"--- {name}\n{text}\n" for name, text in zip(("standard output", "standard error"), shown, strict=True)
        )
        return f"$ {self._secrets.redacted(shlex.join(argv))}\n{out}{log}--- {ended}\n"

    def _cost(self, ask: Ask, account: Account) -> Cost:
        """Return what it cost; of what it did not say, where a budget is to hold, the most that was reserved."""
        most, usd = self._given.most, account.usd
        if usd is None and (ask.left.usd is not None or most.usd == 0):
            usd = most.usd
        unknown = most.tokens_in if ask.left.tokens is not None else 0
        tokens_in = unknown if account.tokens_in is None else account.tokens_in
        return Cost(usd=usd, tokens_in=tokens_in, tokens_out=account.tokens_out or 0)
