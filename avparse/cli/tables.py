"""Commands that merge the tables of many jobs."""

from pathlib import Path

import click

from avparse.cli.options import (
    File,
    manifest_option,
    read_settings,
    with_settings,
)


@click.command()
@click.argument("evaluations", type=File, nargs=-1, required=True)
@click.option("--out", type=File, required=True, help="Table to write.")
def metrics(evaluations: tuple[Path, ...], out: Path) -> None:
    """Merge the scores of all experiments into a table.

    \b
    Example:
      avparse metrics results/evaluation/*.tsv --out results/metrics.tsv
    """
    from avparse.stages import metrics as stage

    stage.run(list(evaluations), out)


@click.command()
@click.argument("statuses", type=File, nargs=-1)
@click.option("--features", type=File, multiple=True, help="Feature file; repeatable.")
@click.option("--out", type=File, required=True, help="Table to write.")
def failures(statuses: tuple[Path, ...], features: tuple[Path, ...], out: Path) -> None:
    """List all failed clips with the stage and the reason.

    \b
    Example:
      avparse failures results/status/*.tsv --out results/failed.tsv
    """
    from avparse.stages import failures as stage

    stage.run(list(statuses), list(features), out)


@click.command()
@click.argument("statuses", type=File, nargs=-1)
@click.option(
    "--failed", type=File, required=True, help="Table of failed clips, from `avparse failures`."
)
@manifest_option
@click.option("--out", type=File, required=True, help="Table to write.")
@with_settings
def coverage(
    statuses: tuple[Path, ...],
    failed: Path,
    manifest: Path,
    out: Path,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Count failed clips and labelled samples with features.

    Exits with status 2 if the share of failed clips exceeds failures.max_share.

    \b
    Example:
      avparse coverage results/status/*.tsv --failed results/failed.tsv --out results/coverage.tsv
    """
    from avparse.stages import coverage as stage

    stage.run(read_settings(config, changes), list(statuses), failed, manifest, out)
