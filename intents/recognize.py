"""From a message to what it asks: readings (an intent with its entities), or a fallback that says why there is none.

The way of a message: normalise, repair its spelling, find entities, cut it into questions; for each question replace
the entities by words that stand for them and classify the intent; where the intent needs something that is not named,
take it from the sentences around, from the conversation, or from what the question means (the subject).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from intents.compile import Model, mask
from intents.entities import Entity, Gazetteer, find_entities, repaired_words
from intents.forms import QuestionForm, adjuncts, clauses, question_form
from intents.normalize import Normalized, normalize_with_offsets
from intents.schema import SLOTS, Subject, slot_token
from intents.spelling import Speller
from intents.words import Word, base_form

__all__ = ["Context", "Fallback", "Reading", "Recognizer"]

LONGEST = 2000
"""Of a longer message this many characters are read."""

_THINGS = ("topic", "component", "artefact")
_MEANT_THINGS = frozenset({"topic", "component", "handover", "entry", "artefact"})
_SUBJECT_FLOOR = 0.4
_SUBJECT_ALONE = 0.75
_SUBJECT_SURE = 0.95
_SUBJECT_SHARE = 0.6
_SURE_SHARE = 0.75
_CLOSE = 0.8
_FAINT = 0.05
_STRANGER = 0.5
_PERSONAL = frozenset({"he", "she", "him", "her"})
_PERSONS = frozenset({*_PERSONAL, "they", "them", "such a person"})
_REFERENTS = ("topic", "component", "stage", "product", "role")
_WHOLE_MESSAGE = 0.95
_WEIGHTS = (0.0, 0.7, -1.4, 0.5, 0.0, 0.0)
"""Of the signals, in their order, after a constant; fitted by `scripts/fit_signals.py`."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a reading and against it.

    `lead`: log of its weight against that of a refusal. `foreign`: words of which no answerable question is made.
    `meaning`: how sure it is what the question is about. `likeness`: cosine with the nearest example.
    """

    lead: float
    foreign: float
    meaning: float
    likeness: float

    def confidence(self) -> float:
        """The probability, 0 to 1, that the reading is what was asked, rather than something not answered here."""
        values = (1.0, self.lead, self.foreign, float(self.foreign == 0), self.meaning, self.likeness)
        evidence = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))
        return 1.0 / (1.0 + math.exp(-evidence))


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation was about: the last intent, and the ids it named, by kind."""

    intent: str | None = None
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One question of a message, understood.

    `text` is the question as asked, `plain` the same normalised with its spelling repaired. `slots`: the ids it is
    about, by kind, in the order of the text. `unknown`: words that no answerable question is made of.
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
    unknown: tuple[str, ...] = ()
    signals: Signals | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """A question that is not understood, or about something else, and why."""

    kind: Literal["out_of_scope", "ambiguous", "missing_slot"]
    text: str
    plain: str = ""
    entities: tuple[Entity, ...] = ()
    form: QuestionForm = field(default_factory=QuestionForm)
    confidence: float = 0.0
    threshold: float = 0.0
    intent: str | None = None
    nearest: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    subject: Subject | None = None
    unknown: tuple[str, ...] = ()
    signals: Signals | None = None


