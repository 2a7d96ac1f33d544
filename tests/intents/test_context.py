"""The network that reads word vectors in their context, and the one that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.artefact import read_artefact, write_artefact
from intents.context import LONGEST, NETWORK_FILE, ContextNetwork, default_network
from intents.errors import ModelError
from intents.semantic import default_table


def in_context(text: str) -> np.ndarray:
    return default_network().embed(text, default_table().embed(text))


def test_the_order_of_words_counts() -> None:
    first, second = "does feasibility come before deployment", "does deployment come before feasibility"
    np.testing.assert_allclose(default_table().embed(first), default_table().embed(second), atol=1e-5)
    assert float(in_context(first) @ in_context(second)) < 0.999


def test_a_story_around_a_question_counts_for_less_than_in_the_mean_of_its_words() -> None:
    question = "who is responsible for cleaning the data?"
    told = f"it is raining again in the harbour, my boots are wet and the ferry is late. {question}"
    by_words = float(default_table().embed(question) @ default_table().embed(told))
    assert float(in_context(question) @ in_context(told)) > by_words


@given(st.text(max_size=300))
def test_any_string_has_a_vector_of_length_one_or_none(text: str) -> None:
    length = float(np.linalg.norm(in_context(text)))
    assert length == 0 or length == pytest.approx(1, abs=1e-4)


def test_of_a_long_text_the_end_is_read() -> None:
    static = default_table().embed("who owns it?")
    end = " ".join(["model"] * LONGEST)
    np.testing.assert_array_equal(
        default_network().embed(f"rain rain rain {end}", static), default_network().embed(end, static)
    )


def test_many_texts_are_the_single_ones() -> None:
    texts = ["who owns it?", "", "what comes next"]
    static = default_table().embed_many(texts)
    wanted = np.stack([in_context(text) for text in texts])
    np.testing.assert_array_equal(default_network().embed_many(texts, static), wanted)
    assert default_network().embed_many([], static[:0]).shape == (0, default_table().dimensions)


def test_a_network_for_another_table_or_without_all_its_arrays_is_refused(tmp_path: Path) -> None:
    header, arrays = read_artefact(NETWORK_FILE)
    write_artefact(tmp_path / "other", {**header, "table": "another"}, arrays)
    with pytest.raises(ModelError, match="another table"):
        ContextNetwork.load(tmp_path / "other")
    write_artefact(tmp_path / "less", header, {name: array for name, array in arrays.items() if name != "weigh"})
    with pytest.raises(ModelError, match="lacks the array 'weigh'"):
        ContextNetwork.load(tmp_path / "less")
    write_artefact(tmp_path / "small", header, {**arrays, "places": arrays["places"][:, :4]})
    with pytest.raises(ModelError, match="128 dimensions"):
        ContextNetwork.load(tmp_path / "small")
