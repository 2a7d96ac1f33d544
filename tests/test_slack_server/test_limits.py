"""The limit checker finds what Slack would refuse, and what Rolecall promised not to send."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.slack.limits import (
    check_acknowledgement,
    check_blocks,
    check_message,
    check_mrkdwn,
    check_view,
    first_error,
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Press"), "action_id": "press", **more}


def option(number: int = 0, text: str = "one") -> dict[str, Any]:
    return {"text": plain(text), "value": f"value-{number}"}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int, **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "options": [option(number) for number in range(count)], **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Save"), "blocks": list(blocks), **more}


def table(rows: int, columns: int) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns for _ in range(rows)]}


RIGHT_BLOCKS = [
    section("*bold* <@U0ANA00001> <#C0GENERAL1|general> &amp; <https://example.com|a link>"),
    section(fields=[mrkdwn("a"), plain("b")], accessory=button(value="x" * 2000)),
    {"type": "header", "text": plain("h" * 150)},
    {"type": "divider"},
    actions(*[button(action_id=f"press-{number}") for number in range(25)]),
    actions(select(100, initial_option=option(3), placeholder=plain("Pick"))),
    actions({"type": "overflow", "options": [option(number) for number in range(5)]}),
    {"type": "context", "elements": [mrkdwn("source")] * 10},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "good"},
                "negative_button": {"text": plain("Bad"), "value": "bad"},
            }
        ],
    },
    {"type": "markdown", "text": "# Any & all <b>"},
    table(100, 20),
]

WRONG_BLOCKS = {
    "section text": section("x" * 3001),
    "empty section": {"type": "section"},
    "empty text": section(""),
    "eleven fields": section(fields=[plain("x")] * 11),
    "long field": section(fields=[plain("x" * 2001)]),
    "header too long": {"type": "header", "text": plain("x" * 151)},
    "header in mrkdwn": {"type": "header", "text": mrkdwn("x")},
    "no elements": actions(),
    "26 elements": actions(*[button(action_id=str(number)) for number in range(26)]),
    "same action_id twice": actions(button(), button()),
    "text input in actions": actions({"type": "plain_text_input", "action_id": "x"}),
    "eleven in a context": {"type": "context", "elements": [mrkdwn("x")] * 11},
    "101 options": actions(select(101)),
    "no options": actions(select(0)),
    "neither options nor groups": actions({"type": "static_select", "action_id": "x"}),
    "six in an overflow": actions({"type": "overflow", "options": [option(n) for n in range(6)]}),
    "eleven check boxes": actions({"type": "checkboxes", "options": [option(n) for n in range(11)]}),
    "eleven radio buttons": actions({"type": "radio_buttons", "options": [option(n) for n in range(11)]}),
    "option text": actions({"type": "static_select", "options": [option(text="x" * 76)]}),
    "option value": actions({"type": "static_select", "options": [{"text": plain("x"), "value": "v" * 151}]}),
    "option in mrkdwn": actions({"type": "static_select", "options": [{"text": mrkdwn("x"), "value": "v"}]}),
    "same option twice": actions({"type": "static_select", "options": [option(), option()]}),
    "initial option not offered": actions(select(2, initial_option=option(7))),
    "button text": actions(button(text=plain("x" * 76))),
    "button value": actions(button(value="x" * 2001)),
    "button style": actions(button(style="pink")),
    "button without text": actions({"type": "button", "action_id": "x"}),
    "action_id": actions(button(action_id="x" * 256)),
    "block_id": section(block_id="x" * 256),
    "unknown key": section(colour="red"),
    "unknown block": {"type": "poem"},
    "unknown element": actions({"type": "knob"}),
    "emoji in mrkdwn": {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
    "image without alt text": {"type": "image", "image_url": "https://example.com/x.png"},
    "markdown": {"type": "markdown", "text": "x" * 12_001},
    "101 rows": table(101, 1),
    "21 columns": table(1, 21),
    "no block at all": "words",
}


@pytest.mark.parametrize("block", RIGHT_BLOCKS, ids=lambda block: block["type"])
def test_right_blocks_pass(block: dict[str, Any]) -> None:
    assert check_blocks([block]) == []


@pytest.mark.parametrize("name", WRONG_BLOCKS)
def test_wrong_blocks_are_refused(name: str) -> None:
    assert first_error(check_blocks([WRONG_BLOCKS[name]])) == "invalid_blocks"


def test_fifty_blocks_in_a_message_and_a_hundred_in_a_view() -> None:
    divider = {"type": "divider"}
    assert check_blocks([divider] * 50) == []
    assert first_error(check_blocks([divider] * 51)) == "invalid_blocks"
    assert check_blocks([divider] * 100, "home") == []
    assert first_error(check_blocks([divider] * 101, "home")) == "invalid_blocks"


def test_a_block_id_is_unique_in_a_payload() -> None:
    blocks = [section(block_id="same"), section(block_id="same")]
    assert [str(found) for found in check_blocks(blocks)] == ["blocks[1].block_id: 'same' is used twice"]


def test_all_block_text_together_is_limited() -> None:
    assert first_error(check_blocks([section("x" * 2900)] * 5)) == "msg_blocks_too_long"


def test_markdown_blocks_share_one_limit_and_tables_are_single() -> None:
    assert check_blocks([{"type": "markdown", "text": "x" * 6001}] * 2)
    assert check_blocks([table(1, 1), table(1, 1)])


@pytest.mark.parametrize("kind", ["markdown", "table", "context_actions"])
def test_some_blocks_are_for_messages_only(kind: str) -> None:
    block = next(block for block in RIGHT_BLOCKS if block["type"] == kind)
    assert check_blocks([block], "modal") != []


@pytest.mark.parametrize(
    "text",
    [
        "<@U0ANA00001> moved it",
        "<@W012345|ana>",
        "<#C0GENERAL1>",
        "<!date^1392734382^Posted {date_num} {time_secs}|Posted 2014-02-18>",
        "<!date^1392734382^{date}^https://example.com/|Feb 18>",
        "<https://example.com/a?b=c&amp;d=e|label &lt;3>",
        "<http://example.com>",
        "<mailto:ana@example.com|Ana>",
        "<!subteam^S012345|@team>",
        "> a quotation\n>and more",
        "a &lt;b&gt; &amp; c",
        "",
    ],
)
def test_legal_text_passes(text: str) -> None:
    assert list(check_mrkdwn(text, "text")) == []


@pytest.mark.parametrize(
    "text",
    [
        "<!channel> look",
        "<!here>",
        "<!everyone|everyone>",
        "R&D",
        "&quot;",
        "1 < 2",
        "2 > 1",
        "<b>bold</b>",
        "<@ana>",
        "<javascript:alert(1)|x>",
        "<!date^now^{date}|x>",
        "&amp;lt;",
        "<unclosed",
    ],
)
def test_illegal_text_is_a_fault_of_ours_that_slack_would_let_pass(text: str) -> None:
    violations = check_message({"text": text})
    assert violations
    assert first_error(violations) is None


@given(st.text(alphabet=st.sampled_from("ab &<>;!@#|{}^\n"), max_size=60))
def test_any_text_is_right_once_it_is_escaped(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert list(check_mrkdwn(escaped, "text")) == []


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_no_payload_makes_the_checker_itself_fail(value: Any) -> None:
    check_blocks(value)
    check_blocks([value, {"type": "section", "text": value}, {"type": "actions", "elements": value}])
    check_view(value)
    check_view({"type": "modal", "title": value, "blocks": value})
    check_message({"text": value, "blocks": value, "metadata": value})


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "digest"}}, "invalid_metadata_format"),
        ({"text": "x", "blocks": [section()], "metadata": {"event_type": "a", "event_payload": {}}}, None),
    ],
)
def test_a_message_is_answered_as_slack_would(arguments: dict[str, Any], error: str | None) -> None:
    assert first_error(check_message(arguments)) == error


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "x" * 4001},
        {"text": " ", "blocks": [section()]},
        {"blocks": [section()]},
        {"text": "look @here", "link_names": True},
        {"text": "x", "blocks": [{"type": "header", "text": plain("<!channel>")}]},
    ],
)
def test_promises_beyond_slacks_limits_are_kept_in_messages(arguments: dict[str, Any]) -> None:
    violations = check_message(arguments)
    assert violations
    assert first_error(violations) is None


def test_a_right_modal_and_home_pass() -> None:
    inputs = [
        field({"type": "plain_text_input", "action_id": "a", "max_length": 3000}, block_id="one"),
        field({"type": "checkboxes", "options": [{"text": mrkdwn("*x*"), "value": "v"}]}, optional=True),
        field({"type": "number_input", "is_decimal_allowed": True}),
        field({"type": "datepicker", "initial_date": "2026-03-31"}),
    ]
    assert check_view(modal(*inputs, private_metadata="x" * 3000, callback_id="c", close=plain("No"))) == []
    assert check_view({"type": "home", "blocks": [section()]}) == []


@pytest.mark.parametrize(
    "view",
    [
        modal(section(), title=plain("x" * 25)),
        modal(section(), submit=plain("x" * 25)),
        modal(section(), close=plain("x" * 25)),
        modal(section(), private_metadata="x" * 3001),
        modal(),
        {"type": "modal", "title": plain("No submit"), "blocks": [field({"type": "plain_text_input"})]},
        modal(field({"type": "button", "text": plain("x")})),
        modal(field({"type": "timepicker", "initial_time": "25:99"})),
        {"type": "home", "title": plain("x"), "blocks": [section()]},
        {"type": "poster", "blocks": []},
        None,
    ],
)
def test_wrong_views_are_refused(view: Any) -> None:
    assert first_error(check_view(view)) == "invalid_arguments"


def test_errors_of_a_submission_name_its_input_blocks() -> None:
    delivered = {
        "type": "view_submission",
        "view": modal(field({"type": "plain_text_input"}, block_id="why")),
    }
    assert check_acknowledgement(delivered, {"response_action": "errors", "errors": {"why": "Say it"}}) == []
    assert check_acknowledgement(delivered, {"response_action": "errors", "errors": {"what": "Say it"}})
    assert check_acknowledgement(delivered, {"response_action": "explode"})
    assert check_acknowledgement(delivered, None) == []


def test_suggested_options_are_checked() -> None:
    delivered = {"type": "block_suggestion"}
    assert check_acknowledgement(delivered, {"options": [option()]}) == []
    assert check_acknowledgement(delivered, {"options": [option(text="x" * 76)]})
