"""The intent that a question has after all, given what else it names and how it is put.

What the matcher learnt tells sorts of questions apart; what is here follows from the form of this one.
"""

from __future__ import annotations

import re

from intents.readings import Reading

__all__ = ["refined"]

_NUMBERED = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten)(?: or \w+)? (?:stages|phases|steps)\b"
    r"|\b(?:how many|number of) (?:stages|phases|steps)\b"
)
_BACK = re.compile(r"\b(?:re-?open|go(?:ing)? back|jump(?:ing)? back|back to|revisit|redo|return(?:ing)? to)\b")
_ELSEWHERE = re.compile(r"\b(?:anywhere|somewhere|nowhere|where) else\b|\bother (?:stages?|phases?|steps?)\b")

_REFINED = {
    ("roles_list", "stage"): "stage_participants",
    ("stages_list", "role"): "role_stages",
    ("role_what", "stage"): "role_in_stage",
    ("stage_what", "role"): "role_in_stage",
}
"""What an intent becomes where the question names a thing of this kind, too."""


def refined(reading: Reading) -> str:
    """The intent, given what else the question names and how it is put."""
    intent, form, slots = reading.intent, reading.form, reading.slots
    for (general, kind), special in _REFINED.items():
        if intent == general and slots.get(kind):
            intent = special
    if intent in {"role_in_stage", "role_stages"} and form.yes_no and form.leads and slots.get("stage"):
        return "stage_owner"
    if intent == "stages_list" and (form.place or (slots.get("stage") and form.direction in {"before", "after"})):
        return "stage_order"
    if intent in {"transition", "stage_order", "stages_list"} and _NUMBERED.search(reading.plain):
        return "stages_list"
    if intent in {"stage_order", "stage_what"} and slots.get("stage") and _BACK.search(reading.plain):
        return "transition"
    if intent in {"role_what", "role_alias"} and form.when and slots.get("role") and not slots.get("stage"):
        return "role_stages"
    if intent == "role_in_stage" and _ELSEWHERE.search(reading.plain):
        return "role_stages"
    if intent == "role_difference" and form.either and slots.get("topic"):
        return "topic_owner"  # "is painting the designer's or the builder's?"
    if intent in {"topic_stage", "stage_what"} and form.yes_no and form.ordinal is not None:
        return "stage_order"  # "is painting the last step?"
    if intent in {"topic_stage", "topic_what"} and form.who and not form.when:
        return "topic_owner"
    if intent in {"topic_owner", "topic_what"} and form.when and not form.who:
        return "topic_stage"
    return intent
