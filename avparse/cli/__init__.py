"""The command line: one subcommand for each stage. Heavy imports wait until a command runs."""

import sys
from typing import Any

import click

from avparse import __version__
from avparse.cli import checkpoint, data, dataset, download, experiment, features, people
from avparse.errors import AvparseError
from avparse.registry import near


class _Commands(click.Group):
    """Keeps commands in the order of the pipeline, and knows near names."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise AvparseError(f"unknown command {args[0]!r}", near(args[0], self.commands))
        return super().resolve_command(context, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The whole pipeline, cached and resumable: snakemake --cores all",
)
@click.version_option(__version__, "--version", message="avparse %(version)s")
def cli() -> None:
    """Raw videos to audio-visual event timelines: what was heard and seen, and when."""


for _command in (
    data.synth, data.annotations, download.download,
    data.index, data.decode, data.weights, data.extract,
    experiment.train, experiment.refine, experiment.predict, experiment.evaluate, experiment.export,
    experiment.collect, experiment.compare, experiment.embed, experiment.report, experiment.viewer,
    dataset.dataset, checkpoint.checkpoint, features.features, people.parse, people.config,
):  # fmt: skip
    cli.add_command(_command)


def main() -> None:
    """Run the command line; what a user can mend ends in one line and status 2."""
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
    print(f"avparse: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
