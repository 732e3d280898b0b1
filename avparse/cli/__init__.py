"""The command line: one subcommand for each stage. Heavy imports wait until a command runs."""

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
    parse,
    results,
    tables,
)
from avparse.cli.groups import Commands, quiet_option
from avparse.core.errors import AvparseError


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The whole pipeline, cached and resumable: snakemake --cores all",
)
@click.version_option(__version__, "--version", message="avparse %(version)s")
def cli() -> None:
    """Raw videos to audio-visual event timelines: what was heard and seen, and when."""


cli.params.append(quiet_option)
cli.section("Your own videos", parse.parse, parse.config, parse.completion)
cli.section("Labelled videos", data.synth, data.annotations, download.download, dataset.dataset)
cli.section(
    "Videos to features",
    data.index, data.decode, data.weights, data.extract, features.features,
)  # fmt: skip
cli.section(
    "Features to predictions",
    experiment.train, experiment.refine, experiment.predict, checkpoint.checkpoint,
)  # fmt: skip
cli.section(
    "Predictions to results",
    results.evaluate, results.export, results.compare, results.tsne, results.report,
    results.viewer, tables.metrics, tables.failures, tables.coverage,
)  # fmt: skip


def main() -> None:
    """Run the command line; what a user can mend ends in one line and status 2, see docs/cli.md."""
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
