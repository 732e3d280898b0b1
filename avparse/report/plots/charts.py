"""Charts of scores and training curves, as SVG."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from avparse.evaluation.breakdown import Confusion, Sweep
from avparse.report.plots.drawing import INK, Drawing, literal, strong, styled, svg

_WIDE = 10
"""Width of a page in inches."""

_NUMBERED = 12
"""The most classes for which cells of a matrix show numbers."""


def curves(histories: Mapping[str, Sequence[Mapping[str, str]]], score: str) -> str:
    """Draw loss and selection score over epochs, with a line for each seed.

    Args:
        histories: seed -> rows of the history table.
        score: display name of the score.
    """
    with styled():
        figure = Drawing(figsize=(_WIDE, 2.6))
        left, right = figure.subplots(1, 2)
        for seed, rows in histories.items():
            epochs = [int(row["epoch"]) for row in rows]
            line: dict[str, Any] = {"lw": 1.2, "marker": "o" if len(epochs) == 1 else ""}
            left.plot(epochs, [float(row["loss"]) for row in rows], label=f"seed {seed}", **line)
            right.plot(epochs, [float(row["score"]) for row in rows], **line)
        left.set(xlabel="epoch", title="training loss")
        right.set(xlabel="epoch", title=f"{score} on the selection split, %")
        for axis in (left, right):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.legend(frameon=False)
        figure.tight_layout()
        return svg(figure)


def ranking(scores: Sequence[tuple[str, float, float]]) -> str:
    """Draw means with standard deviations, the first on top.

    Args:
        scores: name, mean, standard deviation.
    """
    with styled():
        figure = Drawing(figsize=(8, 0.6 + 0.26 * len(scores)))
        axis = figure.subplots()
        places = range(len(scores))
        means, spreads = [mean for _, mean, _ in scores], [spread for _, _, spread in scores]
        axis.errorbar(means, places, xerr=spreads, fmt="o", color=strong(0), capsize=3, lw=1.2)
        axis.set_yticks(places, [literal(name) for name, _, _ in scores])
        axis.invert_yaxis()
        axis.set_xlabel("%, mean and standard deviation over seeds")
        axis.grid(axis="x", lw=0.4)
        figure.tight_layout()
        return svg(figure)


def class_bars(scores: Mapping[str, NDArray[np.floating]], classes: Sequence[str]) -> str:
    """Draw the F-score of every class: mean and standard deviation over seeds, a bar per modality.

    Args:
        scores: modality -> (S, C) percent, NaN for classes neither true nor predicted.
        classes: C names.
    """
    with styled():
        figure = Drawing(figsize=(_WIDE, 3.2))
        axis = figure.subplots()
        width = 0.8 / len(scores)
        for number, (name, values) in enumerate(scores.items()):
            places = np.arange(len(classes)) + (number - (len(scores) - 1) / 2) * width
            known = ~np.isnan(values).all(0)
            mean, spread = values[:, known].mean(0), values[:, known].std(0)
            axis.bar(places[known], mean, width, color=strong(number), label=name)
            axis.errorbar(places[known], mean, spread, fmt="none", ecolor=INK, lw=0.7)
        axis.set_xticks(range(len(classes)), map(literal, classes), rotation=40, ha="right")
        axis.set(ylabel="F-score, %", ylim=(0, 100), xlim=(-0.6, len(classes) - 0.4))
        if len(scores) > 1:
            axis.legend(frameon=False, ncols=len(scores), loc="lower right", bbox_to_anchor=(1, 1))
        figure.tight_layout()
        return svg(figure)


def confusion(matrix: Confusion) -> str:
    """Draw a confusion matrix; rows are true labels and add up to 100 %."""
    share = 100 * matrix.counts / np.maximum(matrix.counts.sum(1, keepdims=True), 1)
    size = len(matrix.names)
    side = max(3.5, 0.26 * size + 1.8)
    with styled():
        figure = Drawing(figsize=(side + 1, side))
        axis = figure.subplots()
        axis.pcolormesh(share, cmap="Blues", vmin=0, vmax=100, rasterized=False)
        for row, column in np.argwhere(share >= 0.5) if size <= _NUMBERED else ():
            axis.text(
                column + 0.5,
                row + 0.5,
                f"{share[row, column]:.0f}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if share[row, column] > 55 else "black",
            )
        ticks, names = np.arange(size) + 0.5, list(map(literal, matrix.names))
        axis.set_xticks(ticks, names, rotation=90)
        axis.set_yticks(ticks, names)
        axis.invert_yaxis()
        axis.set(xlabel="predicted", ylabel="true")
        axis.tick_params(length=0)
        figure.tight_layout()
        return svg(figure)


def sweep(scored: Sweep, score: str) -> str:
    """Draw the score at each threshold, and mark the best one on validation.

    Args:
        score: display name of the score.
    """
    with styled():
        figure = Drawing(figsize=(_WIDE / 2, 2.6))
        axis = figure.subplots()
        for number, (split, values) in enumerate(scored.scores.items()):
            axis.plot(scored.thresholds, values, color=strong(number), label=split, lw=1.2)
        axis.axvline(scored.fixed, color=INK, lw=0.8, ls=":", label="configured")
        axis.axvline(scored.best, color=strong(0), lw=0.8, ls="--", label="best on val")
        axis.set(xlabel="threshold", ylabel=f"{score}, %", xlim=(0, 1))
        axis.legend(frameon=False, fontsize=8)
        figure.tight_layout()
        return svg(figure)


def scatter(points: Sequence[tuple[float, float, str]]) -> str:
    """Draw labelled points without axes, with a colour for each label.

    Args:
        points: x, y, label.
    """
    labels = sorted({label for _, _, label in points})
    with styled():
        figure = Drawing(figsize=(_WIDE / 2, _WIDE / 2.6))
        axis = figure.subplots()
        for number, label in enumerate(labels):
            x, y = zip(*((x, y) for x, y, name in points if name == label), strict=True)
            axis.scatter(x, y, s=9, color=strong(number), label=literal(label), linewidths=0)
        axis.set(xticks=[], yticks=[])
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.legend(
            frameon=False, fontsize=7, markerscale=1.5, loc="center left", bbox_to_anchor=(1, 0.5)
        )
        figure.tight_layout()
        return svg(figure)
