"""The schema of the SQLite database, as steps that are each taken once and never changed after a release.

To change the schema, add a function at the end of `STEPS`. sqlite-utils runs them and keeps the record of those taken;
it is imported only where one is pending, since that import alone takes longer than a whole question may.

Moments are milliseconds since 1970 (UTC) and JSON is text without blanks: both keep the file small. Where a row is
short and its key is all it is looked up by, the table has no row id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "rolecall"


def m001_portfolio(db: Database) -> None:
    """Products, what they are looked up by, and their events, which nothing changes or deletes.

    `products.fields` is all that the events add up to. `product_names`, `holders` and `open_stages` repeat parts of it
    to be found by. `portfolios.version` is the number of the team's last event.
    """
    _run(
        db,
        """CREATE TABLE products (
            team TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, chain BLOB NOT NULL, channel TEXT,
            archived INTEGER NOT NULL, fields TEXT NOT NULL,
            UNIQUE (team, id))""",
        "CREATE INDEX products_by_channel ON products (team, channel) WHERE channel IS NOT NULL",
        """CREATE TABLE product_names (
            team TEXT NOT NULL, product TEXT NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY (team, product, name),
            FOREIGN KEY (team, product) REFERENCES products (team, id)) WITHOUT ROWID""",
        """CREATE TABLE holders (
            team TEXT NOT NULL, user TEXT NOT NULL, product TEXT NOT NULL, role TEXT NOT NULL,
            PRIMARY KEY (team, user, product, role),
            FOREIGN KEY (team, product) REFERENCES products (team, id)) WITHOUT ROWID""",
        """CREATE TABLE open_stages (
            team TEXT NOT NULL, stage TEXT NOT NULL, product TEXT NOT NULL,
            PRIMARY KEY (team, stage, product),
            FOREIGN KEY (team, product) REFERENCES products (team, id)) WITHOUT ROWID""",
        """CREATE TABLE events (
            number INTEGER PRIMARY KEY, team TEXT NOT NULL, product TEXT NOT NULL, sequence INTEGER NOT NULL,
            at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, channel TEXT, before TEXT, after TEXT,
            reason TEXT, details TEXT, chain BLOB NOT NULL,
            UNIQUE (team, product, sequence),
            FOREIGN KEY (team, product) REFERENCES products (team, id))""",
        "CREATE INDEX events_by_time ON events (team, at)",
        """CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
        """CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
        "CREATE TABLE portfolios (team TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE refusals (
            number INTEGER PRIMARY KEY, team TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, product TEXT,
            command TEXT NOT NULL, error TEXT NOT NULL)""",
        "CREATE INDEX refusals_by_time ON refusals (team, at)",
    )


def m002_conversations(db: Database) -> None:
    """The inbox, what conversations are about, questions for the maintainers, and people.

    An inbox row stays after it is finished, so that a delivery which comes again is known.
    """
    _run(
        db,
        """CREATE TABLE inbox (
            number INTEGER PRIMARY KEY, team TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
            payload TEXT NOT NULL, received_at INTEGER NOT NULL, message_key TEXT,
            attempts INTEGER NOT NULL, claimed_by TEXT, lease_until INTEGER NOT NULL, progress TEXT,
            finished_at INTEGER, error TEXT NOT NULL,
            UNIQUE (team, key))""",
        "CREATE UNIQUE INDEX inbox_by_message ON inbox (team, message_key) WHERE message_key IS NOT NULL",
        "CREATE INDEX inbox_pending ON inbox (number, lease_until) WHERE finished_at IS NULL",
        """CREATE TABLE conversations (
            team TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, context TEXT NOT NULL,
            PRIMARY KEY (team, key)) WITHOUT ROWID""",
        """CREATE TABLE questions (
            number INTEGER PRIMARY KEY, team TEXT NOT NULL, at INTEGER NOT NULL, user TEXT NOT NULL, channel TEXT,
            question TEXT NOT NULL, answered INTEGER NOT NULL, intent TEXT, confidence REAL NOT NULL)""",
        "CREATE INDEX questions_by_time ON questions (team, answered, at)",
        """CREATE TABLE people (
            team TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL, zone TEXT NOT NULL, seen_at INTEGER NOT NULL,
            PRIMARY KEY (team, user)) WITHOUT ROWID""",
    )


def m003_digests(db: Database) -> None:
    """When digests are due, and one row for each local date's digest of each target: the claim on it."""
    _run(
        db,
        """CREATE TABLE digest_schedules (
            team TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, time TEXT NOT NULL, days TEXT NOT NULL,
            zone TEXT NOT NULL, set_by TEXT NOT NULL, set_at INTEGER NOT NULL, scope TEXT NOT NULL,
            quiet INTEGER NOT NULL, enabled INTEGER NOT NULL, failing_since TEXT,
            PRIMARY KEY (team, target)) WITHOUT ROWID""",
        """CREATE TABLE digest_runs (
            team TEXT NOT NULL, target TEXT NOT NULL, day TEXT NOT NULL, state TEXT NOT NULL,
            claimed_by TEXT NOT NULL, lease_until INTEGER NOT NULL, window_start INTEGER, window_end INTEGER,
            message TEXT, attempts INTEGER NOT NULL,
            PRIMARY KEY (team, target, day)) WITHOUT ROWID""",
    )


STEPS: tuple[Callable[[Database], None], ...] = (m001_portfolio, m002_conversations, m003_digests)
TRIGGERS = ("events_are_not_changed", "events_are_not_deleted")


def known() -> list[str]:
    """The names of all steps, in order."""
    return [step.__name__ for step in STEPS]


def taken(connection: sqlite3.Connection) -> list[str] | None:
    """The steps that a database has behind it; None where it is not one of ours. Only reads."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "_sqlite_migrations" not in tables:
        return None if tables else []
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (SET,))
    return [name for (name,) in rows] or None


def take(connection: sqlite3.Connection) -> None:
    """Take the pending steps, inside the caller's transaction: it holds the write lock, so nobody else takes them."""
    from sqlite_utils import Database, Migrations

    steps = Migrations(SET)
    for step in STEPS:
        steps()(step)
    steps.apply(Database(connection, execute_plugins=False))


def _run(db: Database, *statements: str) -> None:
    # One by one: sqlite3's executescript would commit the transaction that all of this is in.
    for statement in statements:
        db.execute(statement)
