"""What an intent is made of: its file's shape in `intents/data`, and what a pack adds to it. Plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["SLOT", "SLOTS", "Intent", "Phrasing", "Subject", "masked", "slot_token", "slots_of", "unmasked"]

SLOTS = {
    "stage": "stage",
    "stage2": "stage",
    "role": "role",
    "role2": "role",
    "topic": "topic",
    "component": "component",
    "product": "product",
    "product2": "product",
    "person": "person",
    "date": "date",
    "title": "role",
    "artefact": "artefact",
}
"""The slots that examples may use, and the kind of entity that fills each."""

SLOT = re.compile(r"\{(\w+)\}")
"""A slot in an example."""


_MASK = re.compile(rf"\bthe({'|'.join(sorted({*SLOTS.values()}))})\b")


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent: the slots of its answer, and examples. A slot that ends with "?" may be empty.

    `refusal`: the questions are such as Rolecall does not answer.
    """

    id: str
    about: str
    slots: tuple[str, ...]
    examples: tuple[str, ...]
    refusal: bool = False


class Phrasing(NamedTuple):
    """Words of the pack's own: a question with its intent and, where it is about one thing, which.

    Without an intent it is no question, but a way to speak of the thing. `home`: the stage it is about, too; `owner`:
    the role. A tuple, because thousands are made at each start, only to name the model that was made from them.
    """

    text: str
    intent: str
    kind: str | None = None
    id: str | None = None
    home: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about by its meaning, without being named: kind and id, with a confidence from 0 to 1.

    The confidence is against other things of the pack; `nothing` is the probability, 0 to 1, that it is none of them.
    """

    kind: str
    id: str
    confidence: float
    lead: float
    nearest: str
    likeness: float = 0.0
    nothing: float = 0.0


def slot_token(kind: str) -> str:
    """The word that stands in a text for an entity of this kind.

    It is one that nobody writes, but whose parts mean something to the word table: "thestage". An activity is asked
    about as stages are.
    """
    return f"the{'stage' if kind == 'activity' else kind}"


def masked(example: str) -> str:
    """An example with its slots as the words that stand for entities in a masked question."""
    return SLOT.sub(lambda match: slot_token(SLOTS.get(match.group(1), match.group(1))), example)


def unmasked(text: str) -> str:
    """A masked question with its slots again as they are written in examples."""
    return _MASK.sub(lambda match: f"{{{match.group(1)}}}", text)


def slots_of(example: str) -> Sequence[str]:
    """The names of the slots in an example."""
    return SLOT.findall(example)
