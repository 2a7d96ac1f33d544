"""What events say and what they add up to: pure functions that any store shares.

A product is written as JSON fields, those at their default left out. The difference of two such is what an event
records, and replaying the differences gives the product again. Fields that are sets (`holders`, `entered`) are recorded
by what went and what came, which reads well in a log and keeps it small; every other field is recorded whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bot.store.records import Event, Holding, Json, Product
from knowledge.lifecycle import OpenStage, Outcome, State

DEFAULTS: Json = {
    "name": "",
    "creator": "",
    "created_at": None,
    "about": "",
    "channel": None,
    "archived": False,
    "pack": "",
    "former_names": [],
    "holders": [],
    "status": "active",
    "open": [],
    "entered": [],
    "decided": [],
}
SETS = frozenset({"holders", "entered"})
CHAIN_BYTES = 16


def stamp(moment: datetime) -> str:
    """A moment as text: ISO 8601 in UTC, cut to the millisecond. Raises ValueError where it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:19] + (text[19:23] if text[19:23] != ".000" else "") + "Z"


# An encoder made once: json.dumps makes one for each call that is not like its default.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
# The same people in the same roles come up again and again in one reading of ten thousand products.
_holding = lru_cache(4096)(Holding)


def fields(product: Product) -> Json:
    """A product as JSON, without its team, id and version; what is at its default is left out."""
    state = product.state
    every: Json = {
        "name": product.name,
        "creator": product.creator,
        "created_at": stamp(product.created_at),
        "about": product.about,
        "channel": product.channel,
        "archived": product.archived,
        "pack": product.pack,
        "former_names": list(product.former_names),
        "holders": [list(pair) for pair in sorted({(held.role, held.user) for held in product.holders})],
        "status": state.status,
        "open": [[each.stage, stamp(each.since)] for each in state.open],
        "entered": sorted(state.entered),
        "decided": [
            {"stage": each.stage, "option": each.option, "values": {k: list(v) for k, v in each.values.items()}}
            for each in state.decided
        ],
    }
    return {key: value for key, value in every.items() if value != DEFAULTS[key]}


def product_from(team: str, product: str, version: int, written: Json) -> Product:
    """The product that `fields` wrote. Raises KeyError, TypeError or ValueError for what it never writes."""
    get = written.get
    return Product(
        team=team,
        id=product,
        name=get("name", ""),
        creator=get("creator", ""),
        created_at=datetime.fromisoformat(written["created_at"]),
        state=State(
            status=get("status", "active"),
            open=tuple([OpenStage(stage, datetime.fromisoformat(since)) for stage, since in get("open", ())]),
            entered=frozenset(get("entered", ())),
            decided=tuple(
                [
                    Outcome(each["stage"], each["option"], {k: tuple(v) for k, v in each["values"].items()})
                    for each in get("decided", ())
                ]
            ),
        ),
        version=version,
        about=get("about", ""),
        channel=get("channel"),
        archived=get("archived", False),
        holders=tuple([_holding(role, user) for role, user in get("holders", ())]),
        former_names=tuple(get("former_names", ())),
        pack=get("pack", ""),
    )


def difference(old: Json | None, new: Json) -> tuple[Json, Json]:
    """What an event has to record as `before` and `after`; `old` is None where the product was not there."""
    before: Json = {}
    after: Json = {}
    for key, default in DEFAULTS.items():
        was: Any = default if old is None else old.get(key, default)
        now: Any = new.get(key, default)
        if was == now:
            continue
        if key in SETS:
            gone = [each for each in was if each not in now]
            come = [each for each in now if each not in was]
            if gone:
                before[key] = gone
            if come:
                after[key] = come
        else:
            if old is not None:
                before[key] = was
            after[key] = now
    return before, after


def replay(written: Json, event: Event) -> Json:
    """The fields after an event, from those before it."""
    result = dict(written)
    for key, default in DEFAULTS.items():
        if key in SETS:
            gone, come = event.before.get(key, ()), event.after.get(key, ())
            if gone or come:
                kept = [each for each in result.get(key, ()) if each not in gone and each not in come]
                result[key] = sorted([*kept, *come])
        elif key in event.after:
            result[key] = event.after[key]
        if key in result and result[key] == default:
            del result[key]
    return result


def replayed(events: Iterable[Event]) -> Product | None:
    """The product that a run of its events from the first on adds up to; None for no events.

    All of them give the product as it is, those before a moment give it as it was then.
    """
    written: Json = {}
    last: Event | None = None
    for event in events:
        written, last = replay(written, event), event
    return None if last is None else product_from(last.team, last.product, last.sequence, written)


def plain(value: Json) -> Json:
    """The value as it comes back from JSON. Raises TypeError for what JSON cannot hold."""
    if not value:
        return {}
    result: Json = json.loads(json.dumps(value))
    return result


def link(event: Event, previous: str) -> str:
    """The `chain` of an event, given that of the one before it ("" for the first).

    It is taken over a canonical text of what the event says, and not over how a store keeps it, so that any store and
    any copy comes to the same.
    """
    said: list[Any] = [
        previous,
        event.team,
        event.product,
        event.sequence,
        stamp(event.at),
        event.kind,
        event.actor,
        event.channel,
        event.before,
        event.after,
        event.reason,
        event.details,
    ]
    return hashlib.sha256(_canonical(said).encode("ascii")).hexdigest()[: 2 * CHAIN_BYTES]


def discrepancies(team: str, product: str, version: int, written: Json, events: Iterable[Event]) -> list[str]:
    """Where a product's events break their chain or do not add up to the product as it is kept: a sentence each."""
    found: list[str] = []
    where = f"{team}/{product}"
    result: Json = {}
    expected, previous = 1, ""
    for event in events:
        if event.sequence != expected:
            found.append(f"{where}: event {expected} is missing; the next one there is event {event.sequence}.")
        elif link(event, previous) != event.chain:
            found.append(
                f"{where}: event {event.sequence} ({event.kind} by {event.actor}, {stamp(event.at)}) does not fit the"
                " chain; it, or the one before it, was changed after it was recorded."
            )
        expected, previous, result = event.sequence + 1, event.chain, replay(result, event)
    if version != expected - 1:
        found.append(f"{where}: the product is at version {version}, but its last event is {expected - 1}.")
    differing = [key for key in DEFAULTS if result.get(key, DEFAULTS[key]) != written.get(key, DEFAULTS[key])]
    if differing:
        found.append(f"{where}: the product as it is kept differs from what its events add up to: {_and(differing)}.")
    return found


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
