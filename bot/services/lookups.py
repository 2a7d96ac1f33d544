"""Looking at products: status and history. Free to everybody, and never told to a channel."""

from __future__ import annotations

from dataclasses import replace

from bot.results import Reply
from bot.services import products
from bot.services.change import view
from bot.services.event_words import event_words
from bot.services.moments import days_between, days_in_words, minute_in_words
from bot.services.request import Request
from bot.services.staffing import driving_roles, gaps, people, role_name, standing_roles
from bot.services.stays import undone
from bot.services.timeline import timeline
from bot.services.wording import decided, following, where
from bot.services.words import listed
from bot.store.base import Reader
from bot.store.records import Product
from knowledge import lifecycle


def status(request: Request, product: Product) -> Reply:
    """Where a product is, since when, who drives it, what is missing, what is next."""
    return _one(request, product, status_text(request, product))


def status_of_all(request: Request, found: list[Product]) -> Reply:
    """Where several products are: in full where they are few, else a line each."""
    if len(found) == 1:
        return status(request, found[0])
    heading = f"{len(found)} products:" if found else "There is no product yet."
    if not found:
        heading += f" `{request.rules.slash('product')} new NAME` begins one."
    listing = products.listing(request, found, heading)
    empty = [(x, gaps(request.pack, x)) for x in found]
    lines = [
        f"Gaps on {x.name}: {listed([role_name(request.pack, role) for role in roles])}." for x, roles in empty if roles
    ]
    shown = lines[:20] + ([f"… and gaps on {len(lines) - 20} more."] if len(lines) > 20 else [])
    return Reply(request.typed, ok=True, text="\n".join([listing.text, *shown]), extra=listing.extra)


def show(request: Request, product: Product) -> Reply:
    """All about a product."""
    return _one(request, product, f"{status_text(request, product)}\n{products.show(request, product)}")


def history(request: Request, reader: Reader, product: Product) -> Reply:
    """Every event of a product: when (in the reader's zone), who, what, why."""
    zone = request.speaker.zone
    events = reader.events(product.team, product.id)
    gone = undone(events)
    lines = [
        f"{minute_in_words(e.at, zone)} {request.names(e.actor)} "
        f"{event_words(e, request.pack, request.names, request.channels)}"
        f"{' (taken back)' if e.sequence in gone else ''}"
        for e in events
    ]
    count = f"{len(events)} event{'' if len(events) == 1 else 's'}"
    archived = ", archived" if product.archived else ""
    said = "\n".join([f"History of {product.name} ({count}{archived}; times in {zone}):", *lines])
    return replace(_one(request, product, said), timeline=timeline(product, events, request.pack, request.now, zone))


def status_text(request: Request, product: Product) -> str:
    """The status of a product, in words."""
    pack, names, state = request.pack, request.names, product.state
    lines = [where(request, product)]
    shown: set[str] = set()
    for stage in state.stages:
        roles = driving_roles(pack, stage)
        shown |= set(roles)
        if roles:
            lines.append(f"Driving {lifecycle.stage_name(pack, stage)}: {people(pack, roles, product, names)}.")
    assigned = (held.role for held in product.holders)
    others = tuple(r for r in dict.fromkeys((*assigned, *standing_roles(pack, product))) if r not in shown)
    if others:
        lines.append(f"{'Also' if shown else 'People'}: {people(pack, others, product, names)}.")
    empty = gaps(pack, product)
    if empty:
        lines.append(f"Gaps: nobody holds {listed([role_name(pack, role) for role in empty], 'or')}.")
    lines += decided(pack, state)
    lines += _stuck(request, product)
    lines.append(following(pack, state))
    return "\n".join(lines)


def _stuck(request: Request, product: Product) -> list[str]:
    lines = []
    for each in product.state.open:
        stage = lifecycle.stage_of(request.pack, each.stage)
        days = days_between(each.since, request.now, request.speaker.zone)
        if stage and stage.stall_days and days > stage.stall_days:
            lines.append(
                f"Stuck: {days_in_words(days)} in {stage.name}, where the limit is {days_in_words(stage.stall_days)}."
            )
    return lines


def _one(request: Request, product: Product, text: str) -> Reply:
    guessed = f"I took “{request.guessed}” for {product.name}.\n" if request.guessed else ""
    return Reply(request.typed, ok=True, text=guessed + text, product=view(product))
