"""From a message to what it asks: readings (an intent with its entities), or a fallback that says why there is none.

The way of a message: normalise, repair its spelling, find entities, cut it into questions; for each question replace
the entities by words that stand for them and classify the intent; where the intent needs something that is not named,
take it from the sentences around, from the conversation, or from what the question means (the subject).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from intents.compile import NOTHING, Model, mask
from intents.entities import Entity, Gazetteer, find_entities, repaired_words
from intents.forms import QuestionForm, clauses, question_form
from intents.normalize import Normalized, normalize_with_offsets
from intents.schema import SLOTS, Subject
from intents.spelling import Speller
from intents.words import Word, base_form

__all__ = ["Context", "Fallback", "Reading", "Recognizer"]

LONGEST = 2000
"""Of a longer message this many characters are read."""

_THINGS = ("topic", "component", "artefact")
_MEANT_THINGS = frozenset({"topic", "component", "handover", "entry", "artefact"})
_SUBJECT_FLOOR = 0.4
_SUBJECT_ALONE = 0.75
_SUBJECT_WEIGHT = 2.0
_FOREIGN_WEIGHT = 0.8
_FAINT = 0.05


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation was about: the last intent, and the ids it named, by kind."""

    intent: str | None = None
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One question of a message, understood.

    `text` is the question as asked, `plain` the same normalised with its spelling repaired. `slots`: the ids it is
    about, by kind, in the order of the text.
    """

    intent: str
    confidence: float
    text: str
    plain: str
    entities: tuple[Entity, ...]
    slots: dict[str, tuple[str, ...]]
    form: QuestionForm
    subject: Subject | None = None
    nearest: str = ""
    threshold: float = 0.0
    ranking: tuple[tuple[str, float], ...] = ()
    from_context: bool = False


@dataclass(frozen=True, slots=True)
class Fallback:
    """A question that is not understood, or about something else, and why."""

    kind: Literal["out_of_scope", "ambiguous", "missing_slot"]
    text: str
    entities: tuple[Entity, ...]
    form: QuestionForm
    confidence: float = 0.0
    threshold: float = 0.0
    intent: str | None = None
    nearest: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    subject: Subject | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Message:
    """A message, prepared: normalised, cut into words, its entities found."""

    original: str
    normalized: Normalized
    words: list[Word]
    entities: list[Entity]

    def within(self, start: int, end: int) -> list[Entity]:
        """The entities inside a span of the normalised text."""
        first, last = self.normalized.original_span(start, end)
        return [entity for entity in self.entities if entity.start >= first and entity.end <= last]


class Recognizer:
    """Understands messages. Never changed after it is made; safe to use from many threads."""

    def __init__(self, model: Model, names: Gazetteer, order: Sequence[str] = ()) -> None:
        """`order`: the ids that "the first", "the last" stand for, in their order."""
        self._order = tuple(order)
        self._model = model
        self._names = names
        self._speller: Speller = model.intents.speller

    def recognize(
        self, text: str, products: Gazetteer | None = None, context: Context | None = None
    ) -> list[Reading | Fallback]:
        """The questions in a message, at least one, in order. Never raises, whatever the text."""
        message = self._prepare(text[:LONGEST], products)
        if not message.normalized.text:
            return [Fallback("out_of_scope", text, (), QuestionForm())]
        asking, telling = clauses(message.normalized.text)
        found = [self._read(message, span, telling, context) for span in asking]
        if len(found) > 1:
            understood = [reading for reading in found if isinstance(reading, Reading)]
            found = list(understood) if understood else found[-1:]
        if telling or len(asking) > 1:
            whole = self._read(message, (0, len(message.normalized.text)), [], context)
            if isinstance(whole, Reading) and not any(isinstance(reading, Reading) for reading in found):
                return [whole]
        return found

    def entities(self, text: str, products: Gazetteer | None = None) -> list[Entity]:
        """What a message names, without asking what it wants."""
        return self._prepare(text[:LONGEST], products).entities

    def _prepare(self, text: str, products: Gazetteer | None) -> _Message:
        normalized = normalize_with_offsets(text)
        words = repaired_words(normalized, self._speller)
        gazetteers = [self._names] + ([products] if products else [])
        return _Message(text, normalized, words, find_entities(normalized, text, words, gazetteers, self._speller))

    def _read(
        self, message: _Message, span: tuple[int, int], telling: Sequence[tuple[int, int]], context: Context | None
    ) -> Reading | Fallback:
        entities = message.within(*span)
        first, last = message.normalized.original_span(*span)
        clause = message.original[first:last]
        plain = self._speller.repair(message.normalized.text[span[0] : span[1]])
        form = question_form(plain)
        scores = self._model.intents.classify(_masked(message, first, last))
        probabilities = dict(scores.ranking)
        subject = self._subject(clause)
        around: list[Entity] = []
        if telling:
            around = [entity for part in telling for entity in message.within(*part)]
            probabilities = self._with_surroundings(message, probabilities)
            whole = self._subject(message.original)
            if whole and (subject is None or whole.confidence > subject.confidence):
                subject = whole
        foreign = self._foreign(message, span)
        candidates = self._candidates(probabilities, entities, around, context, subject, form)
        common: dict[str, Any] = {
            "text": clause,
            "entities": tuple(message.entities),
            "form": form,
            "nearest": scores.nearest,
            "ranking": tuple(sorted(probabilities.items(), key=lambda found: -found[1])),
            "subject": subject,
        }
        refused = sum(probabilities.get(label, 0.0) for label in self._model.refusals)
        if not candidates:
            kind: Literal["out_of_scope", "missing_slot"] = (
                "out_of_scope" if scores.label in self._model.refusals else "missing_slot"
            )
            return Fallback(kind, intent=scores.label, unknown=foreign, **common)
        weight, intent, slots = max(candidates, key=lambda candidate: candidate[0])
        evidence = _evidence(weight, refused, len(foreign), subject)
        confidence = 1.0 / (1.0 + math.exp(-evidence))
        if evidence < 0:
            return Fallback("out_of_scope", intent=scores.label, confidence=confidence, unknown=foreign, **common)
        return Reading(intent, confidence, plain=plain, slots=slots, threshold=0.5, **common)

    def _with_surroundings(self, message: _Message, focus: dict[str, float]) -> dict[str, float]:
        """The intents' probabilities of a question and of the whole message around it, half and half."""
        whole = dict(self._model.intents.classify(_masked(message, 0, len(message.original))).ranking)
        return {label: (focus.get(label, 0.0) + whole.get(label, 0.0)) / 2 for label in {**focus, **whole}}

    def _subject(self, clause: str) -> Subject | None:
        """What the clause is about by its meaning; None where that is none of the things that the pack has."""
        if self._model.subjects is None:
            return None
        scores = self._model.subjects.classify(clause)
        things = [(label, probability) for label, probability in scores.ranking if label != NOTHING]
        best, probability = things[0]
        kind, _, identity = best.partition(":")
        second = things[1][1] if len(things) > 1 else 0.0
        return Subject(kind, identity, probability, probability - second, scores.nearest)

    def _intent_of(self, subject: Subject) -> str:
        """The intent of the pack's own questions about this thing."""
        return self._model.entry_intents.get(f"{subject.kind}:{subject.id}", "topic_owner")

    def _foreign(self, message: _Message, span: tuple[int, int]) -> tuple[str, ...]:
        """The words of a question that no question is made of which Rolecall answers; names do not count."""
        first, last = message.normalized.original_span(*span)
        covered = [(entity.start, entity.end) for entity in message.within(*span)]
        found = []
        for word in message.words:
            start, end = message.normalized.original_span(word.start, word.end)
            if start < first or end > last or any(start >= a and end <= b for a, b in covered):
                continue
            if not word.text.isdigit() and base_form(word.text) not in self._model.familiar:
                found.append(word.text)
        return tuple(found)

    def _candidates(
        self,
        probabilities: dict[str, float],
        entities: Sequence[Entity],
        around: Sequence[Entity],
        context: Context | None,
        subject: Subject | None,
        form: QuestionForm,
    ) -> list[tuple[float, str, dict[str, tuple[str, ...]]]]:
        """The readings that have all they need: (weight, intent, slots)."""
        found = []
        for intent, probability in probabilities.items():
            if intent in self._model.refusals or probability < _FAINT:
                continue
            slots = self._slots(intent, entities, around, context, subject, form)
            if slots is not None:
                found.append((probability, intent, slots))
        if subject and subject.confidence >= _SUBJECT_FLOOR:
            # The question means a thing of the pack, whatever its wording made of the intent.
            intent = self._intent_of(subject)
            asks = probabilities.get(intent, 0.0)
            named = _by_kind(entities)
            if asks >= _FAINT or subject.confidence >= _SUBJECT_ALONE:
                slots = {**named, subject.kind: (subject.id,)}
                found.append((max(asks, 0.6 * subject.confidence), intent, slots))
        return found

    def _slots(
        self,
        intent: str,
        entities: Sequence[Entity],
        around: Sequence[Entity],
        context: Context | None,
        subject: Subject | None,
        form: QuestionForm,
    ) -> dict[str, tuple[str, ...]] | None:
        """The ids that the question is about, by kind; None where the intent needs one that is not to be found."""
        slots = _by_kind(entities)
        meant = subject if subject and subject.confidence >= _SUBJECT_FLOOR else None
        needed = [SLOTS[slot] for slot in self._model.needs.get(intent, ())]
        pack_intents = set(self._model.entry_intents.values())
        if intent in pack_intents and not needed and meant and self._intent_of(meant) == intent:
            slots[meant.kind] = (meant.id,)
        for kind in dict.fromkeys(needed):
            if kind in _THINGS:
                if not _settle_thing(slots, around, context, meant):
                    return None
                continue
            if len(slots.get(kind, ())) >= needed.count(kind):
                continue
            extra = self._elsewhere(kind, slots, around, context, form)
            if extra is None:
                return None
            if not extra:
                continue
            slots[kind] = tuple(dict.fromkeys((*slots.get(kind, ()), *extra)))
            if len(slots[kind]) < needed.count(kind):
                return None
        return slots

    def _elsewhere(
        self,
        kind: str,
        slots: dict[str, tuple[str, ...]],
        around: Sequence[Entity],
        context: Context | None,
        form: QuestionForm,
    ) -> tuple[str, ...] | None:
        """Ids for what a question needs but does not name: by its place, from around it, from the conversation.

        Empty where a thing that the question names stands for it (a topic for its stage); None where there is nothing.
        """
        if kind == "stage" and form.ordinal is not None and -1 <= form.ordinal < len(self._order):
            return (self._order[form.ordinal],)
        named = _by_kind(around)
        if found := named.get(kind) or (context.slots.get(kind) if context else None):
            return found
        if kind == "stage" and (
            slots.get("activity") or any(slots.get(thing) or named.get(thing) for thing in _THINGS)
        ):
            for thing in _THINGS:
                if not slots.get(thing) and named.get(thing):
                    slots[thing] = named[thing]
            return ()
        return None


