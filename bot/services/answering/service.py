"""Answer a message: recognise what it asks, make the answer, say "I don't know" where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from bot.results import Answer, Explanation, FoundEntity, Reference
from bot.services.answering import conversation, order, roles, stages, topics
from bot.services.answering.asking_back import choices_of, open_between, suggested
from bot.services.answering.draft import Answerer, Draft, Question
from bot.services.answering.refining import refined
from intents.entities import Entity, EntityName
from intents.forms import question_form
from intents.message import Context
from intents.normalize import normalize
from intents.readings import Fallback, Reading
from intents.recognize import LONGEST, Recognizer
from intents.schema import Phrasing, unmasked
from knowledge.queries import Knowledge

# What is about products is imported where a record of them is given: a question without one is answered sooner.
if TYPE_CHECKING:
    from bot.services.answering.asked import Portfolio

_T = TypeVar("_T")

__all__ = ["ANSWERERS", "Answering", "entity_names", "phrasings"]

ANSWERERS: dict[str, Answerer] = {
    "about_bot": conversation.about_bot,
    "artefact": topics.artefact,
    "component_owner": topics.topic_owner,
    "components_list": topics.components_list,
    "decision_owner": stages.decision_owner,
    "framework_what": conversation.framework_what,
    "goodbye": conversation.goodbye,
    "greeting": conversation.greeting,
    "handover": topics.handover,
    "help": conversation.usage,
    "parallel": order.parallel,
    "requirements": topics.requirements,
    "role_alias": roles.role_alias,
    "role_difference": roles.role_difference,
    "role_in_stage": stages.role_in_stage,
    "role_stages": roles.role_stages,
    "role_what": roles.role_what,
    "roles_list": roles.roles_list,
    "stage_gate": stages.stage_gate,
    "stage_order": order.stage_order,
    "stage_outcome": stages.stage_outcome,
    "stage_owner": stages.stage_owner,
    "stage_participants": stages.stage_participants,
    "stage_what": stages.stage_what,
    "stages_list": order.stages_list,
    "thanks": conversation.thanks,
    "topic_owner": topics.topic_owner,
    "topic_stage": topics.topic_stage,
    "topic_what": topics.topic_what,
    "transition": order.transition,
}
"""The function that answers each intent. What is left out here is answered from the portfolio, or not at all."""

_DERIVED = "Not stated outright: derived from what the source says."
_PARTLY_DERIVED = "Part of this is derived from what the source says, not stated outright."
_ORGANISATION = "Set by your organisation, not by the source."
_PARTLY_ORGANISATION = "Part of this is set by your organisation, not by the source."

_WHY = re.compile(
    r"(?:but |and |ok |so )?(?:why|how come|why (?:is|are) (?:that|it|they|those)(?: so)?"
    r"|says who|how do you know(?: that)?)\W*"
)
_BASES = {"stated": "stated there", "derived": "derived from it", "organisation": "set by your organisation"}

UNSURE = "I don't know what you mean."

UNKNOWN = "I don't know: the knowledge base has nothing on that."


def entity_names(knowledge: Knowledge) -> list[EntityName]:
    """The pack's names as plain data for the matcher."""
    return [EntityName(name.kind, name.id, name.name, name.title) for name in knowledge.names()]


def phrasings(knowledge: Knowledge) -> list[Phrasing]:
    """The pack's own questions as plain data for the matcher."""
    pack = knowledge.pack
    found = [
        Phrasing(text, "topic_owner", "topic", r.id, r.stage, r.owners[0].role if len(r.owners) == 1 else None)
        for r in pack.responsibilities
        for text in r.phrasings
    ]
    found += [Phrasing(r.what, "", "topic", r.id, r.stage) for r in pack.responsibilities]
    found += [Phrasing(text, "", "stage", s.id) for s in pack.stages for text in (*s.phrasings, s.summary)]
    found += [Phrasing(text, "", "role", r.id) for r in pack.roles for text in (*r.phrasings, r.summary)]
    found += [Phrasing(text, "component_owner", "component", c.id) for c in pack.components for text in c.phrasings]
    found += [Phrasing(text, "handover", "handover", h.id) for h in pack.handovers for text in h.phrasings]
    found += [Phrasing(text, e.intent, "entry", e.id) for e in pack.entries for text in e.phrasings]
    found += [Phrasing(text, intent) for intent, texts in pack.questions.items() for text in texts]
    return found


