"""Groups of commands: help by purpose, near names, and what every command takes."""

from typing import Any

import click

from avparse.core import progress
from avparse.core.errors import AvparseError
from avparse.core.registry import near


def _hush(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.with_resource(progress.quiet())


quiet_option = click.Option(
    ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_hush,
    help="No progress, no remarks; results and errors stay.",
)  # fmt: skip


class Commands(click.Group):
    """Keeps commands in the order they were added, under titles if there are any."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._titles: dict[str, str] = {}

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, which can be told to be quiet."""
        super().add_command(cmd, name)
        if not isinstance(cmd, click.Group):
            cmd.params.append(quiet_option)

    def section(self, title: str, *commands: click.Command) -> None:
        """Add commands under a title."""
        for command in commands:
            self.add_command(command)
            self._titles[str(command.name)] = title

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        unknown = args[0] not in self.commands and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:  # as completion parses
            raise AvparseError(f"unknown command {args[0]!r}", near(args[0], self.commands))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if not self._titles:
            super().format_commands(ctx, formatter)
            return
        wide = max(map(len, self.commands))
        for title in dict.fromkeys(self._titles.values()):
            named = [name for name, its in self._titles.items() if its == title]
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (f"{name:<{wide}}", self.commands[name].get_short_help_str(formatter.width))
                        for name in named
                    ]
                )
