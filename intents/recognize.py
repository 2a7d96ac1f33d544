"""From a message to what it asks: readings (an intent with its entities), or a fallback that says why there is none.

The way of a message: normalise, repair its spelling, find entities, cut it into questions; for each question replace
the entities by words that stand for them and classify the intent; where the intent needs something that is not named,
take it from the sentences around, from the conversation, or from what the question means (the subject).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any, Literal

from intents.compile import NOTHING, Model
from intents.entities import Entity, Gazetteer
from intents.followup import follow_up, leans_on_before
from intents.forms import (
    QuestionForm,
    asks_for_oneself,
    clauses,
    is_question,
    question_form,
    says_who_asks,
    without_fillers,
)
from intents.message import THINGS, Asked, Context, Message, by_kind, prepare
from intents.readings import Fallback, Reading
from intents.schema import SLOTS, Subject
from intents.signals import Signals, Words
from intents.slots import PERSONS, SUBJECT_FLOOR, fill_slots, intent_of, with_referent
from intents.spelling import Speller
from intents.words import base_form

__all__ = ["LONGEST", "Recognizer"]

LONGEST = 2000
"""Of a longer message this many characters are read."""

_LEANING = 0.9
"""The confidence of a message that repeats the question before with another name."""
THRESHOLD = 0.5
"""The confidence from which a reading is answered."""

_DOUBT = 0.3
"""The confidence from which it is worth asking back what was meant."""

_MOST_QUESTIONS = 6
"""Of a message with more questions than this, the first ones are read."""
_DECIDED = 0.95
"""An intent that is so likely and not about a thing settles what is asked."""
_ELSEWHERE = "out_of_scope"
"""The intent of questions about something else altogether: they come near to nothing in the pack."""
_SUBJECT_SURE = 0.95
_SUBJECT_SHARE = 0.6
_SURE_SHARE = 0.85
_PLACED_SHARE = 0.5
_SUBJECT_NAMED = 0.8
_UNUSED = 0.6
_SPOKEN_OF = frozenset({"stage", "role", *THINGS})
_FAINT = 0.05
_ODD = -1.5
"""A word with lower odds names something else than the stage or role that the rest speaks of."""
_MEANT_AROUND = 0.45
_MEANT = 0.55
"""The probability from which a stage or role counts as spoken of."""
_PERSONAL = frozenset({"he", "she", "him", "her"})
_TELLING_WORDS = 2
_TITLE_WORDS = 4
_FEW_WORDS = 8
_REFUSED_SHARE = 0.3
_HALF = 0.55
_CLOSE = 0.97
_BARE_WORDS = 2
_SAME = 0.95
"""So like an example, or so sure of its intent, must be what names nothing and asks nothing."""
_SAME_WORDS = 0.999
"""A question that is so like an example has just its words."""
_SAME_BUT_MARK = 0.93
"""A short question is so like one that only lacks its question mark."""
_CERTAIN = 0.96
"""A question that is so sure by itself is not read again with what surrounds it."""


class _Everything(Container[str]):
    """Contains every intent."""

    def __contains__(self, intent: object) -> bool:
        return True


_PLACE = re.compile(r"\b(?:stage|phase|step)\b")


def _asks_again(reading: Reading) -> bool:
    return reading.form.yes_no and reading.form.pronoun is not None and len(reading.plain.split()) <= _FEW_WORDS


def _levelled(labels: Sequence[tuple[str, float]], refusals: Container[str]) -> dict[str, float]:
    """The probabilities of intents, were there not so many more examples of what is refused than of any intent."""
    weighed = {label: share * (_REFUSED_SHARE if label in refusals else 1.0) for label, share in labels}
    total = sum(weighed.values())
    return {label: share / total for label, share in weighed.items()}


def _is_phrasing(subject: Subject | None, slots: dict[str, tuple[str, ...]]) -> bool:
    """Whether a question about what it means is one that the pack has, but for its question mark."""
    return subject is not None and subject.likeness >= _SAME_BUT_MARK and subject.id in slots.get(subject.kind, ())


def _is_bare(message: Message, plain: str) -> bool:
    """Whether a message is a word or two that name nothing and ask nothing."""
    return len(plain.split()) <= _BARE_WORDS and not message.entities and not is_question(plain)


def _log_odds(probability: float) -> float:
    """Not beyond those of 1 in 100."""
    return math.log((probability + 0.01) / (1.01 - probability))


_Candidate = tuple[float, str, dict[str, tuple[str, ...]]]


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

    def allowing(self, allowed: Container[str]) -> Recognizer:
        """One that has the same model, but other intents there are answers to."""
        return Recognizer(self._model, self._names, self._order, allowed)

    def recognize(
        self, text: str, products: Gazetteer | None = None, context: Context | None = None
    ) -> list[Reading | Fallback]:
        """The questions in a message, at least one, in order. Never raises, whatever the text."""
        message = self._prepare(text, products)
        if not message.normalized.text:
            return [Fallback("out_of_scope", text, threshold=THRESHOLD)]
        if context is not None and (leaning := self._follow_up(message, context)):
            return [leaning]
        asking, telling = clauses(message.normalized.text)
        asking = asking[:_MOST_QUESTIONS]
        found = [self._best(message, span, telling, context, asking[:at]) for at, span in enumerate(asking)]
        if len(found) > 1:
            understood = [reading for reading in found if isinstance(reading, Reading)]
            # "Should they?" after the question proper asks the same again.
            understood = [r for at, r in enumerate(understood) if not at or not _asks_again(r)]
            found = list(understood) if understood else [self._best(message, message.whole, [], context)]
        return found

    def _follow_up(self, message: Message, context: Context) -> Reading | None:
        """The question before, asked of what this message names."""
        plain = message.plain(message.whole)
        found = follow_up(message, plain, context, self._model)
        if found is None or found[0] not in self._allowed:
            return None
        intent, slots = found
        return Reading(
            intent,
            _LEANING,
            message.original,
            plain,
            tuple(entity for entity in message.entities if not entity.loose),
            slots,
            question_form(plain),
            threshold=THRESHOLD,
            nearest=context.question,
        )

    def entities(self, text: str, products: Gazetteer | None = None) -> list[Entity]:
        """What a message names in full, without asking what it wants."""
        return [entity for entity in self._prepare(text, products).entities if not entity.loose]

    def _prepare(self, text: str, products: Gazetteer | None) -> Message:
        return prepare(text[:LONGEST], [self._names, *([products] if products else [])], self._speller)

    def _best(
        self,
        message: Message,
        span: tuple[int, int],
        telling: Sequence[tuple[int, int]],
        context: Context | None,
        earlier: Sequence[tuple[int, int]] = (),
    ) -> Reading | Fallback:
        """The better of two readings: of the question alone, and of the whole message in which it stands."""
        alone = self._read(message, span, telling, context, earlier)
        if not telling or alone.confidence >= _CERTAIN:
            return alone
        around = question_form(message.plain(message.whole))
        form = replace(
            alone.form,
            direction=alone.form.direction or around.direction,
            ordinal=around.ordinal if alone.form.ordinal is None else alone.form.ordinal,
            place=alone.form.place or around.place,
        )
        whole = self._read(message, message.whole, [], context, form=form)
        return whole if whole.confidence > alone.confidence else alone

    def _read(
        self,
        message: Message,
        span: tuple[int, int],
        telling: Sequence[tuple[int, int]],
        context: Context | None,
        earlier: Sequence[tuple[int, int]] = (),
        form: QuestionForm | None = None,
    ) -> Reading | Fallback:
        """One reading of a part of a message.

        `telling` are the parts around it, `earlier` the questions before it: both may name what it needs. `form`: that
        of the question in it, where the part has more than the question.
        """
        model = self._model
        plain = message.plain(span)
        form = form or question_form(plain)
        said = (*earlier, *telling) if form.pronoun else telling
        around = [entity for part in said for entity in (*message.within(part), *self._places(message, part))]
        before = context if context and leans_on_before(plain) else None
        kinds = {entity.kind for entity in around} | (before.kinds() if before else set())
        ranking = model.intents.rank(without_fillers(with_referent(message.masked(span), form, kinds)))
        probabilities = _levelled(ranking.labels, model.refusals)
        best = max(probabilities, key=lambda label: probabilities[label])
        named = message.within(span)
        subject = None if self._settles(best, probabilities[best], named) else self._subject(without_fillers(plain))
        if subject and telling and form.pronoun and not named:
            # What "this" is was said before: the message as a whole tells what it is about.
            overall = self._subject(message.plain(message.whole))
            if overall and overall.confidence > subject.confidence:
                subject = overall
        if form.pronoun in PERSONS and "role" in kinds:
            subject = None  # "who helps them?" is about the people named before
        words = Words.of(message, span, model.words)
        common: dict[str, Any] = {
            "text": message.as_asked(span),
            "plain": plain,
            "entities": tuple(entity for entity in message.entities if not entity.loose),
            "form": form,
            "ranking": ranking.labels,
            "subject": subject,
            "unknown": words.foreign,
            "threshold": THRESHOLD,
        }

        def meant(kind: str) -> str | None:
            if words.worst < _ODD:
                return None
            found = model.meant(kind, without_fillers(plain), _MEANT) if self._tells(message, span) else None
            if found or not telling or not self._tells(message, message.whole):
                return found
            return model.meant(kind, message.plain(message.whole), _MEANT_AROUND)

        asked = Asked(form, plain, span[0], named, around, before, self._allowed, meant)
        stranger = asks_for_oneself(plain) and any(self._is_stranger(message, part) for part in (span, *telling))
        candidates = [] if stranger else self._candidates(asked, probabilities, subject)
        if not candidates:
            kind: Literal["out_of_scope", "missing_slot"] = "out_of_scope" if best in model.refusals else "missing_slot"
            return Fallback(kind, intent=best, **common)
        candidates.sort(key=lambda candidate: -candidate[0])
        weight, intent, slots = candidates[0]
        likeness, nearest = model.intents.nearest(intent, ranking.vector)
        refused = sum(probabilities.get(label, 0.0) for label in model.refusals)
        against = max((model.intents.likeness(label, ranking.vector) for label in model.refusals), default=0.0)
        referred = [Words.of(message, part, model.words) for part in telling] if form.pronoun else []
        strangers = sum(len(told.foreign) + told.attached for told in referred)
        about_a_thing = any(slots.get(kind) for kind in (*THINGS, "entry", "handover"))
        signals = Signals(
            lead=math.log((weight + 0.02) / (refused + 0.02)),
            foreign=min(len(words.foreign), 4),
            all_known=float(not words.foreign),
            attached=min(words.attached, 2),
            worst=words.worst,
            evidence=words.evidence,
            meaning=subject.confidence if subject else 0.0,
            agrees=subject.confidence if subject and subject.id in slots.get(subject.kind, ()) else 0.0,
            likeness=likeness,
            margin=likeness - against,
            nothing=_log_odds(subject.nothing) if subject and about_a_thing else 0.0,
            stranger=min(strangers, 3),
            named=float(any(e.kind in {"stage", "role"} and not e.loose for e in asked.named)),
        )
        confidence = signals.confidence()
        if (likeness >= _SAME_WORDS and likeness > against) or _is_phrasing(subject, slots):
            confidence = max(confidence, _LEANING)  # the examples, or the pack, have this very question
        if _is_bare(message, plain) and max(likeness, subject.likeness if subject else 0.0) < _SAME:
            needs = any(not slot.endswith("?") for slot in model.slots.get(intent, ()))
            if needs or probabilities.get(intent, 0.0) < _SAME:
                confidence = 0.0  # "alone" and "on it" ask nothing, whatever such words may stand for elsewhere
        if confidence < THRESHOLD:
            doubtful = confidence >= _DOUBT and not words.attached and not strangers
            return Fallback(
                "ambiguous" if doubtful else "out_of_scope",
                intent=best,
                confidence=confidence,
                signals=signals,
                nearest=nearest,
                choices=tuple((other, filled) for _, other, filled in candidates[:3]) if doubtful else (),
                **common,
            )
        others = tuple((other, filled) for _, other, filled in candidates[1:3])
        close = weight < _HALF and candidates[1:] and candidates[1][0] >= _CLOSE * weight
        return Reading(
            intent,
            confidence,
            slots=slots,
            signals=signals,
            nearest=nearest,
            alternatives=others,
            close=bool(close),
            **common,
        )

    def _settles(self, intent: str, share: float, named: Sequence[Entity]) -> bool:
        """Whether an intent as likely as this, and what is named, leave nothing open about what a question means.

        Most questions about stages and roles are such, and to find out what one means takes a quarter of the time.
        """
        if share < _DECIDED:
            return False
        if intent in self._model.refusals:
            return intent == _ELSEWHERE
        slots = self._model.slots.get(intent)
        if slots is None or any(SLOTS[slot.rstrip("?")] in THINGS for slot in slots):
            return False
        return not any(entity.kind in THINGS for entity in named)

    def _tells(self, message: Message, span: tuple[int, int]) -> bool:
        """Whether a part says enough besides names to speak of a stage or a role without naming it."""
        said = [
            word
            for word, entity in message.words_within(span)
            if (entity is None or entity.kind in THINGS) and self._model.words.tells(base_form(word.text))
        ]
        return len(said) >= _TELLING_WORDS

    def _is_stranger(self, message: Message, span: tuple[int, int]) -> bool:
        """Whether a part says that who asks is somebody whom the pack does not know: "I'm a beekeeper"."""
        found = says_who_asks(message.normalized.text[span[0] : span[1]])
        if found is None:
            return False
        words = message.words_within((span[0] + found[0], span[0] + found[1]))[:_TITLE_WORDS]
        if any(entity and entity.kind == "role" for _, entity in words):
            return False
        return any(not self._model.words.knows(base_form(word.text)) for word, _ in words)

    def _places(self, message: Message, span: tuple[int, int]) -> list[Entity]:
        """The stage that a sentence speaks of by its place in the order: "we pay for the first phase"."""
        plain = message.plain(span)
        place = question_form(plain).ordinal
        if place is None or not _PLACE.search(plain) or not -1 <= place < len(self._order):
            return []
        return [Entity("stage", self._order[place], "", 0, 0, 1.0, loose=True, at=span)]

    def _subject(self, plain: str) -> Subject | None:
        """What a question is about by its meaning; None where the pack has no such things."""
        subjects = self._model.subjects
        if subjects is None:
            return None
        ranking = subjects.rank(plain)
        nothing = dict(ranking.labels).get(NOTHING, 0.0)
        left = max(1.0 - nothing, 1e-6)
        (best, share), *others = [(label, share / left) for label, share in ranking.labels if label != NOTHING]
        likeness, nearest = subjects.nearest(best, ranking.vector)
        kind, _, identity = best.partition(":")
        second = others[0][1] if others else 0.0
        return Subject(kind, identity, share, share - second, nearest, likeness, nothing)

    def _candidates(self, asked: Asked, probabilities: dict[str, float], subject: Subject | None) -> list[_Candidate]:
        """The readings that have all they need: (weight, intent, slots)."""
        found = []
        somebody = any(e.kind in {"role", "person"} for e in asked.named)
        if asked.form.pronoun in _PERSONAL and not (somebody or asked.elsewhere("role") or asked.elsewhere("person")):
            return []
        for intent, probability in probabilities.items():
            if intent in self._model.refusals or intent not in asked.allowed or probability < _FAINT:
                continue
            slots = fill_slots(self._model, self._order, intent, asked, subject)
            if slots is not None:
                found.append((probability * self._coverage(intent, asked, subject), intent, slots))
        if subject and subject.confidence >= SUBJECT_FLOOR:
            # The question means a thing of the pack, whatever its wording made of the intent.
            intent = intent_of(self._model, subject)
            refused = sum(probabilities.get(label, 0.0) for label in self._model.refusals)
            asks = probabilities.get(intent, 0.0)
            share = _SURE_SHARE if subject.confidence >= _SUBJECT_SURE else _SUBJECT_SHARE
            if any(e.kind == "stage" and not asked.is_adjunct(e) for e in asked.named):
                share *= _PLACED_SHARE  # it says itself what it is about
            doubt = math.sqrt(refused * subject.nothing)
            weight = max(asks, share * subject.confidence * (1.0 - doubt))
            recorded = any(entity.kind in {"product", "date"} for entity in asked.named)
            if weight >= _FAINT and intent in asked.allowed and not asked.names_a_thing() and not recorded:
                named = {kind: ids for kind, ids in by_kind(asked.named).items() if kind not in THINGS}
                slots = {**named, subject.kind: (subject.id,)}
                found.append((weight, intent, slots))
        return found

    def _coverage(self, intent: str, asked: Asked, subject: Subject | None) -> float:
        """How far an intent makes use of what the question names: nobody names a thing to say thanks."""
        named = [e for e in asked.named if not e.loose and e.kind in _SPOKEN_OF and not asked.is_adjunct(e)]
        declared = {SLOTS[slot.rstrip("?")] for slot in self._model.slots.get(intent, ())}
        if named and not declared and intent in self._model.slots:
            return _UNUSED
        if any(entity.kind == "product" for entity in asked.named) and "product" not in declared:
            return _UNUSED / 2
        needed = {SLOTS[slot] for slot in self._model.slots.get(intent, ()) if not slot.endswith("?")}
        if needed & {entity.kind for entity in asked.named} or "product" in declared:
            return 1.0
        # Named and meant: an intent that has no need for it is another one, or needs it by another name.
        sure = subject is not None and subject.confidence >= _SUBJECT_NAMED and subject.kind in THINGS
        if sure and subject and not needed & set(THINGS) and any(subject.id in e.ids(subject.kind) for e in named):
            return _UNUSED
        return 1.0
