"""The commands of `rolecall`: finds the one that is asked for and imports only what that one needs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

_COMMANDS = {
    "ask": "ask",
    "chat": "chat",
    "demo": "demo",
    "digest": "digest",
    "doctor": "doctor",
    "export": "export",
    "history": "history",
    "import": "import_",
    "intents": "intents",
    "kb": "kb",
    "manifest": "manifest",
    "portfolio": "portfolio",
    "serve": "serve",
}
"""Each command's name and the module in `bot.cli` that has it as `command`."""


class _Commands(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"bot.cli.{_COMMANDS[cmd_name]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else " See: rolecall --help"
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--pack", envvar="ROLECALL_PACK", metavar="NAME", help="A knowledge pack that ships with Rolecall.")
@click.option(
    "--knowledge",
    envvar="ROLECALL_KNOWLEDGE",
    type=click.Path(path_type=Path),
    help="A knowledge pack's folder; of two options typed, or two variables set, it wins over --pack.",
)
@click.option(
    "--overlay", envvar="ROLECALL_OVERLAY", type=click.Path(path_type=Path), help="Your organisation's own file."
)
@click.version_option(package_name="rolecall", prog_name="rolecall")
@click.pass_context
def cli(ctx: click.Context, pack: str | None, knowledge: Path | None, overlay: Path | None) -> None:
    """Who owns what, at every stage: ask, record stage changes, read the digest."""
    # What is typed beats what the environment says; of two that are typed, the folder wins.
    typed = click.core.ParameterSource.COMMANDLINE
    if ctx.get_parameter_source("pack") is typed and ctx.get_parameter_source("knowledge") is not typed:
        knowledge = None
    ctx.obj = {"pack": pack, "folder": knowledge, "overlay": overlay}
