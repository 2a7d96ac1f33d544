"""What a question is about: fill the slots of an intent by name, by meaning, by what stands around the question."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from intents.compile import Model
from intents.entities import Entity
from intents.forms import QuestionForm
from intents.message import THINGS, Asked, by_kind
from intents.schema import SLOTS, Subject, slot_token

__all__ = ["PERSONS", "SUBJECT_FLOOR", "fill_slots", "intent_of", "with_referent"]

SUBJECT_FLOOR = 0.3
"""From here on a question is taken to mean what it does not name."""

_MEANT_THINGS = frozenset({"topic", "component", "handover", "entry", "artefact"})
_SUBJECT_ALONE = 0.85
_SUBJECT_SURE = 0.9
_SUBJECT_CERTAIN = 0.97
_CLOSE = 0.8
PERSONS = frozenset({"he", "she", "him", "her", "they", "them", "such a person"})
"""Pronouns that stand for somebody."""
_REFERENTS = ("product", "topic", "component", "stage", "role")


def intent_of(model: Model, subject: Subject) -> str:
    """The intent of the pack's own questions about this thing."""
    return model.entry_intents.get(f"{subject.kind}:{subject.id}", "topic_owner")


def fill_slots(
    model: Model, order: Sequence[str], intent: str, asked: Asked, subject: Subject | None
) -> dict[str, tuple[str, ...]] | None:
    """The ids that the question is about, by kind; None where the intent needs one that is not to be found."""
    slots = by_kind(asked.named)
    meant = subject if subject and subject.confidence >= SUBJECT_FLOOR else None
    declared = model.slots.get(intent)
    told = meant is not None and meant.kind in {"entry", "handover"} and intent_of(model, meant) == intent
    if meant and told and (declared is None or meant.likeness >= _CLOSE):
        slots[meant.kind] = (meant.id,)
    if declared is None:
        # An intent of the pack's own entries: without one there is nothing to say.
        return slots if slots.get("entry") else None
    kinds = [(SLOTS[slot.rstrip("?")], slot.endswith("?")) for slot in declared]
    needed = [kind for kind, optional in kinds if not optional]
    for kind in dict.fromkeys(needed):
        if kind in THINGS:
            if not _settle_thing(slots, asked, meant) and not _settle_moment(slots, asked):
                return None
        elif not _complete(order, kind, needed.count(kind), slots, asked):
            return None
    for kind, optional in kinds:
        if optional and not slots.get(kind) and (found := asked.told(kind)):
            slots[kind] = found
    if "stage?" in declared and not needed and not slots.get("stage") and _moves(asked.form):
        # "What comes next?" is asked of where one is, however that is said.
        found = _elsewhere(order, "stage", slots, asked)
        if found is None:
            return None
        slots["stage"] = found
    return {kind: ids for kind, ids in slots.items() if ids}


def _settle_moment(slots: dict[str, tuple[str, ...]], asked: Asked) -> bool:
    """Take a stage for a thing, in place: when something is done is answered by its stage, too."""
    stage = asked.meant("stage") if asked.form.when else None
    if stage is not None:
        slots["stage"] = (stage,)
    return stage is not None


def _complete(order: Sequence[str], kind: str, count: int, slots: dict[str, tuple[str, ...]], asked: Asked) -> bool:
    """Find, in place, as many ids of a kind as a question needs; False where there are too few."""
    if len(slots.get(kind, ())) >= count:
        return True
    extra = _elsewhere(order, kind, slots, asked)
    if extra is None:
        return False
    if extra:
        slots[kind] = tuple(dict.fromkeys((*slots.get(kind, ()), *extra)))
    return not extra or len(slots[kind]) >= count


def _moves(form: QuestionForm) -> bool:
    return form.direction in {"before", "after", "next", "previous"} and form.ordinal is None


