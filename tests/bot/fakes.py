"""A store in memory: the products, events and refusals that services need, and nothing else of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from bot.store.base import Conflict, Reader, Store, Writer
from bot.store.records import Change, Event, Product
from knowledge.lifecycle import State


def _fields(product: Product | None) -> dict[str, Any]:
    state = product.state if product else State(status="")
    return {
        "name": product.name if product else "",
        "channel": product.channel if product else None,
        "archived": product.archived if product else False,
        "status": state.status,
        "open": [[stay.stage, stay.since.isoformat()] for stay in state.open],
        "decided": [
            {"stage": o.stage, "option": o.option, "values": {k: list(v) for k, v in o.values.items()}}
            for o in state.decided
        ],
        "entered": sorted(state.entered),
    }


class FakeWriter(Writer):
    """Reads and writes the dictionaries of a FakeStore."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def product(self, team: str, product: str) -> Product | None:
        return self._store.products.get((team, product))

    def products(
        self,
        team: str,
        *,
        channel: str | None = None,
        stage: str | None = None,
        holder: str | None = None,
        archived: bool = False,
    ) -> list[Product]:
        found = [p for (t, _), p in self._store.products.items() if t == team and (archived or not p.archived)]
        found = [p for p in found if channel is None or p.channel == channel]
        found = [p for p in found if stage is None or stage in p.state.stages]
        found = [p for p in found if holder is None or any(h.user == holder for h in p.holders)]
        return sorted(found, key=lambda p: (p.name.casefold(), p.id))

    def product_names(self, team: str) -> list[tuple[str, str]]:
        return [
            (name, p.id)
            for (t, _), p in self._store.products.items()
            if t == team
            for name in (p.name, p.id, *p.former_names)
        ]

    def events(
        self,
        team: str,
        product: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Event]:
        found = [e for e in self._store.events if e.team == team and product in {None, e.product}]
        return found if limit is None else found[len(found) - min(limit, len(found)) :]

    def portfolio_version(self, team: str) -> int:
        return len(self._store.events)

    def append(self, change: Change) -> Event:
        key = (change.product.team, change.product.id)
        now = self._store.products.get(key)
        if now and now.version != change.expected_version:
            raise Conflict(now)
        old, new = _fields(now), _fields(change.product)
        before = {k: v for k, v in old.items() if v != new[k] and now}
        after = {k: v for k, v in new.items() if v != old[k]}
        if "entered" in after:
            after["entered"] = [s for s in new["entered"] if s not in old["entered"]]
            before["entered"] = [s for s in old["entered"] if s not in new["entered"]]
        event = Event(
            *key,
            change.expected_version + 1,
            change.at.astimezone(UTC),
            change.kind,
            change.actor,
            change.channel,
            before,
            after,
            change.reason,
            deepcopy(change.details),
        )
        self._store.products[key] = replace(change.product, version=event.sequence)
        self._store.events.append(event)
        return event

    def log_refusal(
        self, team: str, *, at: datetime, actor: str, product: str | None, command: str, error: str
    ) -> None:
        self._store.refused.append((actor, product, error))


# What services of the portfolio do not use stays unwritten; the real store's own tests cover it.
FakeWriter.__abstractmethods__ = frozenset()


class FakeStore(Store):
    """A store whose transactions are undone when they raise."""

    def __init__(self) -> None:
        self.products: dict[tuple[str, str], Product] = {}
        self.events: list[Event] = []
        self.refused: list[tuple[str, str | None, str]] = []
        self._lock = RLock()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        with self._lock:
            yield FakeWriter(self)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        with self._lock:
            kept = (dict(self.products), list(self.events), list(self.refused))
            try:
                yield FakeWriter(self)
            except BaseException:
                self.products, self.events, self.refused = kept
                raise

    def close(self) -> None:
        """Nothing to give back."""


FakeStore.__abstractmethods__ = frozenset()
