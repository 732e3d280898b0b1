"""Commands that prepare data and extract features."""

from pathlib import Path

import click

from avparse.cli.options import (
    File,
    known,
    read_settings,
    threads_option,
    use_threads,
    with_settings,
)
from avparse.core.errors import ConfigError


@click.command()
@click.option("--out", type=File, required=True, help="Folder to write videos and tables to.")
@click.option(
    "--workers", type=click.IntRange(1), default=2, show_default=True,
    help="Number of rendering processes.",
)  # fmt: skip
@click.option("--train", type=int, help="Clips in the training split.")
@click.option("--val", type=int, help="Clips in the validation split.")
@click.option("--test", type=int, help="Clips in the test split.")
@click.option("--background", type=int, help="Clips without events.")
@click.option("--seed", type=int, help="Random seed; the same seed gives the same labels.")
def synth(out: Path, workers: int, **counts: int | None) -> None:
    """Generate the bundled data set of synthetic videos.

    \b
    Example:
      avparse synth --out data/bundled
    """
    from avparse.config.yaml_file import parse
    from avparse.stages import synth as stage

    given = {key: value for key, value in counts.items() if value is not None}
    settings = parse({"datasets": {"bundled": {"synth": given}}}, "the options")
    synth_settings = settings.datasets["bundled"].synth
    assert synth_settings is not None
    stage.run(synth_settings, out, workers)


@click.command()
@click.argument("kind", metavar="ave|llp")
@click.option("--out", type=File, required=True, help="Folder to write the tables to.")
def annotations(kind: str, out: Path) -> None:
    """Download the published annotations of AVE or LLP.

    Existing files are kept.

    \b
    Example:
      avparse annotations llp --out data/llp
    """
    from avparse.stages import annotations as stage

    stage.run(kind, out)


@click.command()
@click.option(
    "--out", type=File, default=Path("resources/manifest.tsv"), show_default=True,
    help="Manifest to write or extend.",
)  # fmt: skip
@with_settings
def index(out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """List videos and assign them to shards.

    Videos that are already in the manifest keep their shard.

    \b
    Example:
      avparse index --set raw=data/raw
    """
    from avparse.stages import index as stage

    stage.run(read_settings(config, changes), out)


@click.command()
@click.argument("videos", nargs=-1, required=True, metavar="[ID=]VIDEO...")
@click.option("--out", type=File, required=True, help="Shard (HDF5 file) to write.")
@click.option("--status", type=File, help="Table to write, with a row for each clip.")
@click.option(
    "--view",
    "views",
    multiple=True,
    help="Frame size and rate to decode; repeatable.  [default: all views of the extractors]",
)
@with_settings
def decode(
    videos: tuple[str, ...],
    out: Path,
    status: Path | None,
    views: tuple[str, ...],
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Decode videos into frames and audio.

    In the workflow, the extractors read the shard and the last one deletes it.

    \b
    Example:
      avparse decode a.mp4 b.mp4 --out frames.h5 --status status.tsv
    """
    from avparse.media.views import View
    from avparse.pipeline import parameters, targets
    from avparse.stages import decode as stage

    settings = read_settings(config, changes)
    shared = parameters.shared_frames()
    keys = views or (shared["views"] if shared else targets.views(settings))
    readers = shared["readers"] if shared else []
    use_threads(1)  # resampling is quick; leave the cores to the decoders
    stage.run(settings, _named(videos), [View.parse(key) for key in keys], out, status, readers)


def _named(videos: tuple[str, ...]) -> dict[str, Path]:
    """Parse video arguments into a mapping from id to path."""
    named: dict[str, Path] = {}
    for video in videos:
        name, path = _identified(video)
        if name in named:
            raise ConfigError(
                f"{named[name]} and {path} have the same id {name}", "pass one as ID=VIDEO"
            )
        named[name] = path
    return named


def _identified(text: str) -> tuple[str, Path]:
    """``ID=PATH``, or a path whose stem is the id."""
    from avparse.core.clips import video_id

    name, equals, path = text.partition("=")
    if equals and not Path(text).exists():
        return name, Path(path)
    return video_id(Path(text).name), Path(text)


@click.command()
@click.argument("extractor")
@click.option("--out", type=File, required=True, help="Weights file (.safetensors) to write.")
@with_settings
def weights(extractor: str, out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """Create or download the weights of an extractor.

    \b
    Example:
      avparse weights vgg19 --out resources/weights/vgg19.safetensors
    """
    from avparse.stages import weights as stage

    settings = read_settings(config, changes)
    stage.run(settings, known(settings.extractors, "extractor", extractor), out)


@click.command()
@click.argument("extractor")
@click.argument("videos", nargs=-1, required=True, metavar="[ID=]VIDEO...")
@click.option(
    "--frames",
    type=File,
    help="Shard of decoded frames; if it is unsuitable, the videos are decoded again.",
)
@click.option(
    "--weights",
    "weights_file",
    type=File,
    required=True,
    help="Weights file, from `avparse weights`.",
)
@click.option("--out", type=File, required=True, help="Feature file (HDF5) to write.")
@threads_option
@with_settings
def extract(
    extractor: str,
    videos: tuple[str, ...],
    frames: Path | None,
    weights_file: Path,
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Extract features from videos with one extractor.

    \b
    Example:
      avparse extract vggish a.mp4 --weights resources/weights/vggish.safetensors \\
        --out vggish.h5
    """
    settings = read_settings(config, changes)
    known(settings.extractors, "extractor", extractor)
    named = _named(videos)
    use_threads(threads)
    from avparse.stages import extract as stage

    stage.run(settings, extractor, named, frames, weights_file, out)
