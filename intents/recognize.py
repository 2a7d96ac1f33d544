"""From a message to what it asks: readings (an intent with its entities), or a fallback that says why there is none.

The way of a message: normalise, repair its spelling, find entities, cut it into questions; for each question replace
the entities by words that stand for them and classify the intent; where the intent needs something that is not named,
take it from the sentences around, from the conversation, or from what the question means (the subject).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from intents.compile import Model, mask
from intents.entities import Entity, Gazetteer, find_entities, repaired_words
from intents.forms import QuestionForm, clauses, question_form
from intents.normalize import Normalized, normalize_with_offsets
from intents.schema import SLOTS, Subject
from intents.spelling import Speller
from intents.words import Word

__all__ = ["Context", "Fallback", "Reading", "Recognizer"]

LONGEST = 2000
"""Of a longer message this many characters are read."""

_TOPICS = ("topic", "component", "artefact", "handover", "requirement", "entry", "activity")
_SUBJECT_FLOOR = 0.45
_SECOND_READING = 0.12


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation was about: the last intent, and the ids it named, by kind."""

    intent: str | None = None
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One question of a message, understood. `slots`: the ids it is about, by kind, in the order of the text."""

    intent: str
    confidence: float
    text: str
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

    def __init__(self, model: Model, names: Gazetteer) -> None:
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
        form = question_form(message.normalized.text[span[0] : span[1]])
        spans = [(e.start - first, e.end - first, "title" if e.title else e.kind) for e in entities]
        scores = self._model.intents.classify(mask(clause, spans))
        subject = self._subject(clause)
        around = [entity for part in telling for entity in message.within(*part)]
        common = {
            "text": clause,
            "entities": tuple(message.entities),
            "form": form,
            "nearest": scores.nearest,
            "ranking": scores.ranking,
            "threshold": scores.threshold,
            "subject": subject,
        }
        refused = sum(probability for label, probability in scores.ranking if label in self._model.refusals)
        if scores.label in self._model.refusals:
            return Fallback("out_of_scope", confidence=refused, intent=scores.label, **common)  # type: ignore[arg-type]
        for label, probability in scores.ranking:
            if label in self._model.refusals or (label != scores.label and probability < _SECOND_READING):
                break
            slots = self._slots(label, entities, around, context, subject)
            if slots is not None:
                return Reading(label, scores.confidence, slots=slots, **common)  # type: ignore[arg-type]
        return Fallback("missing_slot", confidence=scores.confidence, intent=scores.label, **common)  # type: ignore[arg-type]

    def _subject(self, clause: str) -> Subject | None:
        """What the clause is about by its meaning."""
        if self._model.subjects is None:
            return None
        scores = self._model.subjects.classify(clause)
        kind, _, identity = scores.label.partition(":")
        lead = scores.ranking[0][1] - (scores.ranking[1][1] if len(scores.ranking) > 1 else 0.0)
        return Subject(kind, identity, scores.confidence, lead, scores.nearest)

    def _slots(
        self,
        intent: str,
        entities: Sequence[Entity],
        around: Sequence[Entity],
        context: Context | None,
        subject: Subject | None,
    ) -> dict[str, tuple[str, ...]] | None:
        """The ids that the question is about, by kind; None where the intent needs one that is not to be found."""
        slots = _by_kind(entities)
        needed = [SLOTS[slot] for slot in self._model.needs.get(intent, ())]
        for kind in dict.fromkeys(needed):
            if len(slots.get(kind, ())) >= needed.count(kind):
                continue
            if kind in {"topic", "component"}:
                if any(slots.get(other) for other in _TOPICS):
                    continue
                if subject and subject.confidence >= _SUBJECT_FLOOR:
                    slots[subject.kind] = (subject.id,)
                    continue
            extra = _by_kind(around).get(kind) or (context.slots.get(kind) if context else None)
            if extra:
                slots[kind] = (*slots.get(kind, ()), *extra)
                continue
            if kind == "stage" and subject and subject.confidence >= _SUBJECT_FLOOR:
                slots[subject.kind] = (subject.id,)
                continue
            return None
        return slots


def _by_kind(entities: Sequence[Entity]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entity in entities:
        for kind, identity in ((entity.kind, entity.id), *entity.alternatives):
            if identity not in found.setdefault(kind, []):
                found[kind].append(identity)
    return {kind: tuple(ids) for kind, ids in found.items()}
