"""parse: make timelines of a user's own videos, without the workflow."""

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
from avparse.stages import decode, extract, predict, weights
from avparse.viewer import site
from avparse.viewer.pages import ExperimentPredictions
from avparse.viewer.videos import unlabelled

_SHARD = "videos"


@dataclass(frozen=True)
class Request:
    """Videos to parse, and the model to parse them with.

    Attributes:
        videos: files.
        folder: a checkpoint, or a folder with the checkpoints of several seeds.
        weights_folder: with ``{extractor}.safetensors``; missing files are created.
        threshold: decision threshold on probabilities.
        task: required task of the checkpoint; None accepts any.
    """

    videos: Sequence[Path]
    folder: Path
    weights_folder: Path
    threshold: float
    task: str | None


@dataclass(frozen=True)
class Parsed:
    """Predictions of a checkpoint for videos.

    Attributes:
        card: of the checkpoint; with several seeds, of the first.
        videos: id -> file, in the given order.
        predictions: of all seeds and clips.
        timelines: of each video that decodes, sorted by id.
        failed: rows of clips that do not decode, see :data:`avparse.core.tables.STATUS`.
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
    """Parse videos and write tables of events, a page, and a viewer.

    Args:
        out: folder for events.tsv, events.json, predictions.h5, status.tsv, index.html and the
            folder ``viewer``; see :class:`Request` for the other arguments.
    Returns:
        A timeline for each video that decodes.
    """
    request = Request(videos, folder, weights_folder, threshold, task)
    parsed = parse(settings, request, out)
    for name in ALWAYS:
        EXPORTS.create(name).write(parsed.timelines, parsed.predictions, out / f"events.{name}")
    _write_page(settings, parsed, out / "index.html")
    experiment = ExperimentPredictions(parsed.predictions, threshold)
    site.write(settings, unlabelled(parsed.videos), [experiment], out / "viewer")
    return parsed.timelines


def parse(settings: Settings, request: Request, out: Path) -> Parsed:
    """Decode videos, extract features and predict events.

    Args:
        settings: runtime and decoding limits; everything else comes from the checkpoint.
        out: folder for predictions.h5 and status.tsv.
    Raises:
        MediaError: no video decodes.
        CheckpointError: there is no checkpoint, or it is for another task.
    """
    checkpoints = checkpoint.find(request.folder)
    cards = [checkpoint.read_card(path) for path in checkpoints]
    predict.same_models(cards, checkpoints)
    card = cards[0]
    if request.task not in (None, card.task):
        raise CheckpointError(
            f"{request.folder} is a checkpoint for {card.task}, not for {request.task}",
            "give a checkpoint for that task",
        )
    settings = _as_trained(settings, card)
    named = _named(request.videos)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".work-") as work:
        _features(settings, card, named, request.weights_folder, Path(work), out)
        predict.run(settings, checkpoints, Path(work), _SHARD, out / "predictions.h5")
    predicted = predictions.read([out / "predictions.h5"], attention=True)
    rows = read_tsv(out / "status.tsv", STATUS)
    failed = [row for row in rows if row["status"] == "failed"]
    return Parsed(card, named, predicted, timelines(predicted, request.threshold), failed)


def _as_trained(settings: Settings, card: Card) -> Settings:
    """The settings with the clips and extractors of a checkpoint."""
    extractors = {source.extractor: source.settings for source in card.inputs.values()}
    clips = {"seconds": card.clip_seconds, "hop_seconds": card.hop_seconds}
    return settings.model_copy(
        update={"extractors": extractors, "clips": settings.clips.model_copy(update=clips)}
    )


def _named(videos: Sequence[Path]) -> dict[str, Path]:
    """Assign an id to each path; files of the same name in several folders get distinct ids."""
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
    """Decode the videos and extract the checkpoint's input features into ``work``."""
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
            say(
                f"parse: {file} does not match the weights this model was trained with; "
                "creating the right ones"
            )
            file = work / f"{name}.safetensors"
        if not file.is_file():
            weights.run(settings, name, file)
        extract.run(settings, name, named, frames, file, work / name / f"{_SHARD}.h5")


def _write_page(settings: Settings, parsed: Parsed, out: Path) -> None:
    """Write a page with the timelines."""
    card, timelines = parsed.card, parsed.timelines
    videos = [(parsed.videos[timeline.video_id], timeline.duration_s) for timeline in timelines]
    figures = []
    for timeline, preview in zip(timelines, previews(settings, videos, "parse"), strict=True):
        svg = plots.timeline(
            preview,
            prediction_lanes(card.experiment, card.task, timeline),
            card.classes,
            timeline.duration_s,
        )
        figures.append(Figure(page.drawing(svg), timeline.video_id))
    failed = [
        {"clip": row["clip"], "stage": "decode", "reason": row["note"]} for row in parsed.failed
    ]
    lead = f"{card.model} trained on {len(card.classes)} classes."
    gallery = Gallery("Timelines", "", figures)
    link = Markup('<a href="viewer/index.html">Play the videos above their timelines</a>')
    tables = {"Failures": failures(failed)}
    content = page.Page("avparse", lead, notices=[link], sections=[gallery], tables=tables)
    page.write(content, out)
    say(f"parse: timelines of {len(timelines)} videos in {out.parent}")
