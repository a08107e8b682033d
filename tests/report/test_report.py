from __future__ import annotations

import math
import re
import resource
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from selfwright.core import event as ev
from selfwright.core.errors import JournalCorrupt, Unavailable
from selfwright.core.lifecycle import State
from selfwright.gate.summary import summarise
from selfwright.report import write_report
from selfwright.report.page import render
from selfwright.testing.proposer import ScriptedProposer
from selfwright.views.run import public_readings
from tests.evolve.test_loop import jittery
from tests.evolve.test_parked import LITTLE
from tests.evolve.toy import Toy, proposal
from tests.report.sample import FACTS, HOSTILE, METRICS, Sample, seed_only, whole_run
from tests.views.test_leaderboard import adopted_by_pairs

ADDRESSES = {"href", "src", "srcset", "action", "data", "poster", "formaction", "xlink:href", "style", "background"}


class Reader(HTMLParser):
    """Collects tags, addresses, handlers, text and the exact values of cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.cells: list[tuple[str, float]] = []
        self.policy = ""
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.addresses += [value for name, value in named.items() if name in ADDRESSES]
        self.handlers += [name for name in named if name.startswith("on")]
        if tag == "data":
            self.cells.append((named["data-metric"], float(named["value"])))
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def sample() -> Sample:
    return whole_run()


@pytest.fixture(scope="module")
def page(sample: Sample) -> str:
    return render(state=sample.state(), load=sample.load, facts=FACTS)


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    return Reader(page)


def drawings(page: str) -> list[ElementTree.Element]:
    found = page.split("<svg ")[1:]
    return [ElementTree.fromstring("<svg " + each.partition("</svg>")[0] + "</svg>") for each in found]


def marks(drawing: ElementTree.Element, css: str) -> list[str]:
    """Return what marks of this class say when pointed at; the legend's own says nothing."""
    titles = [each.find("{*}title") for each in drawing.iter() if each.get("class") == css]
    return [title.text or "" for title in titles if title is not None]


def test_hostile_words_are_shown_and_never_obeyed(page: str, reader: Reader) -> None:
    assert HOSTILE.replace("\u202e", "\\u202e") in reader.text  # as it was said, with its direction mark spelled out
    assert not [raw for raw in ("<script", "<img src=x", "<svg onload") if raw in page]
    assert "\u202e" not in page
    assert not reader.handlers
    assert (
        reader.tags.count("img") == 6
    )  # three pictures of v0 and of the best; what only calls itself PNG is no picture


def test_pictures_stand_as_original_then_decoded_then_what_differs(page: str) -> None:
    labels = [tag.split(" of case ")[0] for tag in page.split('" alt="')[1:]]
    assert labels == ["original", "decoded", "difference_x4"] * 2
    assert (
        page.count("<figcaption>original</figcaption>") == 2
    )  # the numbers are those of the version, not of the original
    assert '<p><b>v0</b> (t0), bigbuckbunny <span class="quiet">· 8.38 Mbps, 37.2 dB</span></p>' in page


@pytest.mark.parametrize("words", ["<b>", "</title><i>", "</style><i>", "--><i>", "<!--", '"><i>', "\0", "\ud800"])
def test_words_change_nothing_of_the_page_around_them(words: str) -> None:
    sample = seed_only()

    def tags(said: str) -> list[str]:
        facts = replace(FACTS, name=said, description=said, note=said, proposals=said, confinement=said, run=said)
        page = render(state=sample.state(), load=sample.load, facts=facts)
        assert page.encode()
        return Reader(page).tags

    assert tags(words) == tags("plain")


