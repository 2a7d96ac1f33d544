"""The commands about products as such: new, list, show, rename, link, archive, restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.commands import parsed as p
from bot.commands.values import slug
from bot.errors import CommandError
from bot.results import Reply
from bot.services.change import Step, change, record, refusal, view
from bot.services.request import Request
from bot.services.staffing import gaps, people, role_name, roles_of, standing_roles
from bot.services.wording import following, short_where, stage_names
from bot.services.words import listed
from bot.store.base import Reader, Writer
from bot.store.records import Holding, Product
from knowledge import lifecycle

_MOST_LISTED = 100


def new(request: Request, command: p.NewProduct) -> Reply:
    """Begin a product, or take over one that is already under way."""
    with request.store.write() as writer:
        existing: Product | None = None
        try:
            if not command.name:
                raise CommandError("usage", "What is the product called?", ("name",))
            existing = writer.product(request.speaker.team, slug(command.name))
            if existing:
                raise _exists(request, existing)
            reply = record(request, writer, _begun(request, command, command.name), 0)
        except CommandError as error:
            reply = refusal(request, error, existing)
        if request.within:
            request.within(writer, reply)
    return reply


def _begun(request: Request, command: p.NewProduct, name: str) -> Step:
    pack, speaker = request.pack, request.speaker
    now = request.now if request.now.tzinfo else request.now.replace(tzinfo=UTC)
    state = lifecycle.adopt(pack, command.at, now) if command.at else lifecycle.start(pack, now)
    product = Product(
        team=speaker.team,
        id=slug(name),
        name=name,
        creator=speaker.user,
        created_at=now,
        state=state,
        about=command.about,
        channel=command.channel,
        holders=tuple(sorted((Holding(role, user) for role, user in command.holders), key=lambda h: (h.role, h.user))),
        pack=pack.framework.id,
    )
    verb = "took over" if command.at else "created"
    line = f"{request.who} {verb} {name} in {stage_names(pack, state.stages)}. {following(pack, state)}"
    roles = tuple(dict.fromkeys((*(held.role for held in product.holders), *standing_roles(pack, product))))
    held = (f"{people(pack, roles, product, request.names)}.",) if roles else ()
    empty = gaps(pack, product)
    missing = (f"Nobody holds {listed([role_name(pack, role) for role in empty], 'or')} yet.",) if empty else ()
    return Step(
        product, "adopted" if command.at else "created", line, (*held, *missing, *_doubted(request, command.doubt))
    )


def _doubted(request: Request, doubt: str) -> tuple[str, ...]:
    """A name stays as the product's id: so words of it that may be meant otherwise are told at once."""
    if not doubt:
        return ()
    names = listed([stage.name for stage in request.pack.stages])
    stage = f"no stage is called that. There are: {names}"
    why = stage if doubt.casefold().startswith("at ") else "a person is written as @USER"
    return (f"I took “{doubt}” for a part of the name: {why}. If that is wrong, archive this one and begin another.",)


def rename(request: Request, seen: Product, command: p.RenameProduct) -> Reply:
    """Give a product another name; the former still finds it."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        name = command.name
        if not name:
            raise CommandError("usage", f"What is the new name of {product.name}?", ("name",))
        if name == product.name:
            return Step(product, "", f"{product.name} is its name already.")
        taken = writer.product(product.team, slug(name))
        if taken and taken.id != product.id:
            raise _exists(request, taken)
        kept = tuple(each for each in (*product.former_names, product.name) if each != name)
        renamed = replace(product, name=name, former_names=tuple(dict.fromkeys(kept)))
        line = f"{request.who} renamed {product.name} to {name}; the old name, and {product.id}, still find it."
        return Step(renamed, "renamed", line)

    return change(request, seen, decide)


def link(request: Request, seen: Product, command: p.LinkProduct) -> Reply:
    """Make a channel the product's own."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        if not command.channel:
            raise CommandError("usage", f"To which channel is {product.name} to be linked?", ("channel",))
        shown = request.channels(command.channel)
        if command.channel == product.channel:
            return Step(product, "", f"{product.name} is linked to {shown} already.")
        linked = replace(product, channel=command.channel)
        return Step(linked, "linked", f"{request.who} linked {product.name} to {shown}: its changes are told there.")

    return change(request, seen, decide)


def archive(request: Request, seen: Product, command: p.ArchiveProduct) -> Reply:
    """Leave a product out of lists and counts."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        line = f"{request.who} archived {product.name}. `{request.rules.slash('product')} restore {product.id}` "
        return Step(replace(product, archived=True), "archived", f"{line}brings it back.")

    return change(request, seen, decide)


def restore(request: Request, seen: Product, command: p.RestoreProduct) -> Reply:
    """Take a product out of the archive."""

    def decide(product: Product, writer: Writer, at: datetime) -> Step:
        if not product.archived:
            raise CommandError("illegal_move", f"{product.name} is not archived.")
        restored = replace(product, archived=False)
        return Step(restored, "restored", f"{request.who} restored {product.name}: {short_where(request, restored)}.")

    return change(request, seen, decide)


def list_products(request: Request, reader: Reader, command: p.ListProducts) -> Reply:
    """The products, of a stage or the speaker's own, each in a line."""
    user = request.speaker.user
    found = reader.products(request.speaker.team, stage=command.stage, archived=command.archived)
    if command.mine:
        found = [x for x in found if x.creator == user or roles_of(request.pack, x, user)]
    return listing(request, found, _heading(request, command, len(found)))


def listing(request: Request, products: list[Product], heading: str) -> Reply:
    """Products, each in a line with where it is."""
    lines = [f"{x.name} ({x.id}): {short_where(request, x)}" for x in products[:_MOST_LISTED]]
    if len(products) > _MOST_LISTED:
        lines.append(f"… and {len(products) - _MOST_LISTED} more: name a stage, or `mine`, to see fewer.")
    views = [view(x).as_json() for x in products]
    return Reply(request.typed, ok=True, text="\n".join([heading, *lines]), extra={"products": views})


def show(request: Request, product: Product) -> str:
    """What is recorded about a product besides its stage, a line each."""
    lines = [product.about] if product.about else []
    lines.append(f"Id: {product.id}. Created by {request.names(product.creator)}.")
    if product.channel:
        lines.append(f"Channel: {request.channels(product.channel)}.")
    if product.former_names:
        lines.append(f"Formerly: {', '.join(product.former_names)}.")
    return "\n".join(lines)


def _heading(request: Request, command: p.ListProducts, count: int) -> str:
    whose = " of yours" if command.mine else ""
    place = f" in {stage_names(request.pack, [command.stage])}" if command.stage else ""
    if not count:
        example = f"`{request.rules.slash('product')} new NAME` begins one."
        return f"There is no product{whose}{place}. {example}"
    return f"{count} product{'' if count == 1 else 's'}{whose}{place}:"


def _exists(request: Request, product: Product) -> CommandError:
    archived = (
        f" It is archived: `{request.rules.slash('product')} restore {product.id}` brings it back."
        if product.archived
        else ""
    )
    return CommandError("exists", f"There is a product {product.id} already: {product.name}.{archived}", ("name",))
