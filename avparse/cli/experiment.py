"""Commands from features to predictions."""

from pathlib import Path

import click

from avparse.cli.options import (
    File,
    features_option,
    known,
    read_settings,
    shards_option,
    threads_option,
    use_threads,
    with_settings,
)


@click.command()
@click.argument("experiment")
@click.option("--seed", type=int, required=True)
@features_option
@shards_option
@click.option("--refined", type=File, help="Labels to take off, from `avparse refine`.")
@click.option("--out", type=File, required=True, help="Folder for the checkpoint.")
@threads_option
@with_settings
def train(
    experiment: str,
    seed: int,
    features: Path,
    shards: tuple[str, ...],
    refined: Path | None,
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Train the model of an experiment with one seed.

    \b
    Example:
      avparse train han --seed 1 --shard 00000 \\
        --out results/checkpoints/han/seed1
    """
    settings = read_settings(config, changes)
    known(settings.experiments, "experiment", experiment)
    use_threads(threads)
    from avparse.stages import train as stage

    stage.run(settings, experiment, seed, features, list(shards), refined, out)


@click.command()
@click.argument("experiment")
@click.option("--checkpoint", type=File, required=True, help="Folder of one of its checkpoints.")
@features_option
@shards_option
@click.option("--out", type=File, required=True, help="Table of the labels taken off.")
@threads_option
@with_settings
def refine(
    experiment: str,
    checkpoint: Path,
    features: Path,
    shards: tuple[str, ...],
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Tell which weak labels are not heard, or not seen. MA does it by exchanging tracks.

    \b
    Example:
      avparse refine ma_base --checkpoint results/checkpoints/ma_base/seed1 \\
        --shard 00000 --out results/labels/ma_base/seed1.tsv
    """
    settings = read_settings(config, changes)
    known(settings.experiments, "experiment", experiment)
    use_threads(threads)
    from avparse.stages import refine as stage

    stage.run(settings, experiment, checkpoint, features, list(shards), out)


@click.command()
@click.option("--checkpoint", "checkpoints", type=File, multiple=True, required=True)
@features_option
@click.option("--shard", required=True)
@click.option("--out", type=File, required=True)
@threads_option
@with_settings
def predict(
    checkpoints: tuple[Path, ...],
    features: Path,
    shard: str,
    out: Path,
    threads: int | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Predict the clips of a shard with an experiment's checkpoints.

    \b
    Example:
      avparse predict --checkpoint results/checkpoints/han/seed1 --shard 00000 \\
        --out p.h5
    """
    settings = read_settings(config, changes)
    use_threads(threads)
    from avparse.stages import predict as stage

    stage.run(settings, list(checkpoints), features, shard, out)
