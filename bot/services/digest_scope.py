"""Which products a digest is about, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bot.services.staffing import has_standing, roles_of
from bot.store.base import Reader
from bot.store.records import DigestSchedule, Event, Product
from knowledge.schema import Pack

# Up to so many products it is quicker to ask for the events of each than for those of the whole portfolio.
_FEW = 20


def chosen(reader: Reader, schedule: DigestSchedule, pack: Pack) -> tuple[str, list[Product]]:
    """The scope that applies, and its products by name, archived ones too: that one was archived is news.

    A channel's scope that was not chosen is its linked products, or all where none is linked. A stage's scope still
    has all products: those that left the stage count too.
    """
    team, target, scope = schedule.team, schedule.target, schedule.scope
    if schedule.kind == "person":
        scope = scope or f"user:{target}"
    if scope in ("", "linked"):
        linked = reader.products(team, channel=target, archived=True) if schedule.kind == "channel" else []
        if scope == "linked" or any(not product.archived for product in linked):
            return "linked", linked
        scope = "all"
    if scope.startswith("user:"):
        user = scope.removeprefix("user:")
        if not has_standing(pack, user):
            return scope, reader.products(team, holder=user, archived=True)
        return scope, [p for p in reader.products(team, archived=True) if roles_of(pack, p, user)]
    return scope, reader.products(team, archived=True)


def events_of(
    reader: Reader, team: str, products: Sequence[Product], start: datetime, end: datetime
) -> Iterable[Event]:
    """What was recorded of these products in a window."""
    if len(products) > _FEW:
        return reader.events(team, since=start, until=end)
    return [event for product in products for event in reader.events(team, product.id, since=start, until=end)]


def scope_words(scope: str, personal: bool, stage_name: Callable[[str], str], names: Callable[[str], str]) -> str:
    """What the digest is about, to stand at the beginning of a sentence."""
    if scope == "linked":
        return "Products of this channel"
    if scope.startswith("stage:"):
        return f"Products in {stage_name(scope.removeprefix('stage:'))}"
    if scope.startswith("user:"):
        return "Products you have a role on" if personal else f"Products of {names(scope.removeprefix('user:'))}"
    return "All products"


def nothing_here(scope: str, products: Sequence[Product]) -> str:
    """Why there is nothing to show."""
    if any(not product.archived for product in products):
        return "none has an open stage" if not scope.startswith("stage:") else "there is none now"
    if scope == "linked":
        return "none is linked yet (`/product link P #channel`)"
    if scope.startswith("user:"):
        return "there is none"
    return "there are none yet (`/product new NAME` starts one)"
