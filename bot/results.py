"""What services return and surfaces render: answers and replies, free of Slack and of the terminal.

Text in here is plain: people appear by the name to show (never a mention, so nobody is pinged), nothing is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something, and where. `zone`: IANA name of the zone to show times in.

    `conversation`: the key under which follow-ups are understood (a thread, or a person in a channel).
    """

    team: str
    user: str
    channel: str | None = None
    zone: str = "UTC"
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """Something the question names: the span is counted in characters of the question as asked."""

    type: str
    id: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an answer comes from."""

    source: str
    section: str
    basis: Literal["stated", "derived", "organisation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this answer: for `--explain` and "Why this answer?"."""

    nearest_example: str | None = None
    threshold: float = 0.0
    readings: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one message; `text` is all of it in plain text but the sources."""

    question: str
    answered: bool
    text: str
    intent: str | None = None
    confidence: float = 0.0
    entities: tuple[FoundEntity, ...] = ()
    roles: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    sources: tuple[Reference, ...] = ()
    suggestions: tuple[str, ...] = ()
    explanation: Explanation = Explanation()

    def as_json(self) -> dict[str, Any]:
        """The answer object of the interface: names and shapes that people's scripts rely on."""
        return {
            "question": self.question,
            "answered": self.answered,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "entities": [
                {
                    "type": e.type,
                    "id": e.id,
                    "text": e.text,
                    "start": e.start,
                    "end": e.end,
                    "score": round(e.score, 3),
                }
                for e in self.entities
            ],
            "roles": list(self.roles),
            "stages": list(self.stages),
            "products": list(self.products),
            "people": list(self.people),
            "text": self.text,
            "sources": [{"source": r.source, "section": r.section, "basis": r.basis} for r in self.sources],
            "suggestions": list(self.suggestions),
        }


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product in a reply."""

    id: str
    name: str
    status: str
    stages: tuple[str, ...]
    version: int

    def as_json(self) -> dict[str, Any]:
        """The `product` key of a reply."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "stages": list(self.stages),
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """One line for a product's channel about a change made elsewhere."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a surface asks for when a command leaves out required parts: the command so far, and what is missing.

    `verb` such as "stage decide"; `values` what was given; `version` the product's version it was made for.
    """

    verb: str
    product: str | None
    values: dict[str, Any]
    missing: tuple[str, ...]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A stay in a stage. `present`: it is still open, and ends now."""

    stage: str
    start: datetime
    end: datetime
    days: int
    present: bool = False
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """A move back from one stage to another; `origin` is empty where the product was closed."""

    origin: str
    target: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth a mark: a decision, and what was decided."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture's data. `stages`: (id, name) in the order to draw them, those of another framework last."""

    title: str
    stages: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    loops: tuple[Loop, ...]
    marks: tuple[Mark, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a slash command. `error`: null or one of the contract's words. `command`: as it was typed.

    `more_announcements`: where one command changed several products, those of the others. `timeline`: what a surface
    that can show pictures may draw beside the text.
    """

    command: str
    ok: bool
    text: str
    error: str | None = None
    visibility: Literal["ephemeral", "in_channel"] = "ephemeral"
    product: ProductView | None = None
    answer: Answer | None = None
    announcement: Announcement | None = None
    more_announcements: tuple[Announcement, ...] = ()
    form: Form | None = None
    timeline: Timeline | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The command object of `rolecall chat --json`."""
        shown: dict[str, Any] = self.answer.as_json() if self.answer else {}
        shown |= {
            "command": self.command,
            "ok": self.ok,
            "error": self.error,
            "visibility": self.visibility,
            "text": self.text,
        }
        if self.product:
            shown["product"] = self.product.as_json()
        return shown | self.extra

    def with_command(self, command: str) -> Reply:
        """The same reply to the command as it was typed."""
        return replace(self, command=command)
