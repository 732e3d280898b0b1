"""Commands that evaluate, export and show predictions."""

from pathlib import Path

import click

from avparse.cli.options import (
    File,
    features_option,
    known,
    manifest_option,
    read_settings,
    results_option,
    shards_option,
    threshold_option,
    with_settings,
)
from avparse.formats import ALWAYS, EXPORTS


@click.command()
@click.argument("experiment")
@click.argument("predictions", type=File, nargs=-1, required=True)
@click.option("--out", type=File, required=True, help="Table to write.")
@with_settings
def evaluate(
    experiment: str,
    predictions: tuple[Path, ...],
    out: Path,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Evaluate the predictions of an experiment.

    The table has a row for each seed, the mean and deviation over seeds, and baselines.

    \b
    Example:
      avparse evaluate han results/predictions/han/*.h5 --out han.tsv
    """
    settings = read_settings(config, changes)
    known(settings.experiments, "experiment", experiment)
    from avparse.stages import evaluate as stage

    stage.run(settings, experiment, list(predictions), out)


@click.command()
@click.argument("predictions", type=File, nargs=-1, required=True)
@click.option(
    "--format", "formats", multiple=True, default=ALWAYS, show_default=True, metavar="NAME",
    help=f"Output format ({', '.join(EXPORTS.names())}); repeatable.",
)  # fmt: skip
@click.option(
    "--out",
    type=File,
    default=Path("results/events"),
    show_default=True,
    help="Folder to write to.",
)
@threshold_option
@click.option(
    "--videos", type=File,
    help="Folder with the videos that some formats refer to.  [default: from the manifest]",
)  # fmt: skip
def export(
    predictions: tuple[Path, ...],
    formats: tuple[str, ...],
    out: Path,
    threshold: float,
    videos: Path | None,
) -> None:
    """Export events and segment probabilities for other tools.

    Times are seconds of the source video. Formats with a single file are written to
    OUT/{experiment}.{suffix}, all others to the folder OUT/{experiment}/{format}.

    \b
    Example:
      avparse export results/predictions/han/*.h5 --format elan --format audacity
    """
    names = list(dict.fromkeys(map(EXPORTS.check, formats)))
    from avparse.stages import export as stage

    stage.run(list(predictions), threshold, names, videos, out)


@click.command()
@click.argument("evaluations", type=File, nargs=-1, required=True)
@click.option(
    "--out",
    type=File,
    default=Path("results/compare"),
    show_default=True,
    help="Folder to write the table and plots to.",
)
@with_settings
def compare(
    evaluations: tuple[Path, ...], out: Path, config: Path | None, changes: tuple[str, ...]
) -> None:
    """Compare the scores of experiments in a table and a plot.

    \b
    Example:
      avparse compare results/evaluation/*.tsv --out results/compare
    """
    settings = read_settings(config, changes)
    from avparse.stages import compare as stage

    stage.run(settings, list(evaluations), out)


@click.command()
@click.argument("dataset")
@click.option(
    "--extractor", "extractors", multiple=True, required=True, help="Extractor; repeatable."
)
@features_option
@shards_option
@click.option("--out", type=File, required=True, help="Table of points to write.")
@with_settings
def tsne(
    dataset: str,
    extractors: tuple[str, ...],
    features: Path,
    shards: tuple[str, ...],
    out: Path,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Project features of labelled segments to a plane (t-SNE).

    \b
    Example:
      avparse tsne bundled --extractor vggish --shard 00000 --out points.tsv
    """
    settings = read_settings(config, changes)
    known(settings.datasets, "data set", dataset)
    for extractor in extractors:
        known(settings.extractors, "extractor", extractor)
    from avparse.stages import tsne as stage

    stage.run(settings, dataset, extractors, features, shards, out)


@click.command()
@results_option
@manifest_option
@click.option(
    "--out",
    type=File,
    default=Path("results/report/index.html"),
    show_default=True,
    help="Page to write.",
)
@with_settings
def report(
    results: Path, manifest: Path, out: Path, config: Path | None, changes: tuple[str, ...]
) -> None:
    """Write the report: scores, learning curves and timelines.

    \b
    Example:
      avparse report --out results/report/index.html
    """
    settings = read_settings(config, changes)
    from avparse.stages import report as stage

    stage.run(settings, results, manifest, out)


@click.command()
@results_option
@manifest_option
@click.option(
    "--out",
    type=File,
    default=Path("results/viewer"),
    show_default=True,
    help="Folder to write the pages to.",
)
@with_settings
def viewer(
    results: Path, manifest: Path, out: Path, config: Path | None, changes: tuple[str, ...]
) -> None:
    """Write the viewer pages, with each video above its timeline.

    \b
    Example:
      avparse viewer --out results/viewer
    """
    settings = read_settings(config, changes)
    from avparse.stages import viewer as stage

    stage.run(settings, results, manifest, out)
