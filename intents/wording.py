"""What a text's wording says for each label: the sum of what its words, their pairs and their letters say.

What the letters of the examples' words say is worked out when a classifier is fitted (`spell_out`), that of other
words when they are first met.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intents.lexical import LexicalFeatures, spelled_words
from intents.linear import WordingWeights

__all__ = ["Spelled", "Wording", "spell_out"]

_REMEMBERED = 2_000_000
"""At most about so many numbers are kept of what the letters of words say, 8 MB."""

Spelled = tuple[NDArray[np.float16], NDArray[np.float32]]
"""What the letters of each single word say (words × labels), and the sum of their squared weights (words)."""

_Said = tuple[NDArray[np.float32], float]
"""What letters say for each label, and the sum of their squared weights."""


class Wording:
    """The lexical half of a classifier. Safe to use from many threads: at worst a word is worked out twice."""

    def __init__(
        self, features: LexicalFeatures, weights: WordingWeights, labels: int, spelled: Spelled | None = None
    ) -> None:
        """`labels`: how many there are."""
        self._features = features
        self._weights = weights
        self._spelled = spelled
        self._labels = labels
        self._limit = max(_REMEMBERED // max(labels, 1), 16)
        self._of_letters: dict[str, _Said | None] = {}

    def logits(self, text: str) -> NDArray[np.float32]:
        """What the wording of a normalised text says for each label (labels,)."""
        total = np.zeros(self._labels, np.float32)
        column_of = self._features.column_of
        words = spelled_words(text)
        said = [(word, column_of(word)) for word in words]
        columns = [column for _, column in said if column is not None]
        unknown = words if self._spelled is None else [word for word, column in said if column is None]
        self._add_letters(total, unknown, columns)
        columns += self._features.pairs_of([column for word, column in said if word != "?"])
        if columns:
            at = np.array(columns, np.int32)
            amounts = self._features.frequency.take(at)
            total += self._weights.logits(at, amounts / np.float32(math.sqrt(amounts.dot(amounts))))
        return total

    def _add_letters(self, total: NDArray[np.float32], unknown: Sequence[str], columns: Sequence[int]) -> None:
        """Add what the letters of some words say, and those of the words that have these columns."""
        known = self._of_letters
        rows: list[NDArray[np.float32]] = []
        square = 0.0
        for word in unknown:
            try:
                said = known[word]
            except KeyError:
                said = self._say_letters(word)
                if len(known) < self._limit:
                    known[word] = said
            if said is not None:
                rows.append(said[0])
                square += said[1]
        if self._spelled is not None and columns:
            spelled, squares = self._spelled
            rows.append(np.add.reduce(spelled.take(columns, axis=0).astype(np.float32)))
            square += sum(squares.take(columns).tolist())
        if rows:
            by_all: NDArray[np.float32] = rows[0] if len(rows) == 1 else np.add.reduce(rows)
            total += by_all * np.float32(1.0 / math.sqrt(square))

    def _say_letters(self, word: str) -> _Said | None:
        part = self._features.of_letters(word)
        return (self._weights.logits(part.columns, part.weights), part.square) if part else None


def spell_out(features: LexicalFeatures, weights: WordingWeights, labels: int) -> Spelled:
    """Work out what the letters of each single word say."""
    count = len(features.words)
    rows, squares = np.zeros((count, labels), np.float16), np.ones(count, np.float32)
    for at, word in enumerate(features.words.strings):
        part = features.of_letters(word)
        if part is not None:
            rows[at] = weights.logits(part.columns, part.weights)
            squares[at] = part.square
    return rows, squares
