"""The Python interface: parse videos into timelines that render in notebooks."""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

from markupsafe import Markup
from matplotlib.figure import Figure

from avparse.config.settings import Settings
from avparse.core.errors import ConfigError, DataError
from avparse.core.events import Event
from avparse.core.progress import quiet as silence
from avparse.core.tables import EVENTS
from avparse.media.thumbnails import Preview
from avparse.pipeline import validate
from avparse.prediction.timeline import Timeline
from avparse.report.plots import timeline as plots
from avparse.report.timelines import prediction_lanes, previews
from avparse.stages import parse as stage

if TYPE_CHECKING:
    import pandas

PathLike = str | os.PathLike[str]
Task = Literal["parsing", "localization"]

_HEAD = ("onset", "offset", "modality", "score", "event")
_SHOWN = 20
"""The most events of a video that a terminal or a notebook displays."""


@dataclass(frozen=True, repr=False, eq=False)
class VideoTimeline:
    """The predicted events of one video, which print in a terminal and render in a notebook.

    Attributes:
        path: of the video.
        experiment, task, classes: of the checkpoint.
        found: length, events, and ``prob``: modality -> (S, C) probabilities per second.
        failed: (clip, reason) of the clips that do not decode.
        settings: decoding limits for the displayed frames.
    """

    path: Path
    experiment: str
    task: str
    classes: tuple[str, ...]
    found: Timeline
    failed: tuple[tuple[str, str], ...]
    settings: Settings

    def events(self) -> list[Event]:
        """The events in time order, with times in seconds of the video."""
        return list(self.found.events)

    def to_dataframe(self) -> "pandas.DataFrame":
        """The events as a table with the columns of events.tsv.

        Raises:
            DataError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise DataError("pandas is not installed", "pip install pandas") from None
        table = pandas.DataFrame(self.found.rows(), columns=list(EVENTS))
        return table.astype(dict.fromkeys(("onset", "offset", "score"), float))

    def plot(self) -> Figure:
        """Draw frames, loudness and events; ``plot().savefig("x.pdf")`` saves the figure."""
        return plots.timeline_figure(*self._drawing)

    @cached_property
    def _preview(self) -> Preview | None:
        """Frames and loudness; None if the file was moved or deleted."""
        with silence():
            [preview] = previews(self.settings, [(self.path, self.found.duration_s)], "parse")
        return preview

    @property
    def _drawing(self) -> tuple[Preview | None, list[plots.Lane], tuple[str, ...], float]:
        lanes = prediction_lanes(self.experiment, self.task, self.found)
        return self._preview, lanes, self.classes, max(self.found.duration_s, 1.0)

    def __repr__(self) -> str:
        lines = [
            f"{onset:>7} - {offset:<7} {modality:<12}  {score}  {label}"
            for onset, offset, modality, score, label in self._rows
        ]
        return "\n".join([self._summary, *lines, *self._notes])

    def _repr_html_(self) -> str:
        drawn = Markup(plots.timeline(*self._drawing))  # its texts are escaped already
        rows = [_each("td", row) for row in self._rows]
        parts = (
            _each("p", [self._summary]),
            Markup('<div style="background:#fff;color:#000">{}</div>').format(drawn),
            Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
                _each("th", _HEAD), _each("tr", rows)
            ),
            _each("p", self._notes),
        )
        return str(Markup('<div style="max-width:62rem">{}</div>').format(Markup().join(parts)))

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        """The displayed cells of the first events."""
        return [
            (
                f"{e.onset_s:g}",
                f"{e.offset_s:g}",
                e.modality.value.replace("_", "-"),
                f"{e.score:.2f}",
                e.label,
            )
            for e in self.found.events[:_SHOWN]
        ]

    @property
    def _summary(self) -> str:
        count = len(self.found.events)
        events = f"{count} event{'s' * (count != 1)}"
        name = self.path.name.encode("utf-8", "backslashreplace").decode()  # may be invalid Unicode
        return f"{name}: {self.found.duration_s:g} s, {events} ({self.experiment})"

    @property
    def _notes(self) -> list[str]:
        """Lines below the table."""
        more = len(self.found.events) - _SHOWN
        notes = [f"... and {more} more, see events()"] if more > 0 else []
        return notes + [f"failed: {clip}: {reason}" for clip, reason in self.failed]


def _each(tag: str, texts: Iterable[str]) -> Markup:
    """Create an element for each text; texts are escaped, Markup is not."""
    element = Markup(f"<{tag}>{{}}</{tag}>")
    return Markup().join(element.format(text) for text in texts)


class ParseOptions(TypedDict, total=False):
    """Options of :func:`parse`, which documents them."""

    weights: PathLike
    threshold: float
    task: Task | None
    settings: Mapping[str, Any] | None
    quiet: bool


@overload
def parse(  # type: ignore[overload-overlap]  # a str is also a sequence
    videos: PathLike, checkpoint: PathLike, **options: Unpack[ParseOptions]
) -> VideoTimeline: ...


@overload
def parse(
    videos: Sequence[PathLike], checkpoint: PathLike, **options: Unpack[ParseOptions]
) -> list[VideoTimeline]: ...


def parse(
    videos: PathLike | Sequence[PathLike],
    checkpoint: PathLike,
    *,
    weights: PathLike = "resources/weights",
    threshold: float = 0.5,
    task: Task | None = None,
    settings: Mapping[str, Any] | None = None,
    quiet: bool = False,
) -> VideoTimeline | list[VideoTimeline]:
    """Find audible and visible events in videos. Scripts need no ``__main__`` guard.

    Args:
        videos: one file, or several files, which are decoded in parallel.
        checkpoint: a folder from ``avparse train``, or a folder with those of several seeds.
        weights: folder with the extractors' weights; missing files are created.
        threshold: decision threshold on probabilities.
        task: required task of the checkpoint; None accepts any.
        settings: changes to the defaults of ``avparse config``, such as
            ``{"runtime": {"device": "cuda"}}``. Clips and extractors are those of the checkpoint.
        quiet: whether to hide progress.
    Returns:
        A timeline, or a list of timelines in the order of the videos. If one of several videos
        does not decode, its timeline has no events and ``failed`` gives the reason.
    Raises:
        MediaError: a file is missing, or no file decodes.
        CheckpointError: there is no checkpoint, or it is for another task.
        ConfigError: a setting is invalid.
    """
    if not 0 <= threshold <= 1:
        raise ConfigError(f"threshold = {threshold}", "give a probability, 0 to 1")
    paths = [Path(videos)] if isinstance(videos, str | os.PathLike) else list(map(Path, videos))
    checked = validate.load(settings or {}, "the settings")
    with silence() if quiet else nullcontext(), tempfile.TemporaryDirectory() as out:
        request = stage.Request(paths, Path(checkpoint), Path(weights), threshold, task)
        parsed = stage.parse(checked, request, Path(out))
    id_of = {path: video_id for video_id, path in parsed.videos.items()}
    results = [_timeline(checked, parsed, id_of[path]) for path in paths]
    return results[0] if isinstance(videos, str | os.PathLike) else results


def _timeline(settings: Settings, parsed: stage.Parsed, video_id: str) -> VideoTimeline:
    timelines = {timeline.video_id: timeline for timeline in parsed.timelines}
    failed = [row for row in parsed.failed if row["video"] == video_id]
    return VideoTimeline(
        path=parsed.videos[video_id],
        experiment=parsed.card.experiment,
        task=parsed.card.task,
        classes=tuple(parsed.card.classes),
        found=timelines.get(video_id) or Timeline(video_id, 0.0, (), (), {}),
        failed=tuple((row["clip"], row["note"]) for row in failed),
        settings=settings,
    )
