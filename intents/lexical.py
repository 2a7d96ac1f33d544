"""TF-IDF of words and of letters, put together word by word, so that a word's share is worked out once.

Two families of features set side by side: words and pairs of words, and runs of two to five characters inside words
(scikit-learn's `char_wb`). Each is weighted with the smoothed inverse document frequency ln((1 + n) / (1 + df)) + 1,
as scikit-learn's `TfidfVectorizer` does; a run's count inside one word is damped (1 + ln count). What the words of a
text bring is added up and divided by the root of the sum of their squared lengths: the L2 norm, but for features that
two words share, which is what makes the sum of a text's words quick. The letters forgive typing errors and endings
that the words do not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.strings import Index

__all__ = ["LexicalFeatures", "Part", "fit_lexical", "transform_many"]

_WORD = re.compile(r"\w+")
_WORD_OR_MARK = re.compile(r"\w+|\?")
_SHORTEST_RUN, _LONGEST_RUN = 2, 5
_DAMPED = np.concatenate([[0.0], 1.0 + np.log(np.arange(1, 4096))]).astype(np.float32)
"""What a feature that occurs so often counts; beyond the last, as much as the last."""
_LONGEST_WORD = 64
"""Of a longer "word" (a pasted key, a line of dots) only this many characters are read."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one word, or one pair of words, brings to a text: its columns and their weights, each column once.

    `square`: the sum of the squared weights.
    """

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]
    square: float


def words_of(text: str) -> list[str]:
    """The words of a normalised text, in order."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text)]


def pairs_of(words: Sequence[str]) -> list[str]:
    """Each word with the next."""
    return [f"{first} {second}" for first, second in pairwise(words)]


def word_features(text: str) -> list[str]:
    """The words of `text`, then its pairs of neighbouring words, in order."""
    words = words_of(text)
    return words + pairs_of(words)


def letter_features(text: str) -> list[str]:
    """All runs of two to five characters of the space-padded words of `text`."""
    return [run for word in spelled_words(text) for run in _runs(word)]


def spelled_words(text: str) -> list[str]:
    """The words of `text` whose letters count, and each question mark: other punctuation says nothing."""
    return [word[:_LONGEST_WORD] for word in _WORD_OR_MARK.findall(text)]


def _runs(word: str) -> list[str]:
    padded = f" {word} "
    runs = []
    for length in range(_SHORTEST_RUN, _LONGEST_RUN + 1):
        if length >= len(padded):
            runs.append(padded)
            break
        runs.extend(padded[at : at + length] for at in range(len(padded) - length + 1))
    return runs


class LexicalFeatures:
    """The TF-IDF features that were fitted."""

    def __init__(self, words: Index, runs: Index, frequency: NDArray[np.float32]) -> None:
        """`words` and `runs` name the columns, in this order; `frequency` is each one's inverse frequency."""
        if len(frequency) != len(words) + len(runs):
            raise ValueError(f"{len(frequency)} weights for {len(words) + len(runs)} columns")
        self.words, self.runs = words, runs
        self.frequency = frequency
        self.column_of = words.get
        """The column of a word or a pair of words; None where training never saw it."""

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def singles(self) -> int:
        """How many of the columns are single words: the first ones."""
        return next((at for at, word in enumerate(self.words.strings) if " " in word), len(self.words))

    def of_words(self, feature: str) -> Part | None:
        """What a word, or a pair of words, brings by itself; None where training never saw it."""
        column = self.column_of(feature)
        return None if column is None else self._part([column], [1])

    def of_letters(self, word: str) -> Part | None:
        """What the letters of a word bring; None where training never saw any such run."""
        first = len(self.words)
        counts = Counter([first + at for run in _runs(word) if (at := self.runs.get(run)) is not None])
        return self._part([*counts], [*counts.values()]) if counts else None

    def _part(self, counted: Sequence[int], counts: Sequence[int]) -> Part:
        columns = np.array(counted, np.int32)
        weights = self.frequency.take(columns)
        if max(counts) > 1:
            weights *= _DAMPED.take(counts, mode="clip")
        return Part(columns, weights, float(weights.dot(weights)))


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
        # Single words come first: their columns number them.
        kept = sorted(
            (f for f, seen in count.items() if seen >= minimum_count), key=lambda f: (f.strip().count(" "), f)
        )
        families.append(kept)
        frequency.extend(math.log((1 + len(texts)) / (1 + count[feature])) + 1 for feature in kept)
    return LexicalFeatures(Index.of(families[0]), Index.of(families[1]), np.array(frequency, np.float32))


def transform_many(features: LexicalFeatures, texts: Sequence[str]) -> Any:
    """The features of many texts as a `scipy.sparse.csr_matrix` (texts × columns); needs scipy."""
    from scipy.sparse import csr_matrix

    of_words, of_letters = cache(features.of_words), cache(features.of_letters)
    columns: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    weights: list[NDArray[np.float32]] = [np.empty(0, np.float32)]
    ends = [0]
    for text in texts:
        end = ends[-1]
        for parts in (map(of_words, word_features(text)), map(of_letters, spelled_words(text))):
            found = [part for part in parts if part is not None]
            norm = math.sqrt(sum(part.square for part in found))
            columns += [part.columns for part in found]
            weights += [part.weights / np.float32(norm) for part in found]
            end += sum(len(part.columns) for part in found)
        ends.append(end)
    shape = (len(texts), len(features))
    matrix = csr_matrix((np.concatenate(weights), np.concatenate(columns), ends), shape=shape, dtype=np.float32)
    matrix.sum_duplicates()
    return matrix
