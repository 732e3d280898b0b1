"""Drawings: timelines of videos and curves of trainings, as SVG.

None belongs to pyplot, whose windows and backend are the user's.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from avparse.media.preview import Preview
from avparse.timeline import Event, Modality

_TITLES = {
    Modality.AUDIO: "heard",
    Modality.VISUAL: "seen",
    Modality.AUDIO_VISUAL: "heard and seen",
}
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "avparse",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True)
class Lane:
    """One row of a timeline: who says it, of which modality, and the events."""

    name: str
    modality: Modality
    events: Sequence[Event]


class Drawing(Figure):
    """A figure that notebooks show, though it is none of pyplot's."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def timeline(
    preview: Preview | None, lanes: Sequence[Lane], classes: Sequence[str], duration_s: float
) -> str:
    """Draw a video as SVG, see :func:`timeline_figure`."""
    figure = timeline_figure(preview, lanes, classes, duration_s)
    with mpl.rc_context(_STYLE):
        return _svg(figure)


def timeline_figure(
    preview: Preview | None, lanes: Sequence[Lane], classes: Sequence[str], duration_s: float
) -> Drawing:
    """Draw a video: frames, loudness, and lanes of events grouped by modality.

    Args:
        preview: None where the video cannot be shown.
        classes: every class has its own colour, by position.
    """
    groups = [m for m in Modality if any(lane.modality == m for lane in lanes)]
    heights = [1.1, 0.5] if preview else []
    heights += [0.28 * sum(lane.modality == m for lane in lanes) + 0.22 for m in groups]
    with mpl.rc_context(_STYLE):
        figure = Drawing(figsize=(10, sum(heights) + 0.5))
        axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)
        rows = list(axes[:, 0])
        if preview:
            _draw_preview(rows[0], rows[1], preview)
        for axis, modality in zip(rows[-len(groups) :], groups, strict=True):
            chosen = [lane for lane in lanes if lane.modality == modality]
            _draw_lanes(axis, chosen, classes)
            axis.set_title(_TITLES[modality], loc="left", fontsize=8, color="0.4", pad=2)
        rows[-1].set_xlim(0, duration_s)
        rows[-1].set_xlabel("seconds")
        figure.align_ylabels()
        figure.tight_layout(h_pad=0.4)
        return figure


def _draw_preview(pictures: Axes, sound: Axes, preview: Preview) -> None:
    width = preview.seconds / len(preview.pictures)
    for number, picture in enumerate(preview.pictures):
        pictures.imshow(
            picture,
            extent=(number * width, (number + 1) * width, 0, 1),
            aspect="auto",
            interpolation="bilinear",
        )
    pictures.set_ylim(0, 1)
    pictures.axis("off")
    time = np.arange(len(preview.peaks)) * preview.seconds / len(preview.peaks)
    sound.fill_between(time, -preview.peaks, preview.peaks, color="0.45", linewidth=0)
    sound.set_ylim(-1, 1)
    sound.axis("off")


def _draw_lanes(axis: Axes, lanes: Sequence[Lane], classes: Sequence[str]) -> None:
    for row, lane in enumerate(lanes):
        axis.axhspan(row - 0.45, row + 0.45, color="0.95", linewidth=0)
        for label, events in _by_label(lane.events):
            index = classes.index(label)
            shown = _stacked(row, index, lane, classes)
            bars = [(e.onset_s, e.offset_s - e.onset_s) for e in events]
            axis.broken_barh(bars, shown, facecolors=_colour(index), linewidth=0)
            for event in events:
                axis.text(
                    event.onset_s + 0.05,
                    shown[0] + shown[1] / 2,
                    label if event.score == 1.0 else f"{label} {event.score:.2f}",
                    va="center",
                    fontsize=min(7.0, 8.5 * shown[1]),
                    clip_on=True,
                    parse_math=False,
                )
    axis.set_yticks(range(len(lanes)), [lane.name for lane in lanes], fontsize=8, parse_math=False)
    axis.set_ylim(len(lanes) - 0.5, -0.5)
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)


def _by_label(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.label, []).append(event)
    return sorted(found.items())


def _stacked(row: int, index: int, lane: Lane, classes: Sequence[str]) -> tuple[float, float]:
    """Classes of one lane share its height: (lower edge, height)."""
    present = sorted({classes.index(event.label) for event in lane.events})
    height = 0.84 / len(present)
    return row - 0.42 + present.index(index) * height, height


def _colour(index: int) -> tuple[float, float, float, float]:
    colours = mpl.colormaps["tab20"]
    red, green, blue, _ = colours((2 * index + 1) % 20 if index < 10 else (2 * index) % 20)
    return red, green, blue, 1.0


def curves(histories: Mapping[str, Sequence[Mapping[str, str]]], score: str) -> str:
    """Draw loss and selection score over epochs, a line for each seed.

    Args:
        histories: seed -> rows of its history table.
        score: what the score is called.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 2.6))
        left, right = figure.subplots(1, 2)
        for seed, rows in histories.items():
            epochs = [int(row["epoch"]) for row in rows]
            left.plot(epochs, [float(row["loss"]) for row in rows], label=f"seed {seed}", lw=1.2)
            right.plot(epochs, [float(row["score"]) for row in rows], lw=1.2)
        left.set(xlabel="epoch", title="training loss")
        right.set(xlabel="epoch", title=f"{score} on the selection split, %")
        for axis in (left, right):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.legend(frameon=False)
        figure.tight_layout()
        return _svg(figure)


def ranking(scores: Sequence[tuple[str, float, float]]) -> str:
    """Draw means with their spread, the first on top.

    Args:
        scores: name, mean, standard deviation.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 0.6 + 0.26 * len(scores)))
        axis = figure.subplots()
        places = range(len(scores))
        means, spreads = [mean for _, mean, _ in scores], [spread for _, _, spread in scores]
        axis.errorbar(means, places, xerr=spreads, fmt="o", color=_colour(0), capsize=3, lw=1.2)
        axis.set_yticks(places, [name for name, _, _ in scores])
        axis.invert_yaxis()
        axis.set_xlabel("%, mean and standard deviation over seeds")
        axis.grid(axis="x", lw=0.4)
        figure.tight_layout()
        return _svg(figure)


def _svg(figure: Figure) -> str:
    """The figure as inline SVG, without the XML prologue and the date."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return re.sub(
        r'(<svg[^>]*?) width="[^"]*pt" height="[^"]*pt"|(<svg[^>]*?) height="[^"]*" width="[^"]*"',
        r"\1\2",
        svg[svg.index("<svg") :],
        count=1,
    )
