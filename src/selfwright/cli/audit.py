"""``selfwright audit RUN|COMMIT``."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.core.count import counted
from selfwright.core.printable import one_line

if TYPE_CHECKING:
    from selfwright.audit.auditor import Audited


def audit(
    what: Annotated[str, typer.Argument(metavar="RUN|COMMIT", help="A run, or a commit of the repository around you.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Of a run: v3, or a commit; default: the newest.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every version, from the newest to the seed.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="BASE", help="Of a pull request: what COMMIT has and BASE has not, which may change no judge."
        ),
    ] = None,
    repo: Annotated[Path | None, typer.Option(help="The repository of the commit, if it is not around you.")] = None,
    measure: Annotated[
        bool, typer.Option("--measure/--no-measure", help="Measure again, or compare only what is written.")
    ] = True,
    sandbox: Annotated[
        str | None, typer.Option(help="Where candidates run; default: the strongest here that contains hostile code.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="ENGINE", help="Of openevolve, shinka or gepa: RUN is its output.")
    ] = None,
    problem: Annotated[
        str | None, typer.Option(help="With --from: whose gains they are; default: the nearest problem around it.")
    ] = None,
    dir_: Annotated[Path | None, typer.Option("--dir", help="With --from: where the run that measures goes.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON line a version; of a run, its journal first.")
    ] = False,
) -> None:
    """Measure adopted versions again, from a fresh checkout, and compare with what their commits say.

    The judge of the commit runs as you, as in `selfwright run`. Exits 1 where something differs, 3 where
    nothing does and what it takes to say so (a certificate) could not be checked.
    """
    if source is not None:
        return _review(what, source, problem, dir_, sandbox, workers, as_json=as_json)
    from selfwright import api

    def audited(say: Callable[[str], None]) -> "Iterator[Audited]":
        return api.audit(
            what, names or (), all=all_, since=since, repo=repo, measure=measure, sandbox=sandbox, workers=workers,
            say=say,
        )  # fmt: skip

    _tell(audited, measure=measure, as_json=as_json)


def _tell(audit: "Callable[[Callable[[str], None]], Iterator[Audited]]", *, measure: bool, as_json: bool) -> None:
    """Print each answer as it comes, then the sum; exit by it."""
    from selfwright.cli.progress import Progress

    count, found, beside = 0, Counter[bool | None](), list[str]()
    try:
        with Progress() as progress:
            for audited in audit(progress.say):
                count, found = count + bool(audited.commit), found + Counter([audited.holds])
                beside += [] if audited.commit else [audited.name]
                typer.echo(_line(audited) if as_json else _told(audited))
    except KeyboardInterrupt:
        typer.echo(f"selfwright: interrupted; {counted(count, 'version')} audited so far", err=True)
        raise typer.Exit(130) from None
    if not as_json:
        what = " and ".join([*beside, counted(count, "version")])
        typer.echo(f"{what} {'audited' if measure else 'read'}: {_verdict(found, measure=measure)}")
    raise typer.Exit(1 if found[False] else 3 if found[None] else 0)


def _verdict(found: "Counter[bool | None]", *, measure: bool) -> str:
    """Return the last words, by how many hold, differ, and hold as far as they could be checked."""
    if found[False]:
        return f"{found[False]} DIFFER" if found[False] > 1 else "1 DIFFERS"
    if found[None]:
        return f"nothing differs, but of {found[None]} something needed could not be checked (exit 3)"
    return "all that was checked holds" if measure else "what is written holds; nothing was measured"


def _review(
    folder: str, source: str, problem: str | None, dir_: Path | None, sandbox: str | None, workers: int | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Say of each gain that another engine claims whether it holds."""
    from selfwright import api
    from selfwright.cli.progress import Progress

    with Progress() as progress:
        reviewed = api.review(
            folder, source=source, problem=problem, dir=dir_, sandbox=sandbox, workers=workers,
            on_event=progress.observe, on_ready=progress.interruptible, announce=progress.say,
        )  # fmt: skip
    for gain in reviewed.gains:
        claimed = "" if gain.claimed is None else f" claims {gain.claimed:.6g}"
        word = "holds" if gain.holds else "DOES NOT HOLD"
        typer.echo(
            json.dumps(asdict(gain)) if as_json else f"{one_line(gain.name)}{claimed}: {word}  {one_line(gain.words)}"
        )
    if not as_json:
        count = len(reviewed.gains)
        typer.echo(f"of {counted(count, 'claimed gain')}, {reviewed.held} hold; run: {reviewed.history.folder}")
    raise typer.Exit(0 if reviewed.held == len(reviewed.gains) else 1)


def _told(audited: "Audited") -> str:
    word = "DIFFERS" if audited.holds is False else "holds"
    if audited.commit and not audited.measured and audited.holds is not False:
        word += " on paper (not measured)"
    if audited.holds is None:
        word += f" as far as it was checked; not checked: {', '.join(audited.lacks)}"
    head = " ".join(filter(None, (audited.name, audited.commit[:12], word)))
    lines = [f"  {each.word:11} {each.what:11} {one_line(each.words)}" for each in audited.findings]
    return "\n".join([f"{head}  {one_line(audited.title)}", *lines])


def _line(audited: "Audited") -> str:
    return json.dumps({**asdict(audited), "holds": audited.holds, "lacks": audited.lacks})
