"""parse: a user's own videos to timelines, without the workflow."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from avparse.config.settings import Settings
from avparse.core.clips import video_id
from avparse.core.errors import CheckpointError, MediaError
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.progress import say
from avparse.core.tables import STATUS
from avparse.features.weights import identity_of
from avparse.formats import ALWAYS, EXPORTS
from avparse.media.views import View
from avparse.models import checkpoint
from avparse.models.checkpoint import Card
from avparse.pipeline import targets
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline, timelines
from avparse.report import page
from avparse.report.overview import failures
from avparse.report.page import Figure, Gallery
from avparse.report.plots import timeline as plots
from avparse.report.timelines import prediction_lanes, previews
from avparse.stages import decode, extract, predict, viewer, weights

_SHARD = "videos"


@dataclass(frozen=True)
class Parsed:
    """What a checkpoint finds in videos.

    Attributes:
        card: of the checkpoint; of several seeds, the first one's.
        videos: id -> file, in the order they were given.
        predictions: of all seeds and clips.
        timelines: of each video that decodes, sorted by id.
        failed: rows of the status table, see :data:`avparse.core.tables.STATUS`: clips that do not
            decode.
    """

    card: Card
    videos: dict[str, Path]
    predictions: Predictions
    timelines: list[Timeline]
    failed: list[dict[str, str]]


def run(
    settings: Settings,
    videos: Sequence[Path],
    folder: Path,
    weights_folder: Path,
    threshold: float,
    task: str | None,
    out: Path,
) -> list[Timeline]:
    """Parse videos, and write what is found: tables for machines, a page for people.

    Args:
        out: folder for events.tsv, events.json, predictions.h5, status.tsv, index.html and the
            folder viewer with pages that play the videos; for the others see :func:`parse`.
    Returns:
        A timeline for each video that decodes.
    """
    parsed = parse(settings, videos, folder, weights_folder, threshold, task, out)
    for name in ALWAYS:
        EXPORTS.create(name).write(parsed.timelines, parsed.predictions, out / f"events.{name}")
    _show(settings, parsed, out / "index.html")
    viewer.show(settings, parsed.predictions, threshold, parsed.videos, out / "viewer")
    return parsed.timelines


def parse(
    settings: Settings,
    videos: Sequence[Path],
    folder: Path,
    weights_folder: Path,
    threshold: float,
    task: str | None,
    out: Path,
) -> Parsed:
    """Decode, extract, predict.

    Args:
        settings: runtime and decoding limits; everything else comes from the checkpoint.
        folder: a checkpoint, or a folder with those of several seeds.
        weights_folder: with ``{extractor}.safetensors``; what is missing is made there.
        threshold: probability from which a segment is part of an event.
        task: what the checkpoint must have been trained for; None for either.
        out: folder for predictions.h5 and status.tsv.
    Raises:
        MediaError: no video decodes.
        CheckpointError: there is none, or of another task.
    """
    found = checkpoint.find(folder)
    cards = [checkpoint.read_card(one) for one in found]
    predict.same_models(cards, found)
    card = cards[0]
    if task is not None and card.task != task:
        raise CheckpointError(
            f"{folder} is a checkpoint for {card.task}, not for {task}", "give one of that task"
        )
    settings = _as_trained(settings, card)
    named = _named(videos)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".work-") as work:
        _features(settings, card, named, weights_folder, Path(work), out)
        predict.run(settings, found, Path(work), _SHARD, out / "predictions.h5")
    read = predictions.read([out / "predictions.h5"], attention=True)
    rows = read_tsv(out / "status.tsv", STATUS)
    failed = [row for row in rows if row["status"] == "failed"]
    return Parsed(card, named, read, timelines(read, threshold), failed)


def _as_trained(settings: Settings, card: Card) -> Settings:
    """The settings with the clips and extractors of a checkpoint."""
    extractors = {source.extractor: source.settings for source in card.inputs.values()}
    clips = {"seconds": card.clip_seconds, "hop_seconds": card.hop_seconds}
    return settings.model_copy(
        update={"extractors": extractors, "clips": settings.clips.model_copy(update=clips)}
    )


def _named(videos: Sequence[Path]) -> dict[str, Path]:
    """Ids and paths, each path once; files of one name in many folders are told apart."""
    named: dict[str, Path] = {}
    for path in dict.fromkeys(videos):
        if not path.is_file():
            raise MediaError(f"no video file {path}", "check the path")
        name = video_id(path.name, set(named))
        if name in named:
            name = video_id(path.as_posix(), set(named))
        named[name] = path
    return named


def _features(
    settings: Settings,
    card: Card,
    named: dict[str, Path],
    weights_folder: Path,
    work: Path,
    out: Path,
) -> None:
    """Decode the videos and extract what the checkpoint reads into ``work``."""
    views = [View.parse(key) for key in targets.views(settings)]
    frames = work / "frames.h5"
    decode.run(settings, named, views, frames, out / "status.tsv")
    with Shard(frames) as shard:
        if not shard.clips:
            raise MediaError(shard.failed[0][1])
    for source in card.inputs.values():
        name = source.extractor
        file = weights_folder / f"{name}.safetensors"
        if file.is_file() and source.weights not in (None, identity_of(file)):
            say(f"parse: {file} holds other weights than {name} was trained with: making those")
            file = work / f"{name}.safetensors"
        if not file.is_file():
            weights.run(settings, name, file)
        extract.run(settings, name, named, frames, file, work / name / f"{_SHARD}.h5")


def _show(settings: Settings, parsed: Parsed, out: Path) -> None:
    """A page with the timelines."""
    card, timelines = parsed.card, parsed.timelines
    videos = [(parsed.videos[timeline.video_id], timeline.duration_s) for timeline in timelines]
    drawn = []
    for timeline, shown in zip(timelines, previews(settings, videos, "parse"), strict=True):
        svg = plots.timeline(
            shown,
            prediction_lanes(card.experiment, card.task, timeline),
            card.classes,
            timeline.duration_s,
        )
        drawn.append(Figure(page.drawing(svg), timeline.video_id))
    failed = [
        {"clip": row["clip"], "stage": "decode", "reason": row["note"]} for row in parsed.failed
    ]
    lead = f"{card.model} trained on {len(card.classes)} classes."
    gallery = Gallery("Timelines", "", drawn)
    link = Markup('<a href="viewer/index.html">Play the videos above their timelines</a>')
    tables = {"Failures": failures(failed)}
    made = page.Page("avparse", lead, notices=[link], sections=[gallery], tables=tables)
    page.write(made, out)
    say(f"parse: timelines of {len(timelines)} videos in {out.parent}")
