"""The only place where ports meet adapters. Names become objects here; a new adapter is one line below."""

import importlib
import importlib.metadata
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import BadInput

if TYPE_CHECKING:
    from selfwright.adapters.blobs.sqlite import SqliteBlobs
    from selfwright.adapters.journals.sqlite import SqliteJournal
    from selfwright.adapters.models.local import LocalModel
    from selfwright.adapters.models.shelf import Shelf
    from selfwright.adapters.repos.git import GitRepo
    from selfwright.adapters.repos.surrounding import Surrounding
    from selfwright.bench.problem import Problem
    from selfwright.core.budget import Budget
    from selfwright.core.event import RunOpened
    from selfwright.core.job import Reply
    from selfwright.core.machine import Machine
    from selfwright.core.offer import Provider
    from selfwright.core.side import Side
    from selfwright.evolve.sitting import Sitting
    from selfwright.evolve.story import Observer
    from selfwright.ports.adopter import Adopter
    from selfwright.ports.engine import Engine
    from selfwright.ports.model import Model
    from selfwright.ports.notes import Notes
    from selfwright.ports.proposer import Proposer
    from selfwright.ports.repo import Repo, Signature
    from selfwright.ports.sandbox import Sandbox
    from selfwright.proposers.specification import Part

MODELS = ("claude", "openai", "ollama", "local")
PROPOSERS = {
    "recorded": "selfwright.proposers.recorded:Recorded",
    "numeric": "selfwright.proposers.numeric:make_numeric",
    "mutate": "selfwright.proposers.mutate:Mutate",
    "person": "selfwright.proposers.person:Person",
    **{name: f"selfwright.bootstrap:{name}" for name in (*MODELS, "agent")},
    "agent-online": "selfwright.bootstrap:agent_online",
}
SANDBOXES = {  # the strongest first: `run` takes the first that works and contains
    "zygote": "selfwright.adapters.sandboxes.zygote.sandbox:ZygoteSandbox",
    "bubblewrap": "selfwright.adapters.sandboxes.bubblewrap:BubblewrapSandbox",
    "landlock": "selfwright.adapters.sandboxes.landlocked:LandlockSandbox",
    "limits": "selfwright.adapters.sandboxes.limits:LimitsSandbox",
}
_PLURAL = {"proposer": "proposers", "sandbox": "sandboxes"}
PROBLEMS = Path(__file__).parent / "problems"


def named(kind: str, table: dict[str, str], name: str) -> Callable[..., object]:
    """Return the factory of a name: from the table, or from the entry points ``selfwright.proposers`` and so on.

    Raises:
        BadInput: Nobody offers that name.
    """
    target = table.get(name)
    if target is None:
        found = {point.name: point for point in importlib.metadata.entry_points(group=f"selfwright.{_PLURAL[kind]}")}
        if name not in found:
            known = ", ".join(sorted({*table, *found}))
            raise BadInput(f"there is no {kind} {name!r}; known are {known}")
        target = found[name].value
    module, _, attribute = target.partition(":")
    return cast("Callable[..., object]", getattr(importlib.import_module(module), attribute))


# Wiring ---------------------------------------------------------------------------------------------------------------


def make_proposer(specs: Sequence[str], sandbox: str = "") -> "Proposer":
    """Return the proposer of ``NAME[:ARG]``, or of several.

    Of ``A+B`` each is asked as often as it pays, of ``3*A+B`` in these shares; of several specifications the next is
    asked when the one before is exhausted.

    Args:
        sandbox: Where a proposer runs what it runs, the same as candidates; given to factories that take ``sandbox``.
    """
    from selfwright.proposers.compose import Compose, in_turn, learned, weighted
    from selfwright.proposers.specification import parse_spec

    made: list[Proposer] = []
    orders = []
    for spec in specs:
        parts = parse_spec(spec)
        made += (members := [_make_one(part, sandbox) for part in parts])
        if any(part.weight for part in parts):
            orders.append(weighted({each.name: part.weight or 1.0 for each, part in zip(members, parts, strict=True)}))
        else:
            orders.append(learned([each.name for each in members]))
    return made[0] if len(made) == 1 else Compose(made, order=in_turn(orders))


def _make_one(part: "Part", sandbox: str) -> "Proposer":
    from selfwright.ports.proposer import Proposer

    factory, arguments = named("proposer", PROPOSERS, part.name), [part.argument] if part.argument else []
    more = {"sandbox": sandbox} if "sandbox" in inspect.signature(factory).parameters else {}
    try:
        inspect.signature(factory).bind(*arguments, **more)
    except TypeError as error:
        raise BadInput(f"proposer {str(part)!r}: {error}; write it as NAME:ARG, such as recorded:FILE") from error
    proposer = factory(*arguments, **more)
    if not isinstance(proposer, Proposer):
        raise BadInput(f"proposer {part.name!r} does not satisfy selfwright.ports.proposer.Proposer")
    return proposer


