"""Commands about checkpoints."""

from pathlib import Path

import click
import yaml

from avparse.cli.groups import Commands
from avparse.cli.options import File, read_settings, with_settings
from avparse.core.errors import ConfigError


@click.group(cls=Commands)
def checkpoint() -> None:
    """Published checkpoints, as ours."""


@checkpoint.command("import")
@click.argument("name")
@click.argument("file", type=File)
@click.option("--out", type=File, required=True, help="Folder for the checkpoint.")
@click.option(
    "--option", "options", multiple=True, metavar="KEY=VALUE",
    help="Of the model, such as supervision=weak; repeatable.",
)  # fmt: skip
@click.option("--classes", type=File, help="A class a line.  [default: LLP's or AVE's]")
@with_settings
def import_(
    name: str,
    file: Path,
    out: Path,
    options: tuple[str, ...],
    classes: Path | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Make a checkpoint from a published file of parameters.

    NAME is the model: han, ma, mm_pyramid, cvcms, cmran, bmfn, avel, dmrn or psp. The settings say
    how the features were made that it will be given: take those of a preset.

    \b
    Examples:
      avparse checkpoint import han HAN.pt --config workflow/presets/llp.yaml --out checkpoints/han
      avparse checkpoint import cmran weak.pth.tar --option supervision=weak \\
        --config workflow/presets/ave.yaml --out checkpoints/cmran_weak
    """
    from avparse.models import MODELS
    from avparse.stages import import_checkpoint as stage

    MODELS.check(name)
    settings = read_settings(config, changes)
    named = None
    if classes is not None:
        try:
            lines = classes.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read {classes}", str(error)) from None
        named = tuple(line.strip() for line in lines if line.strip())
    stage.run(settings, name, file, dict(map(_pair, options)), named, out)


def _pair(option: str) -> tuple[str, object]:
    key, equals, text = option.partition("=")
    if not equals:
        raise ConfigError(f"--option {option}", "write --option KEY=VALUE")
    return key, yaml.safe_load(text)
