"""The command line: one subcommand for each stage. Heavy imports wait until a command runs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from avparse import __version__
from avparse.errors import AvparseError, ConfigError
from avparse.registry import near

File = click.Path(path_type=Path)


class _Commands(click.Group):
    """Keeps commands in the order of the pipeline, and knows near names."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise AvparseError(f"unknown command {args[0]!r}", near(args[0], self.commands))
        return super().resolve_command(context, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The whole pipeline, cached and resumable: snakemake --cores all",
)
@click.version_option(__version__, "--version", message="avparse %(version)s")
def cli() -> None:
    """Raw videos to audio-visual event timelines: what was heard and seen, and when."""


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Add --config and --set."""
    command = click.option(
        "--set", "changes", multiple=True, metavar="KEY=VALUE",
        help="Change a setting, such as extractors.vgg19.seed=1; repeatable.",
    )(command)  # fmt: skip
    return click.option(
        "--config", type=File, help="Settings file.  [default: config.yaml, if there]"
    )(command)


def _settings(path: Path | None, changes: tuple[str, ...]) -> Any:
    """The settings of this command: a file's, changed by --set, run where the workflow says."""
    import json

    import yaml

    from avparse import config, plan

    if path is None and Path("config.yaml").is_file():
        path = Path("config.yaml")
    values = config.read_yaml(path) if path else {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals:
            raise ConfigError(f"--set {change}", "write --set KEY=VALUE")
        *parents, last = key.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise ConfigError(f"--set {change}", f"{parent!r} is no section")
        try:
            place[last] = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"--set {change}", "the value is no YAML") from None
    if plan.RUNTIME in os.environ:
        values["runtime"] = json.loads(os.environ[plan.RUNTIME])
    return plan.load(values, str(path) if path else "the settings")


def _threads(count: int | None) -> None:
    if count is not None:
        import torch

        torch.set_num_threads(count)


_threads_option = click.option(
    "--threads", type=click.IntRange(1), help="CPU threads.  [default: all]"
)


@cli.command()
@click.option("--out", type=File, required=True, help="Folder for videos and tables.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--train", type=int, help="Clips to train on.")
@click.option("--val", type=int, help="Clips to select on.")
@click.option("--test", type=int, help="Clips to score.")
@click.option("--seed", type=int, help="Same seed, same labels.")
def synth(out: Path, workers: int, **counts: int | None) -> None:
    """Make the bundled data set: clips with known events.

    Example: avparse synth --out data/bundled
    """
    from avparse.config import parse
    from avparse.stages import synth as stage

    given = {key: value for key, value in counts.items() if value is not None}
    settings = parse({"datasets": {"bundled": {"synth": given}}}, "the options")
    wanted = settings.datasets["bundled"].synth
    assert wanted is not None
    stage.run(wanted, out, workers)


