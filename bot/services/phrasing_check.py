"""Phrasings of a pack that the matcher gives to another entry, though it has seen them under their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intents.classify import Classifier
from intents.entities import EntityName, Gazetteer, find_entities, repaired_words
from intents.errors import TrainingError
from intents.normalize import normalize_with_offsets
from intents.spelling import Speller
from intents.words import BEFORE_NOUN, CONNECTORS
from knowledge.checks import Finding
from knowledge.schema import Pack

QUICK = 3_000
"""Up to this many phrasings the check takes seconds; more are checked only where that is asked for."""

_NAMED = frozenset({"responsibilities", "components"})
"""What is found by its name in a question; entries and handovers are found by what they mean alone."""

_ASKING = (
    BEFORE_NOUN | CONNECTORS | {"whom", "whose", "owns", "owner", "own", "responsible", "job", "task", "takes", "care"}
)
"""Words that only ask: what else a phrasing says tells what it means."""

_KINDS = {"responsibilities": "topic", "components": "component", "handovers": "handover", "entries": "entry"}


def count(pack: Pack) -> int:
    """How many phrasings the pack has."""
    return sum(len(item.phrasings) for kind in _KINDS for item in getattr(pack, kind))


def misread(pack: Pack) -> list[Finding]:
    """A warning for each phrasing that leads elsewhere."""
    examples = list(_examples(pack))
    if len({label for _, label, _ in examples}) < 2:
        return []
    vocabulary = [name for kind in _KINDS for item in getattr(pack, kind) for name in (item.name, *item.aliases)]
    vocabulary += [name for item in (*pack.stages, *pack.roles) for name in (item.name, *item.aliases)]
    try:
        texts, labels = [text for text, _, _ in examples], [label for _, label, _ in examples]
        matcher = Classifier.fit(texts, labels, vocabulary, accept=None)
    except TrainingError:
        return []  # too few to learn from: then nothing can be said either
    gazetteer = Gazetteer(
        EntityName(label, item.id, name)
        for kind, label in _KINDS.items()
        if kind in _NAMED
        for item in getattr(pack, kind)
        for name in (item.name, *item.aliases)
    )
    found = []
    for text, label, location in examples:
        if location is None:
            continue
        given = _named(text, label, gazetteer, matcher.speller) or matcher.rank(matcher.prepare(text)).labels[0][0]
        if given != label:
            kind, _, other = given.partition(":")
            message = f"the matcher gives this question to the {kind} “{other}”: reword it, or move it there"
            found.append(Finding(location, message, "warning"))
    return found


def _named(text: str, label: str, gazetteer: Gazetteer, speller: Speller) -> str | None:
    """The thing whose name is all that a phrasing says, where it is another's: a name goes before a meaning."""
    normalized = normalize_with_offsets(text)
    words = repaired_words(normalized, speller)
    entities = find_entities(normalized, text, words, [gazetteer], speller)
    meant = {f"{kind}:{identity}" for e in entities for kind, identity in ((e.kind, e.id), *e.alternatives)}
    if len(meant) != 1 or label in meant:
        return None
    (entity,) = entities
    left = {word.text for word in words if not entity.at[0] <= word.start < entity.at[1]}
    return meant.pop() if left <= _ASKING else None


def _examples(pack: Pack) -> Iterator[tuple[str, str, tuple[Any, ...] | None]]:
    """What the matcher learns from, as it does in service: phrasings, with their places, and names."""
    for kind, label in _KINDS.items():
        for i, item in enumerate(getattr(pack, kind)):
            for j, text in enumerate(item.phrasings):
                yield text, f"{label}:{item.id}", (kind, i, "phrasings", j)
            if item.phrasings:
                yield from ((name, f"{label}:{item.id}", None) for name in (item.name, *item.aliases))
