"""`rolecall portfolio`: every product in a table, on a board, or as figures of its flow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.database import clock_options, database_options, opened, shown_names, team_of, zone_named

if TYPE_CHECKING:
    from rich.table import Table

    from bot.services.flow import Flow
    from bot.services.portfolio_table import Column, Row

_MOST_ROWS = 50
_MOST_IN_COLUMN = 40


@click.command()
@click.argument("what", type=click.Choice(["table", "board", "flow"]), default="table")
@database_options
@clock_options
@click.option("--all", "everything", is_flag=True, help="Archived products too, and no limit on the rows.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def command(
    settings: dict[str, Any],
    what: str,
    db: Path | None,
    team: str | None,
    now: datetime | None,
    zone: str,
    everything: bool,
    as_json: bool,
) -> None:
    """Show the portfolio: a row a product (table), a column a stage (board), or how products move (flow).

    Example: rolecall portfolio board --db rolecall.db
    """
    moment, place = now or datetime.now(UTC), zone_named(zone)
    from bot.bootstrap import load_knowledge
    from bot.services import portfolio_table

    with opened(db) as store, store.read() as reader:
        pack = load_knowledge(settings["pack"], settings["folder"], settings["overlay"]).pack
        id_ = team_of(reader, team)
        products = reader.products(id_, archived=everything)
        if what == "flow":
            from bot.services.flow import flow

            by_product: dict[str, list[Any]] = {product.id: [] for product in products}
            for event in sorted(reader.events(id_), key=lambda event: (event.product, event.sequence)):
                if event.product in by_product:
                    by_product[event.product].append(event)
            figures = flow(by_product.values(), pack, place)
            _print(figures.as_json() if as_json else None, lambda _: flow_lines(figures))
        elif what == "board":
            columns = portfolio_table.board(products, pack, moment, place)
            _print(
                [_column(c) for c in columns] if as_json else None,
                lambda width: board_lines(columns, everything, width),
            )
        else:
            shown = products if everything or as_json else products[:_MOST_ROWS]
            rows = portfolio_table.rows(shown, pack, moment, place, shown_names(reader, id_))
            more = len(products) - len(shown)
            _print([row.as_json() for row in rows] if as_json else None, lambda _: table_lines(rows, more))


def table_lines(rows: Sequence[Row], more: int = 0) -> Iterator[Table | str]:
    """The table of products, for a terminal; `more`: how many there are besides."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        yield "There is no product yet."
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Product", overflow="fold", min_width=10)
    table.add_column("Stage", overflow="fold", min_width=12)
    table.add_column("Days", justify="right", no_wrap=True)
    table.add_column("People", overflow="fold", min_width=12)
    table.add_column("Gaps", overflow="fold", min_width=8)
    for row in rows:
        stages = "\n".join(s.name if s.known else f"{s.name} (not in this framework)" for s in row.stages)
        days = "\n".join(f"{s.days}{' !' if s.stuck else ''}" for s in row.stages)
        people = "\n".join(f"{role}: {', '.join(users)}" for role, users in row.people)
        status = row.status if not row.stages else ""
        marked = f"{stages or status}{' (archived)' if row.archived else ''}"
        # Text, so that a name in square brackets is not taken for a style.
        table.add_row(*(Text(_line(cell)) for cell in (row.name, marked, days, people, ", ".join(row.gaps))))
    yield table
    if more:
        yield f"… and {more} more products: --all shows them."
    if any(stage.stuck for row in rows for stage in row.stages):
        yield "!: longer in the stage than its limit."


def board_lines(columns: Sequence[Column], everything: bool = False, width: int = 80) -> Iterator[Table | str]:
    """The board, for a terminal: the stages side by side or, where that is too narrow for them, below each other."""
    from rich.table import Table
    from rich.text import Text

    headings = [f"{column.name} ({len(column.products)})" for column in columns]
    widest = [max(map(len, heading.split())) for heading in headings]
    cells = []
    for column in columns:
        shown = column.products if everything else column.products[:_MOST_IN_COLUMN]
        lines = [f"{_line(name)}{_waiting(days, stuck)}" for name, days, stuck in shown]
        if len(shown) < len(column.products):
            lines.append(f"… {len(column.products) - len(shown)} more")
        cells.append(lines or ["-"])
    spare = width - sum(widest) - len(widest)
    if spare >= 0:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for heading, least in zip(headings, widest, strict=True):
            # Told how wide each is: left to itself, Rich may take more than there is, and cut off at the right.
            table.add_column(Text(heading), overflow="fold", width=least + spare // len(widest))
        table.add_row(*(Text("\n".join(lines)) for lines in cells))
        yield table
    else:
        for heading, lines in zip(headings, cells, strict=True):
            yield "\n".join([heading, *(f"  {line}" for line in lines)])
    if any(stuck for column in columns for _, _, stuck in column.products):
        yield "!: longer in the stage than its limit."


def flow_lines(figures: Flow) -> Iterator[Table | str]:
    """The figures of the flow, for a terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Stage")
    for heading in ("Median days", "Stays ended", "Open now"):
        table.add_column(heading, justify="right")
    for each in figures.stages:
        days = "-" if each.median_days is None else f"{each.median_days:g}"
        table.add_row(each.name, days, str(each.ended), str(each.open))
    yield table
    share = figures.share_back
    yield (
        "Nothing has moved yet."
        if share is None
        else (f"Moves: {figures.moves}, of which back: {figures.moves_back} ({share:.0%}).")
    )
    begun, finished = dict(figures.begun), dict(figures.finished)
    months = sorted({*begun, *finished})[-12:]
    if months:
        yield "Month: products begun, products that reached the last stage or were closed"
        yield "\n".join(f"{month}: {begun.get(month, 0)}, {finished.get(month, 0)}" for month in months)


def _waiting(days: int | None, stuck: bool) -> str:
    return "" if days is None else f", {days} d{' !' if stuck else ''}"


def _line(text: str) -> str:
    """Text without what would move a terminal's cursor."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def _column(column: Column) -> dict[str, Any]:
    products = [{"name": name, "days": days, "stuck": stuck} for name, days, stuck in column.products]
    return {"stage": column.stage, "name": column.name, "products": products}


def _print(data: Any, lines: Any) -> None:
    if data is not None:
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines(console.width):
        console.print(line)
