import re
from pathlib import Path

import numpy as np

from avparse.media.preview import Preview
from avparse.report import figures, page
from avparse.report.figures import Lane
from avparse.report.page import Figure, Gallery, Page, Row, ScoreTable
from avparse.timeline import Event, Modality

NASTY = '<script>alert("x")</script>&'


def shown(tmp_path: Path, content: Page) -> str:
    page.write(content, tmp_path / "index.html")
    return (tmp_path / "index.html").read_text()


def test_names_from_files_appear_as_text(tmp_path: Path) -> None:
    svg = figures.timeline(None, [Lane(NASTY, Modality.AUDIO, [])], [NASTY], 10)
    lanes = [Lane("m", Modality.AUDIO, [Event(1, 3, Modality.AUDIO, NASTY, 0.5)])]
    labelled = figures.timeline(None, lanes, [NASTY], 10)
    drawn = [Figure(page.drawing(s), NASTY) for s in (svg, labelled)]
    text = shown(
        tmp_path,
        Page(
            NASTY,
            NASTY,
            cards=[(NASTY, NASTY)],
            notices=[NASTY],
            scores=[ScoreTable(NASTY, NASTY, [NASTY], [Row([NASTY])])],
            sections=[Gallery(NASTY, NASTY, drawn)],
            failures=[{"clip": NASTY, "stage": NASTY, "reason": NASTY}],
            tables={NASTY: [[NASTY], [NASTY]]},
            settings=NASTY,
        ),
    )
    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 15


def test_page_stands_alone(tmp_path: Path) -> None:
    text = shown(tmp_path, Page("a", "b"))
    assert not re.search(r"(src|href)=|@import|url\(", text)


def test_empty_parts_are_left_out_and_no_failure_is_said(tmp_path: Path) -> None:
    assert "Failures" not in shown(tmp_path, Page("a", "b"))
    assert "No clip failed." in shown(tmp_path, Page("a", "b", failures=[]))


def test_timeline_shows_every_lane_and_event() -> None:
    events = [
        Event(1, 4, Modality.AUDIO, "Dog", 0.8),
        Event(2, 4, Modality.AUDIO, "Cat", 0.7),
    ]
    lanes = [Lane("truth", Modality.AUDIO, events), Lane("han", Modality.VISUAL, [])]
    seen = Preview(4, np.zeros((4, 8, 8, 3), np.uint8), np.zeros(160, np.float32))
    svg = figures.timeline(seen, lanes, ["Cat", "Dog"], 4)
    assert svg.startswith("<svg")
    for word in ("truth", "han", "heard", "seen", "Dog 0.80", "Cat 0.70", "seconds"):
        assert word in svg


def test_drawings_are_the_same_each_time() -> None:
    lanes = [Lane("truth", Modality.VISUAL, [Event(0, 2, Modality.VISUAL, "Dog")])]
    first, second = (figures.timeline(None, lanes, ["Dog"], 5) for _ in range(2))
    assert first == second


def test_curves_have_a_line_for_each_seed() -> None:
    rows = [
        {"epoch": str(e), "loss": "1.0", "score": "nan" if e == 1 else "50", "learning_rate": "1"}
        for e in (1, 2)
    ]
    svg = figures.curves({"1": rows, "2": rows}, "accuracy")
    assert "seed 1" in svg
    assert "seed 2" in svg
    assert "accuracy on the selection split" in svg
