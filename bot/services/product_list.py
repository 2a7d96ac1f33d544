"""Bring in a list of products that a person wrote: a row a product, as CSV or JSON. All of them, or none.

Each begins as if somebody had typed `/product new`: with an event of its own, by whoever imports, in the transaction
that makes the product. Names of stages and roles are taken as the pack has them; here a slip is an error with the name
that may be meant, since nobody looks at each of a hundred replies.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from bot.commands.values import channel, long_text, person, product_name, slug
from bot.commands.vocabulary import Terms, Vocabulary
from bot.errors import CommandError
from bot.services.transfer import COLUMNS as EXPORTED
from bot.services.transfer import Format, Malformed, Problem, json_records
from bot.store.base import Conflict, Reader, Store
from bot.store.records import Change, Holding, Product
from knowledge import lifecycle
from knowledge.schema import Pack

COLUMNS = ("name", "slug", "aliases", "stage", "channel", "about", "people")
_MOST_PROBLEMS = 20
_SLACK_TEAM = re.compile(r"[TE][A-Z0-9]{6,}")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{6,}")
_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{6,}")
_SEPARATORS = re.compile(r"[;,\n]")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list held, in the order of its rows. Nothing was written where there are problems, or in a dry run."""

    products: tuple[Product, ...]
    problems: tuple[Problem, ...] = ()
    written: bool = False


class _Wrong(Exception):
    """A cell that cannot be taken."""

    def __init__(self, column: str, words: str) -> None:
        super().__init__(f"column {column}: {words}")


class _Undo(Exception):
    """Ends a transaction whose effect is not wanted."""


def is_list(text: str, form: Format) -> bool:
    """Whether this is a list that a person wrote, and not what `rolecall export` writes."""
    if form == "csv":
        head = next(csv.reader(io.StringIO(text[:10_000])), [])
        return "record" not in [name.strip().casefold() for name in head] and tuple(head) != EXPORTED
    with suppress(Malformed):
        return next((isinstance(each, dict) and "record" not in each for _, each in json_records(text)), False)
    return False


def bring_in_list(
    store: Store, team: str, text: str, form: Format, pack: Pack, *, actor: str, now: datetime, dry_run: bool = True
) -> Listed:
    """Make a product of every row, or none where anything is wrong.

    A dry run does the very same and undoes it, so that it finds what the database would refuse, too.
    """
    problems: list[Problem] = []
    made: list[Product] = []
    with suppress(_Undo), store.write() as writer:
        reading = _Reading(pack, team, writer, actor, now)
        try:
            for line, row in _json_rows(text) if form == "json" else _csv_rows(text, reading):
                try:
                    product, adopted = reading.product(line, row)
                    made.append(product)
                    kind, details = "adopted" if adopted else "created", {"import": True}
                    writer.append(Change(product, 0, now, kind, actor, None, details=details))
                except (_Wrong, CommandError) as error:
                    problems.append(Problem(line, str(error)))
                except Conflict:
                    problems.append(Problem(line, f"there is a product {product.id} already"))
        except Malformed as error:
            problems.append(error.problem)
        if problems or dry_run:
            raise _Undo
    return Listed(tuple(made), tuple(problems[:_MOST_PROBLEMS]), written=not problems and not dry_run)


