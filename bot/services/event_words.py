"""What an event says, in words: for the history, for conflicts, and for what an undo took back."""

from __future__ import annotations

from collections.abc import Callable

from bot.services.staffing import role_name
from bot.services.wording import outcome_values, stage_names
from bot.services.words import listed
from bot.store.records import Event, Json
from knowledge.schema import Pack


def open_stages(fields: Json) -> list[str]:
    """The open stages in an event's `before` or `after`; none where they did not change."""
    return [stay[0] for stay in fields.get("open", ())]


def event_words(  # noqa: PLR0912 - a branch a kind of event
    event: Event,
    pack: Pack,
    names: Callable[[str], str],
    channels: Callable[[str], str] = lambda channel: f"#{channel}",
) -> str:
    """What happened, without who and when: "moved it from Design to Building"."""
    before, after = stage_names(pack, open_stages(event.before)), stage_names(pack, open_stages(event.after))
    details = event.details
    came = stage_names(pack, [s for s in open_stages(event.after) if s not in open_stages(event.before)])
    gone = stage_names(pack, [s for s in open_stages(event.before) if s not in open_stages(event.after)])
    origin = before or event.before.get("status", "")
    match event.kind:
        case "created":
            said = f"{'imported' if details.get('import') else 'created'} it in {after}"
        case "adopted":
            said = f"{'imported it' if details.get('import') else 'took it over'} in {after}"
        case "advanced" if not came:
            said = f"closed {gone}; {after} stayed open"
        case "advanced" | "mapped":
            said = f"{'moved' if event.kind == 'advanced' else 'mapped'} it from {origin} to {after}"
        case "opened":
            said = f"opened {came} beside {before}"
        case "returned":
            said = f"sent it back from {origin} to {after}"
        case "decided":
            said = _decision(event, pack)
        case "undone":
            said = f"took back: {details.get('undid', 'the last change')}"
        case "assigned" | "unassigned":
            said = _people(event, pack, names)
        case "renamed":
            said = f"renamed it from {event.before.get('name', '')} to {event.after.get('name', '')}"
        case "linked":
            said = f"linked it to {channels(event.after.get('channel') or '')}"
        case "archived":
            said = "archived it"
        case "restored":
            said = "restored it"
        case _:
            said = event.kind
    unmet = f" (left open: {listed(details['unmet'])})" if details.get("unmet") else ""
    return f"{said}{unmet}{f' because {event.reason}' if event.reason else ''}"


def _decision(event: Event, pack: Pack) -> str:
    option = event.details.get("option", "")
    names = {o.id: o.name for s in pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
    values = outcome_values(pack, event.details.get("values", {}))
    closed = event.after.get("status")
    return (
        f"decided {names.get(option, option)}{f' ({values})' if values else ''}"
        f"{f', which closed it: {closed}' if closed else ''}"
    )


def _people(event: Event, pack: Pack, names: Callable[[str], str]) -> str:
    details = event.details
    roles = listed([role_name(pack, role) for role in details.get("roles", ())])
    user = names(details.get("user", ""))
    if details.get("replaced"):
        return f"replaced {names(details['replaced'])} with {user} as {roles}"
    return (
        f"{'made' if event.kind == 'assigned' else 'removed'} {user} {'' if event.kind == 'assigned' else 'as '}{roles}"
    )
