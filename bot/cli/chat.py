"""`rolecall chat`: talk in the terminal, questions and slash commands alike."""

from __future__ import annotations

import getpass
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.database import database_options, team_of
from bot.cli.machine import MomentParameter, machine_zone
from bot.terminal.speaking import Talk

_ENDS = frozenset({"exit", "quit"})
"""What ends a talk at a terminal, besides the end of input: who types this asks nothing."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--as", "user", metavar="USER", help="Who is speaking; default: your name on this machine.")
@click.option("--channel", metavar="NAME", help="The channel in which it is said.")
@click.option("--now", type=MomentParameter(), help="Fix the clock at this moment.")
@database_options
@click.pass_obj
def command(
    settings: dict[str, Any],
    as_json: bool,
    user: str | None,
    channel: str | None,
    now: datetime | None,
    db: Path | None,
    team: str | None,
) -> None:
    """Talk: one message a line. A line that starts with / is a slash command, any other line is a question.

    A line "@ana: TEXT" is said by ana. Without --db, what is recorded is forgotten at the end.

    Example: rolecall chat --db rolecall.db --as ana --channel churn
    """
    from bot.bootstrap import build_assistant, open_store
    from bot.results import Speaker

    with tempfile.TemporaryDirectory(prefix="rolecall-") as folder:
        store = open_store(db or Path(folder) / "rolecall.db")
        try:
            assistant = build_assistant(store, **settings, plain_people=True)
            with store.read() as reader:
                team = team_of(reader, team)
            speaker = Speaker(
                team,
                (user or getpass.getuser()).lstrip("@"),
                channel.lstrip("#") if channel else None,
                machine_zone(),
            )
            run(Talk(assistant, speaker, (lambda: now) if now else (lambda: datetime.now(UTC)), as_json=as_json))
        finally:
            store.close()


def run(talk: Talk) -> None:
    """Reply to every line of standard input until it ends; at a terminal, with a prompt, until "exit"."""
    for line in _lines():
        if line.strip():
            click.echo(talk.reply(line))
            if sys.stdin.isatty():
                click.echo()


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        for raw in sys.stdin.buffer:
            yield raw.decode("utf-8", errors="replace")
        return
    import readline

    readline.set_auto_history(True)
    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        if line.strip().lower() in _ENDS:
            return
        yield line