@cli.command()
@click.option("--out", type=File, default=Path("resources/manifest.tsv"), show_default=True)
@_with_settings
def index(out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """List videos and deal them into shards; known ones stay where they are.

    Example: avparse index --set raw=data/raw
    """
    from avparse.stages import index as stage

    stage.run(_settings(config, changes), out)


@cli.command()
@click.argument("videos", nargs=-1, required=True, metavar="[ID=]VIDEO...")
@click.option("--out", type=File, required=True, help="The shard to write.")
@click.option("--status", type=File, help="A table with a row for each clip.")
@click.option("--view", "views", multiple=True, help="[default: what the extractors want]")
@_with_settings
def decode(
    videos: tuple[str, ...],
    out: Path,
    status: Path | None,
    views: tuple[str, ...],
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Decode videos into frames and sound, by presentation time.

    Example: avparse decode a.mp4 b.mp4 --out frames.h5 --status status.tsv
    """
    from avparse import plan
    from avparse.media.views import View
    from avparse.stages import decode as stage

    settings = _settings(config, changes)
    keys = views or plan.views(settings)
    named = dict(_identified(video) for video in videos)
    stage.run(settings, named, [View.parse(key) for key in keys], out, status)


def _identified(text: str) -> tuple[str, Path]:
    """``ID=PATH``, or a path whose stem is the id."""
    from avparse.clips import video_id

    name, equals, path = text.partition("=")
    if equals and not Path(text).exists():
        return name, Path(path)
    return video_id(Path(text).name), Path(text)


@cli.command()
@click.argument("extractor")
@click.option("--out", type=File, required=True, help="A .safetensors file.")
@_with_settings
def weights(extractor: str, out: Path, config: Path | None, changes: tuple[str, ...]) -> None:
    """Make or fetch the weights of an extractor's network.

    Example: avparse weights vgg19 --out resources/weights/vgg19.safetensors
    """
    from avparse.stages import weights as stage

    settings = _settings(config, changes)
    stage.run(settings, _of(settings.extractors, "extractor", extractor), out)


def _of(section: dict[str, Any], kind: str, name: str) -> str:
    """A name that the settings know."""
    if name not in section:
        raise ConfigError(f"unknown {kind} {name!r}", near(name, section))
    return name


@cli.command()
@click.argument("extractor")
@click.argument("frames", type=File)
@click.option("--weights", "weights_file", type=File, required=True, help="As `weights` makes it.")
@click.option("--out", type=File, required=True)
@_threads_option
@_with_settings
def extract(
    extractor: str,
    frames: Path,
    weights_file: Path,
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Extract one feature of a decoded shard.

    Example: avparse extract vggish frames.h5 --weights vggish.safetensors --out vggish.h5
    """
    settings = _settings(config, changes)
    _of(settings.extractors, "extractor", extractor)
    _threads(threads)
    from avparse.stages import extract as stage

    stage.run(settings, extractor, frames, weights_file, out)


@cli.command()
@click.argument("experiment")
@click.option("--seed", type=int, required=True)
@click.option("--features", type=File, default=Path("results/features"), show_default=True)
@click.option("--shard", "shards", multiple=True, required=True, help="Repeatable.")
@click.option("--out", type=File, required=True, help="Folder for the checkpoint.")
@_threads_option
@_with_settings
def train(
    experiment: str,
    seed: int,
    features: Path,
    shards: tuple[str, ...],
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Train the model of an experiment with one seed.

    Example: avparse train han --seed 1 --shard 00000 --out results/checkpoints/han/seed1
    """
    settings = _settings(config, changes)
    _of(settings.experiments, "experiment", experiment)
    _threads(threads)
    from avparse.stages import train as stage

    stage.run(settings, experiment, seed, features, list(shards), out)


@cli.command()
@click.option("--checkpoint", "checkpoints", type=File, multiple=True, required=True)
@click.option("--features", type=File, default=Path("results/features"), show_default=True)
@click.option("--shard", required=True)
@click.option("--out", type=File, required=True)
@_threads_option
@_with_settings
def predict(
    checkpoints: tuple[Path, ...],
    features: Path,
    shard: str,
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Predict the clips of a shard with the checkpoints of an experiment.

    Example: avparse predict --checkpoint results/checkpoints/han/seed1 --shard 00000 --out p.h5
    """
    settings = _settings(config, changes)
    _threads(threads)
    from avparse.stages import predict as stage

    stage.run(settings, list(checkpoints), features, shard, out)


@cli.command()
@click.argument("experiment")
@click.argument("predictions", type=File, nargs=-1, required=True)
@click.option("--out", type=File, required=True)
@_with_settings
def evaluate(
    experiment: str,
    predictions: tuple[Path, ...],
    out: Path,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Score predictions, for each seed and over seeds, beside baselines.

    Example: avparse evaluate han results/predictions/han/*.h5 --out han.tsv
    """
    settings = _settings(config, changes)
    _of(settings.experiments, "experiment", experiment)
    from avparse.stages import evaluate as stage

    stage.run(settings, experiment, list(predictions), out)


@cli.command()
@click.argument("predictions", type=File, nargs=-1, required=True)
@click.option(
    "--to", "outputs", type=(str, File), multiple=True, required=True, metavar="FORMAT FILE",
    help="tsv or json, and where to; repeatable.",
)  # fmt: skip
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.5, show_default=True)
def export(
    predictions: tuple[Path, ...], outputs: tuple[tuple[str, Path], ...], threshold: float
) -> None:
    """Write events in seconds of the source video.

    Example: avparse export results/predictions/han/*.h5 --to tsv events.tsv --to json events.json
    """
    from avparse.export import EXPORTS

    wanted = {EXPORTS.check(name): path for name, path in outputs}
    from avparse.stages import export as stage

    stage.run(list(predictions), threshold, wanted)


@cli.command()
@click.argument("what", type=click.Choice(["metrics", "failures", "coverage"]))
@click.argument("tables", type=File, nargs=-1)
@click.option("--features", type=File, multiple=True, help="failures: feature files.")
@click.option("--failed", type=File, help="coverage: the table of failures.")
@click.option("--out", type=File, required=True)
@_with_settings
def collect(
    what: str,
    tables: tuple[Path, ...],
    features: tuple[Path, ...],
    failed: Path | None,
    out: Path,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Make one table of many: metrics, failures, coverage.

    Example: avparse collect failures results/status/*.tsv --out results/failed.tsv
    """
    from avparse.stages import collect as stage

    if what == "metrics":
        stage.metrics(list(tables), out)
    elif what == "failures":
        stage.failures(list(tables), list(features), out)
    else:
        if failed is None:
            raise ConfigError("collect coverage", "give --failed TABLE")
        stage.coverage(_settings(config, changes), list(tables), failed, out)


@cli.command()
@click.option("--results", type=File, default=Path("results"), show_default=True)
@click.option("--manifest", type=File, default=Path("resources/manifest.tsv"), show_default=True)
@click.option("--out", type=File, default=Path("results/report/index.html"), show_default=True)
@_with_settings
def report(
    results: Path, manifest: Path, out: Path, config: Path | None, changes: tuple[str, ...]
) -> None:
    """Write the report: scores, curves, timelines.

    Example: avparse report --out results/report/index.html
    """
    settings = _settings(config, changes)
    from avparse.stages import report as stage

    stage.run(settings, results, manifest, out)


@cli.command()
@click.argument("videos", type=File, nargs=-1, required=True)
@click.option("--checkpoint", type=File, required=True, help="A checkpoint, or all seeds' folder.")
@click.option("--out", type=File, required=True, help="Folder for events and the page.")
@click.option(
    "--weights",
    "weights_folder",
    type=File,
    default=Path("resources/weights"),
    show_default=True,
    help="Extractors' weights; what is missing is made there.",
)
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--task", type=click.Choice(["parsing", "localization"]), help="Insist on a task.")
@_with_settings
def parse(
    videos: tuple[Path, ...],
    checkpoint: Path,
    out: Path,
    weights_folder: Path,
    threshold: float,
    task: str | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Your own videos to timelines, with a trained checkpoint.

    Example: avparse parse clip.mp4 --checkpoint results/checkpoints/han --out timelines
    """
    settings = _settings(config, changes)
    from avparse.stages import parse as stage

    timelines = stage.run(settings, list(videos), checkpoint, weights_folder, threshold, task, out)
    _print_events(timelines)


def _print_events(timelines: list[Any]) -> None:
    """The events as a table for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("video", "onset", "offset", "how", "event", "score", box=None)
    for timeline in timelines:
        for e in timeline.events:
            how = e.modality.value.replace("_", "-")
            cells = (timeline.video_id, f"{e.onset_s:g}", f"{e.offset_s:g}", how, e.label)
            table.add_row(*map(Text, cells), f"{e.score:.2f}")
    Console().print(table)


@cli.command()
@click.option("--schema", is_flag=True, help="The JSON Schema instead, as YAML.")
def config(schema: bool) -> None:
    """Print all settings with their defaults.

    Example: avparse config > config.yaml
    """
    from avparse.config import to_schema, to_yaml

    click.echo(to_schema() if schema else to_yaml(), nl=False)


def main() -> None:
    """Run the command line; what a user can mend ends in one line and status 2."""
    try:
        cli(standalone_mode=False)
    except AvparseError as error:
        _stop(str(error))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        print("avparse: interrupted", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        _stop(str(error))


def _stop(message: str) -> None:
    print(f"avparse: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
