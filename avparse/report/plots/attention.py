"""Plots of attention: spatial over frames, temporal, and between seconds."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from avparse.prediction.attention import Relation
from avparse.report.plots.drawing import Drawing, literal, styled, svg

_HOT = (1.0, 0.55, 0.0)
_STRONGEST = 0.8
"""Opacity of the cell with the largest weight."""
_LEAST_S = 10
"""Shorter clips use the same time axis, so that their frames are not larger."""


def cells(frames: NDArray[np.uint8], where: Mapping[str, NDArray[np.floating]]) -> str:
    """Draw the frame of each second, and below it the spatial attention of each experiment, as SVG.

    Args:
        frames: (T, H, W, 3).
        where: experiment -> (T, h, w) weights relative to a uniform weight of 1.
    """
    count = len(frames)
    grey = np.repeat(frames.mean(-1, keepdims=True), 3, -1).astype(np.uint8)
    with styled():
        seconds = max(count, _LEAST_S)
        height = (1 + len(where)) * 9 / seconds
        figure = Drawing(figsize=(10, height + 0.5))
        axes = figure.subplots(1 + len(where), 1, sharex=True, squeeze=False)[:, 0]
        _row(axes[0], "frames", frames)
        for axis, (name, maps) in zip(axes[1:], where.items(), strict=True):
            _row(axis, name, grey)
            strong = np.maximum(0, maps - 1) / max(float(maps.max()) - 1, 1e-6)
            for t, alpha in enumerate(_STRONGEST * strong):
                layer = np.dstack((*(np.full(alpha.shape, c) for c in _HOT), alpha))
                _frame(axis, t, layer)
            axis.set_ylim(0, 1)
        axes[0].set_xlim(0, seconds)
        axes[-1].set_xlabel("seconds")
        figure.tight_layout(h_pad=0.2)
        return svg(figure)


def weights(rows: Mapping[str, NDArray[np.floating]]) -> str:
    """Draw temporal weights as rows, darker for larger weights, as SVG.

    Args:
        rows: name -> (T,) in [0, 1].
    """
    with styled():
        figure = Drawing(figsize=(10, 0.24 * len(rows) + 0.7))
        axis = figure.subplots()
        values = np.stack(list(rows.values()))
        axis.imshow(
            values, "Blues", aspect="auto", interpolation="nearest", vmin=0, vmax=1,
            extent=(0, values.shape[1], len(rows) - 0.5, -0.5),
        )  # fmt: skip
        axis.set_yticks(range(len(rows)), list(map(literal, rows)), fontsize=8)
        axis.tick_params(axis="y", length=0)
        axis.set_xlabel("seconds")
        figure.tight_layout()
        return svg(figure)


def relation(attention: Relation) -> str:
    """Draw the attention between seconds as SVG: rows are queries, columns are keys."""
    length = len(attention.weights) // 2
    with styled():
        figure = Drawing(figsize=(3.4, 3.4))
        axis = figure.subplots()
        axis.imshow(attention.weights, "Blues", interpolation="nearest", vmin=0)
        for line in (axis.axhline, axis.axvline):
            line(length - 0.5, color="0.5", linewidth=0.8)
        places = [length / 2 - 0.5, 1.5 * length - 0.5]
        axis.set_xticks(places, ["audio", "visual"])
        axis.set_yticks(places, ["audio", "visual"], rotation=90, va="center")
        axis.tick_params(length=0)
        axis.set_xlabel("key")
        axis.set_ylabel("query")
        figure.tight_layout()
        return svg(figure)


def _row(axis: Axes, name: str, frames: NDArray[np.uint8]) -> None:
    for t, frame in enumerate(frames):
        _frame(axis, t, frame)
    axis.set_ylim(0, 1)
    axis.set_yticks([0.5], [literal(name)])
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)


def _frame(axis: Axes, second: int, frame: NDArray[np.number]) -> None:
    axis.imshow(
        frame, extent=(second + 0.02, second + 0.98, 0, 1), aspect="auto",
        interpolation="bilinear",
    )  # fmt: skip
