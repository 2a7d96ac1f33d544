"""A classifier of very many labels: fitted in seconds, and as useful as one of few."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as shaped

from intents.classify import Classifier
from intents.linear import DenseWeights, SparseWeights
from intents.slots import SUBJECT_FLOOR
from intents.training import MANY_LABELS

ACTS = ("clean", "paint", "repair", "sell", "measure", "store", "carry", "insure", "design", "count")
THINGS = (
    "apples", "boats", "candles", "doors", "engines", "fences", "gardens", "hammers", "islands", "jackets", "kettles",
    "lamps", "mirrors", "needles", "oceans", "pianos", "quilts", "rivers", "saddles", "tables", "umbrellas", "violins",
    "windows", "yachts", "zebras",
)  # fmt: skip
LABELS = [f"{act}-{thing}" for act in ACTS for thing in THINGS]


def examples() -> tuple[list[str], list[str]]:
    ways = ("who has to {} the {}", "whose job is it to {} {}", "we should {} our {} soon, who does")
    texts = [way.format(*label.split("-")) for label in LABELS for way in ways]
    return texts, [label for label in LABELS for _ in ways]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    assert len(LABELS) > MANY_LABELS
    return Classifier.fit(*examples())


def test_it_is_fitted_in_seconds() -> None:
    began = time.process_time()
    Classifier.fit(*examples())
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("is anybody going to paint these doors?", "paint-doors"),
        ("who can repair a piano", "repair-pianos"),
        ("tell me who will count zebras this year", "count-zebras"),
        ("who wil insrue the yachts", "insure-yachts"),
    ],
)
def test_questions_get_their_label(classifier: Classifier, text: str, label: str) -> None:
    found = classifier.rank(classifier.prepare(text)).labels
    assert found[0][0] == label
    assert found[0][1] > 0.5


def test_what_is_about_none_of_them_is_about_each_a_little(classifier: Classifier) -> None:
    assert classifier.rank("what is the meaning of life").labels[0][1] < SUBJECT_FLOOR


def test_saving_and_loading_changes_nothing(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "model")
    loaded = Classifier.load(tmp_path / "model")
    for text in ("who paints the doors", "", "漢字", "zebras " * 400):
        np.testing.assert_array_equal(loaded.logits(text), classifier.logits(text))
        assert loaded.classify(text) == classifier.classify(text)


@given(shaped.arrays(np.int8, (6, 9)), st.lists(st.integers(0, 5), max_size=6, unique=True))
def test_both_ways_to_keep_weights_say_the_same(amounts: np.ndarray, columns: list[int]) -> None:
    weights = amounts.astype(np.float32)
    kept = [np.flatnonzero(row) for row in weights]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in kept])]).astype(np.int32)
    values = np.concatenate([weights[at, row] for at, row in enumerate(kept)]).astype(np.float16)
    sparse = SparseWeights(starts, np.concatenate(kept).astype(np.int32), values, 9)
    at, half = np.array(columns, np.int32), np.full(len(columns), 0.5, np.float32)
    np.testing.assert_allclose(DenseWeights.of(weights).logits(at, half), sparse.logits(at, half), atol=2.0)