class _Reading:
    """Turns rows into products. Raises _Wrong, with the column, for what cannot be taken."""

    def __init__(self, pack: Pack, team: str, reader: Reader, actor: str, now: datetime) -> None:
        self._pack = pack
        self._team = team
        self._actor = actor
        self._now = now
        self._vocabulary = Vocabulary(pack)
        self._slack = bool(_SLACK_TEAM.fullmatch(team))
        self._known = {each.user: each.name for each in reader.people(team)}
        self._lines: dict[str, int] = {}

    def column(self, header: str) -> str:
        """What a column holds: one of COLUMNS, or "role:ID"."""
        key = " ".join(header.casefold().split())
        roles = self._vocabulary.roles.exact(header)
        if key in COLUMNS:
            return key
        if len(roles) == 1:
            return f"role:{roles[0]}"
        names = [*COLUMNS, *(role.id for role in self._pack.roles)]
        near = get_close_matches(key, names, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(names)}."
        raise _Wrong(header.strip()[:40] or "without a name", f"there is no such column.{hint}")

    def product(self, line: int, row: Mapping[str, str]) -> tuple[Product, bool]:
        """The product of a row, and whether it is already under way."""
        cells = {self.column(header): value.strip() for header, value in row.items()}
        name = _checked("name", product_name, cells.get("name", ""))
        id_ = self._slug(name, cells.get("slug", ""))
        if id_ in self._lines:
            raise _Wrong("slug" if cells.get("slug") else "name", f"{id_} is in line {self._lines[id_]} already")
        self._lines[id_] = line
        stage = self._term("stage", self._vocabulary.stages, cells["stage"]) if cells.get("stage") else None
        state = lifecycle.adopt(self._pack, stage, self._now) if stage else lifecycle.start(self._pack, self._now)
        product = Product(
            team=self._team,
            id=id_,
            name=name,
            creator=self._actor,
            created_at=self._now,
            state=state,
            about=_checked("about", lambda text: long_text(text, "description"), cells.get("about", "")),
            channel=self._channel(cells["channel"]) if cells.get("channel") else None,
            holders=tuple(dict.fromkeys(self._holders(cells))),
            former_names=tuple(
                _checked("aliases", product_name, each) for each in _parts(cells.get("aliases", "")) if each != name
            ),
            pack=self._pack.framework.id,
        )
        return product, stage is not None

    def _slug(self, name: str, given: str) -> str:
        if given and slug(given) != given:
            raise _Wrong("slug", f"“{given[:60]}” is not written as a slug: “{slug(given)[:60]}” would be one")
        return given or slug(name)

    def _holders(self, cells: Mapping[str, str]) -> Iterator[Holding]:
        for column, cell in cells.items():
            if column.startswith("role:"):
                role = column.removeprefix("role:")
                yield from (Holding(role, self._person(role, each)) for each in _parts(cell, spaces=True))
        for pair in _parts(cells.get("people", "")):
            role, equals, who = pair.partition("=")
            if not equals:
                raise _Wrong("people", f"“{pair[:60]}” is no ROLE=@USER, such as {self._pack.roles[0].id}=@ana")
            found = self._term("people", self._vocabulary.roles, role)
            yield from (Holding(found, self._person("people", each)) for each in _parts(who, spaces=True))

    def _person(self, column: str, text: str) -> str:
        """The id of a person, written as an id, a mention or a name that is known in this workspace."""
        written = text if text.startswith(("@", "<")) else f"@{text}"
        if self._slack and (_SLACK_USER.fullmatch(written[1:]) or written.startswith("<")):
            return written[1:] if written.startswith("@") else _checked(column, person, written)
        name = _checked(column, person, written)
        if not self._slack:
            return name
        same = [user for user, known in self._known.items() if known.casefold() == name.casefold()]
        if len(same) != 1:
            shown = {known.casefold(): known for known in self._known.values()}
            near = get_close_matches(name.casefold(), shown, n=1)
            hint = f" Did you mean @{shown[near[0]]}?" if near and not same else ""
            many = "more than one person" if same else "nobody I know"
            raise _Wrong(
                column, f"“{text[:60]}” is {many} in {self._team}.{hint} A member id such as U012AB3CD is sure"
            )
        return same[0]

    def _channel(self, text: str) -> str:
        if _SLACK_CHANNEL.fullmatch(text):
            return text
        written = text if text.startswith(("#", "<")) else f"#{text}"
        found = _checked("channel", channel, written)
        if self._slack and not _SLACK_CHANNEL.fullmatch(found):
            raise _Wrong("channel", f"“{text[:60]}” is a name: write the channel's id, such as C0123456789")
        return found

    def _term(self, column: str, terms: Terms, text: str) -> str:
        exact = terms.exact(text)
        if len(exact) == 1:
            return exact[0]
        near = [terms.name(each) for each in terms.candidates(text)]
        shown = [terms.name(each.id) for each in terms.things]
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(shown)}."
        raise _Wrong(column, f"there is no {terms.kind} “{text.strip()[:60]}”. {hint}")


def _checked(column: str, check: Any, text: str) -> str:
    try:
        return str(check(text))
    except CommandError as error:
        raise _Wrong(column, str(error)) from error


def _parts(cell: str, *, spaces: bool = False) -> list[str]:
    """What a cell lists. People may be separated by spaces, too."""
    pieces: Iterable[str] = _SEPARATORS.split(cell)
    if spaces:
        pieces = (word for piece in pieces for word in piece.split())
    return list(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))


def _csv_rows(text: str, reading: _Reading) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by its columns, with the line on which it ends."""
    first = text.split("\n", 1)[0]
    # A spreadsheet writes what separates cells in its own country.
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(rows, [])]
        while header and not header[-1]:
            header.pop()
        meant = [reading.column(name) for name in header]
        if "name" not in meant:
            raise Malformed(1, f"a list of products needs a column “name”; found: {', '.join(header)[:200] or 'none'}")
        twice = next((name for name in header if meant.count(reading.column(name)) > 1), None)
        if twice:
            raise Malformed(1, f"column {twice}: it is there twice")
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
                raise Malformed(rows.line_num, f"expected {len(header)} cells, found {len(row)}")
            yield rows.line_num, dict(zip(header, row, strict=False))
    except _Wrong as error:
        raise Malformed(1, str(error)) from error
    except csv.Error as error:
        raise Malformed(rows.line_num, f"this is not CSV: {error}") from error


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each object of a JSON array by its keys, lists and people as cells have them, with the line where it begins."""
    for line, record in json_records(text):
        if not isinstance(record, dict):
            raise Malformed(line, "expected an object with a “name”")
        yield line, {key: _cell(line, key, value) for key, value in record.items()}


def _cell(line: int, key: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list() if all(isinstance(each, str) for each in value):
            return ";".join(value)
        case dict() if key == "people":
            pairs = ((role, each) for role, who in value.items() for each in (who if isinstance(who, list) else [who]))
            return ";".join(f"{role}={each}" for role, each in pairs)
    raise Malformed(line, f"“{key[:40]}” is neither text nor a list of texts")
