"""Products and their events in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.store import history
from bot.store.base import Conflict
from bot.store.records import Change, Event, Json, Product, Refusal
from bot.store.rows import Row, Statements, damaged, dumped, loaded, milliseconds, moment, text

EVENT_COLUMNS = "team, product, sequence, at, kind, actor, channel, before, after, reason, details, chain"
# Every table that knows a team, to tell which there are; the primary key or an index of each begins with it.
TEAM_TABLES = ("products", "people", "digest_schedules", "inbox", "conversations", "questions", "refusals")


class PortfolioReading(Statements):
    """Looking at products and events."""

    def teams(self) -> list[str]:
        """Every team that has anything here."""
        found: set[str] = set()
        for table in TEAM_TABLES:
            # One step of an index for each team, where DISTINCT would go through every row.
            row = self.first(f"SELECT min(team) FROM {table}")  # noqa: S608
            while row[0] is not None:
                found.add(text(row[0]))
                row = self.first(f"SELECT min(team) FROM {table} WHERE team > ?", row)  # noqa: S608
        return sorted(found)

    def product(self, team: str, product: str) -> Product | None:
        """The product with this id, archived or not."""
        row = self.first("SELECT team, id, version, fields FROM products WHERE team = ? AND id = ?", (team, product))
        return None if row is None else product_of(row)

    def products(
        self,
        team: str,
        *,
        channel: str | None = None,
        stage: str | None = None,
        holder: str | None = None,
        archived: bool = False,
    ) -> list[Product]:
        """Products by name; see the interface."""
        conditions, values = ["team = ?"], [team]
        if channel is not None:
            conditions.append("channel = ?")
            values.append(channel)
        if stage is not None:
            conditions.append("id IN (SELECT product FROM open_stages WHERE team = ? AND stage = ?)")
            values += [team, stage]
        if holder is not None:
            conditions.append("id IN (SELECT product FROM holders WHERE team = ? AND user = ?)")
            values += [team, holder]
        if not archived:
            conditions.append("archived = 0")
        sql = f"SELECT team, id, version, fields FROM products WHERE {' AND '.join(conditions)}"  # noqa: S608
        return sorted(map(product_of, self.run(sql, values)), key=lambda each: (each.name.casefold(), each.id))

    def product_names(self, team: str) -> list[tuple[str, str]]:
        """(name, product id) for every present and former name and every id."""
        rows = self.run(
            "SELECT name, product FROM product_names WHERE team = ? UNION SELECT id, id FROM products WHERE team = ?",
            (team, team),
        )
        return [(text(name), text(product)) for name, product in rows]

    def events(
        self,
        team: str,
        product: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Event]:
        """Events oldest first; see the interface."""
        conditions, values, order, at = ["team = ?"], [team], "at DESC, number DESC", "at"
        if product is not None:
            conditions.append("product = ?")
            values.append(product)
            # A product's events keep their order also where the clock was set back between two of them.
            # "+at": its few events are found by its id, and not among those of the whole team in that time.
            order, at = "sequence DESC", "+at"
        bounds: list[Any] = []
        if since is not None:
            conditions.append(f"{at} >= ?")
            bounds.append(milliseconds(since))
        if until is not None:
            conditions.append(f"{at} < ?")
            bounds.append(milliseconds(until))
        sql = (
            f"SELECT {EVENT_COLUMNS} FROM events WHERE {' AND '.join(conditions)}"  # noqa: S608
            f" ORDER BY {order} LIMIT ?"
        )
        rows = self.run(sql, [*values, *bounds, -1 if limit is None else max(limit, 0)]).fetchall()
        return [event_of(row) for row in reversed(rows)]

    def portfolio_version(self, team: str) -> int:
        """A number that grows with every event of the team."""
        row = self.first("SELECT version FROM portfolios WHERE team = ?", (team,))
        return 0 if row is None else int(row[0])

    def refusals(self, team: str, *, since: datetime, limit: int = 50) -> list[Refusal]:
        """Changes that were refused, newest first."""
        rows = self.run(
            "SELECT team, at, actor, product, command, error FROM refusals WHERE team = ? AND at >= ?"
            " ORDER BY at DESC, number DESC LIMIT ?",
            (team, milliseconds(since), limit),
        )
        return [Refusal(text(row[0]), moment(row[1]), *map(text, row[2:])) for row in rows]


class PortfolioWriting(PortfolioReading):
    """Recording changes of products."""

    def append(self, change: Change) -> Event:
        """Record a change and put the product into the state it says; raises Conflict, and ValueError."""
        team, product = change.product.team, change.product.id
        row = self.first(
            "SELECT team, id, version, fields, chain FROM products WHERE team = ? AND id = ?", (team, product)
        )
        version = 0 if row is None else row[2]
        if version != change.expected_version:
            if row is None:
                raise ValueError(f"there is no product {product!r} that could be at version {change.expected_version}")
            raise Conflict(product_of(row))
        old = None if row is None else loaded(row[3])
        new = history.fields(change.product)
        before, after = history.difference(old, new)
        event = Event(
            team=team,
            product=product,
            sequence=version + 1,
            at=moment(milliseconds(change.at)),
            kind=change.kind,
            actor=change.actor,
            channel=change.channel,
            before=_beside(before, change.before),
            after=_beside(after, change.after),
            reason=change.reason,
            details=history.plain(change.details),
        )
        event = replace(event, chain=history.link(event, "" if row is None else row[4].hex()))
        self._keep(event.team, event.product, old, new, event)
        self._record([event])
        return event

    def restore(self, product: Product, events: Sequence[Event]) -> None:
        """Bring in a product with the events it is made of; raises Conflict, and ValueError."""
        standing = self.product(product.team, product.id)
        if standing is not None:
            raise Conflict(standing)
        if not events:
            raise ValueError(f"{product.id} comes without events")
        linked: list[Event] = []
        for number, event in enumerate(events, 1):
            if (event.team, event.product) != (product.team, product.id):
                raise ValueError(f"an event of {event.team}/{event.product} is among those of {product.id}")
            if event.sequence != number:
                raise ValueError(f"event {number} of {product.id} is missing or out of order")
            whole = replace(
                event,
                at=moment(milliseconds(event.at)),
                before=history.plain(event.before),
                after=history.plain(event.after),
                details=history.plain(event.details),
            )
            linked.append(replace(whole, chain=history.link(whole, linked[-1].chain if linked else "")))
        new = history.fields(product)
        wrong = history.discrepancies(product.team, product.id, product.version, new, linked)
        if wrong:
            raise ValueError(" ".join(wrong))
        self._keep(product.team, product.id, None, new, linked[-1])
        self._record(linked)

    def log_refusal(
        self, team: str, *, at: datetime, actor: str, product: str | None, command: str, error: str
    ) -> None:
        """Keep that a change was refused."""
        self.run(
            "INSERT INTO refusals (team, at, actor, product, command, error) VALUES (?, ?, ?, ?, ?, ?)",
            (team, milliseconds(at), actor, product, command, error),
        )

    def _keep(self, team: str, product: str, old: Json | None, new: Json, last: Event) -> None:
        """Put the product's row, and what it is looked up by, into the state after its last event."""
        values = (last.sequence, bytes.fromhex(last.chain), new.get("channel"), new.get("archived", False), dumped(new))
        if old is None:
            self.run(
                "INSERT INTO products (version, chain, channel, archived, fields, team, id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, team, product),
            )
        else:
            self.run(
                "UPDATE products SET version = ?, chain = ?, channel = ?, archived = ?, fields = ?"
                " WHERE team = ? AND id = ?",
                (*values, team, product),
            )
        for found_by, (insert, delete) in LOOKUPS.items():
            was, now = found_by(old or {}), found_by(new)
            self.run_each(delete, [(team, product, *each) for each in was - now])
            self.run_each(insert, [(team, product, *each) for each in now - was])

    def _record(self, events: Sequence[Event]) -> None:
        number = 0
        for event in events:
            try:
                cursor = self.run(
                    f"INSERT INTO events ({EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    _event_row(event),
                )
            except sqlite3.IntegrityError as error:
                # Cannot be while the lock is held; were it ever, the key keeps a doubled event out.
                standing = self.product(event.team, event.product)
                if standing is None:
                    raise
                raise Conflict(standing) from error
            number = cursor.lastrowid or 0
        self.run(
            "INSERT INTO portfolios (team, version) VALUES (?, ?)"
            " ON CONFLICT (team) DO UPDATE SET version = excluded.version",
            (events[-1].team, number),
        )


