"""Fit what recognises questions, from the intents' examples and a pack's own questions; save it and load it.

Two classifiers are fitted: what is asked (the intent, from questions whose entities are replaced by the words that
stand for them) and what it is about (the subject, from questions as they are, for those that do not name it).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count, pairwise
from pathlib import Path
from typing import TypeVar

from intents.classify import FORMAT, Classifier
from intents.entities import EntityName, Gazetteer, find_entities, repaired_words
from intents.errors import ModelError
from intents.forms import clauses, without_fillers
from intents.normalize import normalize, normalize_with_offsets
from intents.schema import SLOT, SLOTS, Intent, Phrasing, masked, slot_token
from intents.semantic import default_table
from intents.spelling import Speller
from intents.wordlore import WordEvidence, heads_pair
from intents.words import base_form, split_words

__all__ = [
    "MASKED_KINDS",
    "NOTHING",
    "Model",
    "compile_model",
    "data_fingerprint",
    "filled",
    "intent_examples",
    "load_model",
    "mask",
    "meaning_examples",
    "save_model",
    "subject_examples",
]

MASKED_KINDS = frozenset(
    {"activity", "stage", "role", "topic", "component", "product", "person", "date", "title", "artefact"}
)
"""The kinds of entity that the intent does not depend on, so that one example serves for all of a kind."""

MEANT_KINDS = ("stage", "role")
"""The kinds that questions speak of without a name: "once it is live", "the people who train models"."""

_REFUSALS = 1200
"""So many of the refused questions teach what is about nothing here."""

NOTHING = "nothing:"
"""What questions are about that are refused."""

_Item = TypeVar("_Item")

COMPILED_FORMAT = 14

_MOST_PHRASINGS = 2000
"""So many of a pack's questions, evenly spread, teach one intent, or what the stages are spoken of as: more only take
longer."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was fitted.

    `intents` says what is asked, `subjects` what it is about, where the question does not name it. `slots`: what each
    intent's answer needs to know. `refusals`: intents whose questions are refused. `entry_intents`: the intent of the
    pack's questions about each thing. `words`: what each word says about being answered or refused. `meanings`: for
    a kind, which of its things a text speaks of without a name.
    """

    intents: Classifier
    subjects: Classifier | None
    slots: dict[str, tuple[str, ...]]
    refusals: frozenset[str]
    entry_intents: dict[str, str]
    words: WordEvidence
    meanings: Mapping[str, Classifier]

    def meant(self, kind: str, text: str, floor: float) -> str | None:
        """The stage or the role that a text, prepared, speaks of without its name; None below a probability."""
        try:
            classifier = self.meanings.get(kind)
        except (ModelError, OSError):
            return None  # its file went away while the program runs
        if classifier is None:
            return None
        best, probability = classifier.rank(text).labels[0]
        return best if probability >= floor else None


def data_fingerprint(folder: Path) -> str:
    """A hash of the examples and of everything in the code that a compiled model depends on."""
    digest = sha256(f"{FORMAT}.{COMPILED_FORMAT}".encode())
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compile_model(folder: Path, names: Sequence[EntityName], phrasings: Sequence[Phrasing]) -> Model:
    """Fit the two classifiers; needs scikit-learn. Raises DataFileError and TrainingError."""
    from intents.loader import load_intents  # pydantic and YAML, which answering does without

    intents = load_intents(folder)
    refusals = frozenset(intent.id for intent in intents if intent.refusal)
    vocabulary = [name.name for name in names]
    texts, labels = intent_examples(intents, names, phrasings)
    # People leave out spaces: "golive" is a word here, and nothing to be repaired.
    vocabulary += ["".join(word.text for word in split_words(normalize(name))) for name in vocabulary]
    fitted = Classifier.fit(texts, labels, vocabulary, accept=None)
    about = subject_examples(intents, names, phrasings)
    subjects = None
    if len({label for _, label in about}) > 1:
        subjects = Classifier.fit([text for text, _ in about], [label for _, label in about], vocabulary, accept=None)
    answered = [text for text, label in zip(texts, labels, strict=True) if label not in refusals]
    refused = [text for text, label in zip(texts, labels, strict=True) if label in refusals]
    return Model(
        fitted,
        subjects,
        {intent.id: intent.slots for intent in intents},
        refusals,
        {f"{p.kind}:{p.id}": p.intent for p in phrasings if p.kind and p.intent},
        _word_evidence(answered, refused, [name.name for name in names]),
        {kind: found for kind in MEANT_KINDS if (found := _meanings(kind, names, phrasings, vocabulary))},
    )


def _meanings(
    kind: str, names: Sequence[EntityName], phrasings: Sequence[Phrasing], vocabulary: Sequence[str]
) -> Classifier | None:
    """What tells the things of a kind from each other by what is said about them; None where there are fewer than two.

    A responsibility speaks for its stage, and for the role that owns it alone.
    """
    about = meaning_examples(kind, names, phrasings)
    labels = [identity for _, identity in about]
    if len(set(labels)) < 2:
        return None
    return Classifier.fit([text for text, _ in about], labels, vocabulary, accept=None)


def meaning_examples(kind: str, names: Sequence[EntityName], phrasings: Sequence[Phrasing]) -> list[tuple[str, str]]:
    """What is said, normalised, about the things of a kind, with the id of each; empty where no phrasing has one."""
    about = [(p.text, p.id) for p in phrasings if p.kind == kind and p.id]
    if not about:
        return []
    about += [(name.name, name.id) for name in names if name.kind == kind]
    hints = [(p.text, p.home if kind == "stage" else p.owner) for p in phrasings if p.kind == "topic"]
    about += _thinned([(text, identity) for text, identity in hints if identity])
    return [(without_fillers(normalize(text)), identity) for text, identity in about]


def _thinned(items: Sequence[_Item], most: int = _MOST_PHRASINGS) -> Sequence[_Item]:
    """At most so many of the items, evenly spread."""
    most = min(len(items), most)
    return [items[at * len(items) // most] for at in range(most)]


def _word_evidence(answered: Sequence[str], refused: Sequence[str], names: Sequence[str]) -> WordEvidence:
    """In how many questions each word stands. What only surrounds a question is no word of it; names count once."""
    counts: list[Counter[str]] = []
    for texts in (answered, refused):
        count: Counter[str] = Counter()
        for text in texts:
            read = normalize(text)
            asking, _ = clauses(read)
            count.update({base_form(word.text) for a, b in asking for word in split_words(read[a:b])})
            words = [word.text for word in split_words(read)]
            count.update({pair for first, word in pairwise(words) if (pair := heads_pair(first, word))})
        counts.append(count)
    for name in names:
        for word in split_words(normalize(name)):
            counts[0].setdefault(base_form(word.text), 1)
    return WordEvidence(dict(counts[0]), dict(counts[1]), len(answered), len(refused))


def subject_examples(
    intents: Sequence[Intent], names: Sequence[EntityName], phrasings: Sequence[Phrasing]
) -> list[tuple[str, str]]:
    """The pack's own questions, and its names, with what they are about; then refused ones, about `NOTHING`."""
    known = {f"{p.kind}:{p.id}" for p in phrasings if p.intent and p.kind and p.id}
    found = [(p.text, f"{p.kind}:{p.id}") for p in phrasings if f"{p.kind}:{p.id}" in known]
    found += [(name.name, f"{name.kind}:{name.id}") for name in names if f"{name.kind}:{name.id}" in known]
    return found + _about_nothing(intents, names) if found else []


