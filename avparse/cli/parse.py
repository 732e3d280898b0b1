"""Commands for your own videos, settings and shell completion."""

from pathlib import Path
from typing import Any

import click

from avparse.cli.options import (
    File,
    json_option,
    print_json,
    read_settings,
    threshold_option,
    with_settings,
)

_WIDE = 2000


@click.command()
@click.argument("videos", type=File, nargs=-1, required=True)
@click.option(
    "--checkpoint",
    type=File,
    required=True,
    help="Checkpoint, or folder with the checkpoints of several seeds.",
)
@click.option("--out", type=File, required=True, help="Folder to write events and the page to.")
@click.option(
    "--weights",
    "weights_folder",
    type=File,
    default=Path("resources/weights"),
    show_default=True,
    help="Folder with extractor weights; missing ones are created.",
)
@threshold_option
@click.option(
    "--task",
    type=click.Choice(["parsing", "localization"]),
    help="Fail unless the checkpoint is for this task.",
)
@json_option
@with_settings
def parse(
    videos: tuple[Path, ...],
    checkpoint: Path,
    out: Path,
    weights_folder: Path,
    threshold: float,
    task: str | None,
    as_json: bool,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Find the events in your own videos with a trained model.

    \b
    Examples:
      avparse parse clip.mp4 --checkpoint results/checkpoints/han --out timelines
      avparse parse *.mp4 --checkpoint results/checkpoints/han --out timelines --json
    """
    settings = read_settings(config, changes)
    from avparse.core.files import read_json
    from avparse.stages import parse as stage

    timelines = stage.run(settings, list(videos), checkpoint, weights_folder, threshold, task, out)
    if as_json:
        print_json(read_json(out / "events.json"))
    else:
        _print_events(timelines)


def _print_events(timelines: list[Any]) -> None:
    """Print the events as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("video", "onset", "offset", "how", "event", "score", box=None)
    for timeline in timelines:
        for e in timeline.events:
            how = e.modality.value.replace("_", "-")
            cells = (timeline.video_id, f"{e.onset_s:g}", f"{e.offset_s:g}", how, e.label)
            table.add_row(*map(Text, cells), f"{e.score:.2f}")
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE  # do not wrap lines in a pipe or file
    console.print(table)


@click.command()
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of the settings (as YAML) instead."
)
def config(schema: bool) -> None:
    """Print all settings with their defaults.

    \b
    Example:
      avparse config > config.yaml
    """
    from avparse.config.yaml_file import to_schema, to_yaml

    click.echo(to_schema() if schema else to_yaml(), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    Examples:
      eval "$(avparse completion bash)"    in ~/.bashrc
      eval "$(avparse completion zsh)"     in ~/.zshrc
      avparse completion fish > ~/.config/fish/completions/avparse.fish
    """
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    root = click.get_current_context().find_root().command
    click.echo(completion_class(root, {}, "avparse", "_AVPARSE_COMPLETE").source())