def _names(written: Json) -> set[tuple[str, ...]]:
    return {(name,) for name in [written.get("name"), *written.get("former_names", ())] if name}


def _holders(written: Json) -> set[tuple[str, ...]]:
    return {tuple(pair) for pair in written.get("holders", ())}


def _open(written: Json) -> set[tuple[str, ...]]:
    return {(stage,) for stage, _ in written.get("open", ())}


# What products are looked up by, and how it is kept in step with their fields: only rows that differ are touched.
LOOKUPS = {
    _names: (
        "INSERT INTO product_names (team, product, name) VALUES (?, ?, ?)",
        "DELETE FROM product_names WHERE team = ? AND product = ? AND name = ?",
    ),
    _holders: (
        "INSERT INTO holders (team, product, role, user) VALUES (?, ?, ?, ?)",
        "DELETE FROM holders WHERE team = ? AND product = ? AND role = ? AND user = ?",
    ),
    _open: (
        "INSERT INTO open_stages (team, product, stage) VALUES (?, ?, ?)",
        "DELETE FROM open_stages WHERE team = ? AND product = ? AND stage = ?",
    ),
}


def product_of(row: Row) -> Product:
    """A product from (team, id, version, fields, …). Raises StoreError where the fields are damaged."""
    try:
        return history.product_from(text(row[0]), text(row[1]), row[2], loaded(row[3]))
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(f"{text(row[0])}/{text(row[1])}: {error!r}") from error


def event_of(row: Row) -> Event:
    """An event from EVENT_COLUMNS."""
    team, product, sequence, at, kind, actor, channel, before, after, reason, details, chain = row
    return Event(
        team=text(team),
        product=text(product),
        sequence=sequence,
        at=moment(at),
        kind=text(kind),
        actor=text(actor),
        channel=text(channel),
        before=loaded(before),
        after=loaded(after),
        reason=text(reason) or "",
        details=loaded(details),
        chain=chain.hex(),
    )


def _event_row(event: Event) -> Row:
    # What is empty is kept as NULL, which takes no room.
    return (
        event.team,
        event.product,
        event.sequence,
        milliseconds(event.at),
        event.kind,
        event.actor,
        event.channel,
        dumped(event.before) if event.before else None,
        dumped(event.after) if event.after else None,
        event.reason or None,
        dumped(event.details) if event.details else None,
        bytes.fromhex(event.chain),
    )


def _beside(worked_out: Json, said: Json) -> Json:
    """What the writer wants recorded besides: not in a field's own name, which says what replaying needs."""
    more = {key: value for key, value in history.plain(said).items() if key not in history.DEFAULTS}
    return more | worked_out
