"""`rolecall history`: what happened to a product, in lines or as a picture."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.database import clock_options, database_options, opened, shown_names, team_of, zone_named
from bot.errors import RolecallError


@click.command()
@click.argument("product")
@database_options
@clock_options
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the timeline into this file: .png, .svg or .pdf.")
@click.pass_obj
def command(
    settings: dict[str, Any],
    product: str,
    db: Path | None,
    team: str | None,
    now: datetime | None,
    zone: str,
    plot: Path | None,
) -> None:
    """Show the history of PRODUCT, by id or name.

    Example: rolecall history churn-model --plot churn.png
    """
    moment, place = now or datetime.now(UTC), zone_named(zone)
    from bot.bootstrap import load_knowledge
    from bot.services.answering.product_names import ProductIndex
    from bot.services.event_words import event_words
    from bot.services.moments import minute_in_words

    with opened(db) as store, store.read() as reader:
        id_ = team_of(reader, team)
        names = ProductIndex().names(reader, id_)
        ids = [product] if reader.product(id_, product) else names.called(product)
        found = reader.product(id_, ids[0]) if len(ids) == 1 else None
        if found is None:
            like = ids or names.like(product)
            more = f" Did you mean {' or '.join(like[:4])}?" if like else ""
            what = "may be one of several products" if len(ids) > 1 else "is no product"
            raise RolecallError(f"“{product[:60]}” {what} of team {id_}.{more}")
        pack = load_knowledge(settings["pack"], settings["folder"], settings["overlay"]).pack
        events = reader.events(id_, found.id)
        shown = shown_names(reader, id_)
    if plot is not None:
        from bot.plots import history_plot
        from bot.services.timeline import timeline

        history_plot(timeline(found, events, pack, moment, place), plot)
        click.echo(f"Wrote {plot}.")
        return
    click.echo(f"History of {found.name} ({len(events)} event{'' if len(events) == 1 else 's'}; times in {place}):")
    for event in events:
        when = minute_in_words(event.at, place)
        click.echo(f"{when} {shown(event.actor)} {event_words(event, pack, shown)}")
