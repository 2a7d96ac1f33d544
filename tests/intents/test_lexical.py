"""Our TF-IDF is scikit-learn's, word by word."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.lexical import LexicalFeatures, fit_lexical, spelled_words, transform_many, words_of
from intents.linear import DenseWeights
from intents.strings import Index
from intents.wording import Wording
from tests.intents.questions import TEXTS

NEW = [
    "who owns the weather weather weather",
    "umbrella",
    "",
    "a",
    "who's there? it is i-18n",
    "zzz qqq",
    "x " * 50,
]


def word_features(text: str) -> list[str]:
    words = words_of(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def by_word(vectorizer: Any, texts: list[str], words_of: Callable[[str], list[str]]) -> np.ndarray:
    """The sum of what scikit-learn makes of each word, over the root of the sum of the squared lengths."""
    rows = []
    for text in texts:
        each = vectorizer.transform(words_of(text) or [""]).toarray()
        length = np.sqrt((each * each).sum())
        rows.append(each.sum(axis=0) / (length or 1.0))
    return np.array(rows)


def test_words_count_as_in_scikit_learn() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    options = {"sublinear_tf": True, "lowercase": False, "norm": None}
    # A pair is put into one text of its own, as one word.
    spoken = [" ".join(feature.replace(" ", "_") for feature in word_features(line)) for line in TEXTS]
    words = text.TfidfVectorizer(token_pattern=r"\S+", **options).fit(spoken)
    spelled = [" ".join(spelled_words(line)) for line in TEXTS]
    letters = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **options).fit(spelled)
    ours = fit_lexical(TEXTS)
    names = [*ours.words.strings]
    pairs = [f"{names[code // (len(names) + 1)]}_{names[code % (len(names) + 1)]}" for code in ours.pairs.tolist()]
    order = [words.vocabulary_[name] for name in names + pairs]
    assert [*ours.runs.strings] == letters.get_feature_names_out().tolist()
    said = by_word(words, TEXTS + NEW, lambda line: [name.replace(" ", "_") for name in word_features(line)])
    theirs = np.hstack([said[:, order], by_word(letters, TEXTS + NEW, spelled_words)])
    np.testing.assert_allclose(transform_many(ours, TEXTS + NEW).toarray(), theirs, atol=1e-5)


def test_rare_features_can_be_left_out() -> None:
    kept = fit_lexical(["who owns it", "who has it", "who has it now", "what"], minimum_count=2)
    assert [*kept.words.strings] == ["has", "it", "who"]
    assert kept.pairs.tolist() == [0 * 4 + 1, 2 * 4 + 0]


def test_words_apart_are_no_pair() -> None:
    kept = fit_lexical(["a b", "a rare b", "a other b"], minimum_count=2)
    assert [*kept.words.strings] == ["a", "b"]
    assert not len(kept.pairs)
    assert kept.pairs_of([0, None, 1]) == []


def test_columns_and_weights_must_agree() -> None:
    with pytest.raises(ValueError, match="1 weights for 2 columns"):
        LexicalFeatures(Index.of(["a"]), np.empty(0, np.int64), Index.of(["b"]), np.ones(1, np.float32))


@given(st.text(max_size=200))
def test_what_is_remembered_word_by_word_is_what_was_fitted(text: str) -> None:
    features = fit_lexical(TEXTS)
    coefficients = np.random.default_rng(0).normal(size=(len(features), 3)).astype(np.float32)
    wording = Wording(features, DenseWeights.of(coefficients), 3)
    for _ in range(2):
        found = wording.logits(text)
        expected = transform_many(features, [text]) @ coefficients
        np.testing.assert_allclose(found, np.asarray(expected)[0], atol=0.1)
