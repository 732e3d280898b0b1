"""Pages display the attention of the models."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import CHROMIUM, open_page
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from viewer_films import CLASSES, build, experiments, predictions

from avparse.prediction.attention import VideoAttention, of_video
from avparse.viewer import payload

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")

ALPHA = """(canvas) => {
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[4 * (y * width + x) + 3]));
}"""
BOX = """(element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


def expected(kind: str, video: str = "long") -> VideoAttention:
    found = predictions(kind, (1, 2, 3) if kind == "han" else (7,))
    rows = [row for row, clip in enumerate(found.clips) if clip.video_id == video]
    return of_video(found.only(rows))


def opened(chromium: Browser, site: Path, kind: str, second: int, name: str = "_/long") -> Page:
    page = open_page(chromium, site / f"videos/{name}.html").page
    kinds = [one.predictions.experiment for one in experiments()]
    page.locator("#experiment").select_option(str(kinds.index(kind)))
    page.locator(".ruler").focus()
    page.keyboard.press("Home")
    for _ in range(second):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('video').currentTime >= {second}")
    return page


def alpha(page: Page, canvas: str) -> NDArray[np.float64]:
    return np.array(page.locator(canvas).evaluate(ALPHA)) / 255


@pytest.mark.parametrize("kind", ["cmran", "avel"])
@pytest.mark.parametrize("second", [0, 6, 31])
def test_cells_that_count_more_are_marked(
    chromium: Browser, site: Path, kind: str, second: int
) -> None:
    where = expected(kind).where
    assert where is not None
    page = opened(chromium, site, kind, second)
    marked = 0.75 * np.maximum(0, where[second] - 1) / (where.max() - 1)
    np.testing.assert_allclose(alpha(page, ".screen canvas"), marked, atol=0.015)
    (peak,) = re.findall(r"weight: ([\d.]+) times", page.locator("#attention-peak").inner_text())
    assert float(peak) == pytest.approx(where[second].max(), abs=0.1)


def test_the_layer_covers_the_view_of_the_model(chromium: Browser, site: Path) -> None:
    page = opened(chromium, site, "avel", 1)
    for kind, crop in (("avel", None), ("cmran", 224 / 256)):
        kinds = [one.predictions.experiment for one in experiments()]
        page.locator("#experiment").select_option(str(kinds.index(kind)))
        video, layer = (page.locator(n).evaluate(BOX) for n in ("video", ".screen canvas"))
        scale = min(video[2] / 128, video[3] / 96)  # its frames are 128 x 96
        wanted = (crop * 96 * scale,) * 2 if crop else (128 * scale, 96 * scale)
        assert layer[2:] == pytest.approx(wanted, abs=1)
        for axis in (0, 1):
            middle = video[axis] + video[2 + axis] / 2
            assert layer[axis] + layer[2 + axis] / 2 == pytest.approx(middle, abs=1)


def test_the_map_of_seconds_is_that_of_the_clip(chromium: Browser, site: Path) -> None:
    second = 12
    relation = [r for r in expected("cmran").relations if r.start <= second][-1]
    page = opened(chromium, site, "cmran", second)
    drawn = alpha(page, "#relation canvas")
    own = [second - relation.start, 10 + second - relation.start]
    others = np.delete(np.arange(20), own)
    wanted = relation.weights / relation.weights.max()
    np.testing.assert_allclose(drawn[others], wanted[others], atol=0.02)
    assert (drawn[own] > wanted[own] - 0.02).all()
    assert drawn[own].min() > 0.2  # the rows of this second are marked


def test_rows_show_seconds_and_units(chromium: Browser, site: Path) -> None:
    found = expected("han")
    assert found.when is not None
    assert found.levels is not None
    page = opened(chromium, site, "han", 0)
    rows = page.locator(".row", has=page.locator(".faint"))
    labels = rows.locator(".label").all_inner_texts()
    shown = [c for c in CLASSES if f"{c}, audio" in labels]
    assert "Dog" in shown
    assert "never" not in shown
    units = [f"Unit {u}, {how}" for how in ("audio", "visual") for u in (1, 2, 3, 4)]
    assert labels == [f"{c}, {how}" for c in shown for how in ("audio", "visual")] + units
    for label, values in (
        ("Dog, visual", found.when[:, 1, 0]),
        ("Unit 3, audio", found.levels[:, 0, 2]),
    ):
        heat = rows.nth(labels.index(label)).locator("canvas").evaluate(ALPHA)
        whole = found.when[..., :3].max() if "Dog" in label else found.levels.max()
        np.testing.assert_allclose(np.array(heat)[0] / 255, values / whole, atol=0.02)
    own = page.get_by_role("group", name="Attention, Unit 3, audio")
    strongest = int(found.levels[:, 0, 2].argmax())
    assert str(own.get_attribute("aria-label")).endswith(f"largest at 0:{strongest:02}")
    own.locator("canvas").hover()
    assert "Attention, Unit 3, audio: weight 0." in page.locator("#hovered").inner_text()


def test_it_can_be_turned_off_and_is_not_offered_without_any(chromium: Browser, site: Path) -> None:
    page = opened(chromium, site, "cmran", 2)
    shown = [page.locator(name) for name in (".screen canvas", "#relation")]
    assert all(one.is_visible() for one in shown)
    page.get_by_label("Attention", exact=True).uncheck()
    assert not any(one.is_visible() for one in shown)
    assert page.locator("#attention-peak").inner_text() == ""
    page.get_by_label("Attention", exact=True).check()
    assert all(one.is_visible() for one in shown)
    page.locator("#experiment").select_option("1")  # MA, made without any
    assert page.locator("#attention-peak").inner_text() == ""
    assert not page.get_by_label("Attention", exact=True).is_visible()
    assert not any(one.is_visible() for one in shown)


def test_a_film_that_is_gone_has_no_layer(chromium: Browser, site: Path) -> None:
    page = open_page(chromium, site / "videos/_/gone.html").page
    page.locator("#experiment").select_option("2")
    assert page.locator(".screen").count() == 0
    assert page.locator("#relation").is_visible()


def test_seconds_without_a_clip_show_nothing(chromium: Browser, site: Path) -> None:
    page = opened(chromium, site, "avel", 3)
    assert page.locator(".screen canvas").is_visible()
    page.evaluate("""() => {
      const data = JSON.parse(document.getElementById("data").textContent);
      const payload = data.experiments.find((one) => one.name === "avel");
      for (const clip of payload.clips) clip.seen = clip.seen.filter((t) => clip.start + t !== 3);
      const found = new avparse.Attention(document.querySelector(".screen"),
                                          document.getElementById("relation"));
      found.second = 3;
      found.set(avparse.read(payload));
      document.body.dataset.said = `(${found.describe()})`;
    }""")
    assert page.locator(".screen canvas").is_hidden()
    assert page.locator("body").get_attribute("data-said") == "()"


def test_what_pages_read_by_hand() -> None:
    where = np.ones((2, 1, 2))
    where[1] = [[2.0, 0.0]]
    made: dict[str, Any] = payload.of_attention(VideoAttention(where, None, None, None, ()), [])
    assert made == {"where": {"shape": [2, 1, 2], "most": 2.0, "levels": "gID/AA=="}, "crop": None}
    assert payload.of_attention(VideoAttention(None, None, None, None, ()), [0]) == {}
