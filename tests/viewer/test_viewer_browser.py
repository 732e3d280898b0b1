"""The pages in a real browser, opened from disk."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import CHROMIUM, Opened, open_page
from PIL import Image
from playwright.sync_api import Browser, Locator
from viewer_films import CLASSES, HOSTILE, build, experiments, far, predictions

from avparse.prediction.timeline import timelines

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")

PAGES = ["index.html", "videos/films/clip.html", "videos/_/long.html", "videos/_/odd.html"]
PAGES += ["videos/_/old.html", "videos/_/gone.html"]
CLIP = "videos/films/clip.html"
PLAYHEAD = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  return (box(".head").left + 1 - box(".ruler").left) / box(".ruler").width;
}"""
BARS = """() => [...document.querySelectorAll("button.event")].map((bar) => {
  const track = bar.closest(".track"), box = track.getBoundingClientRect();
  const own = bar.getBoundingClientRect();
  return [track.dataset.modality, track.dataset.label,
          (own.left - box.left) / box.width, (own.right - box.left) / box.width];
})"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


def shown_bars(opened: Opened, length_s: float) -> set[tuple[str, str, float, float]]:
    """The drawn events, in seconds."""
    return {
        (modality, label, round(length_s * left, 1), round(length_s * right, 1))
        for modality, label, left, right in opened.page.evaluate(BARS)
    }


def expected(kind: str, threshold: float, video: str) -> dict[tuple[str, str, float, float], float]:
    """Events by Python, with their scores."""
    seeds = (1, 2, 3) if kind == "han" else (7,)
    line = next(t for t in timelines(predictions(kind, seeds), threshold) if t.video_id == video)
    return {
        (e.modality.value, e.label, round(e.onset_s, 1), round(e.offset_s, 1)): e.score
        for e in line.events
    }


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_from_disk_and_ask_for_nothing_else(
    chromium: Browser, site: Path, name: str
) -> None:
    opened = open_page(chromium, site / name)
    assert opened.complaints == []
    video = "document.querySelector('video')?.videoWidth ?? null"
    found = opened.page.evaluate(video)
    assert found is None if name in ("index.html", "videos/_/gone.html") else found > 0
    titles = opened.page.locator("body").inner_text()
    assert HOSTILE in titles or name not in ("index.html", "videos/_/odd.html")


@pytest.mark.parametrize("name", ["index.html", CLIP, "videos/_/long.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.long
def test_pages_are_accessible(chromium: Browser, site: Path, name: str, scheme: str) -> None:
    found = Axe().run(open_page(chromium, site / name, scheme=scheme).page).response
    bad = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not bad, json.dumps(bad, indent=1)[:3000]


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_all_of_the_width(chromium: Browser, site: Path, name: str) -> None:
    page = open_page(chromium, site / name, width=360, height=740).page
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_events_are_those_of_python_at_any_threshold(chromium: Browser, site: Path) -> None:
    """Of every experiment, at its own threshold and at others."""
    script = """([index, threshold]) => {
      const data = JSON.parse(document.getElementById("data").textContent);
      const experiment = avparse.read(data.experiments[index]);
      return avparse.lanes(experiment, 0, threshold, data.duration).flatMap((lane) => lane.events);
    }"""
    compared = 0
    for video in ("films/clip", "_/long", "_/odd"):
        page = open_page(chromium, site / f"videos/{video}.html").page
        for index, one in enumerate(experiments()):
            kind = one.predictions.experiment
            for threshold in (one.threshold, 0.02, 0.05, 0.25, 0.37, 0.55, 0.7, 0.9):
                wanted = expected(kind, threshold, video.split("/")[1])
                events = page.evaluate(script, [index, threshold])
                found = {
                    (e["modality"], e["label"], round(e["onset"], 1), round(e["offset"], 1)): e[
                        "score"
                    ]
                    for e in events
                }
                assert found == pytest.approx(wanted, abs=1e-4), (video, kind, threshold)
                compared += len(wanted)
    assert compared > 200


def test_lanes_lie_where_the_events_are(chromium: Browser, site: Path) -> None:
    for video, length_s in (("films/clip", 9.6), ("_/long", 47.4)):
        opened = open_page(chromium, site / f"videos/{video}.html")
        wanted = expected("han", 0.5, video.split("/")[1])
        assert shown_bars(opened, length_s) == set(wanted)
        opened.page.get_by_role("button", name="Zoom in").click()
        assert shown_bars(opened, length_s) == set(wanted)


def test_the_slider_and_the_switches_draw_other_events(chromium: Browser, site: Path) -> None:
    opened = open_page(chromium, site / CLIP)
    page = opened.page
    page.locator("#threshold").fill("0.7")
    assert shown_bars(opened, 9.6) == set(expected("han", 0.7, "clip"))
    assert page.locator("#threshold-is").inner_text() == "0.70"
    page.locator("#reset").click()
    assert shown_bars(opened, 9.6) == set(expected("han", 0.5, "clip"))
    before = shown_bars(opened, 9.6)
    page.locator("#variant").select_option(label="seed 2")
    assert shown_bars(opened, 9.6) != before
    page.locator("#experiment").select_option(label="cmran")
    assert shown_bars(opened, 9.6) == set(expected("cmran", 0.5, "clip"))
    assert page.locator("#variant").is_disabled()
    labels = ".rows .label"
    assert CLASSES[3] not in page.locator(labels).all_inner_texts()
    page.locator("#all").check()
    assert CLASSES[3] in page.locator(labels).all_inner_texts()
    assert opened.complaints == []


def test_agreement_is_shown_by_the_second(chromium: Browser, site: Path) -> None:
    """Dog is audible from 2 to 6 and predicted by han from 0 to 6: two false, four hit."""
    page = open_page(chromium, site / CLIP).page
    spans = """() => {
      const track = document.querySelector('[data-modality="audio"][data-label="Dog"]');
      const box = track.getBoundingClientRect();
      return [...track.querySelectorAll(".predictions i")].map((piece) => {
        const own = piece.getBoundingClientRect();
        const ends = [own.left, own.right].map((x) => (x - box.left) / box.width);
        return [piece.className, ...ends];
      });
    }"""
    predicted = [e for e in expected("han", 0.5, "clip") if e[:2] == ("audio", "Dog")]
    active = {t for e in predicted for t in range(int(e[2]), int(e[3]))}
    true = {2, 3, 4, 5}
    for kind, wanted in (
        ("hit", active & true),
        ("false", active - true),
        ("missed", true - active),
    ):
        found = {
            t
            for how, left, right in page.evaluate(spans)
            if how == kind
            for t in range(round(9.6 * left), round(9.6 * right))
        }
        assert found == wanted, kind


def test_playing_moves_the_playhead(chromium: Browser, site: Path) -> None:
    page = open_page(chromium, site / CLIP).page
    assert page.evaluate(PLAYHEAD) == pytest.approx(0, abs=0.01)
    page.evaluate("document.querySelector('video').muted = true")
    page.locator("h1").click()
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('video').currentTime > 0.5")
    page.keyboard.press(" ")
    assert page.evaluate("document.querySelector('video').paused")
    page.wait_for_timeout(50)
    time = page.evaluate("document.querySelector('video').currentTime")
    assert page.evaluate(PLAYHEAD) == pytest.approx(time / 9.6, abs=0.01)


def test_clicks_and_keys_seek(chromium: Browser, site: Path) -> None:
    time = "document.querySelector('video').currentTime"
    page = open_page(chromium, site / CLIP).page
    box = page.locator(".ruler").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 5)
    assert page.evaluate(time) == pytest.approx(4.8, abs=0.05)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(time) == pytest.approx(5.8, abs=0.05)
    assert page.evaluate(PLAYHEAD) == pytest.approx(5.8 / 9.6, abs=0.01)
    page.keyboard.press("Home")
    assert page.evaluate(time) == 0
    ruler = page.get_by_role("slider", name="Time")
    assert ruler.get_attribute("aria-valuetext") == "0:00 of 0:09.6"
    event = page.locator('[data-modality="audio"][data-label="Dog"] button.truth')
    event.focus()
    assert page.locator("#hovered").inner_text() == "Truth: Dog, audio, 0:02 to 0:06"
    page.keyboard.press("Enter")
    assert page.evaluate(time) == 2


def test_hovering_shows_numbers(chromium: Browser, site: Path) -> None:
    page = open_page(chromium, site / CLIP).page
    track = page.locator('[data-modality="visual"][data-label="Rain"]')
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 2.5 / 9.6, box["y"] + 15)
    said = page.locator("#hovered").inner_text()
    assert said.startswith("0:02.5 · Rain, visual: 0.")
    assert "annotated" in said


def test_without_a_video_the_timeline_can_still_be_walked(chromium: Browser, site: Path) -> None:
    page = open_page(chromium, site / "videos/_/gone.html").page
    assert "The video file is missing." in page.locator("main").inner_text()
    page.keyboard.press("End")
    assert page.evaluate(PLAYHEAD) == pytest.approx(1, abs=0.01)


@pytest.mark.long
def test_a_long_video_zooms_and_scrolls(chromium: Browser, site: Path) -> None:
    page = open_page(chromium, site / "videos/_/long.html").page
    width = "document.querySelector('.ruler').offsetWidth"
    before = page.evaluate(width)
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert page.evaluate(width) == pytest.approx(4 * before, rel=0.01)
    page.keyboard.press("End")
    inside = """() => {
      const box = document.querySelector("#timeline").getBoundingClientRect();
      const head = document.querySelector(".head").getBoundingClientRect();
      return head.left >= box.left && head.left <= box.right;
    }"""
    assert page.evaluate(inside)
    assert page.evaluate("document.documentElement.scrollWidth") == 1200


def brightness(part: Locator) -> float:
    """Brightness of the middle of an element, as displayed."""
    drawn = Image.open(io.BytesIO(part.screenshot())).convert("L")
    width, height = drawn.size
    middle = drawn.crop((width // 2 - 8, height // 2 - 8, width // 2 + 8, height // 2 + 8))
    return float(np.mean(middle))


def time_of(cell: Locator) -> float:
    return float(cell.get_attribute("data-time") or "nan")


@pytest.mark.long
def test_frames_of_a_long_video_lie_at_their_times(chromium: Browser, tmp_path: Path) -> None:
    """Thirty thumbnails in rows of twelve, every second one if there is no room for all; the
    brightness of each is its second."""
    viewer = far(tmp_path)
    page = open_page(chromium, viewer / "videos/_/far.html").page
    times = page.evaluate(
        "JSON.parse(document.getElementById('data').textContent).thumbnails.times"
    )
    assert len(times) == 30
    cells = page.locator(".cell")
    shown = [time_of(cells.nth(number)) for number in range(cells.count())]
    assert len(shown) == 15
    assert set(shown) < set(times)
    for number in (0, 5, 14):
        assert brightness(cells.nth(number)) == pytest.approx(shown[number], abs=4)
    for _ in range(4):
        page.keyboard.press("+")
    assert [time_of(cells.nth(number)) for number in range(cells.count())] == times
    for number in (0, 11, 12, 13, 24, 29):
        assert brightness(cells.nth(number).locator("i")) == pytest.approx(times[number], abs=4)
    centres = page.evaluate("""() => {
      const ruler = document.querySelector(".ruler").getBoundingClientRect();
      return [...document.querySelectorAll(".picture")].map((picture) => {
        const own = picture.getBoundingClientRect();
        return ((own.left + own.right) / 2 - ruler.left) / ruler.width;
      });
    }""")
    room = 32 / page.evaluate("document.querySelector('.ruler').offsetWidth") * 150
    assert [150 * centre for centre in centres] == pytest.approx(times, abs=room + 0.05)
    wave = page.evaluate("""() => {
      const box = document.querySelector(".wave svg").viewBox.baseVal;
      const points = [...document.querySelector(".wave polygon").points];
      const loud = points.filter((point) => point.y < 0.7).map((point) => point.x / box.width);
      return [Math.min(...loud), Math.max(...loud)];
    }""")
    assert [150 * end for end in wave] == pytest.approx([100, 101], abs=0.1)
    index = open_page(chromium, viewer / "index.html").page
    assert brightness(index.locator(".thumbnail")) == pytest.approx(times[15], abs=4)


@pytest.mark.long
def test_the_index_finds_and_sorts(chromium: Browser, site: Path) -> None:
    opened = open_page(chromium, site / "index.html")
    page = opened.page
    titles = page.locator(".card .title")
    assert titles.all_inner_texts()[0] == "clip"  # the only one with a score
    page.locator("#sort").select_option("longest")
    assert titles.all_inner_texts()[0] == "long.mp4"
    page.locator("#search").fill("rain it's")
    assert titles.all_inner_texts() == [HOSTILE]
    page.reload()
    assert titles.all_inner_texts() == [HOSTILE]
    page.locator(".card").first.click()
    assert page.locator("h1").inner_text() == HOSTILE
    page.go_back()
    assert titles.all_inner_texts() == [HOSTILE]
    page.locator("#search").fill("nothing like it")
    assert page.locator("#count").inner_text() == "0 of 5 videos"
    assert opened.complaints == []
