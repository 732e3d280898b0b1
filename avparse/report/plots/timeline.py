"""Plot of a video's timeline: frames, loudness, and lanes of events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from avparse.core.events import Event, Modality
from avparse.media.thumbnails import Preview
from avparse.report.plots.drawing import Drawing, pale, styled, svg

_TITLES = {
    Modality.AUDIO: "audio",
    Modality.VISUAL: "visual",
    Modality.AUDIO_VISUAL: "audio-visual",
}


@dataclass(frozen=True)
class Lane:
    """One row of a timeline: the truth or an experiment (``name``), its modality and events."""

    name: str
    modality: Modality
    events: Sequence[Event]


def timeline(
    preview: Preview | None, lanes: Sequence[Lane], classes: Sequence[str], duration_s: float
) -> str:
    """Draw a timeline as SVG, see :func:`timeline_figure`."""
    return svg(timeline_figure(preview, lanes, classes, duration_s))


def timeline_figure(
    preview: Preview | None, lanes: Sequence[Lane], classes: Sequence[str], duration_s: float
) -> Drawing:
    """Draw frames, loudness, and lanes of events grouped by modality.

    Args:
        preview: frames and loudness; None if the video does not decode.
        classes: class names; the position determines the colour.
    """
    groups = [m for m in Modality if any(lane.modality == m for lane in lanes)]
    heights = [1.1, 0.5] if preview else []
    heights += [0.28 * sum(lane.modality == m for lane in lanes) + 0.22 for m in groups]
    with styled():
        figure = Drawing(figsize=(10, sum(heights) + 0.5))
        axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)
        rows = list(axes[:, 0])
        if preview:
            _draw_preview(rows[0], rows[1], preview)
        for axis, modality in zip(rows[-len(groups) :], groups, strict=True):
            chosen = [lane for lane in lanes if lane.modality == modality]
            _draw_lanes(axis, chosen, classes)
            axis.set_title(_TITLES[modality], loc="left", fontsize=8, pad=2)
        rows[-1].set_xlim(0, duration_s)
        rows[-1].set_xlabel("seconds")
        figure.align_ylabels()
        figure.tight_layout(h_pad=0.4)
        return figure


def _draw_preview(frames: Axes, sound: Axes, preview: Preview) -> None:
    width = preview.seconds / len(preview.pictures)
    for number, frame in enumerate(preview.pictures):
        frames.imshow(
            frame,
            extent=(number * width, (number + 1) * width, 0, 1),
            aspect="auto",
            interpolation="bilinear",
        )
    frames.set_ylim(0, 1)
    frames.axis("off")
    time = np.arange(len(preview.peaks)) * preview.seconds / len(preview.peaks)
    sound.fill_between(time, -preview.peaks, preview.peaks, color="0.45", linewidth=0)
    sound.set_ylim(-1, 1)
    sound.axis("off")


def _draw_lanes(axis: Axes, lanes: Sequence[Lane], classes: Sequence[str]) -> None:
    for row, lane in enumerate(lanes):
        axis.axhspan(row - 0.45, row + 0.45, color="0.5", alpha=0.1, linewidth=0)
        for label, events in _by_label(lane.events):
            index = classes.index(label)
            edge, height = _stacked(row, index, lane, classes)
            bars = [(e.onset_s, e.offset_s - e.onset_s) for e in events]
            axis.broken_barh(bars, (edge, height), facecolors=pale(index), linewidth=0)
            for event in events:
                axis.text(
                    event.onset_s + 0.05,
                    edge + height / 2,
                    label if event.score == 1.0 else f"{label} {event.score:.2f}",
                    va="center",
                    color="black",
                    fontsize=min(7.0, 8.5 * height),
                    clip_on=True,
                    parse_math=False,
                )
    axis.set_yticks(range(len(lanes)), [lane.name for lane in lanes], fontsize=8, parse_math=False)
    axis.set_ylim(len(lanes) - 0.5, -0.5)
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)


def _by_label(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.label, []).append(event)
    return sorted(groups.items())


def _stacked(row: int, index: int, lane: Lane, classes: Sequence[str]) -> tuple[float, float]:
    """The part of a lane for one of its classes, which share its height: (lower edge, height)."""
    present = sorted({classes.index(event.label) for event in lane.events})
    height = 0.84 / len(present)
    return row - 0.42 + present.index(index) * height, height
