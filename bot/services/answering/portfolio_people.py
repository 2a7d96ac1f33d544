"""Answers about a product's people: who owns it now, who has which role, what a person is responsible for.

What is told here is who holds a role on a product. A role that nobody holds is a gap, and is named as one: who would
have it in general is another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.services.answering.asked import Asked
from bot.services.answering.draft import Draft, capitalised, verdict
from bot.services.answering.portfolio_status import gap_lines
from bot.services.staffing import (
    by_default,
    driving_roles,
    gaps,
    has_standing,
    holders,
    needed_roles,
    role_name,
    roles_of,
    same,
    standing_roles,
)
from bot.services.words import listed
from bot.store.records import Product
from knowledge.lifecycle import ACTIVE


def owner(asked: Asked, product: Product, draft: Draft) -> None:
    """Who owns a product now: the people with the driving roles of its open stages."""
    if asked.slot("topic") and not asked.slot("stage"):
        _topic_owner(asked, product, draft)
        return
    wanted = [stage for stage in asked.slot("stage") if stage in asked.question.knowledge.stages]
    stages = tuple(wanted) or product.state.stages
    roles = [role for stage in stages for role in driving_roles(asked.pack, stage)]
    people = [user for role in roles for user in holders(asked.pack, product, role)]
    opening = verdict(asked.reading, _named(asked, people))
    if not stages:
        draft.say(f"{opening}{asked.where(product)} So nobody drives it now.")
        draft.lines += _team_lines(asked, product)
        return
    for stage in stages:
        where = f"{product.name} is in {asked.stages([stage])}"
        if stage not in product.state.stages:
            now = asked.stages(product.state.stages) or product.state.status
            where = f"{product.name} is not in {asked.stages([stage])} now (it is in {now}); there"
        named = driving_roles(asked.pack, stage)
        if stage not in asked.question.knowledge.stages:
            draft.say(f"{opening}{where}.{asked.flag(product)}")
        elif not named:
            draft.say(f"{opening}{where}, for which the framework names no role that drives it.")
        elif stage in product.state.stages and not any(holders(asked.pack, product, role) for role in named):
            drivers = f"the role for that is {asked.roles(named)}" if len(named) == 1 else "its roles are not held"
            draft.say(f"{opening}{where}, and nobody drives it now; {drivers}.")
            asked.question.cite(draft, asked.question.knowledge.owners(stage))
        else:
            joint = "," if stage not in product.state.stages else ", driven by"
            draft.say(f"{opening}{where}{joint} {_held(asked, product, named)}.")
            asked.question.cite(draft, asked.question.knowledge.owners(stage))
        opening = ""
    if empty := _empty(asked, product, roles, stages):
        draft.say(f"Gaps: nobody holds {asked.roles(empty, 'or')} on {product.name}.")
    asked.name_people(draft, people)
    draft.name_roles(roles)
    draft.name_stages(stages)
    if product.archived:
        draft.say("It is archived.")


def role(asked: Asked, product: Product, draft: Draft) -> None:
    """Who holds a role on a product."""
    roles = asked.slot("role")
    people = [user for each in roles for user in holders(asked.pack, product, each)]
    opening = verdict(asked.reading, _named(asked, people))
    for each in roles:
        users, name = holders(asked.pack, product, each), role_name(asked.pack, each)
        if asked.reading.form.count:
            opening = f"{len(users)}: "
        if users:
            are = "is" if len(users) == 1 else "are"
            draft.say(f"{opening}{asked.shown(users)} {are} {name} on {product.name}{_default(asked, product, each)}.")
        else:
            drives = [s for s in product.state.stages if each in driving_roles(asked.pack, s)]
            empty = each in gaps(asked.pack, product)
            gap = f" It is a gap: the role drives {asked.stages(drives)}, which is open." if empty else ""
            draft.say(f"{opening}Nobody is {name} on {product.name}.{gap}")
        opening = ""
    asked.name_people(draft, people)
    draft.name_roles(roles)
    if product.archived:
        draft.say("It is archived.")


def team(asked: Asked, product: Product, draft: Draft) -> None:
    """Who works on a product."""
    users = list(
        dict.fromkeys(user for each in _held_roles(asked, product) for user in holders(asked.pack, product, each))
    )
    holds = _named(asked, users)
    if asked.says("complete"):
        holds = not gap_lines(asked, product)
    elif asked.says("missing|lacking"):
        holds = bool(gap_lines(asked, product))
    opening = verdict(asked.reading, holds)
    if asked.reading.form.count:
        opening = f"{len(users)}: "
    lines = _team_lines(asked, product)
    draft.say(f"{opening}{lines[0]}")
    draft.lines += lines[1:]
    if product.archived:
        draft.say(f"{product.name} is archived.")
    asked.name_people(draft, users)
    draft.name_roles(_held_roles(asked, product))


def person_work(asked: Asked) -> Draft:
    """What people are responsible for: their roles, on which products."""
    draft = Draft()
    persons = asked.persons() or (asked.portfolio.speaker.user,)
    named = set(asked.slot("product"))
    wanted = set(asked.slot("role"))
    asked.cite(draft)
    for person in persons:
        found = [
            (product, roles)
            for product in _products_of(asked, person)
            if (roles := [r for r in roles_of(asked.pack, product, person) if not wanted or r in wanted])
            and (not named or product.id in named)
        ]
        shown = [(product, roles) for product, roles in found if named or not product.archived]
        _say_work(asked, draft, person, shown, named)
    return draft


def _say_work(
    asked: Asked, draft: Draft, person: str, found: Sequence[tuple[Product, Sequence[str]]], named: set[str]
) -> None:
    me = same(person, asked.portfolio.speaker.user)
    who, has, is_ = ("You", "have", "are") if me else (asked.portfolio.names(person), "has", "is")
    opening = verdict(asked.reading, bool(found))
    if asked.reading.form.count:
        opening = f"{len(found)}: "
    asked.name_people(draft, [person])
    if not found:
        on = [p.name for p in map(asked.portfolio.product, sorted(named)) if p]
        what = (
            f"are not {asked.roles(asked.slot('role'), 'or')}"
            if me
            else f"is not {asked.roles(asked.slot('role'), 'or')}"
        )
        what = what if asked.slot("role") else f"{has} no role"
        draft.say(f"{opening}{who} {what} on {listed(on, 'or') or 'any product'}.")
        return
    if len(found) == 1:
        product, roles = found[0]
        draft.say(f"{opening}{who} {is_} {asked.roles(roles)} on {product.name}: {asked.short_where(product)}.")
    else:
        draft.say(f"{opening}{who} {has} a role on {len(found)} products:")
        for product, roles in found:
            draft.say(f"• {product.name}: {asked.roles(roles)} ({asked.short_where(product)})")
    driving = []
    for product, roles in found:
        open_ = [s for s in product.state.stages if set(roles) & set(driving_roles(asked.pack, s))]
        if open_:
            driving.append(f"{asked.stages(open_)} of {product.name}")
        draft.products += [product.id] if product.id not in draft.products else []
        draft.name_roles(roles)
        if asked.reading.form.when:
            draft.name_stages(product.state.stages)
        asked.cite(draft, product)
    if driving:
        draft.say(f"{who} {'drive' if me else 'drives'} now: {listed(driving)}.")


def _topic_owner(asked: Asked, product: Product, draft: Draft) -> None:
    """Who has a responsibility on a product: the people in the roles that own it."""
    knowledge = asked.question.knowledge
    for topic in asked.slot("topic"):
        found = knowledge.responsibilities[topic]
        roles = list(dict.fromkeys(each.role for each in found.owners))
        people = [user for each in roles for user in holders(asked.pack, product, each)]
        if not roles:
            draft.say(f"The framework names no role for {found.name}.")
            continue
        opening = verdict(asked.reading, _named(asked, people))
        draft.say(f"{opening}{capitalised(found.name)} on {product.name}: {_held(asked, product, roles)}.")
        asked.question.cite(draft, found.owners)
        asked.name_people(draft, people)
        draft.name_roles(roles)
        if empty := [each for each in roles if not holders(asked.pack, product, each)]:
            draft.say(f"Gaps: nobody holds {asked.roles(empty, 'or')} on {product.name}.")


def _held(asked: Asked, product: Product, roles: Iterable[str]) -> str:
    """Roles with their people, in a row: "Ana (Designer) and nobody (Builder)"."""
    return listed(
        [
            f"{asked.shown(holders(asked.pack, product, r)) or 'nobody'}"
            f" ({role_name(asked.pack, r)}{_default(asked, product, r)})"
            for r in dict.fromkeys(roles)
        ]
    )


def _team_lines(asked: Asked, product: Product) -> list[str]:
    roles = _held_roles(asked, product)
    if not roles:
        lines = [f"Nobody has a role on {product.name} yet."]
    else:
        said = "; ".join(
            f"{role_name(asked.pack, r)}: {asked.shown(holders(asked.pack, product, r))}{_default(asked, product, r)}"
            for r in roles
        )
        lines = [f"On {product.name}: {said}."]
    if product.state.status == ACTIVE:
        lines += gap_lines(asked, product)
    return lines


def _named(asked: Asked, people: Sequence[str]) -> bool | None:
    """Whether the people named in a yes/no question are among these; where it names none, whether there are any."""
    persons = asked.persons()
    if persons:
        return all(any(same(person, user) for user in people) for person in persons)
    return bool(people)


def _products_of(asked: Asked, person: str) -> list[Product]:
    """The products on which somebody has a role: people type @Ana and @ana."""
    found: dict[str, Product] = {}
    if has_standing(asked.pack, person):
        # Whoever has a role by default has it on any product where nobody was assigned to it.
        found |= {product.id: product for product in asked.portfolio.reader.products(asked.portfolio.team)}
    for written in dict.fromkeys((person, person.casefold(), person.upper(), person.title())):
        products = asked.portfolio.reader.products(asked.portfolio.team, holder=written, archived=True)
        found |= {product.id: product for product in products}
    return sorted(found.values(), key=lambda product: (product.name.casefold(), product.id))


def _held_roles(asked: Asked, product: Product) -> list[str]:
    """The roles that somebody holds on a product, in the pack's order."""
    order = {role.id: index for index, role in enumerate(asked.pack.roles)}
    held = {*(held.role for held in product.holders), *standing_roles(asked.pack, product)}
    return sorted(held, key=lambda r: (order.get(r, len(order)), r))


def _empty(asked: Asked, product: Product, roles: Iterable[str], stages: Iterable[str]) -> list[str]:
    """Those of some roles that are a gap in these stages."""
    needed = {role for stage in stages for role in needed_roles(asked.pack, stage)}
    return [r for r in dict.fromkeys(roles) if r in needed and not holders(asked.pack, product, r)]


def _default(asked: Asked, product: Product, role: str) -> str:
    return ", by default" if by_default(asked.pack, product, role) else ""
