"""What moved: recorded events in words. A change that was undone within the same window is not told at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.services.digest_words import cut, quoted
from bot.services.staffing import role_name
from bot.services.stays import undoes
from bot.services.words import listed
from bot.store.records import Event, Json, Product
from knowledge.lifecycle import stage_name
from knowledge.queries import Knowledge

Names = Callable[[str], str]
"""The name to show for a person's id; never a mention."""

_PAIRS = {"archived": "restored", "restored": "archived"}
_PEOPLE = frozenset({"assigned", "unassigned"})
_UNTOLD = frozenset({"linked"})


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a product: the whole of it, and the little that fits where many share a line.

    `stages`: the stages that were open before or after it. `people`: it is about roles, not about the lifecycle.
    """

    product: str
    text: str
    short: str
    stages: frozenset[str]
    people: bool = False


def moves(events: Iterable[Event], products: dict[str, Product], knowledge: Knowledge, names: Names) -> list[Move]:
    """The changes that still stand, product by product in the order of the first change, oldest first."""
    by_product: dict[str, list[Event]] = {}
    for event in events:
        if event.product in products:
            by_product.setdefault(event.product, []).append(event)
    return [
        _told(event, products[product], knowledge, names)
        for product, recorded in by_product.items()
        for event in standing(recorded)
    ]


def standing(events: Sequence[Event]) -> list[Event]:
    """The events of one product without those that cancel each other out, and without what is not news."""
    kept: list[Event] = []
    for event in events:
        taken_back = next((e for e in kept if e.sequence == undoes(event)), None)
        if taken_back is not None:
            kept.remove(taken_back)
            continue
        opposite = next((e for e in reversed(kept) if e.kind in _PAIRS), None)
        if opposite is not None and _PAIRS[opposite.kind] == event.kind:
            kept.remove(opposite)
            continue
        if event.kind == "adopted":
            # Adopted in the moment it was created: one piece of news, not two.
            kept = [e for e in kept if e.kind != "created"]
        if event.kind not in _UNTOLD:
            kept.append(event)
    return _without_brief_roles(kept)


def _without_brief_roles(events: list[Event]) -> list[Event]:
    """Without the roles that were taken and left again: only where the whole of both events cancels out."""
    kept: list[Event] = []
    for event in events:
        undone = next(
            (
                e
                for e in kept
                if {e.kind, event.kind} == _PEOPLE
                and e.after.get("holders", []) == event.before.get("holders", [])
                and e.before.get("holders", []) == event.after.get("holders", [])
            ),
            None,
        )
        if undone is not None:
            kept.remove(undone)
        else:
            kept.append(event)
    return kept


def _told(event: Event, product: Product, knowledge: Knowledge, names: Names) -> Move:
    what, gist = _what(event, knowledge, names)
    why = f": {quoted(event.reason)}" if event.reason.strip() else ""
    actor = names(event.actor)
    name = cut(product.name, 80)
    return Move(
        product=event.product,
        text=f"{name}: {what}, by {actor}{why}",
        short=f"{name} {gist} ({actor})",
        stages=frozenset(_open(event.before)) | frozenset(_open(event.after)),
        people=event.kind in _PEOPLE,
    )


def _what(event: Event, knowledge: Knowledge, names: Names) -> tuple[str, str]:
    before, after = _stages(event.before, knowledge), _stages(event.after, knowledge)
    here, there = listed(before), listed(after)
    match event.kind:
        case "created":
            return (f"new, in {there}", f"new in {there}") if there else ("new", "new")
        case "adopted":
            return f"new here, already under way in {there}", f"new in {there}"
        case "advanced":
            return f"{here} → {there}", f"→ {there}"
        case "opened":
            added = listed([stage for stage in after if stage not in before])
            return f"{added} opened beside {here}", f"→ also {added}"
        case "returned":
            return f"back from {here or 'being closed'} to {there}", f"back to {there}"
        case "decided":
            decision = _decision(event, knowledge)
            return f"decided {decision}", f"decided {decision.split(' (')[0]}"
        case "undone":
            change = f"undone, {here} → {there}" if before != after else "the last change was undone"
            return change, f"undone, now in {there}" if there else "undone"
        case "mapped":
            return f"mapped from {here or 'no stage'} to {there or 'no stage'}", f"mapped to {there}"
        case "renamed":
            was = quoted(str(event.before.get("name", "")))
            return f"renamed, was {was}", f"was {was}"
        case "assigned" | "unassigned":
            change = _people(event, knowledge, names)
            return change, change
        case other:
            return other, other


def _people(event: Event, knowledge: Knowledge, names: Names) -> str:
    parts = []
    for holders, verb in ((event.after, "takes"), (event.before, "leaves")):
        for role, user in holders.get("holders", ()):
            parts.append(f"{names(user)} {verb} {role_name(knowledge.pack, role)}")
    return listed(parts) or "roles changed"


def _decision(event: Event, knowledge: Knowledge) -> str:
    known = event.before.get("decided", [])
    fresh = [outcome for outcome in event.after.get("decided", []) if outcome not in known]
    outcome: Json = fresh[-1] if fresh else event.details
    status = event.after.get("status")
    option = str(outcome.get("option") or status or "")
    values = outcome.get("values") or {}
    option_names: dict[str, str] = {}
    field_names: dict[str, str] = {}
    for stage in knowledge.pack.stages:
        if stage.gate and stage.gate.decision:
            option_names |= {each.id: each.name for each in stage.gate.decision.options}
            field_names |= {each.id: each.name for each in stage.gate.decision.fields}
    given = [
        f"{field_names.get(name, name)} {', '.join(map(str, _many(said)))}"
        for name, said in (values.items() if isinstance(values, dict) else ())
    ]
    words = option_names.get(option, option) or "it"
    if given:
        words += f" ({cut('; '.join(given), 160)})"
    return f"{words}, so it is {status}" if status and status != "active" else words


def _many(said: object) -> list[object]:
    return list(said) if isinstance(said, list | tuple) else [said]


def _open(fields: Json) -> list[str]:
    return [str(stage) for stage, _since in fields.get("open", ())]


def _stages(fields: Json, knowledge: Knowledge) -> list[str]:
    return [stage_name(knowledge.pack, stage) for stage in _open(fields)]
