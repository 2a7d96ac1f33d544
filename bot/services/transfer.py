"""Take a portfolio out of a database and into another: products, their events, and people, as JSON or CSV.

Both are a record a line, of one of three kinds. A product comes with all the events it is made of, so that nothing is
lost on the way: what is read back adds up to the same, under the same versions. Bringing in is all or nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.store import history
from bot.store.base import Conflict, Reader, Store
from bot.store.records import Event, Json, Person, Product

Format = Literal["json", "csv"]
COLUMNS = ("record", "product", "sequence", "at", "kind", "actor", "channel", "reason", "data")
_MOST_PROBLEMS = 20
# A history may well be longer than the csv module's own limit for a field.
_LONGEST_FIELD = 10_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and on which line (counted from 1)."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file held. Nothing of it was written where there are problems, or in a dry run."""

    products: int
    events: int
    people: int
    problems: tuple[Problem, ...] = ()
    written: bool = False


# -- out --------------------------------------------------------------------------------------------------------


def records(reader: Reader, team: str) -> Iterator[Json]:
    """Everything that is exported of a team: people, then each product followed by its events."""
    for person in reader.people(team):
        yield {
            "record": "person",
            "user": person.user,
            "name": person.name,
            "zone": person.zone,
            "seen_at": history.stamp(person.seen_at),
        }
    for product in reader.products(team, archived=True):
        yield {"record": "product", "id": product.id, "version": product.version, "fields": history.fields(product)}
        for event in reader.events(team, product.id):
            yield {
                "record": "event",
                "product": event.product,
                "sequence": event.sequence,
                "at": history.stamp(event.at),
                "kind": event.kind,
                "actor": event.actor,
                "channel": event.channel,
                "reason": event.reason,
                "before": event.before,
                "after": event.after,
                "details": event.details,
            }


def exported(found: Iterable[Json], form: Format) -> Iterator[str]:
    """The records as text, in pieces."""
    if form == "json":
        before = "[\n"
        for each in found:
            # ASCII: half of a surrogate pair, which a name may hold, has no UTF-8 of its own.
            yield before + json.dumps(each, separators=(",", ":"))
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"
        return
    yield _csv_row(COLUMNS)
    for each in found:
        yield _csv_row(_cells(each))


def _cells(record: Json) -> list[str]:
    """A record as cells. What stands in them is to read; `data` holds what makes it whole."""
    match record["record"]:
        case "person":
            data = {"user": record["user"], "name": record["name"], "zone": record["zone"]}
            return ["person", "", "", record["seen_at"], "", record["user"], "", "", _json(data)]
        case "product":
            fields = record["fields"]
            return [
                "product",
                record["id"],
                str(record["version"]),
                fields["created_at"],
                fields.get("status", "active"),
                fields.get("creator", ""),
                fields.get("channel") or "",
                "",
                _json({"id": record["id"], "fields": fields}),
            ]
    data = {key: record[key] for key in ("product", "kind", "actor", "channel", "reason", "before", "after", "details")}
    cells = [record[key] for key in ("product", "sequence", "at", "kind", "actor")]
    return ["event", *map(str, cells), record["channel"] or "", record["reason"], _json(data)]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _csv_row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    # What UTF-8 or a spreadsheet cannot hold is shown as "?"; it stands whole in `data`.
    shown = [cell.encode("utf-8", "replace").decode().replace("\0", "?").replace("\r", " ") for cell in cells]
    csv.writer(out, lineterminator="\n").writerow(shown)
    return out.getvalue()


# -- in ---------------------------------------------------------------------------------------------------------


class _Undo(Exception):
    """Ends a transaction whose effect is not wanted."""


def bring_in(store: Store, team: str, text: str, form: Format, *, dry_run: bool = True) -> Imported:
    """Bring what was exported into a team: all of it or, where anything is wrong with it, nothing.

    A dry run does the very same and undoes it, so that it finds what the database would refuse, too.
    """
    problems: list[Problem] = []
    parsed: list[tuple[int, Product | Event | Person]] = []
    try:
        for line, record in json_records(text) if form == "json" else _csv_records(text):
            try:
                parsed.append((line, _parsed(record, team)))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                problems.append(Problem(line, _reason(error)))
    except Malformed as error:
        problems.append(error.problem)
    products = [(line, each) for line, each in parsed if isinstance(each, Product)]
    events: dict[str, list[tuple[int, Event]]] = {}
    for line, each in parsed:
        if isinstance(each, Event):
            events.setdefault(each.product, []).append((line, each))
    people = [each for _, each in parsed if isinstance(each, Person)]
    counts = (len(products), sum(map(len, events.values())), len(people))
    known = {product.id for _, product in products}
    for id_, orphans in events.items():
        if id_ not in known:
            problems.append(Problem(orphans[0][0], f"events of {id_!r}, but no such product in the file"))
    if not problems:
        with suppress(_Undo):
            _write(store, products, events, people, problems, keep=not dry_run)
    found = tuple(sorted(problems, key=lambda problem: problem.line)[:_MOST_PROBLEMS])
    return Imported(*counts, problems=found, written=not dry_run and not found)


