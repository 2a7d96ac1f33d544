"""`rolecall digest`: what a channel's or a person's digest would say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.database import database_options, opened, shown_names, team_of, zone_named
from bot.cli.machine import MomentParameter, machine_zone


@click.group()
def command() -> None:
    """Look at daily digests."""


@command.command()
@click.option("--channel", metavar="CHANNEL", help="The channel's digest; without one, the digest of all products.")
@click.option("--user", metavar="USER", help="A person's own digest instead of a channel's.")
@database_options
@click.option("--now", type=MomentParameter(), help="As of this moment; default: now.")
@click.option("--zone", help="The zone to show times in, where no digest is set up; default: this machine's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.pass_obj
def preview(
    settings: dict[str, Any],
    channel: str | None,
    user: str | None,
    db: Path | None,
    team: str | None,
    now: datetime | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """Show what a digest would say now. Nothing is posted, and the day's digest comes all the same.

    Example: rolecall digest preview --channel C0123456789 --db rolecall.db --now 2026-03-02T08:30Z
    """
    if channel and user:
        raise click.UsageError("Give --channel or --user, not both.")
    place = zone_named(zone) if zone else machine_zone()
    from bot.bootstrap import load_knowledge
    from bot.config import load_settings
    from bot.results import Speaker
    from bot.services.digest_commands import DigestCommands
    from bot.services.request import Rules
    from bot.terminal.digest import digest_text

    with opened(db) as store:
        with store.read() as reader:
            id_ = team_of(reader, team)
            shown = shown_names(reader, id_)
        knowledge = load_knowledge(**settings)
        commands = DigestCommands(
            store,
            lambda: knowledge,
            Rules(),
            lambda team, user: shown(user),
            maintainers_channel=load_settings().maintainers_channel,
        )
        speaker = Speaker(id_, (user or "").removeprefix("@"), (channel or "").removeprefix("#") or None, place)
        digest = commands.preview(speaker, now or datetime.now(UTC), personal=user is not None)
    click.echo(json.dumps(digest.as_json(), ensure_ascii=False) if as_json else digest_text(digest))
