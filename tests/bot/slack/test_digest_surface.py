"""A digest in Slack: within every limit whatever it tells, nothing lost between parent and thread, nobody pinged."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services.digest_layout import PARENT_LINES, Line
from bot.slack.surfaces.blocks import Message
from bot.slack.surfaces.digest import (
    MOST_PAGES,
    Shown,
    parent_message,
    thread_messages,
    whole_message,
)
from tests.bot.slack.test_surfaces import WORDS, squeezed
from tests.slack.limits import check_message

LINES = st.builds(Line, WORDS, WORDS.map(lambda words: words[:240]), st.booleans())
DIGESTS = st.builds(
    Shown,
    st.lists(LINES, min_size=1, max_size=PARENT_LINES).map(tuple),
    st.lists(st.tuples(WORDS, st.lists(WORDS.map(lambda words: words[:600]), max_size=12).map(tuple)), max_size=4).map(
        tuple
    ),
)
light = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def fits(message: Message) -> None:
    """Within all limits; the text says what the blocks say, or begins to."""
    assert check_message({"channel": "C1", **message.payload()}) == []
    said = squeezed(message.text).replace("*", "")
    shown = squeezed("".join(block["text"]["text"] for block in message.blocks if "text" in block)).replace("*", "")
    assert shown == said or (len(message.text) > 900 and shown.startswith(said))


@light
@given(DIGESTS)
def test_every_message_is_within_slacks_limits(digest: Shown) -> None:
    fits(parent_message(digest))
    for message in thread_messages(digest):
        fits(message)
    fits(whole_message(digest))
    fits(whole_message(digest, "digest:Ev1"))


def texts(*messages: Message) -> str:
    return "\n".join(block["text"]["text"] for message in messages for block in message.blocks if "text" in block)


@pytest.mark.parametrize("letter", ["x", "&", "<", "ä"])
def test_what_the_parent_has_no_room_for_is_in_the_thread(letter: str) -> None:
    lines = tuple(Line("", f"number-{n} " + letter * 228, item=True) for n in range(11))
    digest = Shown((Line("Daily digest", "what moved."), *lines), ())
    parent, thread = parent_message(digest), thread_messages(digest)
    everything = texts(parent, *thread)
    assert [everything.count(f"number-{n} ") for n in range(11)] == [1] * 11
    assert ("The rest is in the thread." in texts(parent)) == bool(thread)
    assert bool(thread) == (letter in "&<")


def test_a_digest_of_five_hundred_products_is_told_whole_in_few_messages() -> None:
    items = tuple(f"product-{n}: Feasibility for 12 days (Sponsor Ana Ruiz; Data Scientist Bo)" for n in range(500))
    digest = Shown((Line("Daily digest", "much."),), (("Open now (500)", items),))
    thread = thread_messages(digest)
    assert len(thread) <= 6
    told = texts(*thread)
    assert all(f"product-{n}: " in told for n in range(500))


def test_a_thread_without_end_is_cut_and_says_so() -> None:
    items = tuple(f"product-{n}: {'word ' * 100}" for n in range(5000))
    thread = thread_messages(Shown((Line("Daily digest"),), (("Open now (5000)", items),)))
    assert len(thread) == MOST_PAGES
    assert "more lines" in thread[-1].text
    for message in thread:
        fits(message)


def test_what_looks_like_a_mention_pings_nobody() -> None:
    forged = "<!channel> <@U0ANA00001> <!here|x> & *bold*"
    digest = Shown((Line(forged, forged), Line("", forged, item=True)), ((forged, (forged,)),))
    for message in (parent_message(digest), *thread_messages(digest), whole_message(digest)):
        assert "<" not in message.text
        assert "<" not in texts(message)
