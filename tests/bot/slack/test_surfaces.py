"""Whatever the results hold, what is sent is within Slack's limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import Home, HomeProduct
from bot.results import Announcement, Answer, Explanation, Form, FoundEntity, ProductView, Reference, Reply
from bot.slack.kept import answer_from_json, answer_to_json, reply_from_json, reply_to_json
from bot.slack.surfaces.answer import answer_message, why_message
from bot.slack.surfaces.blocks import Message
from bot.slack.surfaces.forms import Origin, completed, error_block, form_view
from bot.slack.surfaces.hello import hello_message, help_message, prompts
from bot.slack.surfaces.home import home_view
from bot.slack.surfaces.reply import announcement_message, apology, reply_message
from tests.slack.limits import check_message, check_view

# Long, wide, escapable, forged; never an entity that is written out, which only looks as if it was escaped twice.
LETTERS = st.characters(exclude_characters="&", exclude_categories=["Cs"])
WORDS = st.one_of(
    st.text(LETTERS, max_size=60),
    st.sampled_from(["", " ", "& <!channel> <@U1>", "&" * 4000, "word " * 1000, "line\n" * 500, "x" * 9000, "*a* _b_"]),
)
MANY = st.lists(WORDS, max_size=8).map(tuple)
CROWD = st.lists(WORDS, max_size=120).map(tuple)
REFERENCES = st.builds(Reference, WORDS, WORDS, st.sampled_from(["stated", "derived", "organisation"]))
ANSWERS = st.builds(
    Answer,
    question=WORDS,
    answered=st.booleans(),
    text=WORDS,
    intent=st.none() | WORDS,
    confidence=st.floats(0, 1),
    entities=st.lists(
        st.builds(
            FoundEntity, type=WORDS, id=WORDS, text=WORDS, start=st.just(0), end=st.just(1), score=st.floats(0, 1)
        ),
        max_size=3,
    ).map(tuple),
    sources=st.lists(REFERENCES, max_size=9).map(tuple),
    suggestions=MANY,
    explanation=st.builds(
        Explanation,
        nearest_example=st.none() | WORDS,
        threshold=st.floats(0, 1),
        readings=st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=4).map(tuple),
        notes=MANY,
    ),
)
VIEWS = st.builds(ProductView, WORDS, WORDS, WORDS, MANY, st.integers(0, 99))
FIELD = st.sampled_from(
    ["reason", "to", "option", "cost", "kpi", "person", "role", "name", "about", "channel", "product"]
)
VALUES = st.dictionaries(
    st.one_of(FIELD, st.sampled_from(["current", "proposed", "criteria", "choices", "labels", "many", "values"])),
    st.one_of(
        WORDS,
        MANY.map(list),
        CROWD.map(list),
        st.dictionaries(FIELD, st.lists(st.tuples(WORDS, WORDS).map(list), max_size=120)),
        st.just("U123"),
    ),
    max_size=8,
)
FORMS = st.builds(
    Form,
    verb=st.one_of(
        st.sampled_from(["stage decide", "stage back", "stage advance", "product new", "role assign"]), WORDS
    ),
    product=st.none() | WORDS,
    values=VALUES,
    missing=st.lists(FIELD, max_size=5).map(tuple),
    version=st.none() | st.integers(0, 99),
)
REPLIES = st.builds(
    Reply,
    command=WORDS,
    ok=st.booleans(),
    text=WORDS,
    visibility=st.sampled_from(["ephemeral", "in_channel"]),
    product=st.none() | VIEWS,
    answer=st.none() | ANSWERS,
    announcement=st.none() | st.builds(Announcement, WORDS, WORDS),
    form=st.none() | FORMS,
)
ORIGIN = Origin("form:Ev1", "churn", 3, "C1", "1.2", "https://hooks.slack.com/commands/T1/1/x")
light = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def fits(message: Message) -> None:
    """Within all limits, and the text says what the blocks say."""
    assert check_message({"channel": "C1", **message.payload()}) == []
    for block in message.blocks:
        for part in [block.get("text"), *(block.get("elements") or [])]:
            if isinstance(part, dict) and part.get("type") == "mrkdwn":
                assert squeezed(part["text"]) in squeezed(message.text)


def squeezed(text: str) -> str:
    """Without blanks, which differ where sections are split."""
    return "".join(text.split())


@light
@given(ANSWERS, st.booleans(), WORDS)
def test_answers(answer: Answer, shareable: bool, shared_by: str) -> None:
    fits(answer_message(answer, "answer:Ev1", shareable=shareable))
    fits(answer_message(answer, "answer:Ev1", shared_by=shared_by))
    fits(answer_message(answer, ""))
    fits(why_message(answer))
    assert answer_from_json(answer_to_json(answer)) == answer


@light
@given(REPLIES)
def test_replies(reply: Reply) -> None:
    fits(reply_message(reply, "form:Ev1"))
    if reply.announcement:
        fits(announcement_message(reply.announcement))
    assert reply_from_json(reply_to_json(reply)).text == reply.text


@light
@given(MANY, st.sampled_from(["", "rc-"]))
def test_hello_and_help(examples: tuple[str, ...], prefix: str) -> None:
    fits(hello_message(examples, prefix))
    fits(help_message(examples, prefix, "Why?"))
    assert all(one["title"] and one["message"] for one in prompts(examples))


@light
@given(
    st.lists(st.builds(HomeProduct, VIEWS, MANY, WORDS, WORDS), max_size=50).map(tuple),
    st.lists(st.tuples(WORDS, CROWD), max_size=60).map(tuple),
    MANY,
)
def test_home(mine: tuple[HomeProduct, ...], by_stage: Any, examples: tuple[str, ...]) -> None:
    assert check_view(home_view(Home(mine, by_stage, datetime(2026, 3, 1, 8, 30, tzinfo=UTC), examples))) == []


@light
@given(FORMS)
def test_forms(form: Form) -> None:
    view = form_view(form, ORIGIN)
    assert check_view(view) == []
    assert Origin.read(view["private_metadata"]) == ORIGIN
    assert error_block(view, "reason") in [block.get("block_id") for block in view["blocks"]]


def test_a_form_is_prefilled_and_comes_back_whole() -> None:
    values = {
        "option": "make",
        "values": {"kpi": ["recall above 0.8", "1% less churn"], "cost": ["120k EUR"]},
        "reason": "",
        "choices": {"option": [["buy", "BUY"], ["make", "MAKE"]]},
        "criteria": [["a", "it works"], ["b", "y" * 90]],
    }
    form = Form("stage decide", "churn", values, ("cost",), 4)
    view = form_view(form, ORIGIN)
    shown = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert shown["field:option"]["element"]["initial_option"]["value"] == "make"
    assert shown["field:kpi"]["element"]["initial_value"] == "recall above 0.8\n1% less churn"
    assert shown["field:cost"]["optional"] is False and shown["field:reason"]["optional"] is True
    state = {
        "field:option": {"value": {"selected_option": {"value": "buy"}}},
        "field:cost": {"value": {"value": " 10k "}},
        "field:kpi": {"value": {"value": "one\n\n two "}},
        "field:reason": {"value": {"value": None}},
        "ticks:0": {"value": {"selected_options": [{"value": "1"}, {"value": "9"}]}},
    }
    filled, ticked = completed(form, view | {"state": {"values": state}})
    assert filled.values == {"option": "buy", "values": {"kpi": ["one", "two"], "cost": ["10k"]}}
    assert (filled.missing, ticked) == ((), ("b",))


def test_an_answer_says_what_its_facts_are_based_on() -> None:
    sources = (Reference("The article", "Roles", "derived"), Reference("Us", "", "organisation"))
    said = answer_message(Answer("q", True, "a", sources=sources), "t").text
    assert said == "a\nSources: The article, Roles (derived) · Us (your organisation's own)"


def test_a_home_of_the_widest_names_fits() -> None:
    wide = "&" * 5_000
    mine = (HomeProduct(ProductView("p", wide, "active", (), 1), (wide,), wide, wide),) * 60
    assert check_view(home_view(Home(mine, ((wide, (wide,) * 500),) * 60, None, (wide,)))) == []


def test_an_apology_has_its_id() -> None:
    fits(apology("E12"))
    assert "E12" in apology("E12").text
