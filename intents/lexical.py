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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import Any, TypeVar

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

_Feature = TypeVar("_Feature", str, int)


@dataclass(frozen=True, slots=True)
class Part:
    """What the letters of one word bring to a text: their columns and weights, each column once.

    `square`: the sum of the squared weights.
    """

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]
    square: float


def words_of(text: str) -> list[str]:
    """The words of a normalised text, in order."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text)]


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
    """The TF-IDF features that were fitted. Columns: single words, then pairs of neighbouring words, then runs."""

    def __init__(self, words: Index, pairs: NDArray[np.int64], runs: Index, frequency: NDArray[np.float32]) -> None:
        """`words` and `runs` name their columns; `frequency` is each column's inverse frequency.

        `pairs` are named by one number each (`_pair`), in ascending order, to be found all at once.
        """
        if len(frequency) != len(words) + len(pairs) + len(runs):
            raise ValueError(f"{len(frequency)} weights for {len(words) + len(pairs) + len(runs)} columns")
        self.words, self.pairs, self.runs = words, pairs, runs
        self.frequency = frequency
        self.column_of = words.get
        """The column of a word; None where training never saw it."""
        self._first_run = len(words) + len(pairs)

    def __len__(self) -> int:
        return len(self.frequency)

    def pairs_of(self, columns: Sequence[int | None]) -> list[int]:
        """The columns of the pairs that training saw, of a text whose words have these columns."""
        unknown = len(self.words)
        if len(columns) < 2 or not len(self.pairs):
            return []
        numbers = np.array([unknown if column is None else column for column in columns], np.int64)
        codes = _pair(numbers[:-1], numbers[1:], unknown)
        places = self.pairs.searchsorted(codes)
        found: list[int] = (places[self.pairs.take(places, mode="clip") == codes] + unknown).tolist()
        return found

    def of_words(self, words: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """What the words of a text, and their pairs, bring to it: columns and weights, of length 1 together."""
        singles = [self.column_of(word) for word in words]
        columns = np.array([*(at for at in singles if at is not None), *self.pairs_of(singles)], np.int32)
        weights = self.frequency.take(columns)
        return columns, weights / np.float32(math.sqrt(weights.dot(weights)) or 1.0)

    def of_letters(self, word: str) -> Part | None:
        """What the letters of a word bring; None where training never saw any such run."""
        first = self._first_run
        counts = Counter([first + at for run in _runs(word) if (at := self.runs.get(run)) is not None])
        if not counts:
            return None
        columns = np.array([*counts], np.int32)
        weights = self.frequency.take(columns)
        if max(counts.values()) > 1:
            weights *= _DAMPED.take([*counts.values()], mode="clip")
        return Part(columns, weights, float(weights.dot(weights)))


_Number = TypeVar("_Number", int, NDArray[np.int64])


def _pair(first: _Number, second: _Number, words: int) -> _Number:
    """The number that names a pair of words by theirs, of which there are so many, and one for what is none of them."""
    return first * (words + 1) + second


def fit_lexical(texts: Sequence[str], minimum_count: int = 1) -> LexicalFeatures:
    """Learn the columns and their weights from normalised texts.

    `minimum_count` leaves out features that occur in fewer texts than that.
    """

    def frequent(features: Iterable[Iterable[_Feature]]) -> dict[_Feature, float]:
        count = Counter(chain.from_iterable(map(set, features)))
        kept = sorted(feature for feature, seen in count.items() if seen >= minimum_count)
        return {feature: math.log((1 + len(texts)) / (1 + count[feature])) + 1 for feature in kept}

    words = frequent(map(words_of, texts))
    index = Index.of(words)
    numbers = [[index.get(word) for word in words_of(text)] for text in texts]
    pairs = frequent(
        [_pair(a, b, len(words)) for a, b in pairwise(each) if a is not None and b is not None] for each in numbers
    )
    runs = frequent(map(letter_features, texts))
    frequency = np.array([*words.values(), *pairs.values(), *runs.values()], np.float32)
    return LexicalFeatures(index, np.array([*pairs], np.int64), Index.of(runs), frequency)


def transform_many(features: LexicalFeatures, texts: Sequence[str]) -> Any:
    """The features of many texts as a `scipy.sparse.csr_matrix` (texts × columns); needs scipy."""
    from scipy.sparse import csr_matrix

    of_letters = cache(features.of_letters)
    columns: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    weights: list[NDArray[np.float32]] = [np.empty(0, np.float32)]
    ends = [0]
    for text in texts:
        said, amounts = features.of_words(words_of(text))
        spelled = [part for part in map(of_letters, spelled_words(text)) if part is not None]
        norm = np.float32(math.sqrt(sum(part.square for part in spelled)))
        columns += [said, *(part.columns for part in spelled)]
        weights += [amounts, *(part.weights / norm for part in spelled)]
        ends.append(ends[-1] + len(said) + sum(len(part.columns) for part in spelled))
    shape = (len(texts), len(features))
    matrix = csr_matrix((np.concatenate(weights), np.concatenate(columns), ends), shape=shape, dtype=np.float32)
    matrix.sum_duplicates()
    return matrix