def _masked(message: _Message, first: int, last: int) -> str:
    """A part of the original with its entities replaced by the words that stand for them."""
    inside = [entity for entity in message.entities if entity.start >= first and entity.end <= last]
    return mask(message.original[first:last], [(e.start - first, e.end - first, e.kind) for e in inside])


def _evidence(weight: float, refused: float, foreign: int, subject: Subject | None) -> float:
    """The log odds that a reading is what was asked, rather than something that Rolecall does not answer."""
    meant = subject.confidence if subject else 0.0
    return (
        math.log((weight + 0.02) / (refused + 0.02))
        - _FOREIGN_WEIGHT * foreign
        + _SUBJECT_WEIGHT * max(0.0, meant - 0.3)
    )


def _settle_thing(
    slots: dict[str, tuple[str, ...]], around: Sequence[Entity], context: Context | None, meant: Subject | None
) -> bool:
    """Choose the topic or component that is asked about, in place: by name, or by meaning; False where there is none.

    A name may stand in a question for another reason ("who connects the model"): what the question means wins over it
    where that is clear.
    """
    named = [(kind, identity) for kind in _THINGS for identity in slots.get(kind, ())]
    if meant and meant.kind in _MEANT_THINGS:
        own = (meant.kind, meant.id)
        if own not in named and (not named or meant.confidence >= _SUBJECT_ALONE):
            for kind in _THINGS:
                slots.pop(kind, None)
            slots[meant.kind] = (meant.id,)
            return True
        if own in named:
            return True
    if named:
        return True
    for kind in _THINGS:
        extra = _by_kind(around).get(kind) or (context.slots.get(kind) if context else None)
        if extra:
            slots[kind] = extra
            return True
    return False


def _by_kind(entities: Sequence[Entity]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entity in entities:
        for kind, identity in ((entity.kind, entity.id), *entity.alternatives):
            if identity not in found.setdefault(kind, []):
                found[kind].append(identity)
    return {kind: tuple(ids) for kind, ids in found.items()}
