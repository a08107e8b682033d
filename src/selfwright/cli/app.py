"""The program ``selfwright``: its commands, and the one place where errors become exit codes."""

import sys
import traceback

import typer

from selfwright.cli import (
    best,
    diff,
    lineage,
    log,
    pause,
    problems,
    purge,
    report,
    resume,
    run,
    show,
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
app.command("run")(run.run)
app.command("submit")(submit.submit)
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
app.command("problems")(problems.problems)
app.command("purge")(purge.purge)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 failed, 2 wrong use or bad input, 75 a dependency is down, 130 interrupted.
    """
    from selfwright.core.errors import SelfwrightError

    try:
        app()
    except SelfwrightError as error:
        typer.echo(f"selfwright: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("selfwright: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception:  # noqa: BLE001 - the process boundary: whatever else went wrong is ours, and said with all we know
        traceback.print_exc()
        typer.echo("selfwright: this is a fault of ours; the run is safe: `selfwright resume RUN` goes on", err=True)
        sys.exit(1)
