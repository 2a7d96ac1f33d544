"""`rolecall demo`: the assistant in the terminal, with a small portfolio that is gone afterwards."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot.assistant import Assistant
from bot.cli.chat import run
from bot.cli.machine import machine_zone
from bot.results import Speaker
from bot.terminal.speaking import Talk

_FOLDER = Path(__file__).parent.parent / "demo"


@click.command()
@click.pass_obj
def command(settings: dict[str, Any]) -> None:
    """Try it: ask and give commands, on a made-up portfolio in a database that is thrown away."""
    from bot.bootstrap import build_assistant, open_store

    with tempfile.TemporaryDirectory(prefix="rolecall-demo-") as folder:
        store = open_store(Path(folder) / "demo.db")
        try:
            assistant = build_assistant(store, **settings, plain_people=True)
            speaker = Speaker("local", "you", None, machine_zone())
            _play(assistant, speaker, _FOLDER / f"{assistant.pack_id}.txt")
            if sys.stdin.isatty():
                click.echo("Ask, or give a command; `exit` ends. For example:")
                for example in (*assistant.examples(), "/stage status", "/digest now", "/stage help"):
                    click.echo(f"  {example}")
                click.echo()
            run(Talk(assistant, speaker, lambda: datetime.now(UTC)))
        finally:
            store.close()


def _play(assistant: Assistant, speaker: Speaker, script: Path) -> None:
    """Type the lines of a script ("DAYS @USER: /COMMAND"), each at its day; a pack without a script begins empty."""
    if not script.is_file():
        return
    moment = datetime.now(UTC)
    talk = Talk(assistant, speaker, lambda: moment)
    for line in script.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            days, _, said = line.partition(" ")
            moment = datetime.now(UTC) - timedelta(days=int(days))
            talk.reply(said)
