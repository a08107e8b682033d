"""Whether what a run says is true: what ``audit`` and ``doctor RUN`` do."""

from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.core import event as ev
from selfwright.core.errors import JournalError
from selfwright.evolve.shelf import find_run

if TYPE_CHECKING:
    from selfwright.audit.finding import Finding


def examine(run: str | Path) -> "list[Finding]":
    """Return whether the journal of a run is whole, and the one that its commits name; see ``audit.chain``.

    Raises:
        BadInput: There is no such run.
    """
    from selfwright.audit.chain import examine
    from selfwright.audit.finding import differs
    from selfwright.audit.message import trailer

    folder = find_run(str(run), bootstrap.runs_folder())
    try:
        with bootstrap.open_files(folder, readonly=True) as files:
            target = next(each.event.target for each in files.journal.read() if isinstance(each.event, ev.RunOpened))
            repo = bootstrap.run_repo(folder, target)
            return examine(files.journal.read(), lambda commit: trailer(repo.message(commit), "Journal"))
    except (JournalError, StopIteration) as error:
        return [differs("journal", str(error) or "it has no first event; restore it from a copy of the run")]