def model_of(provider: str, model: str) -> "Model":
    """Return a model of a provider of ``MODELS``, as it is set up here."""
    from selfwright.adapters.models.making import make_model
    from selfwright.config import settings

    known = settings()
    window = known.model_prompt_bytes, known.model_answer_tokens
    return make_model(provider, model, *known.access(provider), prices=known.model_prices, window_of=window)


def _make_model(provider: str, model: str) -> "Proposer":
    from selfwright.config import settings
    from selfwright.core.completion import Allowance
    from selfwright.proposers.model import ModelProposer

    known, made = settings(), model_of(provider, model)
    allowance = Allowance(tokens_out=known.model_answer_tokens, wall_s=known.model_wall_s)
    lag = 1 if provider == "local" else None
    return ModelProposer(made, allowance=allowance, prompt_bytes=known.model_prompt_bytes, lag=lag)


claude, openai, ollama, local = (partial(_make_model, provider) for provider in MODELS)


def agent(command: str, *, sandbox: str, online: bool = False) -> "Proposer":
    """Return a coding agent; ``online``, with the whole network of this machine, which is consented to by the name."""
    from selfwright.adapters.agents import find_agent
    from selfwright.config import settings
    from selfwright.proposers.agent import make_agent

    make = partial(make_sandbox, sandbox)
    return make_agent(command, settings().agent_setup(), online=online, find=find_agent, make_sandbox=make)


agent_online = partial(agent, online=True)


def model_offers() -> "list[Provider]":
    """Return the providers of models, and whether each could be asked now."""
    from selfwright.adapters.models.making import offer
    from selfwright.config import settings

    return [offer(provider, *settings().access(provider)) for provider in MODELS]


def local_model(name: str, tokens: int) -> "LocalModel":
    """Return a model in a file, with room for so many tokens of a prompt and its answer."""
    from selfwright.adapters.models.making import local_model
    from selfwright.config import settings

    return local_model(name, settings().models, tokens)


def model_shelf() -> "Shelf":
    """Return where the models in files are."""
    from selfwright.adapters.models.shelf import Shelf
    from selfwright.config import settings

    return Shelf(settings().models)


def make_sandbox(name: str, environment: Environment = BARE) -> "Sandbox":
    """Return the sandbox adapter of that name, whose factory is given what a problem declares for its candidates."""
    made = named("sandbox", SANDBOXES, name)(environment=environment)
    return cast("Sandbox", made)  # by the port's contract suite


def make_engine(
    problem: "Problem", sandbox: str, workers: int | None, *, watch: Path | None = None, planted: bool = False
) -> "Engine":
    """Return the engine: worker processes, each judge and supervisor of one sandbox.

    Args:
        watch: Folder in which they write down what the judge asks of candidates (``check.watch``).
        planted: Whether a program may carry what its build is said to have left (``check.built``).
    """
    from selfwright.adapters.engines.local import LocalEngine

    named("sandbox", SANDBOXES, sandbox)  # an unknown name is said here and not by a worker
    command = [sys.executable, "-P", "-m", "selfwright.bootstrap", "worker"]  # nothing is imported from where we stand
    command += [str(problem.folder), problem.hash, sandbox, str(watch or ""), "planted" if planted else ""]
    return LocalEngine(
        command=command, workers=workers or len(os.sched_getaffinity(0)), wall_s_per_item=problem.item_wall_s
    )


def make_adopter(problem: "Problem", folder: Path, target: str) -> "Adopter":
    """Return the committer on the surrounding repository, or on the run's own ``repo.git``, made where there is none.

    For whoever holds the run's lease, or has its folder alone.
    """
    from selfwright.adapters.repos.git import GitRepo
    from selfwright.adapters.repos.notes import GitNotes
    from selfwright.adapters.repos.surrounding import surrounding
    from selfwright.audit.committer import Committer
    from selfwright.audit.shelf import Shelf
    from selfwright.bench.folder import files_below
    from selfwright.config import settings

    branch = f"selfwright/{problem.name}"
    found = surrounding(problem.folder) if target != "run" else None
    if target != "run" and found is None:
        raise BadInput(f"{problem.folder} was in the repository {target} when this run opened, and is not any more")
    git_dir = found.repo.git_dir if found else GitRepo.init_bare(folder / "repo.git", branch=branch).git_dir
    base = {path: (problem.folder / path).read_bytes() for path, link in files_below(problem.folder) if not link}
    repo = GitRepo(git_dir, scratch=folder / ".git-index")
    return Committer(
        repo=repo, notes=GitNotes(repo), branch=branch, prefix=found.prefix if found else "",
        editable=problem.is_editable, base_files=None if found else base, shelf=Shelf(folder),
        author_name=settings().git_user_name, author_email=settings().git_user_email,
    )  # fmt: skip