def _about_nothing(intents: Sequence[Intent], names: Sequence[EntityName]) -> list[tuple[str, str]]:
    examples = [example for intent in intents if intent.refusal for example in intent.examples]
    return [(text, NOTHING) for text in filled(_thinned(examples, _REFUSALS), names)]


def filled(examples: Sequence[str], names: Sequence[EntityName]) -> list[str]:
    """Examples as they are asked of a pack: its names, in turn, in place of the slots."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        named[name.kind].append(name.name)
    turn = count()

    def fill(slot: re.Match[str]) -> str:
        known = named.get(SLOTS.get(slot[1], slot[1]))
        return known[next(turn) % len(known)] if known else slot[1]

    return [SLOT.sub(fill, example) for example in examples]


def intent_examples(
    intents: Sequence[Intent], names: Sequence[EntityName], phrasings: Sequence[Phrasing]
) -> tuple[list[str], list[str]]:
    """The questions that intents are learnt from, masked and without fillers, and the intent of each."""
    texts = [masked(example) for intent in intents for example in intent.examples]
    labels = [intent.id for intent in intents for _ in intent.examples]
    gazetteer = Gazetteer(names)
    vocabulary = [normalize(text) for text in (*(name.name for name in names), *texts)]
    speller = Speller(vocabulary, default_table().knows)
    taught: defaultdict[str, list[Phrasing]] = defaultdict(list)
    for phrasing in (p for p in phrasings if p.intent):
        taught[phrasing.intent].append(phrasing)
    for phrasing in chain.from_iterable(map(_thinned, taught.values())):
        text = normalize_with_offsets(phrasing.text)
        words = repaired_words(text, speller)
        entities = find_entities(text, phrasing.text, words, [gazetteer], speller)
        texts.append(mask(phrasing.text, [(e.start, e.end, e.kind) for e in entities]))
        labels.append(phrasing.intent)
    return [without_fillers(normalize(text)) for text in texts], labels


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
    import shutil
    import tempfile

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
            "meanings": sorted(model.meanings),
            "words": [model.words.answered, model.words.refused, model.words.answered_total, model.words.refused_total],
        }
        for kind, classifier in model.meanings.items():
            classifier.save(making / f"meaning-{kind}.model")
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


class _OnDemand(Mapping[str, Classifier]):
    """Classifiers that are opened when they are first asked for: few questions need them."""

    def __init__(self, places: dict[str, Path]) -> None:
        for path in places.values():
            if not path.exists():
                raise ModelError(f"{path}: is missing")
        self._places = places
        self._opened: dict[str, Classifier] = {}

    def __getitem__(self, kind: str) -> Classifier:
        if kind not in self._opened:
            self._opened[kind] = Classifier.load(self._places[kind])
        return self._opened[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


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
            WordEvidence(*about["words"]),
            _OnDemand({kind: folder / f"meaning-{kind}.model" for kind in about["meanings"]}),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: is no compiled model: {error}") from error
