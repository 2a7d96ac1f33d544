"""A message, prepared for reading: normalised, its spelling repaired, its entities found and masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from intents.compile import MASKED_KINDS
from intents.entities import Entity, Gazetteer, find_entities, repaired_words
from intents.forms import QuestionForm, adjuncts
from intents.normalize import Normalized, normalize_with_offsets
from intents.schema import slot_token
from intents.spelling import Speller
from intents.words import Word

__all__ = ["THINGS", "Asked", "Context", "Message", "by_kind", "prepare", "refers"]

THINGS = ("topic", "component", "artefact")
"""The kinds of entity that somebody owns."""


_COINED = re.compile(r"[A-Z]+[a-z]+[A-Z]\w*|[A-Z]{2,}[a-z]{2,}\w*")


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation was about: the last intent, and the ids it named, by kind.

    `answered`: the ids that the last answer gave, by kind: what "them" and "there" mean next.
    """

    intent: str | None = None
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    question: str = ""

    def kinds(self) -> set[str]:
        """The kinds of what was asked about, or answered."""
        return {kind for kind, ids in (*self.slots.items(), *self.answered.items()) if ids}

    def to_json(self) -> dict[str, object]:
        """As plain data, for a store."""
        return {
            "intent": self.intent,
            "slots": {kind: list(ids) for kind, ids in self.slots.items()},
            "answered": {kind: list(ids) for kind, ids in self.answered.items()},
            "question": self.question,
        }

    @classmethod
    def from_json(cls, data: object) -> Context:
        """What `to_json` gave; of anything else, an empty context: a stored one may be older than the program."""
        if not isinstance(data, dict):
            return cls()
        intent, question = data.get("intent"), data.get("question")
        return cls(
            intent if isinstance(intent, str) else None,
            _ids(data.get("slots")),
            _ids(data.get("answered")),
            question if isinstance(question, str) else "",
        )


