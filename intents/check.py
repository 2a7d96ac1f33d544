"""Find examples that the matcher, fitted without them, gives to another intent. Needs what fitting needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from intents.classify import Classifier
from intents.compile import intent_examples
from intents.entities import EntityName
from intents.loader import load_intents
from intents.schema import Phrasing, unmasked
from intents.training import fold_numbers

__all__ = ["Stray", "strays"]

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Stray:
    """An example, its intent, and the one that the matcher gives it when it has not seen it."""

    text: str
    intent: str
    found: str
    probability: float


def strays(
    folder: Path,
    names: Sequence[EntityName],
    phrasings: Sequence[Phrasing],
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Stray]:
    """The examples and phrasings that go astray in cross-validation, the surest mistakes first.

    Those of one sort of refusal that are taken for another are none: both are refused. Raises DataFileError.
    """
    import numpy as np

    intents = load_intents(folder)
    refusals = {intent.id for intent in intents if intent.refusal}
    texts, labels = intent_examples(intents, names, phrasings)
    numbers = {label: at for at, label in enumerate(sorted(set(labels)))}
    order = sorted(range(len(texts)), key=lambda at: numbers[labels[at]])
    folds = fold_numbers(np.array([numbers[labels[at]] for at in order], np.int64), FOLDS)
    found = []
    for fold in range(FOLDS):
        kept = [at for at, number in zip(order, folds, strict=True) if number != fold]
        held = [at for at, number in zip(order, folds, strict=True) if number == fold]
        fitted = Classifier.fit(
            [texts[at] for at in kept], [labels[at] for at in kept], [name.name for name in names], accept=None
        )
        for at in held:
            best, probability = fitted.rank(fitted.prepare(texts[at])).labels[0]
            if best != labels[at] and not {best, labels[at]} <= refusals:
                found.append(Stray(unmasked(texts[at]), labels[at], best, probability))
        progress(fold + 1, FOLDS)
    return sorted(found, key=lambda stray: -stray.probability)
