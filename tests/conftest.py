"""Markers that name the system package a test needs, and the rule that nothing is skipped in CI.

`@pytest.mark.needs_bubblewrap` (and its sisters in `NEEDS`) skips where the package is missing, and says the mend. With
`CI` set in the environment a skip of any kind is a failure, unless the test says `@pytest.mark.may_skip("why")`: a
check that silently did not run proves nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator
from glob import glob

import hypothesis
import pytest

# A shell that runs us in the background ignores it, and so would what tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A thousand processes of the tests would each compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Marker -> programs, any one of which will do.
NEEDS = {
    "needs_bubblewrap": ("bwrap",),
    "needs_chromium": ("chromium", "chromium-browser", "google-chrome"),
    "needs_postgresql": ("pg_ctl", *glob("/usr/lib/postgresql/*/bin/pg_ctl")),
    "needs_tmux": ("tmux",),
}
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# A deadline per example measures the neighbours on a busy machine. In CI every example is the same on every run.
hypothesis.settings.register_profile("house", deadline=None, derandomize=IN_CI, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test whose system package is missing."""
    for marker, programs in NEEDS.items():
        if item.get_closest_marker(marker) and not any(map(shutil.which, programs)):
            option = " --with-postgresql" if marker == "needs_postgresql" else ""
            pytest.skip(f"{programs[0]} is not installed: scripts/install_system_packages.sh{option}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skipped test into a failed one where `CI` is set."""
    report = yield
    expected_failure = hasattr(report, "wasxfail")
    if IN_CI and report.skipped and not expected_failure and not item.get_closest_marker("may_skip"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure in CI: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turns a skipped module (`importorskip` at its top) into an error where `CI` is set."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure in CI: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
