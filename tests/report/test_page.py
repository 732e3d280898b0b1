import re
from pathlib import Path

import numpy as np

from avparse.core.events import Event, Modality
from avparse.media.thumbnails import Preview
from avparse.report import page
from avparse.report.page import Figure, Gallery, Page, Scores
from avparse.report.plots import timeline
from avparse.report.plots.timeline import Lane

NASTY = '<script>alert("x")</script>&'


def shown(tmp_path: Path, content: Page) -> str:
    page.write(content, tmp_path / "index.html")
    return (tmp_path / "index.html").read_text()


def test_names_from_files_appear_as_text(tmp_path: Path) -> None:
    svg = timeline.timeline(None, [Lane(NASTY, Modality.AUDIO, [])], [NASTY], 10)
    lanes = [Lane("m", Modality.AUDIO, [Event(1, 3, Modality.AUDIO, NASTY, 0.5)])]
    labelled = timeline.timeline(None, lanes, [NASTY], 10)
    drawn = [Figure(page.drawing(s), NASTY, wide) for s, wide in ((svg, True), (labelled, False))]
    table = [[NASTY], *[[NASTY]] * 10]
    text = shown(
        tmp_path,
        Page(
            NASTY,
            NASTY,
            cards=[(NASTY, NASTY)],
            notices=[NASTY],
            scores=[Scores(NASTY, NASTY, table, 0, drawn)],
            sections=[Gallery(f"2 {NASTY}", NASTY, drawn)],
            tables={f"3 {NASTY}": table},
            settings=NASTY,
        ),
    )
    assert text.count("<script") == text.count("</script>") == 1
    assert text.count("&lt;script&gt;") > 30


def test_page_stands_alone(tmp_path: Path) -> None:
    text = shown(tmp_path, Page("a", "b", tables={"t": [["x"], ["1"]]}))
    body, script = text.split("<script>")
    assert set(re.findall(r'(?:src|href)="([^"]*)"', body)) == {"#part-0"}
    assert not re.search(r"@import|url\(", body)
    assert not re.search(r"https?:|fetch\(|XMLHttp", script)


def test_empty_parts_are_left_out_and_an_empty_table_is_said(tmp_path: Path) -> None:
    assert "Failures" not in shown(tmp_path, Page("a", "b"))
    text = shown(tmp_path, Page("a", "b", tables={"Failures": [["clip"]]}))
    assert "<p>None.</p>" in text
    assert "<table" not in text


def test_only_the_main_score_stands_out(tmp_path: Path) -> None:
    scores = Scores("e", "", [["score", "test"], ["a", "1"], ["b", "2"]], main=1)
    text = shown(tmp_path, Page("a", "b", scores=[scores]))
    assert re.findall(r'<tr class="main"><td>(.)</td>', text) == ["b"]


def test_timeline_shows_every_lane_and_event() -> None:
    events = [
        Event(1, 4, Modality.AUDIO, "Dog", 0.8),
        Event(2, 4, Modality.AUDIO, "Cat", 0.7),
    ]
    lanes = [Lane("truth", Modality.AUDIO, events), Lane("han", Modality.VISUAL, [])]
    black = np.zeros((4, 8, 8, 3), np.uint8)
    preview = Preview(4, (0.5, 1.5, 2.5, 3.5), black, np.zeros(160, np.float32))
    svg = timeline.timeline(preview, lanes, ["Cat", "Dog"], 4)
    assert svg.startswith("<svg")
    for word in ("truth", "han", "audio", "visual", "Dog 0.80", "Cat 0.70", "seconds"):
        assert word in svg


def test_drawings_are_the_same_each_time() -> None:
    lanes = [Lane("truth", Modality.VISUAL, [Event(0, 2, Modality.VISUAL, "Dog")])]
    first, second = (timeline.timeline(None, lanes, ["Dog"], 5) for _ in range(2))
    assert first == second
