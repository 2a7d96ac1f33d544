"""The portfolio at a glance: a row a product, and a board with a column a stage. Pure data, for surfaces to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.services.moments import days_between
from bot.services.staffing import by_default, driving_roles, gaps, standing
from bot.store.records import Product
from knowledge.lifecycle import ACTIVE
from knowledge.schema import Pack


@dataclass(frozen=True, slots=True)
class OpenFor:
    """An open stage, by id and name, and for how many days. `known`: the framework has it. `stuck`: over its limit."""

    stage: str
    name: str
    days: int
    stuck: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A product in the table. `people`: (role's name, names of its people); `gaps`: the roles that nobody holds."""

    product: str
    name: str
    status: str
    stages: tuple[OpenFor, ...]
    people: tuple[tuple[str, tuple[str, ...]], ...]
    gaps: tuple[str, ...]
    archived: bool = False

    def as_json(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "product": self.product,
            "name": self.name,
            "status": "archived" if self.archived else self.status,
            "stages": [{"stage": s.stage, "name": s.name, "days": s.days, "stuck": s.stuck} for s in self.stages],
            "people": [{"role": role, "people": list(people)} for role, people in self.people],
            "gaps": list(self.gaps),
        }


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: a stage, and the products in it with their days there (None: it is closed), the longest
    first, and whether that is too long."""

    stage: str
    name: str
    products: tuple[tuple[str, int | None, bool], ...]


def rows(
    products: Iterable[Product], pack: Pack, now: datetime, zone: str, names: Callable[[str], str]
) -> tuple[Row, ...]:
    """A row for each product, in the order given."""
    shown_roles = {role.id: role.name for role in pack.roles}
    limits = _limits(pack)
    found = []
    for product in products:
        people: dict[str, list[str]] = {}
        for held in product.holders:
            people.setdefault(shown_roles.get(held.role, held.role), []).append(names(held.user))
        for role in dict.fromkeys(role for stage in product.state.stages for role in driving_roles(pack, stage)):
            if by_default(pack, product, role):
                people[shown_roles[role]] = [f"{names(user)} (by default)" for user in standing(pack, role)]
        found.append(
            Row(
                product=product.id,
                name=product.name,
                status=product.state.status,
                stages=_open_for(product, limits, now, zone),
                people=tuple((role, tuple(held_by)) for role, held_by in people.items()),
                gaps=tuple(shown_roles.get(role, role) for role in gaps(pack, product)),
                archived=product.archived,
            )
        )
    return tuple(found)


def board(products: Iterable[Product], pack: Pack, now: datetime, zone: str) -> tuple[Column, ...]:
    """The stages in the pack's order, each with its products; then what the pack does not have, and what is closed."""
    placed: dict[str, list[tuple[str, int | None, bool]]] = {stage.id: [] for stage in pack.stages}
    titles = {stage.id: stage.name for stage in pack.stages}
    foreign: dict[str, list[tuple[str, int | None, bool]]] = {}
    closed: dict[str, list[tuple[str, int | None, bool]]] = {}
    limits = _limits(pack)
    for product in products:
        if product.state.status != ACTIVE:
            closed.setdefault(product.state.status, []).append((product.name, None, False))
        for each in _open_for(product, limits, now, zone):
            column = placed if each.known else foreign
            column.setdefault(each.stage, []).append((product.name, each.days, each.stuck))
            titles.setdefault(each.stage, f"{each.name} (not in this framework)")
    return tuple(
        Column(stage, titles.get(stage, stage), tuple(sorted(held, key=lambda p: (-(p[1] or 0), p[0].casefold()))))
        for group in (placed, foreign, closed)
        for stage, held in group.items()
    )


def _limits(pack: Pack) -> dict[str, tuple[str, int | None]]:
    """The name of each stage, and how many days are too long in it."""
    return {stage.id: (stage.name, stage.stall_days) for stage in pack.stages}


def _open_for(
    product: Product, limits: dict[str, tuple[str, int | None]], now: datetime, zone: str
) -> tuple[OpenFor, ...]:
    found = []
    for each in product.state.open:
        name, limit = limits.get(each.stage, (each.stage, None))
        days = days_between(each.since, now, zone)
        stuck = bool(limit and days > limit and not product.archived)
        found.append(OpenFor(each.stage, name, days, stuck, each.stage in limits))
    return tuple(found)
