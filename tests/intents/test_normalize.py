"""Normalising: what goes, what stays, and where each character stood."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.normalize import normalize, normalize_with_offsets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who owns Deployment?", "who owns deployment?"),
        ("  who \t owns\nit ", "who owns it"),
        ("what does <@U12AB|ana> own", "what does @u12ab own"),
        ("what does <@U12AB> own", "what does @u12ab own"),
        ("status of <#C1|churn-model>", "status of #churn-model"),
        ("see <https://example.org/a?b=c|the plan> please", "see the plan please"),
        ("see <https://example.org/a?b=c> please", "see please"),
        ("see https://example.org/a?b=c please", "see please"),
        ("<!here> who owns it", "who owns it"),
        ("make &amp; buy, 1 &lt; 2", "make & buy, 1 < 2"),
        ("who owns `prod`", "who owns prod"),
        ("thanks :tada: :+1: bye", "thanks bye"),
        ("at 10:30:45", "at 10:30:45"),
        ("“who’s” on—call…", '"who\'s" on-call'),
        ("Who’s on call: “ops” (or DevOps)?", 'who\'s on call: "ops" (or devops)?'),
        ("and//or ##general", "and/or #general"),
        ("Café ÜBER ﬁnal Ｆｕｌｌ", "cafe uber final full"),
        ("e\u0301te\u0301", "ete"),
        ("who\u202e owns\u200b\x00 it", "who owns it"),
        ("whooooo owns it!!!???", "whoo owns it!?"),
        ("1000 items", "1000 items"),
        ("*who* _really_ ~owns~ data_prep", "who really owns data_prep"),
        ("이 모델", "이 모델"),
        ("", ""),
        ("🎉🎉", ""),
    ],
)
def test_brings_questions_into_one_form(text: str, expected: str) -> None:
    assert normalize(text) == expected


def test_a_span_points_at_the_question_as_asked() -> None:
    asked = "Hé <@U1|ana>, who owns “Déploiement” &amp; `prod`?"
    found = normalize_with_offsets(asked)
    for wanted, original in [
        ("deploiement", "Déploiement"),
        ("@u1", "<@U1|ana>"),
        ("prod", "prod"),
        ("&", "&amp;"),
    ]:
        at = found.text.index(wanted)
        start, end = found.original_span(at, at + len(wanted))
        assert asked[start:end] == original


def test_a_separate_accent_belongs_to_its_letter() -> None:
    asked = "cafe\u0301 now"
    assert normalize_with_offsets(asked).original_span(0, 4) == (0, 5)


def test_a_span_outside_the_text_is_an_error() -> None:
    with pytest.raises(IndexError, match="no span"):
        normalize_with_offsets("who").original_span(1, 9)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_string_is_normalised_once_and_for_all(text: str) -> None:
    found = normalize_with_offsets(text)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)
    assert found.text == found.text.strip()
    assert "  " not in found.text
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in found.text)


@pytest.mark.parametrize("unit", ["<", "<@", "<a|", "&", ":a", "_ ", "é\u0301", "a", "\u202e", "🎉", "<https://x|"])
def test_a_very_long_string_is_done_quickly(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.thread_time()
    normalize(text)
    assert time.thread_time() - began < 0.05


@pytest.mark.parametrize("arrow", ["->", "-&gt;", "=>", "→", "-->"])
def test_an_arrow_says_to(arrow: str) -> None:
    assert normalize(f"drafting {arrow} painting") == "drafting to painting"
