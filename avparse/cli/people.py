"""Commands for one's own videos and settings."""

from pathlib import Path
from typing import Any

import click

from avparse.cli.options import (
    File,
    read_settings,
    with_settings,
)


@click.command()
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
@with_settings
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
    settings = read_settings(config, changes)
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


@click.command()
@click.option("--schema", is_flag=True, help="The JSON Schema instead, as YAML.")
def config(schema: bool) -> None:
    """Print all settings with their defaults.

    Example: avparse config > config.yaml
    """
    from avparse.config import to_schema, to_yaml

    click.echo(to_schema() if schema else to_yaml(), nl=False)
