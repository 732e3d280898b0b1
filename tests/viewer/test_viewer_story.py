"""The viewer of a real run, and of `avparse parse`."""

import json
import re
from pathlib import Path

import pytest
from browser import CHROMIUM, browser, lanes_of, open_page
from conftest import Cli
from running import table

pytestmark = pytest.mark.story


def data_of(page: Path) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text())
    assert found
    data: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return data


def test_the_run_shows_its_test_videos_with_their_scores(tiny_project: Path) -> None:
    viewer = tiny_project / "results/viewer"
    rows = data_of(viewer / "index.html")["videos"]
    assert [row["page"] for row in rows] == ["mine/f", "mine/large"]
    names = {row["experiment"] for row in table(tiny_project / "results/metrics.tsv")}
    for row in rows:
        assert isinstance(row["scores"], dict)
        assert set(row["scores"]) == names
        data = data_of(viewer / f"videos/{row['page']}.html")
        assert (viewer / "videos/mine" / str(data["source"])).resolve().is_file()
        assert {str(experiment["name"]) for experiment in data["experiments"]} == names
        assert "parsing" in data["truth"]


def test_pages_show_attention(tiny_project: Path) -> None:
    data = data_of(tiny_project / "results/viewer/videos/mine/f.html")
    attended = {str(e["name"]): e["attention"] for e in data["experiments"]}
    assert attended.pop("linear") == {}
    (han,) = attended.values()
    assert isinstance(han, dict)
    assert han["when"]["shape"][:2] == [2, 2]  # seconds, and audio or visual
    assert "f: temporal attention, han" in (tiny_project / "results/report/index.html").read_text()


def test_the_mean_of_the_scores_is_the_metric(tiny_project: Path) -> None:
    """With one seed, the average over seeds is that seed."""
    rows = data_of(tiny_project / "results/viewer/index.html")["videos"]
    for metric in table(tiny_project / "results/metrics.tsv"):
        if (metric["seed"], metric["split"], metric["metric"]) == ("1", "test", "segment_type_av"):
            scores = [dict(row["scores"])[metric["experiment"]] for row in rows]  # type: ignore[call-overload]
            assert sum(scores) / 2 == pytest.approx(float(metric["value"]), abs=0.06)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_pages_find_the_events_of_the_events_file(tiny_project: Path) -> None:
    viewer = tiny_project / "results/viewer"
    with browser() as chromium:
        for row in data_of(viewer / "index.html")["videos"]:
            page = open_page(chromium, viewer / f"videos/{row['page']}.html").page
            for name in ("han", "linear"):
                found = [
                    (e["modality"], e["label"], f"{e['onset']:.3f}", f"{e['offset']:.3f}")
                    for e in lanes_of(page, name)
                ]
                events = table(tiny_project / f"results/events/{name}.tsv")
                columns = ("modality", "label", "onset", "offset")
                own = [e for e in events if e["video"] == row["title"]]
                assert sorted(found) == sorted(tuple(e[c] for c in columns) for e in own)


def test_parse_writes_pages_that_play(tiny_project: Path, tmp_path: Path, cli: Cli) -> None:
    video, checkpoint = tiny_project / "films/f.mp4", tiny_project / "results/checkpoints/han"
    weights = tiny_project / "resources/weights"
    done = cli("parse", video, "--checkpoint", checkpoint, "--weights", weights, "--out", "lines")
    assert done.returncode == 0, done.stderr
    assert 'href="viewer/index.html"' in (tmp_path / "lines/index.html").read_text()
    page = tmp_path / "lines/viewer/videos/_/f.html"
    assert (page.parent / str(data_of(page)["source"])).resolve() == video.resolve()
