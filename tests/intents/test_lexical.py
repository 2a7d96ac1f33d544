"""Our TF-IDF is scikit-learn's, feature by feature."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.lexical import LexicalFeatures, fit_lexical, transform_many
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


def test_equals_scikit_learn() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    words = text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+", lowercase=False).fit(
        TEXTS
    )
    letters = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, lowercase=False).fit(
        TEXTS
    )
    ours = fit_lexical(TEXTS)
    assert ours.words == words.get_feature_names_out().tolist()
    assert ours.runs == letters.get_feature_names_out().tolist()
    theirs = np.hstack([words.transform(TEXTS + NEW).toarray(), letters.transform(TEXTS + NEW).toarray()])
    np.testing.assert_allclose(transform_many(ours, TEXTS + NEW).toarray(), theirs, atol=1e-6)


def test_rare_features_can_be_left_out() -> None:
    kept = fit_lexical(["who owns it", "who has it", "what"], minimum_count=2)
    assert kept.words == ["it", "who"]


def test_columns_and_weights_must_agree() -> None:
    with pytest.raises(ValueError, match="1 weights for 2 columns"):
        LexicalFeatures(["a"], ["b"], np.ones(1, np.float32))


@given(st.text(max_size=200))
def test_any_string_has_features_of_length_one_or_none(text: str) -> None:
    features = fit_lexical(TEXTS)
    found = features.transform(text)
    assert len(set(found.columns.tolist())) == len(found.columns)
    words = found.weights[found.columns < len(features.words)]
    letters = found.weights[found.columns >= len(features.words)]
    for family in (words, letters):
        assert len(family) == 0 or np.linalg.norm(family) == pytest.approx(1, abs=1e-5)
