"""The store in one SQLite file: events and inbox that survive a crash, for many threads and processes at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store import audit
from bot.store.base import Reader, Store, Writer
from bot.store.connections import Connections
from bot.store.conversations import ConversationReading, ConversationWriting
from bot.store.digests import DigestReading, DigestWriting
from bot.store.inbox import InboxReading, InboxWriting
from bot.store.portfolio import PortfolioReading, PortfolioWriting


class SqliteReader(PortfolioReading, ConversationReading, DigestReading, InboxReading, Reader):
    """One moment of the file."""


class SqliteWriter(PortfolioWriting, ConversationWriting, DigestWriting, InboxWriting, SqliteReader, Writer):
    """A transaction on the file."""


class SqliteStore(Store):
    """The store in a file at `path`, which is created, with its folder, or brought up to date.

    Raises StoreError, in a sentence that names the file, where that cannot be; so does every unit of work. A unit of
    work waits up to `busy_seconds` for another program to give the write lock back.
    """

    def __init__(self, path: str | Path, *, busy_seconds: float = 15.0) -> None:
        self._connections = Connections(Path(path), busy_seconds)
        self._connections.prepare()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One consistent moment, for looking."""
        with self._connections.reading() as connection:
            yield SqliteReader(connection)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One transaction: on disk when the block ends, undone when it raises. Not to be nested in itself."""
        with self._connections.writing() as connection:
            yield SqliteWriter(connection)

    def verify(self, team: str | None = None) -> list[str]:
        """What does not add up, of one team or of all: a sentence each, none where all is well."""
        with self._connections.reading() as connection:
            try:
                return audit.verify(SqliteReader(connection), team)
            except sqlite3.DatabaseError as error:
                return [f"{self._connections.path}: SQLite cannot read it through: {error}."]

    def close(self) -> None:
        """Give the database back."""
        self._connections.close()
