"""What is open now: each stay of a product in a stage, its people, what is stuck, owed, or held by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.services.moments import days_between
from bot.services.staffing import holders, needed_roles
from bot.store.records import Product
from knowledge.queries import Knowledge
from knowledge.schema import Decision


@dataclass(frozen=True, slots=True)
class StageRules:
    """What the pack says of a stage that a digest needs; all empty for a stage that the pack does not have."""

    id: str
    name: str
    driving: tuple[str, ...] = ()
    helping: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    decision: Decision | None = None
    limit: int | None = None
    position: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Stay:
    """A product in a stage that is open.

    `days`: how long it has been open. `people`: (role, users) of the roles that take part and are held, driving ones
    first. `vacant`: driving roles that nobody holds. `decision`: the one that is still owed.
    """

    product: Product
    rules: StageRules
    since: datetime
    days: int
    people: tuple[tuple[str, tuple[str, ...]], ...]
    vacant: tuple[str, ...]
    decision: Decision | None

    def stuck(self) -> bool:
        """More days in the stage than the limit for it."""
        return self.rules.limit is not None and self.days > self.rules.limit

    def became_stuck(self, start: datetime, zone: str) -> bool:
        """Stuck by now, but not yet at `start`."""
        limit = self.rules.limit
        return self.stuck() and limit is not None and days_between(self.since, start, zone) <= limit


def stage_rules(knowledge: Knowledge, stage: str) -> StageRules:
    """What the pack says of a stage."""
    known = knowledge.stages.get(stage)
    if known is None:
        return StageRules(stage, stage)
    owners = knowledge.owners(stage)
    driving = tuple(dict.fromkeys(row.role for row in owners))
    return StageRules(
        id=stage,
        name=known.name,
        driving=driving,
        helping=tuple(
            dict.fromkeys(row.role for row in knowledge.participants(stage) if row.role not in driving),
        ),
        needed=needed_roles(knowledge.pack, stage),
        decision=known.gate.decision if known.gate else None,
        limit=known.stall_days,
        position=knowledge.position(stage),
    )


def stays(products: Iterable[Product], knowledge: Knowledge, now: datetime, zone: str) -> list[Stay]:
    """The open stages of products that are not archived, in the order of the products."""
    found = []
    known: dict[str, StageRules] = {}
    for product in products:
        if product.archived or not product.state.open:
            continue
        assigned = {held.role for held in product.holders}
        taken = {outcome.stage for outcome in product.state.decided}
        for stay in product.state.open:
            rules = known.get(stay.stage) or known.setdefault(stay.stage, stage_rules(knowledge, stay.stage))
            people = tuple(
                (role, users)
                for role in rules.driving + rules.helping
                if (users := holders(knowledge.pack, product, role))
            )
            found.append(
                Stay(
                    product=product,
                    rules=rules,
                    since=stay.since,
                    days=days_between(stay.since, now, zone),
                    people=people,
                    vacant=tuple(role for role in rules.needed if role not in assigned),
                    decision=None if rules.decision is None or stay.stage in taken else rules.decision,
                )
            )
    return found


def holders_of(product: Product, roles: Iterable[str], knowledge: Knowledge) -> list[tuple[str, tuple[str, ...]]]:
    """Who holds each of these roles on a product."""
    return [(role, holders(knowledge.pack, product, role)) for role in roles]


def told_when_stuck(stay: Stay, knowledge: Knowledge) -> tuple[str, ...]:
    """The roles that are told of a stuck product: those the pack names, else those that drive the stage."""
    return knowledge.pack.framework.stuck_roles or stay.rules.driving
