"""Command line: one subcommand per stage. Heavy imports are deferred until a command runs."""

import os
import sys

import click

from avparse import __version__
from avparse.cli import (
    checkpoint,
    data,
    dataset,
    download,
    experiment,
    features,
    model,
    parse,
    results,
    tables,
)
from avparse.cli.groups import Commands, quiet_option
from avparse.core.errors import AvparseError


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="To run the whole pipeline, cached and resumable: snakemake --cores all",
)
@click.version_option(__version__, "--version", message="avparse %(version)s")
def cli() -> None:
    """Turn raw videos into audio-visual event timelines."""


cli.params.append(quiet_option)
cli.section("Your own videos", parse.parse, parse.config, parse.completion)
cli.section("Labelled data sets", data.synth, data.annotations, download.download, dataset.dataset)
cli.section(
    "Feature extraction",
    data.index, data.decode, data.weights, data.extract, features.features,
)  # fmt: skip
cli.section(
    "Training and prediction",
    experiment.train, experiment.refine, experiment.predict, checkpoint.checkpoint,
    model.model,
)  # fmt: skip
cli.section(
    "Evaluation and results",
    results.evaluate, results.export, results.compare, results.tsne, results.report,
    results.viewer, tables.metrics, tables.failures, tables.coverage,
)  # fmt: skip


def main() -> None:
    """Run the command line; user errors print one line and exit with status 2 (docs/cli.md)."""
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
    colour = None if "NO_COLOR" not in os.environ else False
    click.secho("avparse:", fg="red", nl=False, err=True, color=colour)
    click.echo(f" {' '.join(message.split())}", err=True)
    sys.exit(2)
