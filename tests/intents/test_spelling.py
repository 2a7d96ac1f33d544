"""Spelling repair: only unknown words, only towards known ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.spelling import Speller, without_typos

VOCABULARY = {
    "deployment": 9,
    "deploy": 3,
    "owner": 5,
    "owns": 8,
    "who": 20,
    "drives": 4,
    "data": 7,
    "prep": 2,
    "stage": 6,
}
ENGLISH = {"past", "ones", "stare"}


@pytest.fixture
def speller() -> Speller:
    return Speller(VOCABULARY, ENGLISH.__contains__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who owns deploymnet?", "who owns deployment?"),  # two neighbours swapped
        ("who owns deplyomnt", "who owns deployment"),  # two edits in a long word
        ("who onws it", "who owns it"),
        ("the ones of the past", "the ones of the past"),  # words of the language stay
        ("stge", "stage"),
        ("whodrives dataprep", "who drives data prep"),
        ("xyzzy", "xyzzy"),  # nothing near
        ("v2 of gpt4", "v2 of gpt4"),  # no words
        ("", ""),
    ],
)
def test_repairs_towards_the_vocabulary(speller: Speller, text: str, expected: str) -> None:
    assert speller.repair(text) == expected


def test_changes_tell_their_place(speller: Speller) -> None:
    text = "who onws the stge"
    repaired, changes = speller.repair_with_changes(text)
    assert repaired == "who owns the stage"
    assert [(text[start:end], new) for start, end, new in changes] == [("onws", "owns"), ("stge", "stage")]


def test_of_two_equally_near_words_the_commoner_wins() -> None:
    assert Speller({"bake": 1, "bike": 5}).repair("bxke") == "bike"


def test_the_first_letter_counts_more_than_frequency() -> None:
    assert Speller({"bank": 1, "tank": 50}).repair("bxnk") == "bank"


def test_an_empty_vocabulary_changes_nothing() -> None:
    assert Speller(()).repair("who onws it") == "who onws it"


@given(st.text(max_size=200))
def test_any_string_is_repaired_without_raising(text: str) -> None:
    Speller(VOCABULARY).repair(text)


def test_thousands_of_unknown_words_are_done_quickly() -> None:
    speller = Speller([f"{first}{second}ing" for first in "abcdefghijklmnopqrstuvwxyz" for second in "aeiou" * 20])
    text = " ".join(f"qqq{chr(97 + at % 26)}{chr(97 + at // 26 % 26)}zz" for at in range(1200))
    began = time.thread_time()
    speller.repair(text)
    assert time.thread_time() - began < 0.05


def test_letters_held_down_at_the_end_of_a_word_are_let_go(speller: Speller) -> None:
    assert speller.repair("prepp whoo") == "prep who"


def test_slips_in_the_examples_are_no_words() -> None:
    count = {"owner": 9, "ownre": 1, "crawler": 1, "prep": 6, "pref": 2}
    assert set(without_typos(count, lambda word: False)) == {"owner", "crawler", "prep", "pref"}