def _write(
    store: Store,
    products: Iterable[tuple[int, Product]],
    events: dict[str, list[tuple[int, Event]]],
    people: Iterable[Person],
    problems: list[Problem],
    *,
    keep: bool,
) -> None:
    with store.write() as writer:
        for person in people:
            writer.save_person(person)
        for line, product in products:
            try:
                writer.restore(product, [event for _, event in events.get(product.id, ())])
            except Conflict:
                problems.append(Problem(line, f"there is a product {product.id} already"))
            except (KeyError, TypeError, ValueError) as error:
                problems.append(Problem(line, f"product {product.id}: {_reason(error)}"))
        if problems or not keep:
            raise _Undo


class Malformed(Exception):
    """A file that cannot be read any further; `problem` says why and where."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(line, text)


def json_records(text: str) -> Iterator[tuple[int, Any]]:
    """Each element of a JSON array, with the line on which it begins."""
    decoder = json.JSONDecoder()
    at, line, counted = _blank(text, 0), 1, 0
    if text[at : at + 1] != "[":
        raise Malformed(1, "expected a JSON array of records, as `rolecall export` writes it")
    at = _blank(text, at + 1)
    first = True
    while text[at : at + 1] != "]":
        if not first:
            if text[at : at + 1] != ",":
                raise Malformed(line + text.count("\n", counted, at), "expected a comma, or ] at the end")
            at = _blank(text, at + 1)
        line, counted = line + text.count("\n", counted, at), at
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise Malformed(line, f"this is not JSON: {_reason(error)}") from error
        yield line, record
        at, first = _blank(text, at), False
    end = _blank(text, at + 1)
    if end < len(text):
        raise Malformed(line + text.count("\n", counted, end), "there is more after the end of the array")


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _csv_records(text: str) -> Iterator[tuple[int, Any]]:
    """Each row of a CSV file as a record, with the line on which it ends."""
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            raise Malformed(1, f"expected the columns {', '.join(COLUMNS)}")
        for row in rows:
            if not row:
                continue
            if len(row) != len(COLUMNS):
                raise Malformed(rows.line_num, f"expected {len(COLUMNS)} cells, found {len(row)}")
            cells = dict(zip(COLUMNS, row, strict=True))
            try:
                data = json.loads(cells["data"])
            except (ValueError, RecursionError) as error:
                raise Malformed(rows.line_num, f"the cell “data” is not JSON: {_reason(error)}") from error
            if not isinstance(data, dict):
                raise Malformed(rows.line_num, "the cell “data” is no JSON object")
            whole = {**data, "record": cells["record"], "at": cells["at"], "seen_at": cells["at"]}
            for key in ("sequence", "version"):
                whole[key] = int(cells["sequence"]) if cells["sequence"].isdecimal() else cells["sequence"]
            yield rows.line_num, whole
    except csv.Error as error:
        raise Malformed(rows.line_num, f"this is not CSV: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _parsed(record: Any, team: str) -> Product | Event | Person:
    """A record as what it stands for. Raises KeyError, TypeError or ValueError for what no export writes."""
    if not isinstance(record, dict):
        raise TypeError("expected an object")
    match record.get("record"):
        case "person":
            return Person(
                team, _text(record, "user"), _text(record, "name"), _text(record, "zone"), _when(record, "seen_at")
            )
        case "product":
            fields = record["fields"]
            if not isinstance(fields, dict):
                raise TypeError("“fields” is no object")
            for key in fields:
                if key not in history.DEFAULTS:
                    raise ValueError(f"a product has no field {key!r}")
            product = history.product_from(team, _text(record, "id"), _number(record, "version"), fields)
            if history.fields(product) != fields:
                raise ValueError("its fields are not written as an export writes them")
            return product
        case "event":
            return Event(
                team=team,
                product=_text(record, "product"),
                sequence=_number(record, "sequence"),
                at=_when(record, "at"),
                kind=_text(record, "kind"),
                actor=_text(record, "actor"),
                channel=None if record["channel"] is None else _text(record, "channel"),
                before=_object(record, "before"),
                after=_object(record, "after"),
                reason=_text(record, "reason"),
                details=_object(record, "details"),
            )
    raise ValueError("“record” is none of person, product, event")


def _text(record: Json, key: str) -> str:
    if not isinstance(record[key], str):
        raise TypeError(f"“{key}” is no text")
    return str(record[key])


def _number(record: Json, key: str) -> int:
    if not isinstance(record[key], int) or isinstance(record[key], bool) or record[key] < 1:
        raise TypeError(f"“{key}” is no number from 1 on")
    return int(record[key])


def _object(record: Json, key: str) -> Json:
    if not isinstance(record[key], dict):
        raise TypeError(f"“{key}” is no object")
    return dict(record[key])


def _when(record: Json, key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(record, key))
    except ValueError as error:
        raise ValueError(f"“{key}” is no moment such as 2026-03-01T09:00:00Z") from error
    if moment.tzinfo is None:
        raise ValueError(f"“{key}” has no time zone")
    return moment.astimezone(UTC)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
