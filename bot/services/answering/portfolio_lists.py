"""Answers about several products: which are in a stage, which there are, which are stuck."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.services.answering.asked import Asked
from bot.services.answering.dates import NoSuchDate, parse_days
from bot.services.answering.draft import Draft, verdict
from bot.services.answering.portfolio_elsewhere import elsewhere
from bot.services.answering.portfolio_status import overdue, stuck_line
from bot.services.answering.portfolio_whole import BACK
from bot.services.moments import days_in_words
from bot.services.staffing import gaps, holders, role_name, roles_of
from bot.services.stays import LIFECYCLE, as_of, standing
from bot.services.words import listed
from bot.store.records import Event, Product
from knowledge.lifecycle import ACTIVE

_MOST = 30
_NEW_DAYS = 30
_MOST_REPLAYED = 500
"""Of more products than this the records are not gone through for one question."""


def in_stage(asked: Asked) -> Draft:
    """Which products are in a stage."""
    draft = Draft()
    wanted = asked.slot("stage")
    if dates := asked.slot("date"):
        return _in_stage_then(asked, draft, wanted, dates[0])
    everything = asked.says("all|archived") and asked.says("archived")
    named = list(asked.slot("product"))
    found = [p for p in asked.portfolio.every(archived=everything) if any(s in wanted for s in p.state.stages)]
    holds = bool(found)
    if named and asked.says("only"):
        holds = [p.id for p in found] == named
    elif named and asked.says("else|besides|other|others|apart from"):
        found = [p for p in found if p.id not in named]
    where = asked.stages(wanted, "or")
    _say(asked, draft, found, f"in {where}", holds)
    draft.name_stages(wanted)
    return draft


def _in_stage_then(asked: Asked, draft: Draft, wanted: Sequence[str], written: str) -> Draft:
    """Which products were in a stage at the end of a day, from the record of each."""
    days = parse_days(written, asked.portfolio.now, asked.zone)
    _, until = days.past_moments(asked.zone, asked.portfolio.now, days.words)
    products = asked.portfolio.every(archived=True)
    if len(products) > _MOST_REPLAYED:
        draft.answered = False
        return draft.say(
            f"I can say where one product was on {days.words}, but not which of {len(products)} were where: name one."
        )
    asked.cite(draft)
    found = []
    for product in products:
        then = as_of(asked.portfolio.reader.events(product.team, product.id), until)
        if then and not then.archived and any(stage in wanted for stage in then.state.stages):
            found.append(then)
            asked.cite(draft, then)
    draft.say(
        f"{verdict(asked.reading, bool(found))}On {days.words}, in {asked.stages(wanted, 'or')}:"
        f" {listed([each.name for each in found]) or 'no product'}."
    )
    draft.products += [each.id for each in found]
    return draft.name_stages(wanted)


def every(asked: Asked) -> Draft:
    """Which products there are, or those of a kind that the question asks for."""
    if nowhere := elsewhere(asked):
        return nowhere
    draft = Draft()
    archived = asked.says("archived|archive")
    found = asked.portfolio.every(archived=archived or asked.says("ever|including archived"))
    words = ""
    if archived and not asked.says("including archived"):
        found, words = [p for p in found if p.archived], "archived"
    roles = asked.slot("role")
    closing = {o.closes for s in asked.pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
    status = next((word for word in sorted(each for each in closing if each) if asked.says(word)), None)
    if status:
        found, words = [p for p in found if p.state.status == status], status
    elif roles and asked.says("no|lack|lacks|lacking|without|missing|miss"):
        found = [
            p for p in found if p.state.status == ACTIVE and not any(holders(asked.pack, p, role) for role in roles)
        ]
        words = f"without {asked.roles(roles, 'or')}"
    elif asked.says("gap|gaps"):
        return _with_gaps(asked, draft, found)
    elif asked.says(BACK):
        return _went_back(asked, draft)
    elif asked.says("moved|changed|move|change|happened"):
        return _moved(asked, draft)
    elif asked.says("new|newest|recent"):
        since = asked.portfolio.now - timedelta(days=_NEW_DAYS)
        found, words = [p for p in found if p.created_at >= since], f"begun in the last {_NEW_DAYS} days"
    elif asked.says("active|under way|working on|building"):
        found, words = [p for p in found if p.state.status == ACTIVE], "active"
    elif asked.says("mine|my"):
        user = asked.portfolio.speaker.user
        found, words = [p for p in found if roles_of(asked.pack, p, user)], "yours"
    _say(asked, draft, found, words, bool(found))
    return draft


def stuck(asked: Asked) -> Draft:
    """Which products are longer in a stage than its limit; of one that is named, whether it is."""
    draft = Draft()
    asked.cite(draft)
    named = list(asked.slot("product"))
    if named:
        products = asked.products()
        if isinstance(products, Draft):
            return products
        for product in products:
            late = overdue(asked, product)
            said = " ".join(stuck_line(asked, each) for each in late) or "It is not stuck: no stage is over its limit."
            draft.say(f"{verdict(asked.reading, bool(late))}{asked.where(product)} {said}")
            draft.products.append(product.id)
            draft.name_stages(product.state.stages)
            asked.cite(draft, product)
        return draft
    if asked.says("moved|changed") and not asked.slot("stage"):
        return _moved(asked, Draft())
    if nowhere := elsewhere(asked):
        return nowhere
    wanted = asked.slot("stage")
    late_ones = [
        (product, each)
        for product in asked.portfolio.every()
        for each in overdue(asked, product)
        if not wanted or each.stage in wanted
    ]
    late_ones.sort(key=lambda pair: pair[1].since)
    there = f" in {asked.stages(wanted, 'or')}" if wanted else ""
    count = len({product.id for product, _ in late_ones})
    opening = "" if asked.reading.form.count else verdict(asked.reading, bool(late_ones))
    if not late_ones:
        draft.say(f"{opening}No product is stuck{there}: none is longer in a stage than its limit.")
        return draft
    longest = asked.says("longest|slowest|most")
    shown = late_ones[:1] if longest else late_ones
    draft.say(f"{opening}{count} product{'s are' if count > 1 else ' is'} stuck{there}, the longest first:")
    for product, each in shown[:_MOST]:
        limit = asked.question.knowledge.stages[each.stage].stall_days or 0
        days = days_in_words(asked.days(each.since))
        draft.say(
            f"• {product.name}: {days} in {asked.stages([each.stage])}, where the limit is {days_in_words(limit)}"
        )
    _more(asked, draft, len(shown))
    draft.products += list(dict.fromkeys(product.id for product, _ in shown))
    draft.name_stages(each.stage for _, each in shown)
    return draft


def _with_gaps(asked: Asked, draft: Draft, products: Sequence[Product]) -> Draft:
    """Which products have a role that nobody holds though their stage needs it, and which role."""
    asked.cite(draft)
    empty = [(product, roles) for product in products if (roles := gaps(asked.pack, product))]
    count = f"{len(empty)} product{'' if len(empty) == 1 else 's'}" if empty else "No product"
    said = f"{count} {'have' if len(empty) > 1 else 'has'} a gap{':' if empty else '.'}"
    draft.say(f"{verdict(asked.reading, bool(empty))}{said}")
    for product, roles in empty[:_MOST]:
        draft.say(f"• {product.name}: nobody holds {listed([role_name(asked.pack, role) for role in roles], 'or')}")
        draft.products.append(product.id)
    _more(asked, draft, len(empty))
    return draft


def _went_back(asked: Asked, draft: Draft) -> Draft:
    """Which products went back, and how often, the one that did most first; in a time, where one is said."""
    try:
        since, until, words = _span(asked) if asked.slot("date") else (None, None, "")
    except NoSuchDate as error:
        draft.answered = False
        return draft.say(str(error))
    asked.cite(draft)
    events: dict[str, list[Event]] = {}
    for event in asked.portfolio.reader.events(asked.portfolio.team):
        events.setdefault(event.product, []).append(event)
    times: dict[str, int] = {}
    for product in asked.portfolio.every():
        backs = [e.at for e in standing(events.get(product.id, ())) if e.kind == "returned"]
        times[product.id] = sum(1 for at in backs if (not since or at >= since) and (not until or at < until))
    found = sorted((p for p in asked.portfolio.every() if times[p.id]), key=lambda p: -times[p.id])
    then = f" {words}" if words else ""
    if not found:
        return draft.say(f"No product went back{then}.")
    if asked.says("most|most often"):
        found = [p for p in found if times[p.id] == times[found[0].id]]
    draft.say(f"{len(found)} product{'' if len(found) == 1 else 's'} went back{then}:")
    for product in found[:_MOST]:
        often = "once" if times[product.id] == 1 else f"{times[product.id]} times"
        draft.say(f"• {product.name}, {often} ({asked.short_where(product)})")
    _more(asked, draft, len(found))
    draft.products += [product.id for product in found]
    return draft


def _moved(asked: Asked, draft: Draft) -> Draft:
    """Which products moved in a time, a week where none is said."""
    try:
        since, until, words = _span(asked)
    except NoSuchDate as error:
        draft.answered = False
        return draft.say(str(error))
    asked.cite(draft)
    events = asked.portfolio.reader.events(asked.portfolio.team, since=since, until=until)
    moved = dict.fromkeys(event.product for event in events if event.kind in LIFECYCLE | {"undone"})
    names = {product.id: product for product in asked.portfolio.every()}
    found = [names[id_] for id_ in moved if id_ in names]
    if asked.says("not|no|never|haven't|hasn't|without"):
        found = [product for product in names.values() if product.id not in moved]
        _say(asked, draft, found, f"without a move {words}", bool(found))
    else:
        _say(asked, draft, found, f"that moved {words}", bool(found))
    return draft


def _span(asked: Asked) -> tuple[datetime, datetime, str]:
    now, zone = asked.portfolio.now, asked.zone
    for written in asked.slot("date"):
        days = parse_days(written, now, zone)
        since, until = days.moments(zone)
        if asked.says("since"):
            return since, now + timedelta(seconds=1), f"since {days.words}"
        if days.words.startswith("this "):
            return since, until, days.words
        return since, until, f"in {days.words}" if days.first != days.last else f"on {days.words}"
    length = 31 if asked.says("month") else 7
    return now - timedelta(days=length), now + timedelta(seconds=1), f"in the last {length} days"


def _say(asked: Asked, draft: Draft, found: Sequence[Product], words: str, holds: bool) -> None:
    asked.cite(draft)
    opening = "" if asked.reading.form.count else verdict(asked.reading, holds)
    described = f" {words}" if words else ""
    if words in {"archived", "active"} or words.isalpha():
        head = f"{len(found)} {words} product{'' if len(found) == 1 else 's'}" if words != "yours" else ""
        head = head or f"{len(found)} product{'' if len(found) == 1 else 's'} of yours"
        none = f"There is no {words} product." if words != "yours" else "No product is yours."
    else:
        head = f"{len(found)} product{'' if len(found) == 1 else 's'}{described}"
        none = f"There is no product{described}." if described else "There is no product yet."
    if not found:
        draft.say(f"{opening}{none}")
        return
    if len(found) == 1:
        draft.say(f"{opening}{head}: {found[0].name} ({asked.short_where(found[0])}).")
    else:
        draft.say(f"{opening}{head}:")
        draft.lines += [f"• {product.name} ({asked.short_where(product)})" for product in found[:_MOST]]
        _more(asked, draft, len(found))
    draft.products += [product.id for product in found]


def _more(asked: Asked, draft: Draft, count: int) -> None:
    if count > _MOST:
        draft.say(f"… and {count - _MOST} more; `{asked.portfolio.slash('product')} list STAGE` shows fewer.")
