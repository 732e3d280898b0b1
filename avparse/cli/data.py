"""Commands from videos to features."""

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
@click.option("--out", type=File, required=True, help="Folder for videos and tables.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--train", type=int, help="Clips to train on.")
@click.option("--val", type=int, help="Clips to select on.")
@click.option("--test", type=int, help="Clips to score.")
@click.option("--background", type=int, help="Clips of no event, for weak localization.")
@click.option("--seed", type=int, help="Same seed, same labels.")
def synth(out: Path, workers: int, **counts: int | None) -> None:
    """Make the bundled data set: clips with known events.

    \b
    Example:
      avparse synth --out data/bundled
    """
    from avparse.config.yaml_file import parse
    from avparse.stages import synth as stage

    given = {key: value for key, value in counts.items() if value is not None}
    settings = parse({"datasets": {"bundled": {"synth": given}}}, "the options")
    wanted = settings.datasets["bundled"].synth
    assert wanted is not None
    stage.run(wanted, out, workers)


@click.command()
@click.argument("kind", metavar="ave|llp")
@click.option("--out", type=File, required=True, help="Folder for the tables.")
def annotations(kind: str, out: Path) -> None:
    """Fetch the published annotations of AVE or LLP. What is there stays.

    \b
    Example:
      avparse annotations llp --out data/llp
    """
    from avparse.stages import annotations as stage

    stage.run(kind, out)


@click.command()
@click.option("--out", type=File, default=Path("resources/manifest.tsv"), show_default=True)
@with_settings
def index(out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """List videos and deal them into shards. Known ones stay where they are.

    \b
    Example:
      avparse index --set raw=data/raw
    """
    from avparse.stages import index as stage

    stage.run(read_settings(config, changes), out)


@click.command()
@click.argument("videos", nargs=-1, required=True, metavar="[ID=]VIDEO...")
@click.option("--out", type=File, required=True, help="The shard to write.")
@click.option("--status", type=File, help="A table with a row for each clip.")
@click.option("--view", "views", multiple=True, help="[default: what the extractors want]")
@with_settings
def decode(
    videos: tuple[str, ...],
    out: Path,
    status: Path | None,
    views: tuple[str, ...],
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Decode videos into frames and sound, by presentation time.

    Within the workflow, extractors read the shard and the last one deletes it.

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
    use_threads(1)  # resampling is brief; the cores are the decoders'
    stage.run(settings, _named(videos), [View.parse(key) for key in keys], out, status, readers)


def _named(videos: tuple[str, ...]) -> dict[str, Path]:
    """Ids and paths of the videos on a command line."""
    named: dict[str, Path] = {}
    for video in videos:
        name, path = _identified(video)
        if name in named:
            raise ConfigError(f"{named[name]} and {path} share the id {name}", "write ID=VIDEO")
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
@click.option("--out", type=File, required=True, help="A .safetensors file.")
@with_settings
def weights(extractor: str, out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """Make or fetch the weights of an extractor's network.

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
@click.option("--frames", type=File, help="These videos, decoded; decoded here if it doesn't fit.")
@click.option("--weights", "weights_file", type=File, required=True, help="As `weights` makes it.")
@click.option("--out", type=File, required=True)
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
    """Extract one feature of videos.

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
