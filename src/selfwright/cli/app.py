"""The program ``selfwright``: its commands, and the one place where errors become exit codes."""

import errno
import os
import sys
import traceback
from typing import NoReturn

import typer

from selfwright.cli import (
    audit,
    baseline,
    best,
    check,
    compare,
    diff,
    doctor,
    init,
    lineage,
    log,
    mcp,
    model,
    pause,
    problems,
    purge,
    report,
    resume,
    run,
    show,
    speed,
    status,
    stop,
    submit,
)

app = typer.Typer(
    name="selfwright",
    help="Improves code by itself, and can prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("run")(run.run)
app.command("submit")(submit.submit)
app.command("speed")(speed.speed)
app.command("compare")(compare.compare)
app.command("resume")(resume.resume)
app.command("pause")(pause.pause)
app.command("stop")(stop.stop)
app.command("status")(status.status)
app.command("log")(log.log)
app.command("show")(show.show)
app.command("diff")(diff.diff)
app.command("lineage")(lineage.lineage)
app.command("best")(best.best)
app.command("report")(report.report)
app.command("audit")(audit.audit)
app.command("baseline")(baseline.baseline)
app.command("problems")(problems.problems)
app.command("purge")(purge.purge)
app.command("doctor")(doctor.doctor)
app.command("mcp")(mcp.mcp)
app.add_typer(model.model, name="model")


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)
"""What a disk or a closed standard output answers to a write."""


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 failed, 2 wrong use or bad input, 75 a dependency is down, 130 interrupted.
    """
    from selfwright.core.errors import SelfwrightError
    from selfwright.core.printable import printable

    try:
        _look_around()
        app()
    except SelfwrightError as error:
        typer.echo(f"selfwright: {printable(str(error))}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("selfwright: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        _write_no_more()
        sys.exit(0)
    except OSError as error:
        if error.errno not in _FULL:
            _confess()
        _write_no_more()
        typer.echo(
            f"selfwright: could not write ({error.strerror}): free space, or send the output elsewhere", err=True
        )
        sys.exit(75)
    except Exception:  # noqa: BLE001 - the process boundary: whatever else went wrong is ours, and said with all we know
        _confess()


def _look_around() -> None:
    """Refuse what no command can work with.

    Raises:
        BadInput: A word or the working directory is not UTF-8, the directory is gone, or there is no standard output.
    """
    from selfwright.core.errors import BadInput

    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    if sys.stdout is None:
        raise BadInput("standard output is closed; give it somewhere to go, such as > FILE")
    try:
        here = os.getcwd()
    except FileNotFoundError as error:
        raise BadInput("the working directory does not exist any more; cd to one that does") from error
    for what, text in (*(("the argument", word) for word in sys.argv[1:]), ("the working directory", here)):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadInput(f"{what} {text!a} is not UTF-8; write it in UTF-8, or give the file another name")


def _write_no_more() -> None:
    """Let what is left in the buffer go nowhere, or the interpreter would stumble over it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _confess() -> NoReturn:
    traceback.print_exc()
    typer.echo("selfwright: this is a fault of ours; the run is safe: `selfwright resume RUN` goes on", err=True)
    sys.exit(1)
