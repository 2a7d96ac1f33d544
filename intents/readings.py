"""What a question becomes: a reading (an intent with what it is about), or a fallback that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from intents.entities import Entity
from intents.forms import QuestionForm
from intents.schema import Subject
from intents.signals import Signals

__all__ = ["Fallback", "Reading"]


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
    alternatives: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = ()
    """Other intents with their slots, best first, for where this one turns out to have no answer."""
    close: bool = False
    """Whether the first of the alternatives is as likely, and neither is more likely than not."""


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
    choices: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = ()
    """What may have been meant, best first, where it is ambiguous: intents with their slots."""
