"""Plots of attention."""

import re

import numpy as np
from drawn import images, texts

from avparse.prediction.attention import Relation
from avparse.report.plots import attention

NASTY = "<b>$Dog & 'Cat'</b>"


def test_the_cell_that_counts_most_is_orange_and_the_others_are_grey() -> None:
    frames = np.full((2, 28, 28, 3), (40, 90, 140), np.uint8)
    where = np.full((2, 7, 7), 48 / 49)
    where[1, 2, 5] = 49 - 48 * 48 / 49
    plain, looked = images(attention.cells(frames, {NASTY: where}))
    assert (plain[..., :3].reshape(-1, 3) == (40, 90, 140)).all(-1).mean() > 0.9
    height, width = looked.shape[:2]

    def colour(second: int, row: int, column: int) -> list[int]:
        x = (second + 0.02 + 0.96 * (column + 0.5) / 7) * width / 2
        return [int(v) for v in looked[int((row + 0.5) / 7 * height), int(x), :3]]

    red, _, blue = colour(1, 2, 5)
    assert red > blue + 100
    for place in ((0, 2, 5), (1, 5, 2), (1, 2, 1), (1, 6, 5)):
        assert colour(*place) == [90, 90, 90]


def test_names_are_written_as_they_are() -> None:
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    svg = attention.cells(frames, {NASTY: np.ones((1, 7, 7))})
    assert "&lt;b&gt;$Dog &amp; 'Cat'&lt;/b&gt;" in texts(svg)
    assert "&lt;b&gt;$Dog &amp; 'Cat'&lt;/b&gt;" in texts(attention.weights({NASTY: np.ones(3)}))


def test_rows_of_weights_are_darkest_where_they_are_largest() -> None:
    rows = {"Dog, audio": np.array([0.0, 0.5, 1.0]), "Dog, visual": np.array([1.0, 0.0, 0.0])}
    svg = attention.weights(rows)
    assert {"Dog, audio", "Dog, visual", "seconds"} <= {*texts(svg)}
    (drawn,) = images(svg)
    light = drawn[..., :3].sum(-1).astype(int)
    height, width = light.shape
    places = [
        [light[height * (1 + 2 * r) // 4, width * (1 + 2 * t) // 6] for t in range(3)]
        for r in (0, 1)
    ]
    assert places[0][0] > places[0][1] > places[0][2] == places[1][0]


def test_a_relation_has_four_quarters() -> None:
    weights = np.zeros((4, 4))
    weights[0, 3] = 1  # the first audio second attends to the second visual one
    svg = attention.relation(Relation(0, weights))
    assert texts(svg).count("audio") == texts(svg).count("visual") == 2
    assert {"query", "key"} <= {*texts(svg)}
    (drawn,) = images(svg)
    dark = drawn[..., :3].sum(-1) < 400
    height, width = dark.shape
    rows, columns = np.nonzero(dark)
    assert rows.max() < height / 4 + 2
    assert columns.min() > 3 * width / 4 - 2


def test_a_short_clip_is_drawn_no_larger() -> None:
    def shape(seconds: int) -> tuple[float, ...]:
        frames = np.zeros((seconds, 8, 8, 3), np.uint8)
        svg = attention.cells(frames, {"cmran": np.ones((seconds, 7, 7))})
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
        assert found
        return tuple(map(float, found.groups()))

    assert shape(1) == shape(10)
