"""Who drives a product's stages, and which roles nobody holds.

A role is held by whoever is assigned to it on a product; where nobody is, by the people that the organisation named for
it, or its user group. Every surface asks here, so that none calls a gap what another says somebody holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.store.records import Product
from knowledge.schema import Pack, Role


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


def needed_roles(pack: Pack, stage: str) -> tuple[str, ...]:
    """The driving roles of a stage that leave a gap on a product where nobody is assigned to them.

    None of a role that is held elsewhere than on a product, or that the organisation gave to somebody for all of them;
    nor of a part that is taken only on a condition, since that may not hold.
    """
    certain = {i.role for i in pack.involvements if i.stage == stage and not i.condition}
    return tuple(role for role in driving_roles(pack, stage) if role in certain and _filled_per_product(pack, role))


def _filled_per_product(pack: Pack, role: str) -> bool:
    known = role_of(pack, role)
    return known is None or (known.scope == "project" and not standing(pack, role))


def gaps(pack: Pack, product: Product) -> tuple[str, ...]:
    """The driving roles of the open stages that nobody holds, each once."""
    needed = dict.fromkeys(role for stage in product.state.stages for role in needed_roles(pack, stage))
    return tuple(role for role in needed if not assigned(product, role))


def assigned(product: Product, role: str) -> tuple[str, ...]:
    """Who was assigned to a role on a product."""
    return tuple(held.user for held in product.holders if held.role == role)


def standing(pack: Pack, role: str) -> tuple[str, ...]:
    """Who holds a role wherever nobody is assigned: the organisation's people for it, failing them its user group."""
    known = role_of(pack, role)
    if known is None:
        return ()
    return known.people or ((f"the user group {known.user_group}",) if known.user_group else ())


def holders(pack: Pack, product: Product, role: str) -> tuple[str, ...]:
    """Who holds a role on a product: whoever was assigned, failing them whoever has it by default."""
    return assigned(product, role) or standing(pack, role)


def by_default(pack: Pack, product: Product, role: str) -> bool:
    """Whether the holders of a role on a product are those that it has by default."""
    return not assigned(product, role) and bool(standing(pack, role))


def roles_of(pack: Pack, product: Product, person: str) -> list[str]:
    """The roles that somebody holds on a product: those assigned, then those they have by default."""
    found = [held.role for held in product.holders if same(held.user, person)]
    found += [r.id for r in pack.roles if any(same(user, person) for user in r.people) and not assigned(product, r.id)]
    return list(dict.fromkeys(found))


def has_standing(pack: Pack, person: str) -> bool:
    """Whether the organisation gave somebody a role by default, so that they hold it on products unassigned to it."""
    return any(same(user, person) for role in pack.roles for user in role.people)


def standing_roles(pack: Pack, product: Product) -> tuple[str, ...]:
    """The roles that are held on a product by default, in the pack's order."""
    return tuple(role.id for role in pack.roles if by_default(pack, product, role.id))


def held_by(pack: Pack, product: Product, role: str, names: Callable[[str], str]) -> str:
    """Who holds a role on a product, in words: "Ana, Ben", "@carol, by default", or "nobody"."""
    shown = ", ".join(map(names, holders(pack, product, role)))
    return (f"{shown}, by default" if by_default(pack, product, role) else shown) or "nobody"


def people(pack: Pack, roles: Iterable[str], product: Product, names: Callable[[str], str]) -> str:
    """Roles with their people: "Designer: Ana, Ben; Builder: nobody"."""
    return "; ".join(f"{role_name(pack, role)}: {held_by(pack, product, role, names)}" for role in roles)


def same(one: str, other: str) -> bool:
    """Whether two ids are one person: people type @Ana and @ana, and write @ana into the organisation's file."""
    return one.removeprefix("@").casefold() == other.removeprefix("@").casefold()