def _elsewhere(
    order: Sequence[str], kind: str, slots: dict[str, tuple[str, ...]], asked: Asked
) -> tuple[str, ...] | None:
    """Ids for what a question needs but does not name: by its place, from around it, from the conversation.

    Empty where a thing that the question names stands for it (a topic for its stage); None where there is nothing.
    """
    place = asked.form.ordinal
    if kind == "stage" and place is not None and -1 <= place < len(order):
        return (order[place],)
    if found := asked.elsewhere(kind):
        return found
    if kind == "stage" and any(slots.get(thing) for thing in ("activity", *THINGS)):
        return ()
    if meant := asked.meant(kind):
        return (meant,)
    if kind != "stage":
        return None
    for thing in ("activity", *THINGS):
        if found := asked.elsewhere(thing):
            slots[thing] = found
    return () if any(slots.get(thing) for thing in ("activity", *THINGS)) else None


def with_referent(masked: str, form: QuestionForm, kinds: Collection[str]) -> str:
    """A masked question with its pronoun replaced by the word for what it stands for.

    `kinds`: of what was named around it, or before it in the conversation.
    """
    if form.pronoun in {"this", "that", "it"} and form.when and not kinds:
        return re.sub(rf"\b{form.pronoun}\b", slot_token("topic"), masked, count=1)
    if form.pronoun is None or not kinds:
        return masked
    wanted = ("stage",) if form.pronoun == "there" else ("role",) if form.pronoun in PERSONS else _REFERENTS
    kind = next((kind for kind in wanted if kind in kinds), None)
    if kind is None or f"the{kind}" in masked:
        return masked
    return re.sub(rf"\b{form.pronoun}\b", slot_token(kind), masked, count=1, flags=re.IGNORECASE)


def _settle_thing(slots: dict[str, tuple[str, ...]], asked: Asked, meant: Subject | None) -> bool:
    """Choose the topic or component that is asked about, in place: by name, or by meaning; False where there is none.

    A single word may name a thing and yet stand in a question for another reason ("who connects the model"): what the
    question means wins over it where that is clear, and over what is only said about the time ("before painting").
    """
    named = [entity for entity in asked.named if entity.kind in THINGS]
    own = (meant.kind, meant.id) if meant else None
    if named and any(own in _all_ids(entity) for entity in named):
        if meant and len(named) > 1 and meant.confidence >= _SUBJECT_SURE:
            _take_meant(slots, meant)  # of three boxes that are named, the middle one
        else:
            _drop_asides(slots, asked, named)
        return True
    if meant and own and meant.kind in _MEANT_THINGS:
        strong = [entity for entity in named if len(entity.text.split()) > 1 and not asked.is_adjunct(entity)]
        aside = bool(named) and all(asked.is_adjunct(entity) for entity in named)
        said = asked.elsewhere_named(THINGS) if asked.form.pronoun and not named else None
        if (
            (not strong or (meant.confidence >= _SUBJECT_CERTAIN and meant.likeness >= _CLOSE))
            and (aside or meant.confidence >= _SUBJECT_ALONE or not named)
            and not (said and meant.confidence < _SUBJECT_SURE)
        ):
            _take_meant(slots, meant)
            return True
    if named:
        _drop_asides(slots, asked, named)
        return True
    for kind in THINGS:
        if extra := asked.elsewhere(kind):
            slots[kind] = extra
            return True
    return False


def _take_meant(slots: dict[str, tuple[str, ...]], meant: Subject) -> None:
    """Put, in place, what the question means for all that it names."""
    for kind in THINGS:
        slots.pop(kind, None)
    slots[meant.kind] = (meant.id,)


def _drop_asides(slots: dict[str, tuple[str, ...]], asked: Asked, named: Sequence[Entity]) -> None:
    """Leave out, in place, things that only say when, where others are named: "who primes before painting begins"."""
    aside = {pair for entity in named if asked.is_adjunct(entity) for pair in _all_ids(entity)}
    aside -= {pair for entity in named if not asked.is_adjunct(entity) for pair in _all_ids(entity)}
    kept = {kind: tuple(one for one in slots.get(kind, ()) if (kind, one) not in aside) for kind in THINGS}
    if any(kept.values()):
        slots.update(kept)


def _all_ids(entity: Entity) -> tuple[tuple[str, str], ...]:
    return ((entity.kind, entity.id), *entity.alternatives)
