"""The page in a real browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from selfwright.report import render_card, write_report
from tests.report.sample import FACTS, whole_run

pytestmark = pytest.mark.needs_chromium


def browse(tmp_path: Path, url: str, *options: str) -> tuple[str, str]:
    """Return what headless Chromium wrote to its standard output and error; ends it with everything that it started."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *quiet,
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--window-size=1300,1600", *options, url,
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        out, errors = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, errors
    return out, errors


def console(errors: str) -> list[str]:
    return [line for line in errors.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample = whole_run()
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(state=sample.state(), load=sample.load, facts=FACTS, path=path)
    return path


def test_the_browser_sees_the_tables_and_has_nothing_to_complain_of(page: Path, tmp_path: Path) -> None:
    dom, errors = browse(tmp_path, page.as_uri(), "--dump-dom")
    assert dom.count('<tr class="values">') == 12
    assert dom.count('<td class="words">') == 16
    assert dom.count("<svg ") == 2
    assert "<script" not in dom
    assert console(errors) == []


def test_a_script_in_the_page_would_be_refused_and_seen(page: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted.html"
    planted.write_text(page.read_text().replace("<main>", "<main><script>document.title = 'owned'</script>"))
    dom, errors = browse(tmp_path, planted.as_uri(), "--dump-dom")
    assert "<title>owned" not in dom
    assert "Content Security Policy" in "".join(console(errors))


def test_it_is_drawn_with_its_styles(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, page.as_uri(), f"--screenshot={picture}", "--force-device-scale-factor=0.5")
    colours = {pixel for row in _rows(picture.read_bytes()) for pixel in row}
    assert len(colours) > 500
    assert {(0xFF, 0xFF, 0xFF), (0x17, 0x75, 0x3A), (0xFB, 0xE9, 0xE7)} <= colours  # paper, a version's mark, the alert


def _rows(png: bytes) -> list[list[tuple[int, ...]]]:
    """Return the pixels of a PNG file of 8-bit RGB or RGBA (W3C Recommendation, 2003), filters undone."""
    at, body, width, channels = 8, b"", 0, 3
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, channels = struct.unpack(">I", data[:4])[0], 4 if data[9] == 6 else 3
        body += data if kind == b"IDAT" else b""
        at += 12 + length
    raw, stride, before = zlib.decompress(body), width * channels, bytearray(width * channels)
    rows = []
    for start in range(0, len(raw), stride + 1):
        row = _unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, channels)
        rows.append([tuple(row[x : x + 3]) for x in range(0, stride, channels)])
        before = row
    return rows


def _unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    for x in range(len(row) if kind else 0):
        left, corner = (row[x - step], above[x - step]) if x >= step else (0, 0)
        if kind == 4:  # Paeth's predictor
            guess = min((left, above[x], corner), key=lambda value: abs(left + above[x] - corner - value))
        else:
            guess = (left, above[x], (left + above[x]) // 2)[kind - 1]
        row[x] = (row[x] + guess) & 0xFF
    return row


def test_on_a_phone_nothing_runs_off_the_page(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, page.as_uri(), f"--screenshot={picture}", "--window-size=500,8000", "--hide-scrollbars")
    rows = _rows(picture.read_bytes())
    assert {pixel for row in rows for pixel in row[-14:]} == {(0xFF, 0xFF, 0xFF)}
    assert len(rows[0]) == 500


def test_a_card_keeps_its_own_colours_in_a_dark_notebook_and_colours_nothing_else(tmp_path: Path) -> None:
    card, place, picture = whole_run(), tmp_path / "notebook.html", tmp_path / "card.png"
    shown = render_card(card.state(), foot="it lies in a folder")
    around = "body { margin: 8px; background: #111; color: #eee; } td, .chart { color: #ff00ff; }"
    place.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><style>{around}</style>{shown}<table><tr><td>of another</td></tr></table>"
    )
    dom, errors = browse(
        tmp_path, place.as_uri(), f"--screenshot={picture}", "--window-size=1000,1200", "--dump-dom"
    )  # fmt: skip
    assert console(errors) == []
    rows = [set(row) for row in _rows(picture.read_bytes())]
    paper, others = (0xFF, 0xFF, 0xFF), (0xFF, 0x00, 0xFF)
    inside = set().union(*(row for row in rows if paper in row))
    assert {(0x11, 0x11, 0x11), (0x17, 0x75, 0x3A), (0x1B, 0x1E, 0x23)} <= inside
    assert [others in inside, any(others in row for row in rows)] == [False, True]
    assert "<script" not in dom
