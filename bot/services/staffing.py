"""Who drives a product's stages, and which roles nobody holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.store.records import Product
from knowledge.schema import Pack, Role


@dataclass(frozen=True, slots=True)
class Driving:
    """A role that drives an open stage, and the people who hold it on the product: nobody is a gap."""

    stage: str
    role: str
    users: tuple[str, ...]


def role_of(pack: Pack, role: str) -> Role | None:
    """The role with this id, if the pack has one."""
    return next((r for r in pack.roles if r.id == role), None)


def role_name(pack: Pack, role: str) -> str:
    """The name of a role; the id itself where the pack does not have it."""
    found = role_of(pack, role)
    return found.name if found else role


def driving_roles(pack: Pack, stage: str) -> tuple[str, ...]:
    """The roles that drive a stage or a part of it, each once, in the pack's order of involvements."""
    owning = {level.id for level in pack.framework.levels if level.owner}
    return tuple(dict.fromkeys(i.role for i in pack.involvements if i.stage == stage and i.level in owning))


def driving(pack: Pack, product: Product) -> tuple[Driving, ...]:
    """Every driving role of every open stage, with who holds it."""
    return tuple(
        Driving(stage, role, holders(product, role))
        for stage in product.state.stages
        for role in driving_roles(pack, stage)
    )


def gaps(pack: Pack, product: Product) -> tuple[str, ...]:
    """The driving roles of the open stages that nobody holds, each once."""
    return tuple(dict.fromkeys(each.role for each in driving(pack, product) if not each.users))


def holders(product: Product, role: str) -> tuple[str, ...]:
    """Who holds a role on a product."""
    return tuple(held.user for held in product.holders if held.role == role)


def people(pack: Pack, roles: Iterable[str], product: Product, names: Callable[[str], str]) -> str:
    """Roles with their people: "Designer: Ana, Ben; Builder: nobody"."""
    return "; ".join(
        f"{role_name(pack, role)}: {', '.join(map(names, holders(product, role))) or 'nobody'}" for role in roles
    )


def same(one: str, other: str) -> bool:
    """Whether two ids are one person: people type @Ana and @ana."""
    return one.casefold() == other.casefold()
