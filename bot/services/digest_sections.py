"""The sections of a digest: what moved, what waits, what is stuck, open, held by nobody, asked in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.services.digest_layout import Section, section
from bot.services.digest_moves import Move, Names
from bot.services.digest_stays import Stay, holders_of, told_when_stuck
from bot.services.digest_words import counted, cut, for_days, quoted
from bot.services.staffing import by_default, role_name, roles_of
from bot.services.words import listed
from bot.store.records import LoggedQuestion
from knowledge.queries import Knowledge


def moved_section(moves: Sequence[Move]) -> Section | None:
    """Who moved what, from where to where, why."""
    return section("Moved", (move.text for move in moves), [move.short for move in moves])


def people_section(moves: Sequence[Move]) -> Section | None:
    """Roles that were taken and left."""
    return section("Roles that changed", (move.text for move in moves), [move.short for move in moves])


def open_section(stays: Sequence[Stay], knowledge: Knowledge, names: Names, me: str | None = None) -> Section | None:
    """What is open, a line a product, with the people on it; for a person, with their own roles."""
    by_product: dict[str, list[Stay]] = {}
    for stay in stays:
        by_product.setdefault(stay.product.id, []).append(stay)
    items = []
    for together in by_product.values():
        parts = []
        for stay in together:
            people = "; ".join(
                f"{role_name(knowledge.pack, role)} {_names(users, names)}{_default(stay, role, knowledge)}"
                for role, users in stay.people
            )
            on_it = f" ({people})" if people else " (nobody is on it)" if stay.rules.driving else ""
            parts.append(f"{stay.rules.name} {for_days(stay.days)}{on_it}")
        mine = _my_roles(together[0], me, knowledge) if me else ""
        items.append(f"{_name(together[0])}: {', and '.join(parts)}{mine}")
    counts = Counter(stay.rules for stay in stays)
    by_stage = [f"{rules.name} {counts[rules]}" for rules in sorted(counts, key=lambda rules: rules.position)]
    return section("Open now", items, by_stage)


def stuck_section(stays: Sequence[Stay], knowledge: Knowledge, names: Names) -> Section | None:
    """What is longer in a stage than its limit, the longest first, and who should be told."""
    stuck = sorted((stay for stay in stays if stay.stuck()), key=lambda stay: stay.since)
    items, shorts = [], []
    for stay in stuck:
        limit, length = counted(stay.rules.limit or 0, "day"), counted(stay.days, "day")
        told = _people_for(stay, told_when_stuck(stay, knowledge), knowledge, names)
        to_tell = f"; to be told: {told}" if told else ""
        items.append(f"{_name(stay)}: {length} in {stay.rules.name}, where the limit is {limit}{to_tell}")
        shorts.append(f"{_name(stay)} {length} in {stay.rules.name}")
    return section("Stuck", items, shorts)


def waiting_section(stays: Sequence[Stay], knowledge: Knowledge, names: Names) -> Section | None:
    """Decisions that are owed before a stage can be left, the oldest stay first."""
    items, shorts = [], []
    for stay in sorted(stays, key=lambda stay: stay.since):
        if stay.decision is None:
            continue
        deciders = _people_for(stay, stay.decision.decided_by, knowledge, names)
        by = f"; to be decided by {deciders}" if deciders else ""
        items.append(f"{_name(stay)}: {stay.decision.name}, in {stay.rules.name} {for_days(stay.days)}{by}")
        shorts.append(f"{_name(stay)}: {stay.decision.name}")
    return section("Decisions waiting", items, shorts)


def gaps_section(stays: Sequence[Stay], knowledge: Knowledge) -> Section | None:
    """Driving roles of open stages that nobody holds."""
    gaps = [(stay, listed(role_name(knowledge.pack, role) for role in stay.vacant)) for stay in stays if stay.vacant]
    return section(
        "Held by nobody",
        (f"{_name(stay)}: {roles}, in {stay.rules.name}" for stay, roles in gaps),
        [f"{_name(stay)}: {roles}" for stay, roles in gaps],
        count=sum(len(stay.vacant) for stay, _ in gaps),
    )


def yours_section(stays: Sequence[Stay], me: str, knowledge: Knowledge) -> Section | None:
    """What waits for one person: decisions that are theirs, products that are stuck, stages that they drive."""
    items, shorts = [], []
    for stay in sorted(stays, key=lambda stay: stay.since):
        mine = set(roles_of(knowledge.pack, stay.product, me))
        length = for_days(stay.days)
        if stay.decision is not None and mine.intersection(stay.decision.decided_by):
            what = f"{stay.decision.name}, in {stay.rules.name} {length}"
        elif stay.stuck() and mine.intersection(told_when_stuck(stay, knowledge) + stay.rules.driving):
            what = f"stuck in {stay.rules.name} {length}"
        elif mine.intersection(stay.rules.driving):
            what = f"{stay.rules.name} is yours to finish, open {length}"
        else:
            continue
        items.append(f"{_name(stay)}: {what}")
        shorts.append(f"{_name(stay)}: {what}")
    return section("Waits for you", items, shorts)


def questions_section(questions: Sequence[LoggedQuestion]) -> Section | None:
    """The week's questions that got no answer, the most frequent first; without who asked."""
    asked = Counter(" ".join(question.question.split()) for question in questions)
    asked.pop("", None)
    items = [quoted(text) + (f", {times} times" if times > 1 else "") for text, times in asked.most_common()]
    return section("Questions of the week without an answer", items, items)


def _people_for(stay: Stay, roles: Sequence[str], knowledge: Knowledge, names: Names) -> str:
    found = []
    for role, users in holders_of(stay.product, roles, knowledge):
        title = role_name(knowledge.pack, role)
        said = f"{_names(users, names)} ({title}{_default(stay, role, knowledge)})"
        found.append(said if users else f"{title} (held by nobody)")
    return listed(found)


def _my_roles(stay: Stay, me: str, knowledge: Knowledge) -> str:
    mine = [role_name(knowledge.pack, role) for role in roles_of(knowledge.pack, stay.product, me)]
    return f"; you: {listed(mine)}" if mine else ""


def _default(stay: Stay, role: str, knowledge: Knowledge) -> str:
    return ", by default" if by_default(knowledge.pack, stay.product, role) else ""


def _names(users: Sequence[str], names: Names) -> str:
    return listed(names(user) for user in users)


def _name(stay: Stay) -> str:
    return cut(stay.product.name, 80)
