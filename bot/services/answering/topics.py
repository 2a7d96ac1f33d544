"""Answers about responsibilities, components, handovers and plain entries: who owns what, told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.services.answering.draft import Draft, Question, capitalised, named_stages, plural, sentence, verdict, within
from bot.services.answering.stages import stage_what
from bot.services.words import listed

if TYPE_CHECKING:
    from knowledge.schema import Component, Handover, Owner, Responsibility, Role

    Thing = Responsibility | Component | Handover

_SURE = 0.9
_GIVERS = re.compile(
    r"\b(?:who (?:hands?|gives?|passes|pass|delivers?|sends?|provides?|throws?|transfers?)|from whom|from who"
    r"|who from|by whom"
    r"|where does .* come from|gets? .* from|receives? .* from|hands? (?:it|them) to us)\b"
)


def topic_owner(question: Question) -> Draft | None:
    """Who owns the things that the question names, or is about."""
    things = _things(question)
    if not things:
        return None
    draft = Draft()
    for kind, thing in things:
        _owners(question, draft, kind, thing)
    return draft


def topic_stage(question: Question) -> Draft | None:
    """In which stage a thing is done."""
    things = [question.knowledge.responsibilities[topic] for topic in question.reading.slots.get("topic", ())[:3]]
    if not things:
        return stage_what(question) if question.reading.slots.get("stage") else None
    knowledge = question.knowledge
    draft = Draft()
    for thing in things:
        stages = [knowledge.stages[stage] for stage in (thing.stage, *thing.also_stages) if stage]
        question.cite(draft, [thing])
        if not stages:
            retired = [each for each in thing.removed if each.kind == "stage"]
            question.cite(draft, retired)
            why = " ".join(each.text for each in retired) or f"The source ties {within(thing.name)} to no stage."
            draft.say(
                f"{capitalised(thing.name)}: {within(sentence(thing.what))} {why}"
                if retired
                else f"{why} {sentence(thing.what)}"
            )
            continue
        draft.name_stages(stage.id for stage in stages)
        draft.say(f"{capitalised(thing.name)} belongs to {named_stages(stages)}: {sentence(thing.what)}")
        if thing.owners:
            owners = _roles(question, thing.owners)
            draft.say(sentence(f"{plural(owners)} are responsible for it")).name_roles(role.id for role in owners)
            question.cite(draft, thing.owners)
    return draft


def topic_what(question: Question) -> Draft | None:
    """What a thing is, and who owns it."""
    things = _things(question)
    if not things:
        return None
    draft = Draft()
    for kind, thing in things:
        draft.say(f"{capitalised(thing.name)}: {sentence(_what(thing))}")
        _owners(question, draft, kind, thing, told=True)
    return draft


def components_list(question: Question) -> Draft | None:
    """The parts of a product, and who makes each work."""
    components = question.knowledge.pack.components
    draft = Draft()
    if not components:
        question.cite(draft, [question.knowledge.pack.framework.lifecycle])
        return draft.say("The source names no components.")
    for component in components:
        owners = _roles(question, component.owners)
        draft.say(f"• {component.name}: {sentence(component.summary)} ({plural(owners) or 'nobody named'})")
        draft.name_roles(role.id for role in owners)
        question.cite(draft, [component, *component.owners])
    return draft


def handover(question: Question) -> Draft | None:
    """Who hands what to whom; what is not about a thing that is handed over is about its owner."""
    subject = question.reading.subject
    sure = subject is not None and subject.kind == "topic" and subject.confidence >= _SURE
    if sure and subject and subject.id in question.reading.slots.get("topic", ()):
        return topic_owner(question)
    handovers = [question.knowledge.handovers[h] for h in question.reading.slots.get("handover", ())]
    handovers = handovers or list(question.knowledge.pack.handovers)
    if not handovers:
        draft = Draft().say("The source names no handover.")
        question.cite(draft, [question.knowledge.pack.framework.lifecycle])
        return draft
    draft = Draft()
    wants_givers = bool(_GIVERS.search(question.reading.plain))
    for passed in handovers:
        givers, receivers = _roles(question, passed.givers), _roles(question, passed.receivers)
        asked = givers if wants_givers else receivers
        draft.name_roles(role.id for role in asked)
        claimed = [role for role in question.roles() if role.id not in {giver.id for giver in givers}]
        opening = ""
        if question.reading.form.yes_no and question.roles() and not question.reading.form.either:
            wrong = [role for role in claimed if role.id not in {receiver.id for receiver in receivers}]
            opening = verdict(question.reading, not wrong)
        elif claimed and not wants_givers:
            wrong = [role for role in claimed if role.id not in {receiver.id for receiver in receivers}]
            opening = f"Not to {plural(wrong, 'or')}. " if wrong else ""
        draft.say(opening + sentence(passed.what))
        if question.reading.form.when and passed.stage:
            stage = question.knowledge.stages[passed.stage]
            draft.name_stages([stage.id]).say(f"It happens in {stage.name}.")
        draft.say(f"Given by: {plural(givers) or 'nobody named'}. Received by: {plural(receivers) or 'nobody named'}.")
        question.cite(draft, [passed, *passed.givers, *passed.receivers])
    return draft


def requirements(question: Question) -> Draft | None:
    """The goals that requirements must set."""
    goals = question.knowledge.pack.requirements
    if not goals:
        return None
    draft = Draft().say(f"Requirements must set goals on {listed([goal.name for goal in goals])}.")
    draft.lines += [f"• {sentence(goal.what)}" for goal in goals]
    stages = [question.knowledge.stages[stage] for stage in dict.fromkeys(goal.stage for goal in goals) if stage]
    if stages:
        draft.say(f"They are set in {named_stages(stages)}.").name_stages(stage.id for stage in stages)
    question.cite(draft, goals)
    return draft


def artefact(question: Question) -> Draft | None:
    """Which documents are produced, where, by whom."""
    knowledge = question.knowledge
    named = question.reading.slots.get("artefact", ())
    found = [a for a in knowledge.pack.artefacts if not named or a.id in named]
    if not found:
        return None
    draft = Draft()
    places = {stage.id: stage for stage in question.stages()}
    if places and not named:
        found = [a for a in found if places.keys() & {*a.produced_in, *a.updated_in}]
        if not found:
            question.cite(draft, places.values())
            return draft.say(f"The source names nothing that is produced in {named_stages(places.values())}.")
    for thing in found:
        stages = [knowledge.stages[stage] for stage in (*thing.produced_in, *thing.updated_in)]
        by = [knowledge.roles[role] for role in thing.by]
        where = f" ({named_stages(stages)})" if stages else ""
        draft.say(f"• {capitalised(thing.name)}{where}: {sentence(thing.summary)}")
        if named:
            draft.say(f"By: {plural(by)}." if by else "The source does not say who produces it.")
            draft.name_roles(thing.by).name_stages(stage.id for stage in stages)
            if thing.template:
                draft.say(f"Template: {thing.template}")
        question.cite(draft, [thing])
    return draft


def entry(question: Question) -> Draft | None:
    """A plain question and its answer."""
    found = [question.knowledge.entries[e] for e in question.reading.slots.get("entry", ())]
    if not found:
        return None
    draft = Draft()
    for one in found:
        opening = ""
        if one.yes_no and question.reading.form.yes_no:
            opening = f"{one.yes_no.capitalize()}: "
        draft.say(opening + sentence(one.answer)).name_roles(one.roles).name_stages(one.stages)
        question.cite(draft, [one])
    return draft


def _things(question: Question) -> list[tuple[str, Thing]]:
    """What the question is about, with its kind: topics and components that it names, else what it means."""
    knowledge, slots = question.knowledge, question.reading.slots
    found: list[tuple[str, Thing]] = [("topic", knowledge.responsibilities[t]) for t in slots.get("topic", ())]
    found += [("component", knowledge.components[c]) for c in slots.get("component", ())]
    if not found:
        found += [("handover", knowledge.handovers[h]) for h in slots.get("handover", ())]
    return found[:3]


def _what(thing: Thing) -> str:
    return str(getattr(thing, "what", "") or getattr(thing, "summary", ""))


def _owners(question: Question, draft: Draft, kind: str, thing: Thing, told: bool = False) -> None:
    """Say who owns a thing, and, unless that was `told`, what it is."""
    owners: Sequence[Owner] = getattr(thing, "receivers" if kind == "handover" else "owners")
    roles = _roles(question, owners)
    retired = [each for each in getattr(thing, "removed", ()) if each.kind == "role"] if not owners else []
    question.cite(draft, owners or retired or [thing])
    if retired:
        draft.say(f"{capitalised(thing.name)}: nobody. {' '.join(each.text for each in retired)}")
        return
    if not owners:
        draft.say(
            f"The source names no role for {within(thing.name)}" + (f": {sentence(_what(thing))}" if not told else ".")
        )
        return
    draft.name_roles(role.id for role in roles)
    opening = _claim(question, roles)
    told_apart = len({owner.what for owner in owners}) > 1
    who = f"{plural(roles)} are responsible"
    if opening:
        draft.say(sentence(f"{opening}{_start(opening, who)} for it: {within(thing.name)}"))
    elif told:
        draft.say(sentence(f"{capitalised(who)} for it"))
    else:
        draft.say(sentence(f"{capitalised(thing.name)}: {who}"))
    if told_apart:
        for owner in owners:
            if owner.what:
                draft.say(f"• {sentence(f'{capitalised(question.knowledge.roles[owner.role].name)}: {owner.what}')}")
    elif not told:
        draft.say(sentence(_what(thing)))
    notes = getattr(thing, "notes", ())
    draft.lines += [sentence(note.text) for note in notes]
    question.cite(draft, notes)


def _start(opening: str, text: str) -> str:
    return text if opening.endswith(": ") else capitalised(text)


def _claim(question: Question, owners: list[Role]) -> str:
    """The yes, no or correction for roles that the question takes for the owners."""
    claimed = question.roles()
    if not claimed:
        return ""
    reading = question.reading
    ids = {role.id for role in owners}
    wrong = [role for role in claimed if role.id not in ids]
    if reading.form.yes_no and not (reading.form.either and len(claimed) > 1):
        holds = not wrong and not (reading.form.only and ids - {role.id for role in claimed})
        return verdict(reading, holds != reading.form.negated)
    if wrong and len(wrong) == len(claimed):
        return f"Not {plural(wrong, 'or')}. "
    return ""


def _roles(question: Question, owners: Sequence[Owner]) -> list[Role]:
    return [question.knowledge.roles[role] for role in dict.fromkeys(owner.role for owner in owners)]
