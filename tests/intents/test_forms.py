"""The form of questions: rules of English."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import forms
from intents.forms import bare_span, clauses, question_form, without_fillers

RULES = [rule for rule in vars(forms).values() if isinstance(rule, forms._Rule)] + [r for _, r in forms._DIRECTIONS]


def cut(text: str) -> tuple[list[str], list[str]]:
    """The clauses of a text, as texts."""
    asking, telling = clauses(text)
    return [text[a:b] for a, b in asking], [text[a:b] for a, b in telling]


@pytest.mark.parametrize(
    "text",
    ["does she lead it?", "is it so?", "the cook runs the kitchen, right?", "isn't the cook in charge?",
     "the cook leads it?", "so, can we skip it"],
)  # fmt: skip
def test_yes_no(text: str) -> None:
    assert question_form(text).yes_no


@pytest.mark.parametrize("text", ["who leads it?", "can you tell me who leads it", "what is it?", "cook tasks"])
def test_no_yes_no(text: str) -> None:
    assert not question_form(text).yes_no


@pytest.mark.parametrize(
    ("text", "direction"),
    [("what comes after baking?", "after"), ("what is behind us when we bake?", "before"), ("the last step?", "last"),
     ("what do we start with", "first"), ("who bakes?", None)],
)  # fmt: skip
def test_direction(text: str, direction: str | None) -> None:
    assert question_form(text).direction == direction


@pytest.mark.parametrize(
    ("text", "place"),
    [("the second step", 1), ("stage 3?", 2), ("the 4th phase", 3), ("the final phase", -1), ("at the start", 0),
     ("only one step is left, which?", -1), ("who bakes", None)],
)  # fmt: skip
def test_ordinal(text: str, place: int | None) -> None:
    assert question_form(text).ordinal == place


def test_only_counts_in_the_first_of_two_possibilities() -> None:
    assert question_form("is it the cook alone?").only
    assert not question_form("is it mine too, or does it belong to the cook alone?").only


def test_who_else() -> None:
    assert question_form("who apart from the cook is there?").others
    assert not question_form("who is there?").others


def test_what_surrounds_a_question_is_told_from_it() -> None:
    asking, telling = cut("we burnt the bread. it was sad. who bakes tomorrow?")
    assert asking == ["who bakes tomorrow?"]
    assert telling == ["we burnt the bread.", "it was sad."]


def test_two_questions() -> None:
    assert cut("who bakes and what comes out of it?")[0] == ["who bakes", "what comes out of it?"]


def test_a_tag_belongs_to_its_sentence() -> None:
    assert cut("the cook bakes. correct?")[0] == ["the cook bakes. correct?"]


def test_a_heading_belongs_to_its_question() -> None:
    assert cut("bread: which people")[0] == ["bread: which people"]
    assert cut("hello all. who bakes?") == (["who bakes?"], ["hello all."])


def test_a_text_without_a_question_is_one() -> None:
    assert cut("cook tasks") == (["cook tasks"], [])


@pytest.mark.parametrize(
    ("text", "bare"),
    [("hi there, who bakes? thanks a lot!", "who bakes?"), ("pls who bakes lol", "who bakes"), ("thanks", "thanks"),
     ("hello", "hello"), ("quick question: who bakes", "who bakes"), ("who bakes", "who bakes")],
)  # fmt: skip
def test_fillers_go(text: str, bare: str) -> None:
    assert without_fillers(text) == bare
    start, end = bare_span(text)
    assert text[start:end].rstrip("?") == bare.rstrip("?")


@pytest.mark.parametrize(
    "text", ["when is it painted?", "tell me when we paint", "when?", "in which stage is it painted"]
)
def test_asking_for_a_moment(text: str) -> None:
    assert question_form(text).when


@pytest.mark.parametrize("text", ["when the paint peels, who paints again?", "who paints when it rains"])
def test_a_moment_that_is_only_mentioned_is_not_asked_for(text: str) -> None:
    assert not question_form(text).when


def test_the_place_of_a_stage_is_told_from_a_path_through_all() -> None:
    assert question_form("what is the first stage of the lifecycle?").place
    assert question_form("what is stage number 2?").place
    assert not question_form("walk me through all from the first to the last stage").place


def test_if_not_is_no_denial() -> None:
    assert not question_form("if not them, then who paints?").negated


@pytest.mark.parametrize("rule", RULES, ids=[rule.pattern.pattern[:30] for rule in RULES])
@given(st.data())
def test_whatever_a_rule_matches_has_one_of_its_words(rule: forms._Rule, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(rule.pattern))
    assert rule.search(text, forms._words(text))


@given(st.from_regex(forms._TAG.pattern))
def test_the_word_of_a_tag_is_the_last(text: str) -> None:
    assert forms._tag(text)


@given(st.from_regex(forms._FILLER_AFTER))
def test_fillers_at_the_end_are_found_by_their_last_letters(text: str) -> None:
    with_plain_spaces = re.sub(r"\s", " ", text)
    assert with_plain_spaces.rstrip(" .!?)").endswith(forms._FILLER_ENDS)