def _ids(data: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(data, dict):
        return {}
    return {
        kind: tuple(one for one in ids if isinstance(one, str))
        for kind, ids in data.items()
        if isinstance(kind, str) and isinstance(ids, (list, tuple))
    }


@dataclass(frozen=True, slots=True)
class Message:
    """A message, prepared: normalised, cut into words, its entities found. Spans count its normalised characters."""

    original: str
    normalized: Normalized
    words: list[Word]
    entities: list[Entity]
    changes: list[tuple[int, int, str]]

    @property
    def whole(self) -> tuple[int, int]:
        """The span of all of it."""
        return 0, len(self.normalized.text)

    def within(self, span: tuple[int, int]) -> list[Entity]:
        """The entities inside a span."""
        return [entity for entity in self.entities if entity.at[0] >= span[0] and entity.at[1] <= span[1]]

    def words_within(self, span: tuple[int, int]) -> list[tuple[Word, Entity | None]]:
        """The words inside a span, each with the entity it is part of."""
        words = [word for word in self.words if word.start >= span[0] and word.end <= span[1]]
        entities = self.within(span)
        if not entities:
            return [(word, None) for word in words]
        found: list[tuple[Word, Entity | None]] = []
        at = 0
        for word in words:
            # Both are in the order of the text, and entities do not overlap.
            while at < len(entities) and entities[at].at[1] <= word.start:
                at += 1
            # By its start: the "s" of a possessive is no part of the entity.
            inside = at < len(entities) and entities[at].at[0] <= word.start < entities[at].at[1]
            found.append((word, entities[at] if inside else None))
        return found

    def as_asked(self, span: tuple[int, int]) -> str:
        """A part as it was written."""
        first, last = self.normalized.original_span(*span)
        return self.original[first:last]

    def plain(self, span: tuple[int, int]) -> str:
        """A part, normalised, with its spelling repaired."""
        return self._rewritten(span, self.changes)

    def masked(self, span: tuple[int, int]) -> str:
        """The same with its entities replaced by the words that stand for their kinds."""
        entities = [e for e in self.within(span) if e.kind in MASKED_KINDS]
        better: list[tuple[int, int, str]] = [(*entity.at, slot_token(entity.kind)) for entity in entities]
        for start, end, text in self.changes:
            if all(end <= entity.at[0] or start >= entity.at[1] for entity in entities):
                better.append((start, end, text))
        return self._rewritten(span, sorted(better))

    def _rewritten(self, span: tuple[int, int], changes: Sequence[tuple[int, int, str]]) -> str:
        text = self.normalized.text
        done, last = span
        parts = []
        for start, end, better in changes:
            if start >= done and end <= last:
                parts += [text[done:start], better]
                done = end
        return "".join([*parts, text[done:last]])


def prepare(text: str, gazetteers: Sequence[Gazetteer], speller: Speller) -> Message:
    """Normalise a message and find what it names. Never raises."""
    normalized = normalize_with_offsets(text)
    _, changes = speller.repair_with_changes(normalized.text)
    changes = [change for change in changes if not _is_coined(normalized, text, change)]
    words = repaired_words(normalized, speller, changes)
    entities = find_entities(normalized, text, words, gazetteers, speller)
    return Message(text, normalized, words, entities, changes)


def _is_coined(normalized: Normalized, original: str, change: tuple[int, int, str]) -> bool:
    """Whether a repair would replace a name with capitals inside ("DataOps"), and not only a letter of it."""
    start, end, better = change
    first, last = normalized.original_span(start, end)
    return (
        _COINED.fullmatch(original[first:last]) is not None
        and OSA.distance(normalized.text[start:end], better, score_cutoff=1) > 1
    )


_REFERS = re.compile(
    r"\b(?:he|she|him|her|they|them|their|it|its|this|that|these|those|(?<!are )(?<!is )there(?! (?:is|are)\b)"
    r"|then|else|others?|one|ones|both|also|too)\b|^(?:and|or|but|so|ok|okay|also|then|what about|how about)\b"
)


def refers(plain: str) -> bool:
    """Whether a normalised question refers to what was said before it: "who helps them?", "and in painting?"."""
    return _REFERS.search(plain) is not None


def _nothing(kind: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a message, prepared. `named`: the entities in it, `around`: those in the sentences around it."""

    form: QuestionForm
    plain: str
    start: int
    named: Sequence[Entity]
    around: Sequence[Entity]
    context: Context | None
    allowed: Container[str]
    meant: Callable[[str], str | None] = _nothing
    """The stage or role that the question, or the message around it, speaks of without its name."""

    def elsewhere(self, kind: str) -> tuple[str, ...] | None:
        """The ids of a kind that are named around the question, or were earlier in the conversation."""
        found = by_kind(self.around).get(kind)
        if found or self.context is None:
            return found
        # "Them" are those that the last answer gave; failing that, what was asked about.
        return self.context.answered.get(kind) or self.context.slots.get(kind)

    def told(self, kind: str) -> tuple[str, ...] | None:
        """As `elsewhere`, for what a question can do without: from the conversation only where it refers to that.

        A product that was spoken of goes on being spoken of.
        """
        if self.context is not None and (kind == "product" or refers(self.plain)):
            return self.elsewhere(kind)
        return by_kind(self.around).get(kind)

    def elsewhere_named(self, kinds: Sequence[str]) -> bool:
        """Whether a thing of one of these kinds is named around the question."""
        return any(entity.kind in kinds for entity in self.around)

    def names_a_thing(self) -> bool:
        """Whether the question names a thing in more than a single word."""
        return any(
            entity.kind in THINGS and len(entity.text.split()) > 1 and not self.is_adjunct(entity)
            for entity in self.named
        )

    def is_adjunct(self, entity: Entity) -> bool:
        """Whether an entity only says when: "before painting begins", "once it is live"."""
        return any(a <= entity.at[0] - self.start < b for a, b in adjuncts(self.plain))


def by_kind(entities: Sequence[Entity]) -> dict[str, tuple[str, ...]]:
    """The ids that entities may mean, by kind, in the order of the text."""
    found: dict[str, list[str]] = {}
    for entity in entities:
        for kind, identity in ((entity.kind, entity.id), *entity.alternatives):
            if identity not in found.setdefault(kind, []):
                found[kind].append(identity)
    return {kind: tuple(ids) for kind, ids in found.items()}
