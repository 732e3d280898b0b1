"""Options and helpers shared by several commands."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from avparse.core.errors import ConfigError
from avparse.core.registry import near

File = click.Path(path_type=Path)


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options --config and --set."""
    command = click.option(
        "--set", "changes", multiple=True, metavar="KEY=VALUE",
        help="Change a setting, such as extractors.vgg19.seed=1; repeatable.",
    )(command)  # fmt: skip
    return click.option(
        "--config", type=File, help="Settings file.  [default: config.yaml, if it exists]"
    )(command)


def read_settings(path: Path | None, changes: tuple[str, ...]) -> Any:
    """Read the settings file, apply --set, then the runtime settings passed by the workflow."""
    import json

    import yaml

    from avparse.config import yaml_file
    from avparse.pipeline import parameters, validate

    if path is None and Path("config.yaml").is_file():
        path = Path("config.yaml")
    values = yaml_file.read_yaml(path) if path else {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals:
            raise ConfigError(f"--set {change}", "write --set KEY=VALUE")
        *parents, last = parameters.keys_of(key) or [""]
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise ConfigError(f"--set {change}", f"{parent!r} is not a section of the settings")
        try:
            place[last] = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"--set {change}", "the value is not valid YAML") from None
    if parameters.RUNTIME in os.environ:
        for section, shared in json.loads(os.environ[parameters.RUNTIME]).items():
            values[section] = {**values.get(section, {}), **shared}
    return validate.load(values, str(path) if path else "the settings")


results_option = click.option(
    "--results",
    type=File,
    default=Path("results"),
    show_default=True,
    help="Folder with the results of the workflow.",
)
manifest_option = click.option(
    "--manifest",
    type=File,
    default=Path("resources/manifest.tsv"),
    show_default=True,
    help="Manifest, from `avparse index`.",
)
threshold_option = click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Decision threshold on probabilities.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def print_json(value: Any) -> None:
    """Print a result as JSON."""
    import json

    click.echo(json.dumps(value, indent=1))


def use_threads(count: int | None) -> None:
    """Limit the CPU threads of this process; None leaves the default."""
    if count is not None:
        import torch

        torch.set_num_threads(count)


features_option = click.option(
    "--features",
    type=File,
    default=Path("results/features"),
    show_default=True,
    help="Folder with feature files.",
)
shards_option = click.option(
    "--shard",
    "shards",
    multiple=True,
    required=True,
    help="Shard to use, such as 00000; repeatable.",
)

threads_option = click.option(
    "--threads", type=click.IntRange(1), help="CPU threads.  [default: all]"
)


def known(section: dict[str, Any], kind: str, name: str) -> str:
    """Return ``name`` if the section of the settings has it.

    Raises:
        ConfigError: if it does not; suggests the most similar name.
    """
    if name not in section:
        raise ConfigError(f"unknown {kind} {name!r}", near(name, section))
    return name
