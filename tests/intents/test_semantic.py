"""The table of word vectors: pieces, vectors, and the one that ships."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.errors import TableError
from intents.semantic import TABLE_FOLDER, TokenTable, default_table, parts_of
from intents.strings import Index

PIECES = ["who", "own", "##s", "##er", "?", "model"]
ROWS = np.array([[127, 0], [0, 127], [10, 0], [0, 10], [1, 1], [-50, 50]], np.int8)


@pytest.fixture
def table() -> TokenTable:
    return TokenTable(Index.of(PIECES), ROWS, np.full(6, 0.5, np.float32))


def test_a_word_is_cut_into_its_longest_known_pieces(table: TokenTable) -> None:
    assert table.pieces_of("owners") == [1, 3, 2]
    assert table.pieces_of("xyz") == []
    assert parts_of("who owns it?") == ["who", "owns", "it", "?"]


def test_a_text_is_the_mean_of_its_pieces_at_length_one(table: TokenTable) -> None:
    wanted = (ROWS[0] + ROWS[1].astype(np.float32) + ROWS[2]) * 0.5
    np.testing.assert_allclose(table.embed("who owns"), wanted / np.linalg.norm(wanted), rtol=1e-6)


def test_what_no_piece_covers_has_no_direction(table: TokenTable) -> None:
    assert not table.embed("").any()
    assert not table.embed("漢字").any()


def test_many_texts_are_the_single_ones(table: TokenTable) -> None:
    texts = ["who", "owner?", ""]
    np.testing.assert_array_equal(table.embed_many(texts), np.stack([table.embed(text) for text in texts]))
    assert table.embed_many([]).shape == (0, 2)


def test_a_missing_or_damaged_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=str(tmp_path)):
        TokenTable.load(tmp_path)
    with pytest.raises(TableError, match="2 word pieces"):
        TokenTable(Index.of(["a", "b"]), ROWS, np.ones(6, np.float32))


def test_the_table_that_ships_knows_what_words_mean() -> None:
    table = default_table()
    assert table is default_table()
    asked, alike, other = table.embed_many(["who is responsible for this", "whose duty is it", "will it rain tomorrow"])
    assert float(asked @ alike) > float(asked @ other) + 0.2


@given(st.text(max_size=300))
def test_any_string_has_a_vector_of_length_one_or_none(text: str) -> None:
    length = float(np.linalg.norm(default_table().embed(text)))
    assert length == 0 or length == pytest.approx(1, abs=1e-4)


def test_the_table_that_ships_is_the_one_that_was_built() -> None:
    facts = json.loads((TABLE_FOLDER / "BUILD.json").read_text(encoding="utf-8"))
    for name, wanted in facts["sha256"].items():
        assert hashlib.sha256((TABLE_FOLDER / name).read_bytes()).hexdigest() == wanted
    assert default_table().dimensions == facts["dimensions"]
    pieces = Index.of((TABLE_FOLDER / "pieces.txt").read_text(encoding="utf-8").split("\n"))
    np.testing.assert_array_equal(np.load(TABLE_FOLDER / "places.npy"), pieces.table)
