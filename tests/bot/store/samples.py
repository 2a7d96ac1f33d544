"""Products, changes and deliveries for tests of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.store.base import Store, Writer
from bot.store.records import Change, Delivery, DigestSchedule, LoggedQuestion, Person, Product
from knowledge.lifecycle import OpenStage, State

TEAM, OTHER = "T1", "T2"
NOW = datetime(2026, 3, 2, 8, 30, 0, 123000, tzinfo=UTC)
DAY = date(2026, 3, 2)

Opener = Callable[[], Store]
"""Opens the same database each time; it can be pickled, so that other processes can open it too."""


def later(**by: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(**by)


def product(name: str = "Churn Model", **fields: Any) -> Product:
    """A new product in its first stage."""
    given: dict[str, Any] = {
        "team": TEAM,
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "creator": "U1",
        "created_at": NOW,
        "state": State(open=(OpenStage("ideation", NOW),), entered=frozenset({"ideation"})),
        "pack": "default",
    }
    return Product(**given | fields)


def change(new: Product, *, kind: str = "created", **fields: Any) -> Change:
    """A change to `new`, from the version that it has."""
    given: dict[str, Any] = {"at": NOW, "actor": "U1", "channel": "C1", "expected_version": new.version}
    return Change(product=new, kind=kind, **given | fields)


def advance(writer: Writer, team: str, id: str, stage: str, **fields: Any) -> Product:
    """Move a product to a stage, whatever version it is at, and give it back as it is then."""
    before = writer.product(team, id)
    assert before is not None
    state = replace(
        before.state, open=(OpenStage(stage, fields.get("at", NOW)),), entered=before.state.entered | {stage}
    )
    writer.append(change(replace(before, state=state), kind="advanced", **fields))
    after = writer.product(team, id)
    assert after is not None
    return after


def create(store: Store, *products: Product) -> None:
    """Put new products into a store, in one transaction."""
    with store.write() as writer:
        for each in products:
            writer.append(change(each))


def delivery(key: str = "E1", **fields: Any) -> Delivery:
    """Something that Slack delivered."""
    given: dict[str, Any] = {"team": TEAM, "kind": "event", "payload": {"text": "who owns it?"}, "received_at": NOW}
    return Delivery(key=key, **given | fields)


def schedule(target: str = "C1", **fields: Any) -> DigestSchedule:
    """A digest that is set up."""
    given: dict[str, Any] = {
        "team": TEAM,
        "kind": "channel",
        "time": "08:30",
        "days": (0, 1, 2, 3, 4),
        "zone": "Europe/Madrid",
        "set_by": "U1",
        "set_at": NOW,
    }
    return DigestSchedule(target=target, **given | fields)


def question(text: str = "what is the moon?", **fields: Any) -> LoggedQuestion:
    """A question that nobody could answer."""
    given: dict[str, Any] = {
        "team": TEAM,
        "at": NOW,
        "user": "U1",
        "channel": None,
        "answered": False,
        "intent": None,
        "confidence": 0.25,
    }
    return LoggedQuestion(question=text, **given | fields)


def person(user: str = "U1", **fields: Any) -> Person:
    """A person."""
    given: dict[str, Any] = {"team": TEAM, "name": "Ana", "zone": "Europe/Madrid", "seen_at": NOW}
    return Person(user=user, **given | fields)