def commit_target(problem: "Problem", *, by_path: bool) -> str:
    """Return ``run``, or the path of the surrounding repository that commits go to.

    Raises:
        BadInput: The problem is tracked there, and a file of it differs from HEAD, or its folder's name is refused.
    """
    from selfwright.adapters.repos.surrounding import surrounding
    from selfwright.bench.folder import files_below
    from selfwright.core.path import check_path

    found = surrounding(problem.folder) if by_path else None
    if found is None or "problem.toml" not in found.files():
        return "run"
    if found.prefix:
        check_path(found.prefix.rstrip("/"))  # else no version could be written there
    tracked = found.files()
    there = [path for path, link in files_below(problem.folder) if not link]
    # What is new and locked (a note, a recording) is nobody's business here: no version carries it.
    must = {path for path in there if problem.is_editable(path) or path in (problem.judge, "problem.toml")}
    must |= set(tracked) & problem.files.keys()
    ours = {path: (problem.folder / path).read_bytes() for path in there if path in must}
    differing = [*found.differing(ours), *(path for path in tracked if problem.is_editable(path) and path not in ours)]
    if differing:
        names = ", ".join(differing[:5]) + (", ..." if len(differing) > 5 else "")
        raise BadInput(
            f"{problem.folder} is tracked in {found.top}, and differs from HEAD there: {names}. The seed is what HEAD "
            "has: commit these files, undo their changes or move away what is new, then run again"
        )
    return str(found.top)


# Finding --------------------------------------------------------------------------------------------------------------


def find_problem(name: str) -> tuple["Problem", bool]:
    """Return a problem by the path of its folder, or a bundled one by name; and whether it was a path.

    Raises:
        ProblemError: It is wrong; the message names file, key and mend.
        BadInput: There is neither such a folder nor such a bundled problem.
    """
    from selfwright.bench.problem import load_problem
    from selfwright.bench.schema import suggest

    path = Path(name)
    if path.is_file():
        raise BadInput(f"{name} is a file, and a problem is a folder: give {path.parent}")
    if path.is_dir() or os.sep in name:
        return load_problem(path), True
    if (PROBLEMS / name / "problem.toml").is_file():
        return load_problem(PROBLEMS / name), False
    known = [problem.name for problem in bundled_problems()]
    here = [folder.parent.name for folder in Path().glob("*/problem.toml")]
    raise BadInput(
        f"no folder {name!r} here, and no bundled problem of that name; bundled are {', '.join(known)}"
        f"{suggest(name, [*here, *known])}"
    )


def bundled_problems() -> "list[Problem]":
    """Return the problems that come along, also those that lack a package here."""
    from selfwright.bench.problem import load_problem

    return [load_problem(path.parent, to_run=False) for path in sorted(PROBLEMS.glob("*/problem.toml"))]


def runs_folder() -> Path:
    """Return the folder that runs are made and looked for in."""
    from selfwright.config import settings

    return settings().runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(AbstractContextManager["Opened"]):
    """A run whose files are open."""

    folder: Path
    journal: "SqliteJournal"
    blobs: "SqliteBlobs"

    def close(self) -> None:
        """Close them."""
        self.blobs.close()
        self.journal.close()

    def __exit__(self, *exc: object) -> None:
        """Close."""
        self.close()


