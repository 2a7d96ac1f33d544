"""Answers about where a product is now, and what is next for it."""

from __future__ import annotations

from bot.services.answering.asked import Asked
from bot.services.answering.draft import Draft, sentence, verdict
from bot.services.moments import days_in_words
from bot.services.staffing import gaps, holders
from bot.services.stays import standing
from bot.services.wording import decided, following
from bot.services.words import listed
from bot.store.records import Product
from knowledge import lifecycle
from knowledge.lifecycle import ACTIVE, OpenStage


def status(asked: Asked, product: Product, draft: Draft) -> None:
    """Where a product is, and since when."""
    draft.say(f"{verdict(asked.reading, _holds(asked, product))}{asked.where(product)}")
    draft.lines += [stuck_line(asked, each) for each in overdue(asked, product)]
    draft.name_stages(product.state.stages)


def following_step(asked: Asked, product: Product, draft: Draft) -> None:
    """What comes next for a product, and what is missing for it."""
    pack, state = asked.pack, product.state
    holds = _may_go(asked, product)
    # That the rules allow a move does not make a product ready for it: nobody recorded what is true of it.
    unknown = bool(holds) and asked.says("ready")
    draft.say(f"{verdict(asked.reading, None if unknown else holds)}{asked.where(product)}")
    if unknown:
        draft.say("The rules allow the move; whether it is ready, the record does not say.")
    draft.say(following(pack, state))
    draft.name_stages(state.stages)
    known = [stage for stage in state.stages if lifecycle.stage_of(pack, stage)]
    latest = known[-1:] if pack.framework.ordered else known
    if state.status == ACTIVE and any(s not in state.stages for k in latest for s in lifecycle.next_stages(pack, k)):
        _criteria(asked, draft, known)
    for stage, decision in lifecycle.due_decisions(pack, state):
        deciders = [user for role in decision.decided_by for user in holders(pack, product, role)]
        roles = asked.roles(decision.decided_by, "or")
        if roles:
            who = asked.shown(deciders, "or") or "nobody holds that role here"
            draft.say(f"{decision.name} is taken by the {roles.lower()}: {who}.")
            asked.question.cite(draft, [stage.gate or stage])
    draft.lines += decided(pack, state)
    draft.lines += gap_lines(asked, product)
    unmet = _left_open(asked, product)
    if unmet:
        draft.say(f"Left open on the way here: {listed(unmet)}.")
    draft.lines += [stuck_line(asked, each) for each in overdue(asked, product)]


def overdue(asked: Asked, product: Product) -> list[OpenStage]:
    """The stays that are longer than the limit of their stage."""
    found: list[OpenStage] = []
    for each in () if product.archived else product.state.open:
        stage = asked.question.knowledge.stages.get(each.stage)
        if stage is None or stage.stall_days is None:
            continue
        # The calendar is asked only where it can tell: it costs more than all the rest.
        over = (asked.portfolio.now - each.since).days - stage.stall_days
        if over > 1 or (over >= -1 and asked.days(each.since) > stage.stall_days):
            found.append(each)
    return found


def stuck_line(asked: Asked, each: OpenStage) -> str:
    """How much too long a stay is."""
    stage = asked.question.knowledge.stages[each.stage]
    limit = days_in_words(stage.stall_days or 0)
    return f"Stuck: {days_in_words(asked.days(each.since))} in {stage.name}, where the limit is {limit}."


def gap_lines(asked: Asked, product: Product) -> list[str]:
    """The driving roles of the open stages that nobody holds, in a sentence."""
    empty = gaps(asked.pack, product)
    return [f"Gaps: nobody holds {asked.roles(empty, 'or')} on {product.name}."] if empty else []


def _criteria(asked: Asked, draft: Draft, stages: list[str]) -> None:
    for stage in stages:
        criteria = lifecycle.exit_criteria(asked.pack, [stage])
        if criteria:
            texts = "\n".join(f"• {sentence(each.text)}" for each in criteria)
            draft.say(f"To be true before {asked.stages([stage])} is left:\n{texts}")
            found = lifecycle.stage_of(asked.pack, stage)
            if found and found.gate:
                asked.question.cite(draft, found.gate.criteria)


def _left_open(asked: Asked, product: Product) -> list[str]:
    events = asked.portfolio.reader.events(product.team, product.id)
    moves = [event for event in standing(events) if event.kind in {"advanced", "returned", "mapped", "adopted"}]
    unmet = moves[-1].details.get("unmet", ()) if moves and moves[-1].kind == "advanced" else ()
    return [str(each) for each in unmet]


def _holds(asked: Asked, product: Product) -> bool | None:
    """Whether what a yes/no question supposes is so; None where it cannot be told."""
    state = product.state
    wanted = asked.slot("stage")
    if asked.says("archived"):
        return product.archived
    if asked.says("stuck|too long|late|overdue"):
        return bool(overdue(asked, product))
    if asked.says("more than one"):
        return len(state.open) > 1
    if wanted:
        if asked.says("left|past|out of|done with|finished with|through with|beyond"):
            return all(stage in state.entered and stage not in state.stages for stage in wanted)
        if asked.says("reached|reach|got to|get to|made it to|come to"):
            return all(stage in state.entered for stage in wanted)
        return any(stage in state.stages for stage in wanted)
    if asked.says("closed|finished|done|complete|completed|over"):
        return state.status != ACTIVE
    if asked.says("active|open|running|under way|alive"):
        return state.status == ACTIVE and not product.archived
    bought = {o.closes for s in asked.pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
    for word in sorted(each for each in bought if each):
        if asked.says(word):
            return state.status == word
    return None


def _may_go(asked: Asked, product: Product) -> bool | None:
    """Whether a product may move on, to the stage that is asked about if one is."""
    moves = lifecycle.legal_moves(asked.pack, product.state)
    wanted = [stage.id for stage in asked.question.stages() if stage.id not in product.state.stages]
    if asked.says("missing|decision"):
        return bool(lifecycle.due_decisions(asked.pack, product.state))
    forward = [move for move in moves if move.kind in {"advance", "open"}]
    backward = [move for move in moves if move.kind == "back"]
    if wanted:
        ahead = any(move.target in wanted and "decision" not in move.needs for move in forward)
        return ahead or any(move.target in wanted for move in backward)
    return any("decision" not in move.needs for move in forward)