def answerable(knowledge: Knowledge) -> frozenset[str]:
    """The intents that there are answers to."""
    return frozenset(ANSWERERS) | {entry.intent for entry in knowledge.pack.entries}


_UNCOUNTED = frozenset({"stage_participants", "stage_owner", "stage_what", "role_what", "role_in_stage", "topic_what"})
"""Intents whose answer is no number: "how many people work there" is not answered by who they are."""

_COUNTABLE = re.compile(
    r"\bhow many (?:of the |different |kinds? of |types? of )*(?:roles|stages|phases|steps|parties|actors)\b"
)
"""What the knowledge base can count."""


def _from_record(question: Question, record: Portfolio) -> Draft | None:
    from bot.services.answering.portfolio import answer

    return answer(question, record)


def _refused(fallback: Fallback, record: Portfolio) -> Draft | None:
    from bot.services.answering.portfolio import refused

    return refused(fallback, record)


def _is_of_a_product(intent: str) -> bool:
    from bot.services.answering.portfolio import OF_A_PRODUCT

    return intent in OF_A_PRODUCT


class Answering:
    """Answers messages from one pack. Never changed after it is made; safe to use from many threads."""

    def __init__(self, knowledge: Knowledge, recognizer: Recognizer) -> None:
        self.knowledge = knowledge
        self._recognizer = recognizer
        self._entry_intents = {entry.intent for entry in knowledge.pack.entries}

    @cached_property
    def _with_products(self) -> Recognizer:
        """The recogniser with the intents that are answered from the record of products."""
        from bot.services.answering.portfolio import PORTFOLIO_INTENTS

        return self._recognizer.allowing(answerable(self.knowledge) | PORTFOLIO_INTENTS)

    def answer(
        self, message: str, context: Context | None = None, record: Portfolio | None = None
    ) -> tuple[Answer, Context]:
        """The answer to a message, and what the conversation is about after it; from `record` what is about products.

        Never raises, but for what the store raises.
        """
        if context is not None and (told := self._why(message, context, record)):
            return told, context
        if record is None:
            found = self._recognizer.recognize(message, context=context)
        else:
            from bot.services.answering.portfolio import understand

            found = understand(self._with_products, message, context, record, self.knowledge.pack)
        drafts: list[tuple[Reading | Fallback, Draft]] = []
        for reading in found:
            drawn = (
                (one, draft) for one in _with_alternatives(reading) if (draft := self._draft(one, record)) is not None
            )
            made = list(islice(drawn, 2 if isinstance(reading, Reading) and reading.close else 1))
            if len(found) == 1 and (choices := open_between(self.knowledge, made)):
                return self._unknown(message, reading, choices), context or Context()
            drafts += made[:1]
        if not drafts:
            meant = found[0].choices if isinstance(found[0], Fallback) else ()
            return self._unknown(message, found[0], choices_of(self.knowledge, meant)), context or Context()
        answer = self._joined(message, drafts)
        reading, draft = drafts[-1]
        if not isinstance(reading, Reading):
            return answer, context or Context()
        slots = {kind: ids for kind, ids in reading.slots.items() if ids}
        if draft.products and record is not None and _is_of_a_product(reading.intent):
            slots["product"] = tuple(draft.products)
        answered = {"role": answer.roles, "stage": answer.stages, "product": answer.products, "person": answer.people}
        given = {kind: ids for kind, ids in answered.items() if ids}
        return answer, Context(reading.intent, slots, given, message[:LONGEST])

    def _why(self, message: str, context: Context, record: Portfolio | None) -> Answer | None:
        """What the answer before rests on, where a message only asks why."""
        if (
            "product" in context.kinds()
            or not context.question
            or not _WHY.fullmatch(normalize(message))
            or _WHY.fullmatch(context.question)
        ):
            return None
        plain = normalize(context.question)
        before = Reading(
            context.intent or "", 1.0, context.question, plain, (), dict(context.slots), question_form(plain)
        )
        draft = self._draft(before, record)
        if draft is None or not draft.references:
            return None
        draft.lines.insert(0, "The answer rests on:")
        places = [f"• {p.source}, section {p.section} ({_BASES[p.basis]})" for p in draft.references]
        draft.lines[1:1] = [*places, "It says:"]
        return self._joined(message, [(before, draft)])

    def _draft(self, reading: Reading | Fallback, record: Portfolio | None) -> Draft | None:
        if not isinstance(reading, Reading):
            return _refused(reading, record) if record else None
        question = Question(self.knowledge, reading)
        if record and (told := _from_record(question, record)):
            return told
        intent = refined(reading)
        if reading.slots.get("entry") and intent == reading.intent:
            return self._entry(question, intent)
        if reading.form.count and intent in _UNCOUNTED and not _COUNTABLE.search(reading.plain):
            return None
        answerer = ANSWERERS.get(intent)
        draft = answerer(question) if answerer else None
        if draft is None and any(reading.slots.get(kind) for kind in ("topic", "component", "handover")):
            draft = topics.topic_owner(question)
        return draft

    def _entry(self, question: Question, intent: str) -> Draft | None:
        """What the pack says to just this question, and what is said to all of its sort, unless it is yes or no."""
        draft = topics.entry(question)
        answerer = ANSWERERS.get(intent)
        if draft is None or answerer is None or question.reading.form.yes_no:
            return draft
        if (general := answerer(question)) is not None:
            draft.lines += general.lines
            draft.name_roles(general.roles).name_stages(general.stages)
            draft.references = _unique([*draft.references, *general.references])
        return draft

    def _joined(self, message: str, drafts: Sequence[tuple[Reading | Fallback, Draft]]) -> Answer:
        reading = drafts[0][0]
        lines = [line for _, draft in drafts for line in draft.lines]
        references = _unique(reference for _, draft in drafts for reference in draft.references)
        if note := _basis_note(references):
            lines.append(note)
        if len(message) > LONGEST:
            lines.append(f"(I read the first {LONGEST} characters of your message.)")
        return Answer(
            question=message,
            answered=any(draft.answered for _, draft in drafts),
            text="\n".join(lines),
            intent=reading.intent,
            confidence=reading.confidence,
            entities=_entities(reading.entities),
            roles=tuple(_unique(role for _, draft in drafts for role in draft.roles)),
            stages=tuple(_unique(stage for _, draft in drafts for stage in draft.stages)),
            products=tuple(_unique(product for _, draft in drafts for product in draft.products)),
            people=tuple(_unique(person for _, draft in drafts for person in draft.people)),
            sources=tuple(references),
            suggestions=tuple(_unique(suggestion for _, draft in drafts for suggestion in draft.suggestions)),
            explanation=_explanation(reading),
        )

    def _unknown(self, message: str, fallback: Reading | Fallback, choices: tuple[str, ...]) -> Answer:
        lines = [UNSURE if choices else UNKNOWN]
        suggestions = choices or suggested(self.knowledge, fallback)
        if suggestions:
            lines.append("Did you mean:" if choices else "I can answer, for example:")
            lines += [f"• {suggestion}" for suggestion in suggestions]
        if len(message) > LONGEST:
            lines.append(f"(I read the first {LONGEST} characters of your message.)")
        return Answer(
            question=message,
            answered=False,
            text="\n".join(lines),
            intent=fallback.intent,
            confidence=fallback.confidence,
            entities=_entities(fallback.entities),
            suggestions=suggestions,
            explanation=_explanation(fallback),
        )


def _with_alternatives(reading: Reading | Fallback) -> Iterator[Reading | Fallback]:
    """A reading, and the others that come into question where that has no answer: seldom needed, so made when asked."""
    yield reading
    if isinstance(reading, Reading):
        yield from (replace(reading, intent=intent, slots=slots) for intent, slots in reading.alternatives)


def _basis_note(references: Sequence[Reference]) -> str:
    bases = {reference.basis for reference in references}
    if "organisation" in bases:
        return _ORGANISATION if bases == {"organisation"} else _PARTLY_ORGANISATION
    if bases == {"derived"}:
        return _DERIVED
    return _PARTLY_DERIVED if "derived" in bases else ""


def _entities(entities: Sequence[Entity]) -> tuple[FoundEntity, ...]:
    return tuple(FoundEntity(e.kind, e.id, e.text, e.start, e.end, e.score) for e in entities)


def _explanation(reading: Reading | Fallback) -> Explanation:
    subject = reading.subject
    notes = (f"by meaning: {subject.kind} {subject.id} ({subject.confidence:.2f})",) if subject else ()
    return Explanation(unmasked(reading.nearest), reading.threshold, reading.ranking, notes)


def _unique(things: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys(things))
