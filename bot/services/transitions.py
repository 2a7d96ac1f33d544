"""The lifecycle commands: advance, open, back, decide, undo. Adopting is how a product is made: see `products`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands import parsed as p
from bot.commands.values import amount, target
from bot.errors import CommandError
from bot.results import Reply
from bot.services.change import Step, change
from bot.services.event_words import event_words
from bot.services.request import Request
from bot.services.staffing import gaps, role_name
from bot.services.stays import undone
from bot.services.wording import decided, following, legal, stage_names, where
from bot.services.words import listed
from bot.store.base import Writer
from bot.store.records import Event, Json, Product
from knowledge import lifecycle
from knowledge.lifecycle import MoveRefused, OpenStage, Outcome, State
from knowledge.schema import OutcomeField, Pack

MOVES = frozenset({"advanced", "opened", "returned", "decided"})
# The changes an undo cannot reach behind: before them the product was in no stage of this pack.
BEGINNINGS = frozenset({"created", "adopted", "mapped"})


def advance(request: Request, seen: Product, command: p.Advance) -> Reply:
    """Close what is open and enter the next stage; or map a product that was begun under another pack."""

    def decide_(product: Product, writer: Writer, at: datetime) -> Step:
        pack, before = request.pack, product.state
        if lifecycle.unknown_stages(pack, before) and command.to:
            after = lifecycle.remap(pack, before, command.to, at)
            mapped = replace(product, state=after, pack=pack.framework.id)
            line = f"{request.who} mapped {product.name} from {stage_names(pack, before.stages)} to "
            return _step(request, mapped, "mapped", f"{line}{stage_names(pack, after.stages)}.", reason=command.reason)
        after = lifecycle.advance(pack, before, command.to, at)
        left = [stage for stage in before.stages if stage not in after.stages]
        unmet = _unmet(request, product, left)
        if set(after.stages) < set(before.stages):
            line = f"{request.who} closed {stage_names(pack, left)} of {product.name}; "
            line += f"{stage_names(pack, after.stages)} stays open."
        else:
            line = f"{request.who} moved {product.name} from {stage_names(pack, before.stages)} to "
            line += f"{stage_names(pack, after.stages)}."
        details: Json = {"unmet": unmet} if unmet else {}
        more = (f"Left open on the way: {listed(unmet)}.",) if unmet else ()
        moved = replace(product, state=after)
        return _step(request, moved, "advanced", line, reason=command.reason, details=details, more=more)

    return change(request, seen, decide_)


def open_parallel(request: Request, seen: Product, command: p.OpenParallel) -> Reply:
    """Enter the next stage while the present ones stay open."""

    def decide_(product: Product, writer: Writer, at: datetime) -> Step:
        if command.stage is None:
            _require_openable(request.pack, product.state, at)
            raise CommandError("usage", f"Which stage of {product.name} is to be opened?", ("stage",))
        after = lifecycle.open_parallel(request.pack, product.state, command.stage, at)
        line = f"{request.who} opened {stage_names(request.pack, [command.stage])} of {product.name} beside "
        line += f"{stage_names(request.pack, product.state.stages)}."
        return _step(request, replace(product, state=after), "opened", line)

    return change(request, seen, decide_)


def _require_openable(pack: Pack, state: State, at: datetime) -> None:
    """Refuse, as the lifecycle does, where no stage may be opened beside the present ones: a form could not help."""
    if any(move.kind == "open" for move in lifecycle.legal_moves(pack, state)):
        return
    following = lifecycle.next_stages(pack, state.stages[-1]) if state.stages else ()
    if state.status == lifecycle.ACTIVE and not following and not lifecycle.unknown_stages(pack, state):
        present = stage_names(pack, state.stages)
        raise MoveRefused("illegal_move", f"No stage comes after {present}, so none can be opened beside it.")
    lifecycle.open_parallel(pack, state, following[0] if following else "", at)


def back(request: Request, seen: Product, command: p.Back) -> Reply:
    """Return to an earlier stage, with a reason."""

    def decide_(product: Product, writer: Writer, at: datetime) -> Step:
        pack, before = request.pack, product.state
        if command.to is None:
            if not lifecycle.return_stages(pack, before):
                # A form that asks where to could never be filled in.
                origin = stage_names(pack, before.stages)
                raise MoveRefused("illegal_move", f"From {origin} there is no stage to go back to.")
            missing = ("to",) if command.reason else ("to", "reason")
            raise CommandError("usage", f"To which stage does {product.name} go back, and why?", missing)
        after = lifecycle.back(pack, before, command.to, command.reason, at)
        origin = stage_names(pack, before.stages) or before.status
        line = f"{request.who} sent {product.name} back from {origin} to {stage_names(pack, after.stages)}."
        return _step(request, replace(product, state=after), "returned", line, reason=command.reason)

    return change(request, seen, decide_)


def decide(request: Request, seen: Product, command: p.Decide) -> Reply:
    """Take the decision that an open stage asks for."""

    def decide_(product: Product, writer: Writer, at: datetime) -> Step:
        pack = request.pack
        stage, decision = lifecycle.decision_for(pack, product.state, command.option)
        if command.option is None:
            needed = tuple(f.id for f in decision.fields if f.required and f.id not in command.values)
            options = listed([o.name for o in decision.options], "or")
            with_what = "".join(f", {f.name}" for f in decision.fields if f.id in needed)
            raise CommandError("usage", f"{decision.name} needs an option ({options}){with_what}.", ("option", *needed))
        after = lifecycle.decide(pack, product.state, command.option, command.values)
        name = next(o.name for o in decision.options if o.id == command.option)
        said = "; ".join(f"{f.name} {each}" for f in decision.fields for each in command.values.get(f.id, ()))
        line = f"{request.who} decided {name} for {product.name}{f' ({said})' if said else ''}."
        if after.status != product.state.status:
            line += f" That closes it: {after.status}."
        details: Json = {
            "stage": stage.id,
            "option": command.option,
            "values": {field: list(given) for field, given in command.values.items()},
            "figures": _figures(decision.fields, command.values),
        }
        return _step(request, replace(product, state=after), "decided", line, reason=command.reason, details=details)

    return change(request, seen, decide_)


def undo(request: Request, seen: Product, command: p.Undo) -> Reply:
    """Take back the last lifecycle change that still stands, by a new record."""

    def decide_(product: Product, writer: Writer, at: datetime) -> Step:
        events = writer.events(product.team, product.id)
        taken = last_standing(events)
        if taken is None:
            raise CommandError("illegal_move", _nothing_to_undo(request, product, events))
        after = state_before(product.state, events, taken.sequence)
        undid = event_words(taken, request.pack, request.names, request.channels)
        details: Json = {"undoes": taken.sequence, "undid": undid}
        line = f"{request.who} took back, on {product.name}, what {request.names(taken.actor)} did: {undid}."
        restored = replace(product, state=after)
        return _step(request, restored, "undone", line, details=details, more=(where(request, restored),))

    return change(request, seen, decide_)


def _nothing_to_undo(request: Request, product: Product, events: Sequence[Event]) -> str:
    """Why nothing can be taken back: the product has not moved since it was begun, or since it was mapped."""
    beginning = next((event for event in reversed(events) if event.kind in BEGINNINGS), None)
    if beginning is None or beginning.kind != "mapped":
        return f"There is no change of {product.name}'s lifecycle to take back; that it was begun cannot be undone."
    place = stage_names(request.pack, product.state.stages)
    return (
        f"{product.name}: that it was mapped to {place} is not taken back, since its stage before is of another"
        f" framework; move it to where it belongs. {legal(request, product)}"
    )


def last_standing(events: Sequence[Event]) -> Event | None:
    """The last lifecycle change that was not taken back."""
    gone = undone(events)
    for event in reversed(events):
        if event.kind in BEGINNINGS:
            return None
        if event.kind in MOVES and event.sequence not in gone:
            return event
    return None


def state_before(state: State, events: Sequence[Event], sequence: int) -> State:
    """The lifecycle's state before an event: the present one, with all events from that one on taken out again.

    Events record the former open stages, status and decisions whole, and of the stages entered those that came.
    """
    status, stays, taken, entered = state.status, state.open, state.decided, set(state.entered)
    for event in reversed(events):
        if event.sequence < sequence:
            break
        before = event.before
        status = before.get("status", status)
        if "open" in before:
            stays = tuple(OpenStage(stage, datetime.fromisoformat(since)) for stage, since in before["open"])
        if "decided" in before:
            taken = tuple(
                Outcome(o["stage"], o["option"], {k: tuple(v) for k, v in o["values"].items()})
                for o in before["decided"]
            )
        entered = (entered - set(event.after.get("entered", ()))) | set(before.get("entered", ()))
    return State(status, stays, frozenset(entered), taken)


def _step(
    request: Request,
    product: Product,
    kind: str,
    line: str,
    *,
    reason: str = "",
    details: Json | None = None,
    more: tuple[str, ...] = (),
) -> Step:
    pack = request.pack
    why = f" Why: {reason}." if reason and reason[-1] not in ".!?" else f" Why: {reason}" if reason else ""
    empty = gaps(pack, product)
    missing = (f"Nobody holds {listed([role_name(pack, role) for role in empty], 'or')} yet.",) if empty else ()
    stands = tuple(decided(pack, product.state)) if kind == "undone" else ()
    line = f"{line}{why} {following(pack, product.state)}"
    return Step(product, kind, line, (*more, *stands, *missing), reason, details or {})


def _unmet(request: Request, product: Product, left: Sequence[str]) -> list[str]:
    """The exit criteria that were not ticked; where they bind, leaving them open is refused."""
    criteria = lifecycle.exit_criteria(request.pack, left)
    ticked = request.ticked or ()
    unmet = [c.text for c in criteria if c.key not in ticked]
    if unmet and request.rules.gates == "enforce":
        raise CommandError(
            "illegal_move",
            f"{product.name} leaves {stage_names(request.pack, left)} only when all its exit criteria are met. "
            f"Not ticked: {'; '.join(text.rstrip('.') for text in unmet)}. "
            "They are ticked in the form that Slack opens for this command.",
            ("criteria",),
        )
    # Somebody who typed the whole command was not asked, and has left nothing unticked.
    return unmet if request.ticked is not None else []


def _figures(fields: Sequence[OutcomeField], values: dict[str, tuple[str, ...]]) -> Json:
    """The numbers in what was written, for reckoning: amounts, and the targets of goals."""
    figures: Json = {}
    for field in fields:
        for said in values.get(field.id, ()):
            if field.type == "money":
                money = amount(said)
                figures.setdefault(field.id, []).append({"amount": money.number, "currency": money.currency})
            elif field.type == "kpi" and target(said) is not None:
                figures.setdefault(field.id, []).append({"kpi": said, "target": target(said)})
    return figures
