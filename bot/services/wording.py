"""Sentences about products: where one is, what is next, what it lacks. Plain text, people by the name to show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.services.moments import day_in_words, days_between, days_in_words
from bot.services.request import Request
from bot.services.words import listed
from bot.store.records import Product
from knowledge import lifecycle
from knowledge.lifecycle import ACTIVE, Move, OpenStage, State
from knowledge.schema import Pack


def stage_names(pack: Pack, stages: Iterable[str], last: str = "and") -> str:
    """Stages by name, in a row."""
    return listed([lifecycle.stage_name(pack, stage) for stage in stages], last)


def stay(pack: Pack, stay: OpenStage, now: datetime, zone: str) -> str:
    """A stage, since when and how long: "Design since 1 March 2026 (21 days)"."""
    days = days_in_words(days_between(stay.since, now, zone))
    return f"{lifecycle.stage_name(pack, stay.stage)} since {day_in_words(stay.since, zone)} ({days})"


def where(request: Request, product: Product) -> str:
    """Where a product is: "Churn is in Design since 1 March 2026 (21 days)."."""
    state = product.state
    archived = " It is archived." if product.archived else ""
    if state.status != ACTIVE:
        return f"{product.name} is {state.status}: no stage is open.{archived}"
    stays = [stay(request.pack, each, request.now, request.speaker.zone) for each in state.open]
    foreign = lifecycle.unknown_stages(request.pack, state)
    flag = ""
    if foreign:
        flag = (
            f" {request.pack.framework.name} has no stage {listed(foreign)}: the product was begun under another"
            f" framework. Map it with `{request.rules.slash('stage')} advance {product.id} to STAGE`."
        )
    return f"{product.name} is in {listed(stays)}.{archived}{flag}"


def short_where(request: Request, product: Product) -> str:
    """Where a product is, for lists: "Design, 21 days"."""
    state = product.state
    if state.status != ACTIVE:
        place = state.status
    else:
        place = " and ".join(
            f"{lifecycle.stage_name(request.pack, each.stage)}, "
            f"{days_in_words(days_between(each.since, request.now, request.speaker.zone))}"
            for each in state.open
        )
    return f"{place} (archived)" if product.archived else place


def following(pack: Pack, state: State) -> str:
    """What comes next, and what is missing for it."""
    if state.status != ACTIVE:
        return (
            f"Next: nothing, unless it is sent back to {stage_names(pack, lifecycle.return_stages(pack, state), 'or')}."
        )
    if lifecycle.unknown_stages(pack, state) or not state.open:
        return "Next: it must be mapped to a stage first."
    after = [s for s in lifecycle.next_stages(pack, state.stages[-1]) if s not in state.stages]
    if not after:
        return (
            f"Next: nothing; {lifecycle.stage_name(pack, state.stages[-1])} is the last stage. It stays in operation, "
            "and goes back to an earlier stage when it must be reworked."
        )
    due = lifecycle.due_decisions(pack, state)
    needs = "".join(
        f" Missing for it: {d.name} ({listed([o.name for o in d.options], 'or')}"
        + "".join(f", {f.name}" for f in d.fields if f.required)
        + ")."
        for _, d in due
    )
    beside = [m.target for m in lifecycle.legal_moves(pack, state) if m.kind == "open"]
    parallel = f" {stage_names(pack, beside)} may be opened beside it." if beside and not due else ""
    return f"Next: {stage_names(pack, after, 'or')}.{needs}{parallel}"


def decided(pack: Pack, state: State) -> list[str]:
    """The decisions that stand, a line each."""
    lines = []
    for outcome in state.decided:
        found = lifecycle.stage_of(pack, outcome.stage)
        decision = found.gate.decision if found and found.gate else None
        name = next((o.name for o in decision.options if o.id == outcome.option), outcome.option) if decision else ""
        values = outcome_values(pack, outcome.values)
        lines.append(f"Decided: {name or outcome.option}{f' ({values})' if values else ''}.")
    return lines


def outcome_values(pack: Pack, values: dict[str, tuple[str, ...]] | dict[str, list[str]]) -> str:
    """What was recorded with a decision: "cost 120k EUR; KPI recall above 0.8"."""
    names = {f.id: f.name for s in pack.stages if s.gate and s.gate.decision for f in s.gate.decision.fields}
    return "; ".join(f"{names.get(field, field)} {said}" for field, given in values.items() for said in given)


def legal(request: Request, product: Product) -> str:
    """What would be legal instead, as commands: "Possible now: …"."""
    slash = request.rules.slash("stage")
    if lifecycle.unknown_stages(request.pack, product.state):
        stages = listed([stage.id for stage in request.pack.stages], "or")
        return f"Possible now: `{slash} advance {product.id} to STAGE`, where STAGE is {stages}."
    steps = [_as_command(slash, product.id, move) for move in lifecycle.legal_moves(request.pack, product.state)]
    backs = [m.target for m in lifecycle.legal_moves(request.pack, product.state) if m.kind == "back"]
    shown = [step for step in steps if step]
    if backs:
        shown.append(f"`{slash} back {product.id} to {'|'.join(backs)} because …`")
    return f"Possible now: {listed(shown, 'or')}." if shown else ""


def _as_command(slash: str, product: str, move: Move) -> str:
    if "decision" in move.needs or move.kind == "back":
        return ""
    if move.kind == "advance":
        return f"`{slash} advance {product} to {move.target}`"
    if move.kind == "open":
        return f"`{slash} open {product} {move.target}`"
    fields = "".join(f" {field} …" for field in move.needs)
    return f"`{slash} decide {product} {move.target}{fields}`"
