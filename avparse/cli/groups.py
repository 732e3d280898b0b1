"""Command groups: help in sections, suggestions for misspelt names, and common options."""

from typing import Any

import click

from avparse.core import progress
from avparse.core.errors import AvparseError
from avparse.core.registry import near


def _set_quiet(context: click.Context, _: click.Parameter, enabled: bool) -> None:
    if enabled:
        context.with_resource(progress.quiet())


quiet_option = click.Option(
    ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_set_quiet,
    help="Print only results and errors.",
)  # fmt: skip


class Commands(click.Group):
    """Group that lists commands in the order they were added, in titled sections if given."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._titles: dict[str, str] = {}

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with the --quiet option."""
        super().add_command(cmd, name)
        if not isinstance(cmd, click.Group):
            cmd.params.append(quiet_option)

    def section(self, title: str, *commands: click.Command) -> None:
        """Add commands as a section of the help."""
        for command in commands:
            self.add_command(command)
            self._titles[str(command.name)] = title

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        unknown = args[0] not in self.commands and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:  # true while the shell completes
            raise AvparseError(f"unknown command {args[0]!r}", near(args[0], self.commands))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if not self._titles:
            super().format_commands(ctx, formatter)
            return
        width = max(map(len, self.commands))
        for title in dict.fromkeys(self._titles.values()):
            names = [name for name, section in self._titles.items() if section == title]
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (
                            f"{name:<{width}}",
                            self.commands[name].get_short_help_str(formatter.width),
                        )
                        for name in names
                    ]
                )
