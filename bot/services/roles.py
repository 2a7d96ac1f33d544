"""The commands about people: assign, remove, replace, list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.commands import parsed as p
from bot.errors import CommandError
from bot.results import Reply
from bot.services import permissions
from bot.services.change import Step, change, log_refusal, record, refusal
from bot.services.request import Request
from bot.services.staffing import (
    assigned,
    by_default,
    gaps,
    held_by,
    people,
    role_name,
    role_of,
    roles_of,
    same,
    standing_roles,
)
from bot.services.words import listed
from bot.store.base import Writer
from bot.store.records import Holding, Product


def assign(request: Request, seen: Product, command: p.AssignRole) -> Reply:
    """Give a person a role on a product."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        person, role = command.person, command.role
        if person is None or role is None:
            missing = tuple(name for name, given in (("person", person), ("role", role)) if given is None)
            raise CommandError("usage", f"Who takes which role on {product.name}?", missing)
        name, shown = request.names(person), role_name(request.pack, role)
        if any(same(person, user) for user in assigned(product, role)):
            return Step(product, "", f"{name} is {shown} on {product.name} already.")
        made = _with(product, (*product.holders, Holding(role, person)))
        line = f"{request.who} made {name} {shown} on {product.name}."
        return Step(made, "assigned", line, details={"user": person, "roles": [role]})

    return change(request, seen, decide)


def remove(request: Request, seen: Product, command: p.RemoveRole) -> Reply:
    """Take a role from a person."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        person, role = command.person, command.role
        if person is None or role is None:
            missing = tuple(name for name, given in (("person", person), ("role", role)) if given is None)
            raise CommandError("usage", f"Who leaves which role on {product.name}?", missing)
        gone = [h for h in product.holders if same(h.user, person) and h.role.casefold() == role.casefold()]
        if not gone:
            raise _not_held(request, product, person, role)
        removed = _with(product, (h for h in product.holders if h not in gone))
        line = f"{request.who} removed {request.names(person)} as {role_name(request.pack, role)} on {product.name}."
        shown = role_name(request.pack, role)
        more: tuple[str, ...] = ()
        if role in gaps(request.pack, removed):
            more = (f"Nobody holds {shown} now.",)
        elif by_default(request.pack, removed, role):
            more = (f"{shown} is now: {held_by(request.pack, removed, role, request.names)}.",)
        return Step(removed, "unassigned", line, more, details={"user": gone[0].user, "roles": [gone[0].role]})

    return change(request, seen, decide)


def replace_person(request: Request, seen: list[Product], command: p.ReplacePerson) -> Reply:
    """Hand the roles of one person to another, on one product or on several: on all of them, or on none."""
    old, new = command.old, command.new
    if old is None or new is None:
        missing = tuple(name for name, given in (("old", old), ("new", new)) if given is None)
        return refusal(request, CommandError("usage", "Who is replaced with whom?", missing))
    if len(seen) == 1:
        return change(request, seen[0], lambda product, writer, at: _replaced(request, product, old, new))
    with request.store.write() as writer:
        try:
            reply = _replace_everywhere(request, writer, seen, old, new)
        except CommandError as error:
            reply = refusal(request, error)
            log_refusal(request, writer, error, None)
        if request.within:
            request.within(writer, reply)
    return reply


def list_roles(request: Request, products: list[Product], person: str | None) -> Reply:
    """Who has which role: of a product, of a person, or of all."""
    lines = []
    for product in products:
        if person is None:
            held = [*(h.role for h in product.holders), *standing_roles(request.pack, product)]
        else:
            held = roles_of(request.pack, product, person)
        roles = _in_pack_order(request, held)
        if person is not None and roles:
            lines.append(f"{product.name}: {listed([role_name(request.pack, role) for role in roles])}")
        elif person is None:
            said = people(request.pack, roles, product, request.names) or "nobody has a role"
            empty = [role_name(request.pack, role) for role in gaps(request.pack, product)]
            missing = f" Gaps: {', '.join(empty)}." if empty else ""
            lines.append(f"{product.name}: {said}.{missing}")
    if not lines:
        nothing = f"{request.names(person)} has no role on any product." if person else "There is no product yet."
        return Reply(request.typed, ok=True, text=nothing)
    heading = [f"{request.names(person)} has these roles:"] if person else []
    return Reply(request.typed, ok=True, text="\n".join([*heading, *lines]))


def _replaced(request: Request, product: Product, old: str, new: str) -> Step:
    roles = [h.role for h in product.holders if same(h.user, old)]
    if not roles:
        raise CommandError("usage", f"{request.names(old)} has no role on {product.name}.")
    if same(old, new):
        return Step(product, "", f"{request.names(old)} stays as it is.")
    kept = [h for h in product.holders if not same(h.user, old)]
    already = {h.role for h in kept if same(h.user, new)}
    handed = _with(product, (*kept, *(Holding(role, new) for role in roles if role not in already)))
    shown = listed([role_name(request.pack, role) for role in roles])
    line = f"{request.who} replaced {request.names(old)} with {request.names(new)} as {shown} on {product.name}."
    return Step(handed, "assigned", line, details={"user": new, "roles": roles, "replaced": old})


def _replace_everywhere(request: Request, writer: Writer, seen: list[Product], old: str, new: str) -> Reply:
    found = [writer.product(each.team, each.id) for each in seen]
    products = [x for x in found if x and not x.archived and any(same(h.user, old) for h in x.holders)]
    if not products:
        raise CommandError("usage", f"{request.names(old)} has no role on any product here.")
    for product in products:  # all are asked for before the first is changed
        permissions.require(product, request.speaker.user, request.rules, request.pack, request.names)
    replies = [record(request, writer, _replaced(request, x, old, new), x.version) for x in products]
    text = "\n".join(reply.text for reply in replies)
    told = [reply.announcement for reply in replies if reply.announcement]
    extra = {"products": [reply.product.as_json() for reply in replies if reply.product]}
    return Reply(
        request.typed,
        ok=True,
        text=text,
        product=replies[0].product if len(replies) == 1 else None,
        announcement=told[0] if told else None,
        more_announcements=tuple(told[1:]),
        extra=extra,
    )


def _not_held(request: Request, product: Product, person: str, role: str) -> CommandError:
    known = role_of(request.pack, role)
    if known is None and not any(h.role.casefold() == role.casefold() for h in product.holders):
        return CommandError("unknown_role", f"There is no role “{role[:60]}”.")
    now = held_by(request.pack, product, role, request.names)
    return CommandError(
        "usage",
        f"{request.names(person)} is not {role_name(request.pack, role)} on {product.name}; {now} is.",
    )


def _in_pack_order(request: Request, roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    ordered = [r.id for r in request.pack.roles if r.id in wanted]
    return [*ordered, *sorted(wanted - set(ordered))]


def _with(product: Product, held: Iterable[Holding]) -> Product:
    return replace(product, holders=tuple(sorted(set(held), key=lambda h: (h.role, h.user))))
