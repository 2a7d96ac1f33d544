"""TF-IDF of words and of letters, as scikit-learn computes it, without scikit-learn at question time.

Two families of features, each L2-normalised and set side by side: words and pairs of words, and runs of two
to five characters inside words (scikit-learn's `char_wb`). Counts are damped (1 + ln count), weighted with
the smoothed inverse document frequency ln((1 + n) / (1 + df)) + 1, as scikit-learn's `TfidfVectorizer` does.
The letters forgive typing errors and endings that the words do not.

A question's features come as a short list of columns and weights, not as a row of thousands of zeros: the
classifier adds up the rows of its coefficients that they name.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LexicalFeatures", "TextFeatures", "fit_lexical", "transform_many"]

_WORD = re.compile(r"\w+")
_SHORTEST_RUN, _LONGEST_RUN = 2, 5
_MEMO_LIMIT = 20_000
_DAMPED = np.concatenate([[0.0], 1.0 + np.log(np.arange(1, 4096))]).astype(np.float32)
"""What a feature that occurs so often counts; beyond the last, as much as the last."""
_LONGEST_WORD = 64
"""Of a longer "word" (a pasted key, a line of dots) only this many characters are read."""


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """The features of one text that occurred in training: columns, and their weights (float32)."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]


def words_of(text: str) -> list[str]:
    """The words of a normalised text, in order."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text)]


def word_features(text: str) -> list[str]:
    """The words of `text`, then its pairs of neighbouring words, in order."""
    words = words_of(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def letter_features(text: str) -> list[str]:
    """All runs of two to five characters of the space-padded words of `text`."""
    return [run for word in text.split() for run in _runs(word)]


def _runs(word: str) -> list[str]:
    padded = f" {word[:_LONGEST_WORD]} "
    runs = []
    for length in range(_SHORTEST_RUN, _LONGEST_RUN + 1):
        if length >= len(padded):
            runs.append(padded)
            break
        runs.extend(padded[at : at + length] for at in range(len(padded) - length + 1))
    return runs


class LexicalFeatures:
    """Turns normalised texts into the TF-IDF features that were fitted."""

    def __init__(self, words: Sequence[str], runs: Sequence[str], frequency: NDArray[np.float32]) -> None:
        """`words` and `runs` name the columns, in this order; `frequency` is each one's inverse frequency."""
        if len(frequency) != len(words) + len(runs):
            raise ValueError(f"{len(frequency)} weights for {len(words) + len(runs)} columns")
        self.words = list(words)
        self.runs = list(runs)
        self.frequency = frequency
        self._word_column: Mapping[str, int] = {word: at for at, word in enumerate(self.words)}
        self._run_column: Mapping[str, int] = {run: at for at, run in enumerate(self.runs, len(self.words))}
        self._runs_of: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.frequency)

    def transform(self, text: str) -> TextFeatures:
        """The features of one normalised text; what training never saw is left out."""
        word_column = self._word_column
        counts = Counter([word_column[feature] for feature in word_features(text) if feature in word_column])
        words = len(counts)
        # Columns of words and of runs are never the same, and a counter keeps their order.
        counts.update(chain.from_iterable(map(self._runs_in, text.split())))
        columns = np.fromiter(counts, np.int32, len(counts))
        weights = self.frequency[columns]
        if max(counts.values(), default=0) > 1:
            weights *= _DAMPED.take(np.fromiter(counts.values(), np.int32, len(counts)), mode="clip")
        for family in (slice(0, words), slice(words, None)):
            norm = math.sqrt(float(weights[family].dot(weights[family])))
            if norm > 0:
                weights[family] *= np.float32(1.0 / norm)
        return TextFeatures(columns, weights)

    def _runs_in(self, word: str) -> list[int]:
        found = self._runs_of.get(word)
        if found is None:
            column = self._run_column
            found = [column[run] for run in _runs(word) if run in column]
            if len(self._runs_of) < _MEMO_LIMIT:
                self._runs_of[word] = found
        return found


def fit_lexical(texts: Sequence[str], minimum_count: int = 1) -> LexicalFeatures:
    """Learn the columns and their weights from normalised texts.

    `minimum_count` leaves out features that occur in fewer texts than that.
    """
    frequency: list[float] = []
    families: list[list[str]] = []
    for features_of in (word_features, letter_features):
        count: dict[str, int] = {}
        for text in texts:
            for feature in set(features_of(text)):
                count[feature] = count.get(feature, 0) + 1
        kept = sorted(feature for feature, seen in count.items() if seen >= minimum_count)
        families.append(kept)
        frequency.extend(math.log((1 + len(texts)) / (1 + count[feature])) + 1 for feature in kept)
    return LexicalFeatures(families[0], families[1], np.array(frequency, np.float32))


def transform_many(features: LexicalFeatures, texts: Sequence[str]) -> Any:
    """The features of many texts as a `scipy.sparse.csr_matrix` (texts × columns); needs scipy."""
    from scipy.sparse import csr_matrix

    rows = [features.transform(text) for text in texts]
    ends = np.cumsum([0, *(len(row.columns) for row in rows)])
    return csr_matrix(
        (
            np.concatenate([row.weights for row in rows]) if rows else np.empty(0, np.float32),
            np.concatenate([row.columns for row in rows]) if rows else np.empty(0, np.int32),
            ends,
        ),
        shape=(len(rows), len(features)),
        dtype=np.float32,
    )