class _Everything(Container[str]):
    """Contains every intent."""

    def __contains__(self, intent: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Message:
    """A message, prepared: normalised, cut into words, its entities found."""

    original: str
    normalized: Normalized
    words: list[Word]
    entities: list[Entity]

    @property
    def whole(self) -> tuple[int, int]:
        """The span of all of it, in the normalised text."""
        return 0, len(self.normalized.text)

    def within(self, start: int, end: int) -> list[Entity]:
        """The entities inside a span of the normalised text."""
        first, last = self.normalized.original_span(start, end)
        return [entity for entity in self.entities if entity.start >= first and entity.end <= last]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question of a message, prepared. `named`: the entities in it, `around`: those in the sentences around it."""

    form: QuestionForm
    plain: str
    start: int
    named: Sequence[Entity]
    around: Sequence[Entity]
    context: Context | None
    allowed: Container[str]

    def elsewhere(self, kind: str) -> tuple[str, ...] | None:
        """The ids of a kind that are named around the question, or were earlier in the conversation."""
        return _by_kind(self.around).get(kind) or (self.context.slots.get(kind) if self.context else None)

    def elsewhere_named(self, kinds: Sequence[str]) -> bool:
        """Whether a thing of one of these kinds is named around the question."""
        return any(entity.kind in kinds for entity in self.around)

    def names_a_thing(self) -> bool:
        """Whether the question names a thing in more than a single word."""
        return any(
            entity.kind in _THINGS and len(entity.text.split()) > 1 and not self.is_adjunct(entity)
            for entity in self.named
        )

    def is_adjunct(self, entity: Entity) -> bool:
        """Whether an entity only says when: "before painting begins", "once it is live"."""
        return any(a <= entity.start - self.start < b for a, b in adjuncts(self.plain))


class Recognizer:
    """Understands messages. Never changed after it is made; safe to use from many threads."""

    def __init__(
        self, model: Model, names: Gazetteer, order: Sequence[str] = (), allowed: Container[str] | None = None
    ) -> None:
        """`order`: the ids that "the first", "the last" stand for. `allowed`: the intents there are answers to."""
        self._allowed = allowed if allowed is not None else _Everything()
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
            return [Fallback("out_of_scope", text)]
        asking, telling = clauses(message.normalized.text)
        found = [self._best(message, span, telling, context) for span in asking]
        if len(found) > 1:
            understood = [reading for reading in found if isinstance(reading, Reading)]
            found = list(understood) if understood else [self._best(message, message.whole, [], context)]
        return found

    def entities(self, text: str, products: Gazetteer | None = None) -> list[Entity]:
        """What a message names, without asking what it wants."""
        return self._prepare(text[:LONGEST], products).entities

    def _prepare(self, text: str, products: Gazetteer | None) -> _Message:
        normalized = normalize_with_offsets(text)
        words = repaired_words(normalized, self._speller)
        gazetteers = [self._names] + ([products] if products else [])
        return _Message(text, normalized, words, find_entities(normalized, text, words, gazetteers, self._speller))

    def _best(
        self, message: _Message, span: tuple[int, int], telling: Sequence[tuple[int, int]], context: Context | None
    ) -> Reading | Fallback:
        """The better of two readings: of the question alone, and of the whole message in which it stands."""
        alone = self._read(message, span, telling, context)
        if not telling:
            return alone
        whole = self._read(message, message.whole, [], context)
        return whole if whole.confidence * _WHOLE_MESSAGE > alone.confidence else alone

    def _read(
        self, message: _Message, span: tuple[int, int], telling: Sequence[tuple[int, int]], context: Context | None
    ) -> Reading | Fallback:
        """One reading of a part of a message; `telling` are the parts around it, which may name what it needs."""
        first, last = message.normalized.original_span(*span)
        clause = message.original[first:last]
        plain = self._speller.repair(message.normalized.text[span[0] : span[1]])
        form = question_form(plain)
        around = [entity for part in telling for entity in message.within(*part)]
        scores = self._model.intents.classify(_with_referent(_masked(message, first, last), form, around))
        probabilities = dict(scores.ranking)
        subject = self._subject(clause)
        foreign = self._foreign(message, span)
        strangers = sum(len(self._foreign(message, part)) for part in telling) if form.pronoun else 0
        common: dict[str, Any] = {
            "text": clause,
            "plain": plain,
            "entities": tuple(message.entities),
            "form": form,
            "nearest": scores.nearest,
            "ranking": scores.ranking,
            "subject": subject,
            "unknown": foreign,
            "threshold": 0.5,
        }
        asked = _Asked(form, plain, first, message.within(*span), around, context, self._allowed)
        candidates = self._candidates(asked, probabilities, subject)
        refused = sum(probabilities.get(label, 0.0) for label in self._model.refusals)
        if not candidates:
            kind: Literal["out_of_scope", "missing_slot"] = (
                "out_of_scope" if scores.label in self._model.refusals else "missing_slot"
            )
            return Fallback(kind, intent=scores.label, **common)
        weight, intent, slots = max(candidates, key=lambda candidate: candidate[0])
        signals = Signals(
            math.log((weight + 0.02) / (refused + 0.02)),
            len(foreign) + _STRANGER * min(strangers, 3),
            subject.confidence if subject else 0.0,
            scores.likeness,
        )
        confidence = signals.confidence()
        if confidence < common["threshold"]:
            return Fallback("out_of_scope", intent=scores.label, confidence=confidence, signals=signals, **common)
        return Reading(intent, confidence, slots=slots, signals=signals, **common)

    def _subject(self, clause: str) -> Subject | None:
        """What the clause is about by its meaning; None where that is none of the things that the pack has."""
        if self._model.subjects is None:
            return None
        scores = self._model.subjects.classify(clause)
        best, probability = scores.ranking[0]
        kind, _, identity = best.partition(":")
        second = scores.ranking[1][1] if len(scores.ranking) > 1 else 0.0
        return Subject(kind, identity, probability, probability - second, scores.nearest, scores.likeness)

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
        self, asked: _Asked, probabilities: dict[str, float], subject: Subject | None
    ) -> list[tuple[float, str, dict[str, tuple[str, ...]]]]:
        """The readings that have all they need: (weight, intent, slots)."""
        found = []
        if asked.form.pronoun in _PERSONAL and not any(e.kind in {"role", "person"} for e in asked.named):
            if not asked.elsewhere("role") and not asked.elsewhere("person"):
                return []
        for intent, probability in probabilities.items():
            if intent in self._model.refusals or intent not in asked.allowed or probability < _FAINT:
                continue
            slots = self._slots(intent, asked, subject)
            if slots is not None:
                found.append((probability, intent, slots))
        if subject and subject.confidence >= _SUBJECT_FLOOR:
            # The question means a thing of the pack, whatever its wording made of the intent.
            intent = self._intent_of(subject)
            refused = sum(probabilities.get(label, 0.0) for label in self._model.refusals)
            asks = probabilities.get(intent, 0.0)
            share = _SURE_SHARE if subject.confidence >= _SUBJECT_SURE else _SUBJECT_SHARE
            weight = max(asks, share * subject.confidence * (1.0 - refused))
            if weight >= _FAINT and intent in asked.allowed and not asked.names_a_thing():
                slots = {**_by_kind(asked.named), subject.kind: (subject.id,)}
                found.append((weight, intent, slots))
        return found

    def _slots(self, intent: str, asked: _Asked, subject: Subject | None) -> dict[str, tuple[str, ...]] | None:
        """The ids that the question is about, by kind; None where the intent needs one that is not to be found."""
        slots = _by_kind(asked.named)
        meant = subject if subject and subject.confidence >= _SUBJECT_FLOOR else None
        declared = self._model.slots.get(intent)
        if meant and self._intent_of(meant) == intent and meant.kind in {"entry", "handover"}:
            if declared is None or meant.likeness >= _CLOSE:
                slots[meant.kind] = (meant.id,)
        if declared is None:
            # An intent of the pack's own entries: without one there is nothing to say.
            return slots if slots.get("entry") else None
        kinds = [(SLOTS[slot.rstrip("?")], slot.endswith("?")) for slot in declared]
        needed = [kind for kind, optional in kinds if not optional]
        for kind in dict.fromkeys(needed):
            if kind in _THINGS:
                if not _settle_thing(slots, asked, meant):
                    return None
                continue
            if len(slots.get(kind, ())) >= needed.count(kind):
                continue
            extra = self._elsewhere(kind, slots, asked)
            if extra is None:
                return None
            if not extra:
                continue
            slots[kind] = tuple(dict.fromkeys((*slots.get(kind, ()), *extra)))
            if len(slots[kind]) < needed.count(kind):
                return None
        for kind, optional in kinds:
            if optional and not slots.get(kind) and (found := asked.elsewhere(kind)):
                slots[kind] = found
        return slots

    def _elsewhere(self, kind: str, slots: dict[str, tuple[str, ...]], asked: _Asked) -> tuple[str, ...] | None:
        """Ids for what a question needs but does not name: by its place, from around it, from the conversation.

        Empty where a thing that the question names stands for it (a topic for its stage); None where there is nothing.
        """
        place = asked.form.ordinal
        if kind == "stage" and place is not None and -1 <= place < len(self._order):
            return (self._order[place],)
        if found := asked.elsewhere(kind):
            return found
        if kind != "stage":
            return None
        for thing in ("activity", *_THINGS):
            if not slots.get(thing) and (found := asked.elsewhere(thing)):
                slots[thing] = found
        return () if any(slots.get(thing) for thing in ("activity", *_THINGS)) else None


def _with_referent(masked: str, form: QuestionForm, around: Sequence[Entity]) -> str:
    """A masked question with its pronoun replaced by the word for what it stands for, where that was named around it."""
    if form.pronoun is None or not around:
        return masked
    kinds = {entity.kind for entity in around}
    wanted = ("stage",) if form.pronoun == "there" else ("role",) if form.pronoun in _PERSONS else _REFERENTS
    kind = next((kind for kind in wanted if kind in kinds), None)
    if kind is None or f"the{kind}" in masked:
        return masked
    return re.sub(rf"\b{form.pronoun}\b", slot_token(kind), masked, count=1, flags=re.IGNORECASE)


def _masked(message: _Message, first: int, last: int) -> str:
    """A part of the original with its entities replaced by the words that stand for them."""
    inside = [entity for entity in message.entities if entity.start >= first and entity.end <= last]
    return mask(message.original[first:last], [(e.start - first, e.end - first, e.kind) for e in inside])


def _settle_thing(slots: dict[str, tuple[str, ...]], asked: _Asked, meant: Subject | None) -> bool:
    """Choose the topic or component that is asked about, in place: by name, or by meaning; False where there is none.

    A single word may name a thing and yet stand in a question for another reason ("who connects the model"): what the
    question means wins over it where that is clear, and over what is only said about the time ("before painting").
    """
    named = [entity for entity in asked.named if entity.kind in _THINGS]
    own = (meant.kind, meant.id) if meant else None
    if named and any(own in _all_ids(entity) for entity in named):
        return True
    if meant and own and meant.kind in _MEANT_THINGS:
        strong = [entity for entity in named if len(entity.text.split()) > 1 and not asked.is_adjunct(entity)]
        aside = bool(named) and all(asked.is_adjunct(entity) for entity in named)
        said = asked.elsewhere_named(_THINGS) if asked.form.pronoun and not named else None
        if (
            not strong
            and (aside or meant.confidence >= _SUBJECT_ALONE or not named)
            and not (said and meant.confidence < _SUBJECT_ALONE)
        ):
            for kind in _THINGS:
                slots.pop(kind, None)
            slots[meant.kind] = (meant.id,)
            return True
    if named:
        return True
    for kind in _THINGS:
        if extra := asked.elsewhere(kind):
            slots[kind] = extra
            return True
    return False


def _all_ids(entity: Entity) -> tuple[tuple[str, str], ...]:
    return ((entity.kind, entity.id), *entity.alternatives)


def _by_kind(entities: Sequence[Entity]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entity in entities:
        for kind, identity in ((entity.kind, entity.id), *entity.alternatives):
            if identity not in found.setdefault(kind, []):
                found[kind].append(identity)
    return {kind: tuple(ids) for kind, ids in found.items()}
