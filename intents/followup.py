"""Short messages that lean on the question before: "and invoicing?", "what about the testers?"."""

from __future__ import annotations

import re

from intents.compile import Model
from intents.message import THINGS, Context, Message, by_kind, refers
from intents.schema import SLOTS

__all__ = ["follow_up", "leans_on_before"]

_MOST_WORDS = 9
_FEW_WORDS = 6
_CARRIED = frozenset(
    {"and", "or", "but", "so", "ok", "okay", "well", "then", "also", "what", "about", "how", "for", "in", "at", "on"}
    | {"with", "of", "the", "a", "an", "our", "your", "my", "his", "her", "is", "it", "same", "question", "thing"}
    | {"again", "now", "too", "as", "else", "stage", "phase", "step", "part", "role", "roles", "people", "folks"}
    | {"please", "thanks", "instead", "during", "when", "to", "who", "does", "do"}
)
"""Words that may stand around the name in such a message."""

_OPENS = re.compile(r"^(?:and|or|but|so|ok|okay|also|then|what about|how about)\b")
_ASKS = re.compile(r"\b(?:who|whom|whose|which|when|where|why|how many|does|do|is|are|can)\b")


def leans_on_before(plain: str) -> bool:
    """Whether a question may take what it does not name from the question before."""
    return len(plain.split()) <= _FEW_WORDS or refers(plain)


def follow_up(
    message: Message, plain: str, context: Context, model: Model
) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """The question before, asked of something else: its intent, and the slots with what is named now in their place.

    None where the message says more than a name: then it is a question of its own.
    """
    words = message.words_within(message.whole)
    named = by_kind([entity for _, entity in words if entity])
    if not context.intent or not named or "product" in named or len(words) > _MOST_WORDS:
        return None
    left = [word.text for word, entity in words if entity is None and word.text not in _CARRIED]
    asks = [word.text for word, entity in words if entity is None and _ASKS.fullmatch(word.text)]
    if left or (asks and not _OPENS.search(plain)) or len(asks) > 1:
        return None
    before = context.slots
    declared = {SLOTS[slot.rstrip("?")] for slot in model.slots.get(context.intent, ())}
    slots = dict(before)
    if set(named) & set(THINGS):
        for kind in THINGS:
            slots.pop(kind, None)
    for kind in ("entry", "handover"):
        slots.pop(kind, None)
    slots |= named
    fits = set(named) & declared or (set(named) & set(THINGS) and declared & set(THINGS))
    if fits:
        return context.intent, slots
    stage, role = slots.get("stage"), slots.get("role")
    if stage and role:
        return "role_in_stage", slots
    if named.keys() & set(THINGS):
        return "topic_owner", named
    return ("role_what", named) if role else ("stage_owner", named) if stage else None