def test_nothing_is_fetched(reader: Reader) -> None:
    assert reader.addresses
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)
    assert not {"link", "script", "iframe", "object", "embed", "base", "form"} & set(reader.tags)
    rules = dict(rule.split(" ", 1) for rule in reader.policy.split("; "))
    assert rules.pop("style-src").startswith("'sha256-")
    assert rules == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_styles_fetch_nothing(page: str) -> None:
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_numbers_are_those_of_the_fold(sample: Sample, reader: Reader) -> None:
    state = sample.state()
    expected = [
        (metric.name, summarise(METRICS, public_readings(state, state.last(version.trial)))[metric.name])
        for version in state.versions
        for metric in METRICS
    ]
    assert len(state.versions) == 12
    assert reader.cells == expected


def test_headline_and_labels(reader: Reader) -> None:
    assert "video_codec: 9.31 → 1.25 Mbps, 86.6 % lower in 25 trials; 11 adopted" in reader.text
    assert "proposals: recorded, then numeric; measurements: live" in reader.text


def test_two_values_never_contradict_the_gain_of_a_noisy_objective() -> None:
    sample = adopted_by_pairs(seed_only())
    opened = sample.events[0]
    assert isinstance(opened, ev.RunOpened)
    sample.events[0] = replace(opened, metrics=(replace(METRICS[0], noisy=True), *METRICS[1:]))
    text = Reader(render(state=sample.state(), load=sample.load, facts=FACTS)).text
    assert "video_codec: bitrate_mbps 36.0 % lower in 2 trials; 2 adopted" in text
    assert "those of the fresh pairs that the gain is of" in text
    assert "trial by trial, as measured in the search" in text


def test_a_reason_keeps_the_columns_of_its_further_lines() -> None:
    sample = seed_only()
    said = "build: p.c:2:28: error\n    return 9 +; }\n              ^"
    for trial, to in ((1, State.REFUSED), (2, State.NEEDS_PERSON)):
        sample.propose(trial)
        sample.move(trial, *([State.REFUSED] if trial == 1 else [State.FAILED, to]), reason=said)
    page = render(state=sample.state(), load=sample.load, facts=FACTS)
    assert page.count('<pre class="log" tabindex="0">    return 9 +; }\n              ^</pre>') == 3  # one is an alert
    assert page.count("build: p.c:2:28: error") == 3


def test_the_trend_has_a_mark_for_every_trial_that_has_its_verdict(page: str) -> None:
    trend = drawings(page)[0]
    assert len(marks(trend, "adopted")) == 12
    assert marks(trend, "broken") == ["t6: 3.10 Mbps", "t18: 1.33 Mbps"]
    assert [words.partition(":")[0] for words in marks(trend, "failed")] == ["t3", "t8", "t9", "t12", "t25"]
    assert len(marks(trend, "valid")) == 26 - 12 - 2 - 5
    assert trend.get("role") == "img"
    assert (trend.findtext("{*}title") or "").startswith("bitrate_mbps of 25 trials")


def test_the_incumbent_changes_when_a_resumed_trial_is_adopted_not_at_its_own(tmp_path: Path) -> None:
    toy = Toy(tmp_path, judge=jittery, noisy=True, holdout=False)
    toy.problem = replace(toy.problem, max_pairs=200)
    state = toy.run(ScriptedProposer(LITTLE, lag=1))
    assert (state.versions[1].trial, state.asked) == (1, 5)
    drawing = drawings(render(state=state, load=toy.blobs.get, facts=FACTS))[0]
    (stairs,) = [each for each in drawing.iter() if each.get("class") == "incumbent" and each.get("points")]
    across = [float(point.partition(",")[0]) for point in stairs.get("points", "").split()]
    seed, own = (
        float(each.get("cx", "nan")) for each in drawing.iter()
        if each.get("class") == "adopted" and each.find("{*}title") is not None
    )  # fmt: skip
    assert across[0] == seed < own < across[1] == across[2] == across[3]


