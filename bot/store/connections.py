"""Connections to one SQLite file: opened, checked, lent to one unit of work at a time, and what their errors mean."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bot.store import migrations
from bot.store.base import StoreError


class Connections:
    """Lends connections to one file, which any number of threads and processes may use.

    They are kept from one unit of work to the next: opening one costs more than most reads. Writers of one process
    queue up at a lock of their own, where they are woken at once; SQLite's lock, which has to be polled, is between
    processes.
    """

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._process = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writing = threading.local()
        self._closed = False

    def prepare(self) -> None:
        """Make the file ready: create it, or bring it up to date. Raises StoreError; the file is then as it was."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            size = self.path.stat().st_size if self.path.exists() else 0
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The folder of the database {self.path} cannot be made or read ({_reason(error)}). Give another path,"
                " or make the folder and allow this user to write in it."
            ) from error
        if self.path.is_dir():
            raise StoreError(f"The database {self.path} is a folder. Give the path of a file.")
        with self._explained():
            if size:
                # First through a connection that cannot write, so that what is not ours to touch is not touched.
                with closing(sqlite3.connect(f"file:{quote(os.fsencode(self.path))}?mode=ro", uri=True)) as looking:
                    looking.execute(f"PRAGMA busy_timeout = {self._milliseconds}")
                    self._pending(looking)
            connection = self._open()
            try:
                self._insist(connection, "PRAGMA journal_mode = WAL")
                self._insist(connection, "BEGIN IMMEDIATE")
                if self._pending(connection):
                    migrations.take(connection)
                else:
                    # BEGIN IMMEDIATE lets a file pass that may only be read; a statement that could write does not.
                    connection.execute("DELETE FROM portfolios WHERE 0")
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        self._idle.append(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the database, until the block ends."""
        with self._lent("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection that has the write lock; what it wrote is on disk when the block ends, undone when it raises."""
        self._belong_to_this_process()
        if getattr(self._writing, "now", False):
            raise RuntimeError("a write inside a write of the same thread would wait for itself")
        if not self._lock.acquire(timeout=self._busy_seconds):
            raise StoreError(self._locked())
        try:
            self._writing.now = True
            with self._lent("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._writing.now = False
            self._lock.release()

    def close(self) -> None:
        """Close every connection that is not lent; those that are, when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _lent(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._belong_to_this_process()
        if self._closed:
            raise StoreError(f"The database {self.path} was closed already.")
        with self._explained():
            connection = self._idle.pop() if self._idle else self._open()
            try:
                if begin == "BEGIN":
                    connection.execute(begin)
                else:
                    self._insist(connection, begin)
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error:
                connection.close()  # undoes what was not committed; nobody knows what state it is in
                raise
            except BaseException:
                connection.execute("ROLLBACK")
                self._take_back(connection)
                raise
            self._take_back(connection)

    def _take_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _belong_to_this_process(self) -> None:
        # A connection must not be used, not even closed, on the other side of a fork.
        if self._process != os.getpid():
            self._process = os.getpid()
            self._idle = []
            self._lock = threading.Lock()
            self._writing = threading.local()

    def _open(self) -> sqlite3.Connection:
        # Transactions are begun and ended in here, in so many words: isolation_level None keeps sqlite3 from doing so.
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=256)
        try:
            connection.execute(f"PRAGMA busy_timeout = {self._milliseconds}")
            connection.execute("PRAGMA foreign_keys = ON")
            # In WAL mode, NORMAL may lose the last commits when the power fails; "recorded" was said already by then.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 4194304")
        except BaseException:
            connection.close()
            raise
        return connection

    def _insist(self, connection: sqlite3.Connection, statement: str) -> None:
        """Run a statement that needs a lock, as soon as the lock is free.

        SQLite's own wait sleeps longer and longer, so among several busy processes one may go without for seconds, and
        Slack gives three until it has to be answered. It also does not wait at all to change to WAL.
        """
        began = time.monotonic()
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    connection.execute(statement)
                    return
                except sqlite3.OperationalError as error:
                    waited = time.monotonic() - began
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > self._busy_seconds:
                        raise
                time.sleep(random.uniform(0.0002, 0.002) if waited < 1 else 0.01)  # noqa: S311
        finally:
            connection.execute(f"PRAGMA busy_timeout = {self._milliseconds}")

    def _pending(self, connection: sqlite3.Connection) -> bool:
        """Whether steps of the schema are to be taken. Raises StoreError for what cannot be brought up to date."""
        taken = migrations.taken(connection)
        if taken is None:
            raise StoreError(
                f"{self.path} is a database of another program: it has tables, but none of Rolecall's. Give another"
                " path; nothing in it was changed."
            )
        known = migrations.known()
        newer = [step for step in taken if step not in known]
        if newer:
            raise StoreError(
                f"The database {self.path} was written by a newer version of Rolecall: it has {', '.join(newer)}, which"
                " this version does not know. Install that version, or give another path; nothing in it was changed."
            )
        return taken != known

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says of the file into a sentence that names it; mistakes in our own SQL pass as they are."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except sqlite3.Error as error:
            raise StoreError(self._sentence(error)) from error

    def _sentence(self, error: sqlite3.Error) -> str:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self._locked()
        sentences = {
            sqlite3.SQLITE_NOTADB: "is not a SQLite database. Give another path; nothing in it was changed.",
            sqlite3.SQLITE_CORRUPT: "is damaged. Stop Rolecall and put back a backup, or recover it with"
            " `sqlite3 FILE .recover`.",
            sqlite3.SQLITE_READONLY: "cannot be written to. Allow this user to write to the file and to its folder,"
            " or give another path.",
            sqlite3.SQLITE_CANTOPEN: "cannot be opened or made. Allow this user to read and write the file and its"
            " folder, or give another path.",
            sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Make room and try again; nothing was recorded.",
            sqlite3.SQLITE_IOERR: f"cannot be read or written: the disk reports an error ({error}).",
            sqlite3.SQLITE_TOOBIG: "cannot take a text of this length. Shorten it; nothing was recorded.",
        }
        return f"The database {self.path} {sentences.get(code, f'cannot be used: {error}.')}"

    def _locked(self) -> str:
        return (
            f"The database {self.path} has been locked by another program for {self._busy_seconds:g} seconds. End what"
            " holds it (a backup, an open sqlite3 shell) and try again; nothing was recorded."
        )

    @property
    def _milliseconds(self) -> int:
        return int(self._busy_seconds * 1000)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
