"""What a text's wording says for each label: the sum of what its words, their pairs and their letters say.

What the letters of the examples' words say is worked out when a classifier is fitted (`spell_out`), that of other
words when they are first met.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intents.lexical import LexicalFeatures, pairs_of, spelled_words, words_of
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
        self._limit = max(_REMEMBERED // max(labels, 1), 16)
        self._of_letters: dict[str, _Said | None] = {}

    def add_to(self, total: NDArray[np.float32], text: str) -> None:
        """Add, in place, what the wording of a normalised text says to the logits (labels,)."""
        words = words_of(text)
        columns = self._columns_of(words)
        letters = spelled_words(text)
        if self._spelled is not None:
            column_of = self._features.column_of
            letters = [word for word in letters if column_of(word) is None]
        self._add_letters(total, letters, columns)
        columns += self._columns_of(pairs_of(words))
        if columns:
            at = np.array(columns, np.int32)
            amounts = self._features.frequency.take(at)
            total += self._weights.logits(at, amounts) * np.float32(1.0 / math.sqrt(amounts.dot(amounts)))

    def _columns_of(self, features: Sequence[str]) -> list[int]:
        column_of = self._features.column_of
        return [column for feature in features if (column := column_of(feature)) is not None]

    def _add_letters(self, total: NDArray[np.float32], words: Sequence[str], spelled: Sequence[int] = ()) -> None:
        """Add what the letters of some words say, and of those that were spelled out, which come as columns."""
        known = self._of_letters
        said: list[_Said] = []
        for word in words:
            try:
                found = known[word]
            except KeyError:
                found = self._say_letters(word)
                if len(known) < self._limit:
                    known[word] = found
            if found is not None:
                said.append(found)
        rows = [row for row, _ in said]
        square = sum(one for _, one in said)
        if self._spelled is not None and spelled:
            at = np.array(spelled, np.int32)
            rows.append(np.add.reduce(self._spelled[0].take(at, axis=0), dtype=np.float32))
            square += float(self._spelled[1].take(at).sum())
        if rows:
            by_all: NDArray[np.float32] = rows[0] if len(rows) == 1 else np.add.reduce(rows)
            total += by_all * np.float32(1.0 / math.sqrt(square))

    def _say_letters(self, word: str) -> _Said | None:
        part = self._features.of_letters(word)
        return (self._weights.logits(part.columns, part.weights), part.square) if part else None


def spell_out(features: LexicalFeatures, weights: WordingWeights, labels: int) -> Spelled:
    """Work out what the letters of each single word say."""
    count = features.singles
    rows, squares = np.zeros((count, labels), np.float16), np.ones(count, np.float32)
    for at, word in enumerate(features.words.strings[:count]):
        part = features.of_letters(word)
        if part is not None:
            rows[at] = weights.logits(part.columns, part.weights)
            squares[at] = part.square
    return rows, squares
