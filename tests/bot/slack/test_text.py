"""Reading what Slack delivers, and escaping what goes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import cut, escape, fit, mentioned, read, split, without_mention


@pytest.mark.parametrize(
    ("delivered", "written"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("<@U123|ana> and <@U456>", "<@U123|ana> and <@U456>"),
        ("in <#C123|churn>", "in <#C123|churn>"),
        ("<https://a.example/x?b=1&amp;c=2>", "https://a.example/x?b=1&c=2"),
        ("<https://a.example|the page>", "the page"),
        ("<mailto:a@b.example>", "a@b.example"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|1970>", "@here @team 1970"),
        ("half \ud83d", "half \ufffd"),
        ("<", "<"),
    ],
)
def test_read(delivered: str, written: str) -> None:
    assert read(delivered) == written


def test_only_our_own_mention_is_taken_out() -> None:
    assert without_mention("<@UBOT> is <@U123|ana> in?", "UBOT") == "is <@U123|ana> in?"
    assert mentioned("<@U123|ana> <@W4> <@U123> &lt;@U5&gt;") == ["U123", "W4"]


@given(st.text())
def test_what_is_escaped_reads_as_it_was(text: str) -> None:
    clean = escape(text)
    assert "<" not in clean and ">" not in clean
    assert escape(read(clean)) == clean


@given(st.text(alphabet=st.sampled_from("ab &<>\n\x00é😀"), max_size=400), st.integers(60, 300))
def test_text_fits_and_is_never_cut_inside_of_an_entity(text: str, limit: int) -> None:
    fitted = fit(text, limit)
    assert len(fitted) <= limit
    assert escape(read(fitted)) == fitted
    for piece in split(fitted, 50):
        assert len(piece) <= 50 and escape(read(piece)) == piece


@given(st.text(max_size=300), st.integers(1, 100))
def test_cut(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


def test_what_is_cut_off_is_counted() -> None:
    assert fit("\n".join(["a line of words"] * 10), 80).endswith("\n… and 7 more lines")


def test_a_mention_in_what_people_typed_is_shown_as_a_name_and_pings_nobody() -> None:
    assert escape("because <@U12|ben> & co said so") == "because @ben &amp; co said so"
