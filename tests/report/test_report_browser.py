"""The report in a real browser, opened from disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import CHROMIUM, open_page
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from avparse.core.events import Event, Modality
from avparse.evaluation.breakdown import Confusion
from avparse.report import page
from avparse.report.page import Figure, Gallery, Page, Scores, drawing
from avparse.report.plots import charts, timeline
from avparse.report.plots.timeline import Lane

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")

HOSTILE = "<script>alert(1)</script>" + "x" * 300


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bars = charts.class_bars({"audio": np.array([[50.0, 70.0]])}, ["Bell", "$Drum"])
    matrix = charts.confusion(Confusion(("a", "background"), np.array([[3, 1], [0, 2]])))
    lanes = [Lane("han", Modality.AUDIO, [Event(1, 3, Modality.AUDIO, "Bell", 0.7)])]
    strip = timeline.timeline(None, lanes, ["Bell"], 10)
    scores = [
        ["score", "test"],
        ["first", "9.5 ± 1.0"],
        ["second", "80.1 ± 0.2"],
        ["third", "80.0 ± 3.0"],
    ]
    failures = [["clip", "reason"], *([f"clip {n}", f"reason {n % 3}"] for n in range(40))]
    path = tmp_path_factory.mktemp("report") / "index.html"
    content = Page(
        "avparse",
        "Audible and visible events.",
        cards=[("videos", "3")],
        notices=["Random weights."],
        scores=[Scores("han", "about", scores, 1, [Figure(drawing(bars), "bars")])],
        sections=[
            Gallery("Videos", "", [Figure(drawing(strip), HOSTILE)]),
            Gallery("Maps", "", [Figure(drawing(matrix), "matrix", wide=False)]),
        ],
        tables={"Failures": failures, "Data": [["a"]]},
        settings="raw: data/raw",
    )
    page.write(content, path)
    return path


def wait_for(page: Tab, table: str, cells: list[str]) -> None:
    """Wait until the first column of a table has these cells."""
    script = """([table, cells]) => {
      const rows = [...document.querySelectorAll(`${table} tbody tr`)].filter((row) => !row.hidden);
      return JSON.stringify(rows.map((row) => row.cells[0].textContent)) === JSON.stringify(cells);
    }"""
    page.wait_for_function(script, arg=[table, cells], timeout=5000)


def test_it_opens_from_disk_and_asks_for_nothing_else(chromium: Browser, report: Path) -> None:
    opened = open_page(chromium, report)
    assert opened.complaints == []
    assert HOSTILE in opened.page.locator("body").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(chromium: Browser, report: Path, scheme: str) -> None:
    found = Axe().run(open_page(chromium, report, scheme=scheme).page).response
    bad = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not bad, json.dumps(bad, indent=1)[:3000]


def test_a_phone_shows_all_of_the_width(chromium: Browser, report: Path) -> None:
    page = open_page(chromium, report, width=360, height=740).page
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_tables_sort_by_number_with_keys_alone(chromium: Browser, report: Path) -> None:
    page = open_page(chromium, report).page
    wait_for(page, "#part-0-table", ["first", "second", "third"])
    page.locator("#part-0-table th").nth(1).focus()
    page.keyboard.press("Enter")
    wait_for(page, "#part-0-table", ["second", "third", "first"])
    page.keyboard.press("Enter")
    wait_for(page, "#part-0-table", ["first", "third", "second"])


def test_long_tables_filter_as_one_types_sorted_or_not(chromium: Browser, report: Path) -> None:
    page = open_page(chromium, report).page
    assert page.get_by_label("Filter").count() == 1
    page.get_by_label("Filter").fill("REASON 2")
    wait_for(page, "#part-3-table", [f"clip {n}" for n in range(40) if n % 3 == 2])
    page.locator("#part-3-table th").nth(0).click()
    page.get_by_label("Filter").fill("clip 1")
    wait_for(page, "#part-3-table", [f"clip {n}" for n in (*range(19, 9, -1), 1)])


def test_the_contents_lead_to_the_parts(chromium: Browser, report: Path) -> None:
    page = open_page(chromium, report, height=400).page
    page.get_by_role("link", name="Failures").click()
    assert page.locator("h2#part-3").bounding_box()["y"] < 200  # type: ignore[index]


def test_folded_parts_are_printed(chromium: Browser, report: Path) -> None:
    page = open_page(chromium, report).page
    assert page.evaluate("document.querySelector('details').open") is False
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelector('details').open") is True
