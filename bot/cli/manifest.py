"""`rolecall manifest`: the app manifest that fits what this version handles."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command()
@click.option("--http", "url", metavar="URL", help="For HTTP, at this public address, such as https://rolecall.example")
@click.option("--prefix", envvar="ROLECALL_COMMAND_PREFIX", default="", help="Put before the names of slash commands.")
@click.pass_obj
def command(settings: dict[str, Any], url: str | None, prefix: str) -> None:
    """Print the Slack app manifest (JSON): for Socket Mode, or for HTTP with --http URL.

    Paste it at https://api.slack.com/apps, “Create New App”, “From a manifest”.
    """
    from bot.bootstrap import load_knowledge
    from bot.commands.grammar import COMMANDS
    from bot.manifest import manifest
    from bot.services.answering.conversation import examples

    knowledge = load_knowledge(**settings)
    shown = manifest("http" if url else "socket", url or "", prefix, COMMANDS, examples(knowledge))
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
