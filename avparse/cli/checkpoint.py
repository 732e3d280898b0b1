"""Commands for checkpoints."""

from pathlib import Path

import click
import yaml

from avparse.cli.groups import Commands
from avparse.cli.options import File, read_settings, with_settings
from avparse.core.errors import ConfigError


@click.group(cls=Commands)
def checkpoint() -> None:
    """Work with checkpoints."""


@checkpoint.command("import")
@click.argument("name")
@click.argument("file", type=File)
@click.option("--out", type=File, required=True, help="Folder to write the checkpoint to.")
@click.option(
    "--option", "options", multiple=True, metavar="KEY=VALUE",
    help="Model option, such as supervision=weak; repeatable.",
)  # fmt: skip
@click.option(
    "--classes",
    type=File,
    help="File with a class name on each line.  [default: the classes of LLP or AVE]",
)
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
    """Convert a released parameter file to a checkpoint.

    NAME is the model: han, ma, mm_pyramid, cvcms, cmran, bmfn, avel, dmrn or psp. The extractor
    settings are stored in the checkpoint: use the preset that matches the released features.

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
