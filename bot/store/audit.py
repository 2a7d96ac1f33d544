"""Whether what the SQLite file holds adds up: for `rolecall doctor`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from bot.store import history
from bot.store.base import StoreError
from bot.store.migrations import TRIGGERS
from bot.store.portfolio import LOOKUPS, PortfolioReading
from bot.store.records import Json
from bot.store.rows import Statements, loaded, text

Finder = Callable[[Json], set[tuple[str, ...]]]
Found = defaultdict[tuple[str, str], set[tuple[str, ...]]]


def verify(reader: PortfolioReading, team: str | None) -> list[str]:
    """A sentence for each thing that does not add up, of one team or, with None, of all of them and the file itself."""
    found = _file(reader) if team is None else []
    rows = reader.run(
        "SELECT team, id, version, hex(chain), fields FROM products WHERE ? IS NULL OR team = ? ORDER BY team, id",
        (team, team),
    )
    lookups = _lookups(reader, team)
    for row in rows.fetchall():
        where, product = text(row[0]), text(row[1])
        try:
            events = reader.events(where, product)
            written = loaded(row[4])
            found += history.discrepancies(where, product, row[2], written, events)
            if events and events[-1].chain != row[3].lower():
                found.append(f"{where}/{product}: the last event is not the one that was recorded last.")
            for finder, table, held in lookups:
                if held.pop((where, product), set()) != finder(written):
                    found.append(f"{where}/{product}: the table {table} differs from the product.")
        except (StoreError, KeyError, TypeError, ValueError, AttributeError) as error:
            found.append(f"{where}/{product}: the product or one of its events cannot be read: {error}")
    for _, table, held in lookups:
        found += [f"{where}/{product}: the table {table} knows it, but it is gone." for where, product in held]
    return found + _teams(reader, team)


def _file(reader: Statements) -> list[str]:
    found = [f"SQLite finds the file damaged: {row[0]}." for row in reader.run("PRAGMA quick_check") if row[0] != "ok"]
    triggers = {row[0] for row in reader.run("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for trigger in TRIGGERS:
        if trigger not in triggers:
            found.append(f"The trigger {trigger} is gone, so events can be changed unnoticed by SQLite.")
    return found


def _lookups(reader: Statements, team: str | None) -> list[tuple[Finder, str, Found]]:
    """What the tables that products are looked up by hold, by (team, product)."""
    result: list[tuple[Finder, str, Found]] = []
    for finder, (insert, _) in LOOKUPS.items():
        # "INSERT INTO table (team, product, column, …) VALUES …" names what there is to read.
        table, columns = insert.split()[2], insert[insert.index("(") + 1 : insert.index(")")]
        held: Found = defaultdict(set)
        rows = reader.run(f"SELECT {columns} FROM {table} WHERE ? IS NULL OR team = ?", (team, team))  # noqa: S608
        for where, product, *rest in rows:
            held[text(where), text(product)].add(tuple(map(text, rest)))
        result.append((finder, table, held))
    return result


def _teams(reader: Statements, team: str | None) -> list[str]:
    found = []
    rows = reader.run(
        "SELECT team, product, count(*) FROM events WHERE (? IS NULL OR team = ?) AND NOT EXISTS"
        " (SELECT 1 FROM products WHERE products.team = events.team AND products.id = events.product)"
        " GROUP BY team, product",
        (team, team),
    )
    for where, product, count in rows:
        found.append(f"{text(where)}/{text(product)}: the product is gone, but {count} of its events are there.")
    rows = reader.run(
        "SELECT team, version, (SELECT max(number) FROM events WHERE events.team = portfolios.team) FROM portfolios"
        " WHERE ? IS NULL OR team = ?",
        (team, team),
    )
    for where, version, last in rows:
        if version != last:
            found.append(f"{text(where)}: the last event recorded was number {version}, the last one there is {last}.")
    return found
