"""How values stand in SQLite, and the few moves that every part of the store makes with a connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.store.base import StoreError
from bot.store.records import Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
Row = Sequence[Any]
_readable = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def milliseconds(moment: datetime) -> int:
    """A moment as it is kept. Raises ValueError where it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    # Whole numbers all the way: a float would put some moments a millisecond too early.
    return (moment - EPOCH) // MILLISECOND


def moment(kept: int) -> datetime:
    """The moment that `milliseconds` wrote."""
    return EPOCH + kept * MILLISECOND


def text(kept: Any) -> Any:
    """Text as it went in (or None), also where it is no valid Unicode and had to be kept as bytes."""
    return kept.decode("utf-8", "surrogatepass") if isinstance(kept, bytes) else kept


def dumped(value: Any) -> str:
    """JSON without blanks, and with every letter as it is, which in most languages is much shorter than escapes."""
    written = _readable(value)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return written


def loaded(kept: str | None) -> Json:
    """The JSON object that `dumped` wrote. Raises StoreError for what it never writes."""
    if kept is None:
        return {}
    try:
        value = json.loads(kept)
    except (TypeError, ValueError) as error:
        raise damaged(error) from error
    if not isinstance(value, dict):
        raise damaged("not an object")
    return value


def damaged(what: object) -> StoreError:
    """The error for a row that nothing in here wrote."""
    return StoreError(
        f"A row of the database cannot be read ({what}): it was changed from outside. `rolecall doctor` says which."
    )


class Statements:
    """A connection inside a transaction, for the parts of the store to run their SQL with."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        try:
            return self._connection.execute(sql, values)
        except UnicodeEncodeError:
            return self._connection.execute(sql, _storable(values))

    def run_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        for row in rows:
            self.run(sql, row)

    def first(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return self.run(sql, values).fetchone()


def _storable(values: Sequence[Any]) -> list[Any]:
    # Half of a surrogate pair, which JSON can carry, has no UTF-8: SQLite keeps it as bytes, the same ones each time,
    # so that even a key with it is found again.
    return [
        value.encode("utf-8", "surrogatepass") if isinstance(value, str) and _odd(value) else value for value in values
    ]


def _odd(value: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in value)
