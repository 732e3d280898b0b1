"""Commands that train models and predict."""

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
@click.option("--seed", type=int, required=True, help="Random seed of the training run.")
@features_option
@shards_option
@click.option("--refined", type=File, help="Labels to remove, from `avparse refine`.")
@click.option("--out", type=File, required=True, help="Folder to write the checkpoint to.")
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
    """Train a model with one seed.

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
@click.option("--checkpoint", type=File, required=True, help="Checkpoint of this experiment.")
@features_option
@shards_option
@click.option("--out", type=File, required=True, help="Table to write, with the labels to remove.")
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
    """Refine weak labels into audio and visual labels (MA).

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
@click.option(
    "--checkpoint", "checkpoints", type=File, multiple=True, required=True,
    help="Checkpoint to predict with; repeatable.",
)  # fmt: skip
@features_option
@click.option("--shard", required=True, help="Shard to predict, such as 00000.")
@click.option("--out", type=File, required=True, help="File (HDF5) to write.")
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
    """Predict events in the clips of a shard.

    \b
    Example:
      avparse predict --checkpoint results/checkpoints/han/seed1 --shard 00000 \\
        --out p.h5
    """
    settings = read_settings(config, changes)
    use_threads(threads)
    from avparse.stages import predict as stage

    stage.run(settings, list(checkpoints), features, shard, out)
