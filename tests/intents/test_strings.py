"""Strings in mapped memory, and their numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.strings import Index, Strings

ANY = st.text(st.characters(exclude_categories=()))


@given(st.lists(ANY))
def test_strings_come_back_as_they_were(strings: list[str]) -> None:
    kept = Strings.of(strings)
    assert [*kept] == strings
    assert [*Strings.from_arrays(kept.arrays("s"), "s")[:2]] == strings[:2]


@given(st.lists(ANY, unique=True), ANY)
def test_an_index_is_the_dictionary_of_its_strings(strings: list[str], other: str) -> None:
    numbers = {string: number for number, string in enumerate(strings)}
    index = Index.from_arrays(Index.of(strings).arrays("s"), "s")
    assert len(index) == len(strings)
    assert all(index.get(string) == number for string, number in numbers.items())
    assert index.get(other) == numbers.get(other)


def test_lines_are_read_at_once_or_one_by_one() -> None:
    lines = Strings.lines(np.frombuffer("né\n\nzwei".encode(), np.uint8))
    assert [*lines] == lines.all() == ["né", "", "zwei"]
    assert Strings.of([]).all() == []


def test_a_table_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="2 places for 2 strings"):
        Index(Strings.of(["a", "b"]), np.array([0, 1], np.int32))