def open_files(folder: Path, *, readonly: bool = False) -> Opened:
    """Return the journal and the blobs of a run's folder.

    Args:
        readonly: Only look; works in a folder that can not be written.

    Raises:
        JournalError: The journal is corrupt, or of a later version.
    """
    from selfwright.adapters.blobs.sqlite import SqliteBlobs
    from selfwright.adapters.clock import SystemClock
    from selfwright.adapters.journals.sqlite import SqliteJournal
    from selfwright.evolve.shelf import JOURNAL

    journal = SqliteJournal(folder / JOURNAL, clock=SystemClock(), readonly=readonly)
    return Opened(
        folder=folder, journal=journal, blobs=SqliteBlobs(folder / JOURNAL, folder / "blobs", readonly=readonly)
    )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power loss."""
    from selfwright.adapters import database

    database.sync_folder(folder)


# Driving --------------------------------------------------------------------------------------------------------------


def open_run(problem: "Problem", opened: "RunOpened", files: Opened, engine: "Engine", observe: "Observer") -> None:
    """Measure the seed and write the first events of a run.

    Raises:
        ProblemError: The judge or the seed fails.
    """
    from selfwright.adapters.clock import SystemClock
    from selfwright.evolve.opening import Opening

    opening = Opening(
        problem=problem, opened=opened, engine=engine, blobs=files.blobs, now_s=SystemClock().now_s, observe=observe
    )
    with files.journal.lease():
        files.journal.append(opening.measure(), durable=True)


def drive(
    problem: "Problem", files: Opened, engine: "Engine", proposer: "Proposer", specs: Sequence[str], budget: "Budget",
    *, target: str, observe: "Observer", on_ready: "Callable[[Sitting], None]",
) -> None:  # fmt: skip
    """Drive a run until it ends for whatever reason.

    Args:
        specs: What the proposer was made of, for the journal.
        target: Where commits go, as the run was opened.
    """
    from selfwright.adapters.clock import SystemClock
    from selfwright.evolve.run import Drive

    Drive(
        problem=problem, journal=files.journal, blobs=files.blobs, engine=engine, proposer=proposer,
        specs=tuple(specs), make_adopter=lambda: make_adopter(problem, files.folder, target), clock=SystemClock(),
        budget=budget, observe=observe, machine=this_machine(), folder=files.folder,
    ).sit(on_ready=on_ready)  # fmt: skip


def run_repo(folder: Path, target: str) -> "GitRepo":
    """Return the repository that a run's versions are commits of.

    Args:
        target: ``run``, or the path of the surrounding one.

    Raises:
        RepoError: It is not there.
    """
    from selfwright.adapters.repos.surrounding import repo_at

    return repo_at(folder / "repo.git" if target == "run" else Path(target))


def find_repo(path: Path) -> "GitRepo":
    """Return the repository at or around a path: a bare one, or that of a work tree.

    Raises:
        RepoError: There is none.
    """
    from selfwright.adapters.repos.surrounding import repo_at

    return repo_at(path)


def find_commit(repo: "GitRepo", name: str) -> str | None:
    """Return the commit that a person means by any of git's names for one; None where there is none.

    Raises:
        BadInput: It may mean several.
    """
    from selfwright.adapters import repos

    return repos.find_commit(repo, name)


def repository_around(folder: Path) -> "Surrounding | None":
    """Return the repository whose work tree holds a folder, or None.

    Raises:
        RepoError: There is one, and git can not read it.
    """
    from selfwright.adapters.repos.surrounding import surrounding

    return surrounding(folder)


def signature() -> "Signature":
    """Return who signs commits, now."""
    from selfwright.adapters.clock import SystemClock
    from selfwright.config import settings
    from selfwright.ports.repo import Signature

    return Signature(name=settings().git_user_name, email=settings().git_user_email, time_s=int(SystemClock().now_s()))


def notes_of(repo: "Repo") -> "Notes":
    """Return the notes of a repository that was found here."""
    from selfwright.adapters.repos.git import GitRepo
    from selfwright.adapters.repos.notes import GitNotes

    assert isinstance(repo, GitRepo)  # there is no other kind
    return GitNotes(repo)


def two_sides(a: str, b: str) -> "AbstractContextManager[tuple[Side, Side]]":
    """Return a context of the two commits or folders of a comparison, as folders to run a program in."""
    from selfwright.adapters import checkout

    return checkout.two_sides(a, b, Path.cwd())


def run_program(argv: Sequence[str], folder: Path, *, timeout_s: float, cores: int = 0) -> "Reply":
    """Run a program of the person's own in a folder, unconfined, on so many cores; 0 for all."""
    from selfwright.adapters import program

    return program.run(argv, folder, timeout_s=timeout_s, cores=cores)


def describe_machine() -> dict[str, str]:
    """Return what this machine is, name → words."""
    from selfwright.adapters.machine import describe

    return describe()


def this_machine() -> "Machine":
    """Return what measurements made here depend on."""
    from selfwright.adapters.machine import identify

    return identify()


def serve_worker(folder: str, expected_hash: str, sandbox: str, watch: str, planted: str, descriptor: str) -> None:
    """Be a worker: what ``make_engine`` starts."""
    import select
    import socket

    connection = socket.socket(fileno=int(descriptor))
    if sys.platform == "linux":
        from selfwright.adapters.sandboxes.linux import privilege

        privilege.die_with_parent()  # imports take a while; `serve` then sees to a gentler end
    gone = select.poll()
    gone.register(connection, 0)  # a hang-up is told unasked
    if gone.poll(0):
        return
    from selfwright.bench.problem import load_problem
    from selfwright.bench.worker import serve

    problem = load_problem(Path(folder))
    made = make_sandbox(sandbox, problem.environment)
    if watch:
        from selfwright.check.watch import WatchedSandbox

        made = WatchedSandbox(made, folder=Path(watch))
    if planted:
        from selfwright.check.built import PlantedSandbox

        build = problem.build.command if problem.build else ()
        made = PlantedSandbox(made, build=build, command=problem.command.argv if problem.command else ())
    serve(connection, problem=problem, expected_hash=expected_hash, sandbox=made)


if __name__ == "__main__":
    serve_worker(*sys.argv[2:])
