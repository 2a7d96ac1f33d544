"""Answers about what happened to a product: its moves, how it was at a date, how long it took, what was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.answering.asked import Asked
from bot.services.answering.dates import parse_days
from bot.services.answering.draft import Draft, capitalised, verdict
from bot.services.event_words import event_words, open_stages
from bot.services.moments import days_in_words
from bot.services.staffing import assigned, driving_roles, role_name, same
from bot.services.stays import LIFECYCLE, Stay, as_of, standing, stays, undone
from bot.services.words import listed
from bot.store.records import Event, Product
from knowledge import lifecycle

_MOST = 12
_FEW = 4
_MOVES = frozenset({"advanced", "opened", "returned", "mapped", "created", "adopted"})
_KINDS = (
    (r"creat\w+|start\w*|began|begun|born|adopt\w*|took over|set up", frozenset({"created", "adopted"})),
    (r"archiv\w+|restored?", frozenset({"archived", "restored"})),
    (r"undo|undid|undone|took back|taken back|reverted", frozenset({"undone"})),
    (r"assign\w*|put on|joined|removed", frozenset({"assigned", "unassigned"})),
    (r"renam\w+", frozenset({"renamed"})),
    (r"link\w*", frozenset({"linked"})),
    (r"sent back|send back|moved? back|go back|went back|gone back|back in|back to|returned", frozenset({"returned"})),
    (r"decid\w+|decision", frozenset({"decided"})),
    (r"mov\w+|advanc\w+|enter\w*|leave|left|went|go|get|got|end up|reach\w*|put|pass|through|live", _MOVES),
)


def history(asked: Asked, product: Product, draft: Draft) -> None:
    """What happened to a product: who changed what, when and why; the part of it that is asked about."""
    events = asked.portfolio.reader.events(product.team, product.id)
    found, some = _wanted(asked, events)
    gone = undone(events)
    what = "of the kind " if some else ""
    if not found:
        draft.say(f"{verdict(asked.reading, False)}Nothing {what}is recorded about {product.name}.")
        return
    opening = verdict(asked.reading, True)
    if asked.says("last|latest") or asked.reading.form.who or asked.reading.form.why:
        stood = [event for event in found if event.sequence not in gone] or found
        latest = stood[-1]
        draft.say(f"{opening}{_event(asked, latest, product.name)}{_taken_back(latest, gone)}")
        if asked.reading.form.why and not latest.reason:
            draft.say("No reason was recorded.")
        rest = [event for event in found if event is not latest] if not asked.says("last|latest") else []
        if rest:
            draft.say("Before that:" if rest[-1].sequence < latest.sequence else "Besides:")
            draft.lines += [f"• {_event(asked, event)}{_taken_back(event, gone)}" for event in rest[-_FEW:]]
        if asked.reading.form.who:
            asked.name_people(draft, [latest.actor])
    elif len(found) == 1:
        draft.say(f"{opening}{_event(asked, found[0], product.name)}{_taken_back(found[0], gone)}")
    else:
        count = f"{len(found)} events" if len(found) > _MOST else "oldest first"
        draft.say(f"{opening}What is recorded about {product.name} ({count}):")
        if len(found) > _MOST:
            draft.say(
                f"… {len(found) - _MOST} earlier: `{asked.portfolio.slash('stage')} history {product.id}` has all"
            )
        draft.lines += [f"• {_event(asked, event)}{_taken_back(event, gone)}" for event in found[-_MOST:]]
    if product.archived:
        draft.say(f"{product.name} is archived.")


def at_date(asked: Asked, product: Product, draft: Draft) -> None:
    """Where a product was, and with whom, at a date."""
    now, zone = asked.portfolio.now, asked.zone
    days = parse_days(asked.slot("date")[0], now, zone)
    since, until = days.past_moments(zone, now, capitalised(days.words))
    events = asked.portfolio.reader.events(product.team, product.id)
    then = as_of(events, until)
    on = f"In {days.words}" if days.first != days.last else f"On {days.words}"
    if days.words.startswith("this "):
        on = capitalised(days.words)
    if then is None:
        opening = verdict(asked.reading, False)
        begun = f"; its record begins on {asked.day(events[0].at)}" if events else ""
        draft.say(f"{opening}{on}, {product.name} was not recorded yet{begun}.")
        return
    roles = asked.slot("role")
    if roles or asked.reading.form.who or (asked.persons() and not asked.slot("stage")):
        _people_then(asked, then, on, draft, roles)
        return
    during = [stay for stay in stays(events) if stay.overlaps(since, until)]
    # As it stood then: also what was taken back since, or the moves would not lead to where it was.
    kinds = LIFECYCLE | {"undone"}
    moves = [e for e in events if e.kind in kinds and since <= e.at < until and "open" in e.after]
    gone = undone(events)
    wanted = asked.slot("stage")
    open_then = then.state.stages
    if days.first != days.last and during:
        open_then = tuple(dict.fromkeys(stay.stage for stay in during))
    holds = bool(set(wanted) & set(open_then)) if wanted else None
    if asked.says("left|past|out of"):
        holds = all(stage in then.state.entered and stage not in then.state.stages for stage in wanted)
    place = asked.stages(open_then) or f"{then.state.status}: no stage was open"
    archived = " It was archived." if then.archived else ""
    joint = "was" if not open_then else "was in"
    draft.say(f"{verdict(asked.reading, holds)}{on}, {product.name} {joint} {place}.{archived}")
    if moves:
        last = "that day" if days.first == days.last else "then"
        draft.lines += [f"• {_event(asked, event)}{_taken_back(event, gone)}" for event in moves[-_MOST:]]
        draft.lines[-len(moves[-_MOST:])] = f"Moved {last}:\n" + draft.lines[-len(moves[-_MOST:])]
    draft.name_stages(open_then)


def durations(asked: Asked, product: Product, draft: Draft) -> None:
    """How long a product stayed in its stages."""
    found = stays(asked.portfolio.reader.events(product.team, product.id))
    totals = _totals(asked, found)
    wanted = asked.slot("stage")
    if asked.says("reach|get to|until|need from|before it") and wanted:
        _until_reached(asked, product, found, draft)
        return
    if wanted:
        opening = ""
        if len(wanted) == 2 and asked.reading.form.yes_no and not asked.reading.form.either:
            opening = verdict(asked.reading, totals.get(wanted[0], 0) > totals.get(wanted[1], 0))
        for stage in wanted:
            draft.say(f"{opening}{_stage_time(asked, product, stage, found, totals)}")
            opening = ""
        if len(wanted) == 2 and all(stage in totals for stage in wanted) and asked.says("longer|shorter"):
            draft.name_stages([max(wanted, key=lambda stage: totals[stage])])
        return
    if not totals:
        draft.say(f"{product.name} has been in no stage so far.")
        return
    longest, shortest = max(totals, key=lambda s: totals[s]), min(totals, key=lambda s: totals[s])
    if asked.says("longest|most time|so long|time go|most"):
        draft.say(f"{product.name} was longest in {asked.stages([longest])}: {_length(totals[longest])}.")
        draft.name_stages([longest])
    elif asked.says("shortest|quickest|fastest|least time"):
        draft.say(f"{product.name} was shortest in {asked.stages([shortest])}: {_length(totals[shortest])}.")
        draft.name_stages([shortest])
    total = _length(asked.days(found[0].entered))
    draft.say(f"{product.name} has been under way for {total}, since {asked.day(found[0].entered)}:")
    draft.lines += [f"• {_stage_time(asked, product, stage, found, totals, short=True)}" for stage in totals]
    if not draft.stages:
        draft.name_stages(product.state.stages)


def returns(asked: Asked, product: Product, draft: Draft) -> None:
    """How often a product went back, and why."""
    events = asked.portfolio.reader.events(product.team, product.id)
    wanted = asked.slot("stage")
    backs = [event for event in standing(events) if event.kind == "returned"]
    to = f" to {asked.stages(wanted, 'or')}" if wanted else ""
    visits = [stay for stay in stays(events) if stay.stage in wanted]
    if wanted and asked.says("been in|been at|gone through|is in|was in|twice|second time|three times|more than once"):
        times = len(visits)
        many = 3 if asked.says("three times") else 2
        draft.say(
            f"{verdict(asked.reading, times >= many)}{product.name} has been in {asked.stages(wanted, 'or')} "
            f"{_times(times)}{', counting the present stay' if any(v.left is None for v in visits) else ''}."
        )
    found = [event for event in backs if not wanted or set(open_stages(event.after)) & set(wanted)]
    holds = bool(found)
    if asked.says("more than once|twice|again"):
        holds = len(found) > 1
    if asked.says("first time"):
        holds = len(found) <= 1
    opening = "" if draft.lines else verdict(asked.reading, holds if not asked.says("never") else not holds)
    if not found:
        draft.say(f"{opening}{product.name} never went back{to}.")
        return
    draft.say(f"{opening}{product.name} went back{to} {_times(len(found))}:")
    draft.lines += [f"• {_event(asked, event)}" for event in found[-_MOST:]]
    if asked.says("which stages?|what stages?|where"):
        draft.name_stages(stage for event in found for stage in open_stages(event.after))


def decision(asked: Asked, product: Product, draft: Draft) -> None:
    """What was decided on a product, with its figures, by whom and why."""
    events = asked.portfolio.reader.events(product.team, product.id)
    taken = [event for event in standing(events) if event.kind == "decided"]
    if not taken:
        draft.say(f"{verdict(asked.reading, False)}No decision is recorded on {product.name}.")
        for stage, due in lifecycle.due_decisions(asked.pack, product.state):
            options = listed([option.name for option in due.options], "or")
            needs = "".join(f", with {f.name}" if i == 0 else f" and {f.name}" for i, f in enumerate(due.fields))
            draft.say(f"Owed before {stage.name} is left: {due.name} ({options}{needs}).")
            draft.name_stages([stage.id])
        return
    latest = taken[-1]
    option = str(latest.details.get("option", ""))
    draft.say(f"{verdict(asked.reading, _as_supposed(asked, option, latest))}{_event(asked, latest, product.name)}")
    if asked.reading.form.why and not latest.reason:
        draft.say("No reason was recorded.")
    if len(taken) > 1:
        draft.say("Decided before:")
        draft.lines += [f"• {_event(asked, event)}" for event in taken[:-1][-_MOST:]]
    asked.name_people(draft, [latest.actor])
    for stage, due in lifecycle.due_decisions(asked.pack, product.state):
        draft.say(f"Owed again before {stage.name} is left: {due.name}; each stay needs its own.")


@dataclass(frozen=True, slots=True)
class _Filter:
    keep: Callable[[Event], bool]


def _wanted(asked: Asked, events: Sequence[Event]) -> tuple[list[Event], bool]:
    """The events that the question is about, and whether that is only some of them."""
    filters: list[_Filter] = []
    kinds = next((kinds for pattern, kinds in _KINDS if asked.says(pattern)), None)
    persons, wanted = asked.persons() if asked.slot("person") else (), set(asked.slot("stage"))
    if persons and (kinds is None or kinds == _MOVES):
        kinds = frozenset({"assigned", "unassigned", "created"})
    if kinds is None and (
        wanted or ((asked.reading.form.why or asked.reading.form.who) and not asked.says("change[ds]?"))
    ):
        kinds = _MOVES
    if kinds == _MOVES and not wanted:
        kinds = _MOVES - {"created"} if any(e.kind in _MOVES - {"created", "adopted"} for e in events) else _MOVES
    if kinds is not None and not asked.says("history|story|timeline|log|happened|changes?|changed"):
        filters.append(_Filter(lambda event: event.kind in kinds))
    if wanted:
        leaving = asked.says("leave|left|out of|pass|passed")
        filters.append(_Filter(lambda event: _touches(event, wanted, leaving)))
    if persons:
        filters.append(_Filter(lambda event: _mentions(event, persons)))
    if span := _span(asked):
        since, until = span
        filters.append(_Filter(lambda event: since <= event.at < until))
    return [event for event in events if all(each.keep(event) for each in filters)], bool(filters)


def _span(asked: Asked) -> tuple[datetime, datetime] | None:
    now, zone = asked.portfolio.now, asked.zone
    for written in asked.slot("date"):
        since, until = parse_days(written, now, zone).past_moments(zone, now, f"“{written}”")
        return (since, max(now, since) + (until - since)) if asked.says("since|after") else (since, until)
    return None


def _touches(event: Event, wanted: set[str], leaving: bool) -> bool:
    """Whether an event entered one of the stages, or left it."""
    before, after = set(open_stages(event.before)), set(open_stages(event.after))
    return bool((before - after if leaving else after - before) & wanted)


def _mentions(event: Event, persons: Sequence[str]) -> bool:
    named = [str(event.details.get(key, "")) for key in ("user", "replaced")]
    named += [str(user) for fields in (event.before, event.after) for _, user in fields.get("holders", ())]
    return any(same(person, user) for person in persons for user in named)


def _event(asked: Asked, event: Event, name: str = "") -> str:
    """An event in a sentence: "3 March 2026: Ana moved it from … to … because …."."""
    words = event_words(event, asked.pack, asked.portfolio.names, asked.portfolio.channels)
    who = asked.portfolio.names(event.actor)
    if not name:
        return f"{asked.day(event.at)}: {who} {words}."
    # "moved it from …": the words of an event speak of the product as "it", in their beginning, or not at all.
    verb, it, rest = words.partition(" it")
    if it and len(verb) < len("took over ") and rest[:1] in {"", " "}:
        return f"{asked.day(event.at)}: {who} {verb} {name}{rest}."
    return f"{name}, {asked.day(event.at)}: {who} {words}."


def _taken_back(event: Event, gone: frozenset[int]) -> str:
    return " (taken back later)" if event.sequence in gone else ""


def _people_then(asked: Asked, then: Product, on: str, draft: Draft, roles: Sequence[str]) -> None:
    wanted = list(roles)
    stages = then.state.stages
    if not wanted and not asked.says("worked|on it|team|involved"):
        wanted = list(dict.fromkeys(role for stage in stages for role in driving_roles(asked.pack, stage)))
        draft.name_stages(stages)
    elif not wanted:
        wanted = list(dict.fromkeys(held.role for held in then.holders))
    people = [user for role in wanted for user in assigned(then, role)]
    persons = asked.persons()
    everyone = [held.user for held in then.holders]
    holds = all(any(same(person, user) for user in everyone) for person in persons) if persons else bool(people)
    said = "; ".join(
        f"{role_name(asked.pack, role)}: {asked.shown(assigned(then, role)) or 'nobody'}" for role in wanted
    )
    place = asked.stages(stages) or then.state.status
    draft.say(f"{verdict(asked.reading, holds)}{on}, {then.name} was in {place}. {said or 'Nobody had a role on it'}.")
    asked.name_people(draft, people)
    draft.name_roles(wanted)


def _totals(asked: Asked, found: Sequence[Stay]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for stay in found:
        totals[stay.stage] = totals.get(stay.stage, 0) + asked.days(stay.entered, stay.left)
    return totals


def _stage_time(
    asked: Asked, product: Product, stage: str, found: Sequence[Stay], totals: dict[str, int], *, short: bool = False
) -> str:
    mine = [stay for stay in found if stay.stage == stage]
    name = asked.stages([stage])
    if not mine:
        return f"{product.name} has not been in {name}."
    spans = listed([f"{asked.day(s.entered)} to {asked.day(s.left) if s.left else 'now'}" for s in mine[-4:]])
    if short:
        return f"{name}: {_length(totals[stage])} ({spans})"
    verb = "has been" if mine[-1].left is None else "was"
    return f"{product.name} {verb} in {name} for {_length(totals[stage])} ({spans})."


def _until_reached(asked: Asked, product: Product, found: Sequence[Stay], draft: Draft) -> None:
    wanted = asked.slot("stage")
    begin = found[0]
    if len(wanted) > 1 and (first := next((s for s in found if s.stage == wanted[0]), None)):
        begin = first
    goal = next((s for s in found if s.stage == wanted[-1] and s.entered >= begin.entered), None)
    if goal is None:
        draft.say(f"{product.name} has not been in {asked.stages(wanted[-1:])} so far.")
        return
    length = _length(asked.days(begin.entered, goal.entered))
    draft.say(
        f"{product.name} took {length} from {asked.stages([begin.stage])} ({asked.day(begin.entered)}) to"
        f" {asked.stages([goal.stage])} ({asked.day(goal.entered)})."
    )


def _as_supposed(asked: Asked, option: str, event: Event) -> bool:
    """Whether a yes/no question about a decision supposes the option that was taken."""
    words = {option, *event.details.get("values", {})}
    options = {o.id: o for s in asked.pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
    supposed = [o.id for o in options.values() if asked.says("|".join({o.id, o.closes or o.id}))]
    return not supposed or bool(words & set(supposed))


def _length(days: int) -> str:
    return "less than a day" if days == 0 else days_in_words(days)


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else "not once" if count == 0 else f"{count} times"
