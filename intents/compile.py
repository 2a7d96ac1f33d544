"""Fit what recognises questions, from the intents' examples and a pack's own questions; save it and load it.

Two classifiers are fitted: what is asked (the intent, from questions whose entities are replaced by the words that
stand for them) and what it is about (the subject, from questions as they are, for those that do not name it).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from intents.classify import FORMAT, Classifier
from intents.entities import EntityName, Gazetteer, find_entities, repaired_words
from intents.errors import ModelError
from intents.loader import load_intents
from intents.normalize import normalize, normalize_with_offsets
from intents.schema import Intent, Phrasing, masked, slot_token
from intents.semantic import default_table
from intents.spelling import Speller
from intents.words import base_form, split_words

__all__ = ["MASKED_KINDS", "Model", "compile_model", "data_fingerprint", "load_model", "mask", "save_model"]

MASKED_KINDS = frozenset({"stage", "role", "topic", "component", "product", "person", "date", "title", "artefact"})
"""The kinds of entity that the intent does not depend on, so that one example serves for all of a kind."""

COMPILED_FORMAT = 5


@dataclass(frozen=True, slots=True)
class Model:
    """What was fitted.

    `intents` says what is asked, `subjects` what it is about, where the question does not name it. `needs`: the slots without which an intent cannot be answered. `refusals`: intents that are such questions. `entry_intents`:
    the intent of the pack's questions about each thing. `familiar`: base forms of the words of which answerable
    questions are made.
    """

    intents: Classifier
    subjects: Classifier | None
    slots: dict[str, tuple[str, ...]]
    refusals: frozenset[str]
    entry_intents: dict[str, str]
    familiar: frozenset[str]


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
    refusals = frozenset(intent.id for intent in intents if intent.refusal)
    vocabulary = [name.name for name in names]
    texts, labels = _intent_examples(intents, names, phrasings)
    fitted = Classifier.fit(texts, labels, vocabulary)
    about = _subject_examples(names, phrasings)
    subjects = None
    if len({label for _, label in about}) > 1:
        subjects = Classifier.fit([text for text, _ in about], [label for _, label in about], vocabulary)
    answered = [text for text, label in zip(texts, labels, strict=True) if label not in refusals]
    familiar = {base_form(word.text) for text in (*answered, *vocabulary) for word in split_words(normalize(text))}
    return Model(
        fitted,
        subjects,
        {intent.id: intent.slots for intent in intents},
        refusals,
        {f"{p.kind}:{p.id}": p.intent for p in phrasings if p.kind},
        frozenset(familiar),
    )


def _subject_examples(names: Sequence[EntityName], phrasings: Sequence[Phrasing]) -> list[tuple[str, str]]:
    """The pack's own questions, and its names, with what they are about."""
    found = [(p.text, f"{p.kind}:{p.id}") for p in phrasings if p.kind and p.id]
    known = {label for _, label in found}
    found += [(name.name, f"{name.kind}:{name.id}") for name in names if f"{name.kind}:{name.id}" in known]
    return found


def _intent_examples(
    intents: Sequence[Intent], names: Sequence[EntityName], phrasings: Sequence[Phrasing]
) -> tuple[list[str], list[str]]:
    texts = [masked(example) for intent in intents for example in intent.examples]
    labels = [intent.id for intent in intents for _ in intent.examples]
    gazetteer = Gazetteer(names)
    vocabulary = [normalize(text) for text in (*(name.name for name in names), *texts)]
    speller = Speller(vocabulary, default_table().knows)
    for phrasing in phrasings:
        text = normalize_with_offsets(phrasing.text)
        words = repaired_words(text, speller)
        entities = find_entities(text, phrasing.text, words, [gazetteer], speller)
        texts.append(mask(phrasing.text, [(e.start, e.end, e.kind) for e in entities]))
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
    """Write a model into a folder of its own, whole or not at all; raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        model.intents.save(making / "intents.model")
        if model.subjects is not None:
            model.subjects.save(making / "subjects.model")
        about = {
            "format": COMPILED_FORMAT,
            "slots": model.slots,
            "refusals": sorted(model.refusals),
            "subjects": model.subjects is not None,
            "entry_intents": model.entry_intents,
            "familiar": sorted(model.familiar),
        }
        (making / "about.json").write_text(json.dumps(about), encoding="utf-8")
        making.chmod(0o755)
        try:
            making.rename(folder)
        except OSError:
            # Another process was quicker, or what is there is damaged: ours is as good as theirs, and whole.
            shutil.rmtree(folder, ignore_errors=True)
            making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def load_model(folder: Path) -> Model:
    """Open what `save_model` wrote; raises ModelError where it is missing, damaged or of another version."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["format"] != COMPILED_FORMAT:
            raise ModelError(f"{folder}: was compiled by another version")
        slots = {intent: tuple(names) for intent, names in about["slots"].items()}
        subjects = Classifier.load(folder / "subjects.model") if about["subjects"] else None
        return Model(
            Classifier.load(folder / "intents.model"),
            subjects,
            slots,
            frozenset(about["refusals"]),
            about["entry_intents"],
            frozenset(about["familiar"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: is no compiled model: {error}") from error
