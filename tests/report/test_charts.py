import re

import numpy as np
import pytest
from drawn import texts

from avparse.evaluation.breakdown import Confusion, Sweep
from avparse.report.plots import charts

NASTY = "<b>$Dog & 'Cat'</b>"


def row(epoch: int) -> dict[str, str]:
    score = "nan" if epoch == 1 else "50"
    return {"epoch": str(epoch), "loss": "1.0", "score": score, "learning_rate": "1"}


def test_curves_have_a_line_for_each_seed() -> None:
    svg = charts.curves({"1": [row(1), row(2)], "2": [row(1), row(2)]}, "accuracy")
    assert {"seed 1", "seed 2", "accuracy on the selection split, %"} <= {*texts(svg)}


def test_a_single_epoch_is_a_point() -> None:
    one, two = (charts.curves({"1": rows}, "x") for rows in ([row(2)], [row(1), row(2)]))
    # Ticks are straight; a point is a circle, here on both axes and in the legend.
    circle = re.compile(r'<path id="(m\w+)" d="M [^"]*\sC ')
    drawn = [sum(svg.count(f'href="#{i}"') for i in circle.findall(svg)) for svg in (one, two)]
    assert drawn == [3, 0]


def test_bars_name_all_classes_and_leave_out_unknown_ones() -> None:
    scores = {"audio": np.array([[50.0, np.nan], [70.0, np.nan]]), "visual": np.zeros((2, 2))}
    svg = charts.class_bars(scores, [NASTY, "Bell"])
    assert "&lt;b&gt;$Dog &amp; 'Cat'&lt;/b&gt;" in texts(svg)
    assert {"audio", "visual", "Bell"} <= {*texts(svg)}
    assert "nan" not in svg.lower()


def test_confusions_are_percent_of_each_row() -> None:
    found = Confusion(("a", "b", "background"), np.array([[3, 1, 0], [0, 0, 0], [0, 0, 5]]))
    numbers = [text for text in texts(charts.confusion(found)) if text.isdigit()]
    assert sorted(numbers) == ["100", "25", "75"]


def test_a_sweep_marks_both_thresholds() -> None:
    values = np.array([10.0, 30.0])
    found = Sweep(np.array([0.2, 0.5]), {"val": values[::-1], "test": values}, 0.5, 0.2)
    assert {"val", "test", "configured", "best on val"} <= {*texts(charts.sweep(found, "score"))}


@pytest.mark.parametrize("labels", [25, 1])
def test_points_are_listed_by_label(labels: int) -> None:
    svg = charts.scatter([(n, -n, f"class {n % labels}") for n in range(50)])
    assert {f"class {n}" for n in range(labels)} <= {*texts(svg)}


def test_text_has_the_colour_of_the_page() -> None:
    svg = charts.ranking([("a", 50, 1), ("b", 40, 2)])
    assert "currentColor" in svg
    assert "#010203" not in svg
    assert svg == charts.ranking([("a", 50, 1), ("b", 40, 2)])