def test_the_plane_shows_versions_and_the_constraint(page: str) -> None:
    plane = drawings(page)[1]
    assert marks(plane, "adopted")[0] == "v0 (t0): 9.31 Mbps, 37.2 dB"
    shade = next(each for each in plane.iter() if each.get("class") == "forbidden")
    bound = next(each for each in plane.iter() if each.get("class") == "bound")
    assert float(shade.get("y", "nan")) == float(bound.get("y1", "nan"))  # what is below 34 dB lies below the line
    assert "psnr_db >= 34 dB" in "".join(plane.itertext())


def test_labels_do_not_overlap(page: str) -> None:
    for drawing in drawings(page):
        labels = [each for each in drawing.iter() if each.get("class") == "label"]
        boxes = [(float(each.get("x", "0")), float(each.get("y", "0")), 3.2 * len(each.text or "")) for each in labels]
        assert len(boxes) >= 8
        for index, (x, y, half) in enumerate(boxes):
            assert not any(abs(x - right) < half + wide and abs(y - down) < 11 for right, down, wide in boxes[:index])


def test_losers_carry_their_reason(reader: Reader) -> None:
    assert reader.text.count("✗ Rejected") == 12
    assert reader.text.count("✓ Adopted") == 11
    assert "the same program as t2" in reader.text
    assert "out of memory in smoke/carphone; its proposer gave up" in reader.text


def test_failures_are_gathered_by_their_cause(reader: Reader) -> None:
    assert "Why trials failed" in reader.text
    assert "it is a program that was tried before" in reader.text
    assert "it did not end within its time" in reader.text


def test_a_holdout_shows_no_number(page: str) -> None:
    assert "987.6" not in page


def test_a_run_of_the_seed_alone() -> None:
    sample = seed_only()
    reader = Reader(render(state=sample.state(), load=sample.load, facts=FACTS))
    assert "9.31 Mbps; no trial yet" in reader.text
    assert len(reader.cells) == len(METRICS)


def test_a_run_that_was_only_opened() -> None:
    sample = Sample()
    sample.open()
    reader = Reader(render(state=sample.state(), load=sample.load, facts=FACTS))
    assert "nothing measured yet; 0 trials" in reader.text
    assert "svg" not in reader.tags


def test_money_that_is_unknown_is_not_nothing(reader: Reader) -> None:
    assert "at least 0.3700 (2 unknown)" in reader.text


def test_the_report_is_written_whole_or_not_at_all(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("the one before")
    with pytest.raises(JournalCorrupt, match="no blob"):
        write_report(state=sample.state(), load=Sample().load, facts=FACTS, path=path)
    assert path.read_text() == "the one before"
    write_report(state=sample.state(), load=sample.load, facts=FACTS, path=path)
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_full_disk_leaves_the_report_before(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("the one before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(Unavailable, match="can not write the report"):
            write_report(state=sample.state(), load=sample.load, facts=FACTS, path=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"report.html": "the one before"}


def test_a_place_that_can_not_be_written_is_said(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="report"):
        write_report(state=sample.state(), load=sample.load, facts=FACTS, path=tmp_path / "none" / "report.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable, match="folder"):
        write_report(state=sample.state(), load=sample.load, facts=FACTS, path=tmp_path / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_the_same_run_gives_the_same_page(sample: Sample, page: str) -> None:
    assert render(state=sample.state(), load=sample.load, facts=FACTS) == page


def test_the_largest_and_the_smallest_numbers_are_drawn(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    sizes = [(1.7e308, 40), (-1.7e308, 40), (1.7e308, 1.7e308), (5e-324, -1.7e308), (math.pi, 5e-324)]
    proposals = [proposal(size, quality) for size, quality in sizes]
    state = toy.run(ScriptedProposer([*proposals, proposal(-1.75e308, quality=31)], lag=1))
    page = render(state=state, load=toy.blobs.get, facts=replace(FACTS, tiers=(), phases=(), success=()))
    places = [float(number) for number in re.findall(r'\bc[xy]="([^"]*)"', page)]
    assert len(places) > 20 and all(0 <= place <= 680 for place in places)
