"""What is asked back, or offered instead, where a question is not understood, or means one of two things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.services.answering import conversation
from bot.services.answering.draft import Draft, within
from intents.readings import Fallback, Reading
from knowledge.queries import Knowledge

__all__ = ["choices_of", "open_between", "suggested"]

Slots = dict[str, tuple[str, ...]]
"""Ids by kind, as a reading has them."""

_MOST = 3
_QUESTIONS = {
    "component_owner": "Who is responsible for {component}?",
    "parallel": "What can run in parallel with {stage}?",
    "role_in_stage": "What do {role} do in {stage}?",
    "role_stages": "In which stages do {role} work?",
    "role_what": "What do {role} do?",
    "roles_list": "Which roles are there?",
    "stage_order": "What comes after {stage}?",
    "stage_outcome": "What comes out of {stage}?",
    "stage_owner": "Who drives {stage}?",
    "stage_participants": "Who takes part in {stage}?",
    "stage_what": "What happens in {stage}?",
    "stages_list": "Which stages are there?",
    "topic_owner": "Who is responsible for {topic}?",
    "topic_stage": "In which stage is {topic} done?",
    "topic_what": "What is {topic}?",
}
"""How each intent is asked in plain words, for asking back."""

_NEAR = 0.3
"""How sure it must be what a question is near, to suggest a question about that."""


def choices_of(knowledge: Knowledge, readings: Iterable[tuple[str, Slots]]) -> tuple[str, ...]:
    """Up to three questions in plain words for what may have been meant: intents with their slots, best first."""
    found = [_asked(knowledge, intent, slots) for intent, slots in readings]
    return tuple(dict.fromkeys(filter(None, found)))[:_MOST]


def open_between(knowledge: Knowledge, made: Sequence[tuple[Reading | Fallback, Draft]]) -> tuple[str, ...]:
    """The questions to ask back where two readings are as likely and say different things; else none."""
    if len(made) < 2:
        return ()
    (first, said), (second, other) = made
    if not (isinstance(first, Reading) and isinstance(second, Reading)):
        return ()
    if (said.roles, said.stages) == (other.roles, other.stages):
        return ()
    found = choices_of(knowledge, [(first.intent, first.slots), (second.intent, second.slots)])
    return found if len(found) > 1 else ()


def suggested(knowledge: Knowledge, fallback: Reading | Fallback) -> tuple[str, ...]:
    """Up to three questions near what was asked that can be answered."""
    found: list[str] = []
    subject = fallback.subject
    near = [(entity.kind, entity.id) for entity in fallback.entities]
    if subject and subject.confidence >= _NEAR:
        near.append((subject.kind, subject.id))
    for kind, identity in near:
        if kind == "stage":
            found.append(f"Who drives {knowledge.stages[identity].name}?")
        elif kind == "role":
            found.append(f"What do {knowledge.roles[identity].names} do?")
        elif kind == "topic":
            found.append(f"Who is responsible for {within(knowledge.responsibilities[identity].name)}?")
    return tuple(dict.fromkeys([*found, *conversation.examples(knowledge)]))[:_MOST]


def _asked(knowledge: Knowledge, intent: str, slots: Slots) -> str | None:
    """A question in plain words for an intent and its slots; None where it has none."""
    pattern = _QUESTIONS.get(intent)
    kinds = re.findall(r"{(\w+)}", pattern) if pattern else []
    names = {kind: _name(knowledge, kind, slots[kind][0]) for kind in kinds if slots.get(kind)}
    if pattern is None or not all(names.get(kind) for kind in kinds):
        return None
    return pattern.format(**names)


def _name(knowledge: Knowledge, kind: str, identity: str) -> str:
    """What a thing is called inside a question; empty where the pack has no such thing."""
    if kind == "stage":
        return knowledge.stages[identity].name if identity in knowledge.stages else ""
    if kind == "role":
        return knowledge.roles[identity].names if identity in knowledge.roles else ""
    things = knowledge.responsibilities if kind == "topic" else knowledge.components
    return within(things[identity].name) if identity in things else ""
