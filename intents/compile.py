"""Fit what recognises questions, from the intents' examples and a pack's own questions; save it and load it.

Two classifiers are fitted: what is asked (the intent, from questions whose entities are replaced by the words that
stand for them) and what it is about (the subject, from questions as they are, for those that do not name it).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from intents.classify import FORMAT, Classifier
from intents.entities import EntityName, Gazetteer, find_entities, repaired_words
from intents.errors import ModelError
from intents.loader import load_intents
from intents.normalize import normalize_with_offsets
from intents.schema import Intent, Phrasing, masked, slot_token

__all__ = ["MASKED_KINDS", "Model", "compile_model", "data_fingerprint", "load_model", "mask", "save_model"]

MASKED_KINDS = frozenset({"stage", "role", "topic", "component", "product", "person", "date", "title", "artefact"})
"""The kinds of entity that the intent does not depend on, so that one example serves for all of a kind."""

COMPILED_FORMAT = 3


@dataclass(frozen=True, slots=True)
class Model:
    """What was fitted. `needs`: the slots without which an intent cannot be answered. `refusals`: intents that are
    questions which Rolecall does not answer."""

    intents: Classifier
    subjects: Classifier | None
    needs: dict[str, tuple[str, ...]]
    refusals: frozenset[str]


def data_fingerprint(folder: Path) -> str:
    """A hash of the examples and of everything in the code that a compiled model depends on."""
    digest = sha256(f"{FORMAT}.{COMPILED_FORMAT}".encode())
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compile_model(folder: Path, names: Sequence[EntityName], phrasings: Sequence[Phrasing]) -> Model:
    """Fit the two classifiers; needs scikit-learn. Raises DataFileError and TrainingError."""
    intents = load_intents(folder)
    texts, labels = _intent_examples(intents, names, phrasings)
    vocabulary = [name.name for name in names]
    fitted = Classifier.fit(texts, labels, vocabulary)
    about = [(p.text, f"{p.kind}:{p.id}") for p in phrasings if p.kind and p.id]
    about += [
        (name.name, f"{name.kind}:{name.id}") for name in names if any(a[1] == f"{name.kind}:{name.id}" for a in about)
    ]
    subjects = None
    if len({label for _, label in about}) > 1:
        subjects = Classifier.fit([text for text, _ in about], [label for _, label in about], vocabulary)
    return Model(
        fitted,
        subjects,
        {intent.id: intent.needs for intent in intents},
        frozenset(intent.id for intent in intents if intent.refusal),
    )


def _intent_examples(
    intents: Sequence[Intent], names: Sequence[EntityName], phrasings: Sequence[Phrasing]
) -> tuple[list[str], list[str]]:
    texts = [masked(example) for intent in intents for example in intent.examples]
    labels = [intent.id for intent in intents for _ in intent.examples]
    gazetteer = Gazetteer(names)
    speller = fitting_speller(names, texts)
    for phrasing in phrasings:
        text = normalize_with_offsets(phrasing.text)
        words = repaired_words(text, speller)
        entities = find_entities(text, phrasing.text, words, [gazetteer], speller)
        texts.append(mask(phrasing.text, [(e.start, e.end, "title" if e.title else e.kind) for e in entities]))
        labels.append(phrasing.intent)
    return texts, labels


def mask(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """The text with each span (start, end, kind) replaced by the word that stands for its kind."""
    parts = []
    done = 0
    for start, end, kind in spans:
        if kind in MASKED_KINDS:
            parts += [text[done:start], slot_token(kind)]
            done = end
    return "".join([*parts, text[done:]])


def save_model(model: Model, folder: Path) -> None:
    """Write a model into a folder of its own; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    model.intents.save(folder / "intents.model")
    if model.subjects is not None:
        model.subjects.save(folder / "subjects.model")
    about = {
        "format": COMPILED_FORMAT,
        "needs": model.needs,
        "refusals": sorted(model.refusals),
        "subjects": model.subjects is not None,
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def load_model(folder: Path) -> Model:
    """Open what `save_model` wrote; raises ModelError where it is missing, damaged or of another version."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["format"] != COMPILED_FORMAT:
            raise ModelError(f"{folder}: was compiled by another version")
        needs = {intent: tuple(slots) for intent, slots in about["needs"].items()}
        subjects = Classifier.load(folder / "subjects.model") if about["subjects"] else None
        return Model(Classifier.load(folder / "intents.model"), subjects, needs, frozenset(about["refusals"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: is no compiled model: {error}") from error
