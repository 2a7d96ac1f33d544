"""The classifier: labels, refusals, confidence, and the same answers after saving and loading."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from intents.classify import Classifier
from intents.context import ContextNetwork
from intents.errors import ModelError, TrainingError
from intents.linear import SURE
from tests.intents.questions import EXAMPLES, LABELS, TEXTS


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.fit(TEXTS, LABELS, ["productization"])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Who owns the <https://example.org|deployment>?", "owner"),
        ("whose duty is the data pipeline", "owner"),
        ("is there rain coming on sunday", "weather"),
        ("wil it rian tomorow", "weather"),
        ("good day to you", "greeting"),
    ],
)
def test_questions_get_their_label(classifier: Classifier, text: str, label: str) -> None:
    found = classifier.classify(text)
    assert found.label == label
    assert found.ranking[0][0] == label
    assert found.nearest in EXAMPLES[label]


def test_spelling_is_repaired_towards_examples_and_vocabulary(classifier: Classifier) -> None:
    assert classifier.classify("umbrela for productizatoin").text == "umbrella for productization"


def test_what_has_nothing_to_do_with_the_examples_scores_lower(classifier: Classifier) -> None:
    inside = min(classifier.classify(text).score for text in TEXTS)
    assert all(classifier.classify(text).score < inside for text in ("zebra quantum bassoon", "", "42", "漢字"))


def test_confidence_is_a_probability_that_grows_with_the_evidence(classifier: Classifier) -> None:
    sure, unsure = classifier.classify(TEXTS[0]), classifier.classify("zebra bassoon")
    assert 0 <= unsure.confidence < sure.confidence <= 1
    assert sum(share for _, share in sure.ranking) == pytest.approx(1, abs=1e-4)


def test_logits_rank_as_the_scores_do(classifier: Classifier) -> None:
    text = "who looks after the data"
    logits = classifier.logits(text)
    assert classifier.labels[int(logits.argmax())] == classifier.classify(text).label
    assert float(logits.max()) < classifier.classify(text).score  # the likeness to an example comes on top
    assert np.exp(classifier.log_probabilities(text)).sum() == pytest.approx(1, abs=1e-5)


def test_context_is_only_looked_at_where_the_words_leave_a_doubt(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    embed = ContextNetwork.embed

    def noted(self: ContextNetwork, text: str, static: NDArray[np.float32]) -> NDArray[np.float32]:
        read.append(text)
        return embed(self, text, static)

    monkeypatch.setattr(ContextNetwork, "embed", noted)
    assert max(share for _, share in classifier.rank("will it rain tomorrow").labels) >= SURE
    assert read == []
    classifier.rank("good rain to you, who owns it")
    assert read == ["good rain to you, who owns it"]


def test_the_threshold_accepts_the_share_that_was_asked_for() -> None:
    texts = [f"{text} {extra}".strip() for text in TEXTS for extra in ("", "please", "now", "again")]
    labels = [label for label in LABELS for _ in range(4)]
    generous, strict = (Classifier.fit(texts, labels, accept=share) for share in (0.99, 0.5))
    assert generous.threshold < strict.threshold


def test_saving_and_loading_changes_nothing(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "some" / "model"
    classifier.save(path)
    loaded = Classifier.load(path)
    for text in [*TEXTS, "who onws umbrelas", "", "漢字", "x" * 5000]:
        assert loaded.classify(text) == classifier.classify(text)
        np.testing.assert_array_equal(loaded.logits(text), classifier.logits(text))


def test_fitting_twice_gives_the_same_model(classifier: Classifier) -> None:
    again = Classifier.fit(TEXTS, LABELS, ["productization"])
    assert again.classify("who owns it") == classifier.classify("who owns it")


@pytest.mark.parametrize("damage", ["cut", "flip", "foreign", "missing", "empty"])
def test_a_damaged_file_is_refused(classifier: Classifier, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "model"
    classifier.save(path)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        content[-100] ^= 0xFF
        path.write_bytes(content)
    elif damage == "foreign":
        path.write_bytes(b"PK" + bytes(1000))
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
    with pytest.raises(ModelError, match=str(path)):
        Classifier.load(path)


def test_a_file_of_another_format_is_refused(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier.save(tmp_path / "model")
    monkeypatch.setattr("intents.classify.FORMAT", -1)
    with pytest.raises(ModelError, match="another version"):
        Classifier.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["a"], ["x", "y"], "1 texts, but 2 labels"),
        (["a", "b"], ["x", "x"], "at least two"),
        ([], [], "at least two"),
    ],
)
def test_examples_that_teach_nothing_are_refused(texts: list[str], labels: list[str], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        Classifier.fit(texts, labels)


def test_one_example_a_label_is_enough() -> None:
    small = Classifier.fit(["who owns it", "will it rain"], ["owner", "weather"])
    assert small.classify("rain today").label == "weather"


def test_a_label_with_a_single_example_does_not_disturb_the_others() -> None:
    mixed = Classifier.fit([*TEXTS, "sing me a song"], [*LABELS, "music"])
    assert mixed.classify("sing a song").label == "music"
    assert mixed.classify("who owns deployment").label == "owner"


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_any_string_is_classified_quickly(classifier: Classifier, text: str) -> None:
    began = time.thread_time()
    found = classifier.classify(text)
    assert time.thread_time() - began < 0.05
    assert found.label in classifier.labels
    assert np.isfinite(found.score)


@pytest.mark.parametrize("unit", ["<@", "a b", "qx ", "漢", "\u202e", "é", "&amp;", "zq wv kj "])
def test_a_very_long_string_is_classified_quickly(classifier: Classifier, unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.thread_time()
    classifier.classify(text)
    assert time.thread_time() - began < 0.05
