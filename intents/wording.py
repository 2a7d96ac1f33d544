"""What a text's wording says for each label: the sum of what each of its words says, remembered word by word.

What the letters of the examples' words say is worked out when a classifier is fitted (`spell_out`), that of other
words when they are first met.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from intents.lexical import LexicalFeatures, Part
from intents.linear import WordingWeights

__all__ = ["Spelled", "Wording", "spell_out"]

_REMEMBERED = 2_000_000
"""At most about so many numbers are kept for each family of features, 8 MB."""

Spelled = tuple[NDArray[np.float16], NDArray[np.float32]]
"""What the letters of each single word say (words × labels), and the sum of their squared weights (words)."""

_Said = tuple[NDArray[np.float32], float]


class Wording:
    """The lexical half of a classifier. Safe to use from many threads: at worst a word is worked out twice."""

    def __init__(
        self, features: LexicalFeatures, weights: WordingWeights, labels: int, spelled: Spelled | None = None
    ) -> None:
        """`labels`: how many there are."""
        self._features = features
        self._weights = weights
        self._spelled = spelled
        self._limit = max(_REMEMBERED // max(labels, 1), 16)
        self._of_words: dict[str, _Said | None] = {}
        self._of_letters: dict[str, _Said | None] = {}

    def add_to(self, total: NDArray[np.float32], text: str) -> None:
        """Add, in place, what the wording of a normalised text says to the logits (labels,)."""
        words, letters = self._features.families(text)
        self._add(total, words, self._of_words, self._say_word)
        self._add(total, letters, self._of_letters, self._say_letters)

    def _add(
        self,
        total: NDArray[np.float32],
        features: Sequence[str],
        known: dict[str, _Said | None],
        say: Callable[[str], _Said | None],
    ) -> None:
        rows = []
        square = 0.0
        for feature in features:
            try:
                said = known[feature]
            except KeyError:
                said = say(feature)
                if len(known) < self._limit:
                    known[feature] = said
            if said is not None:
                rows.append(said[0])
                square += said[1]
        if rows:
            said_by_all: NDArray[np.float32] = np.add.reduce(rows)
            total += said_by_all * np.float32(1.0 / math.sqrt(square))

    def _say_word(self, feature: str) -> _Said | None:
        return self._say(self._features.of_words(feature))

    def _say_letters(self, word: str) -> _Said | None:
        if self._spelled is not None:
            rows, squares = self._spelled
            column = self._features.column_of(word)
            if column is not None and column < len(rows):
                return rows[column].astype(np.float32), float(squares[column])
        return self._say(self._features.of_letters(word))

    def _say(self, part: Part | None) -> _Said | None:
        return (self._weights.logits(part.columns, part.weights), part.square) if part else None


def spell_out(features: LexicalFeatures, weights: WordingWeights, labels: int) -> Spelled:
    """Work out what the letters of each single word say."""
    count = features.singles
    rows, squares = np.zeros((count, labels), np.float16), np.ones(count, np.float32)
    for at, word in enumerate(features.words[:count]):
        part = features.of_letters(word)
        if part is not None:
            rows[at] = weights.logits(part.columns, part.weights)
            squares[at] = part.square
    return rows, squares
