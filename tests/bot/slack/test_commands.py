"""Slash commands, buttons and forms, over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bot.slack.conftest import Run, Running
from tests.slack import ids, payloads

Shown = dict[str, Any]


def button_of(shown: Shown, action: str) -> Shown:
    """The button with this id under a message, as its press is delivered."""
    for block in shown["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == action:
                return payloads.button(action, element.get("value", ""))
    raise AssertionError(f"no button {action} in {json.dumps(shown['blocks'])}")


def create(running: Running, name: str = "churn") -> None:
    """A product, linked to the general channel."""
    running.deliver(payloads.slash_command("/product", f"new {name}"))
    running.answers()


def test_ask_is_for_one_alone_until_it_is_shared(running: Running) -> None:
    running.deliver(payloads.slash_command("/ask", "who owns data prep?"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    assert "Data analysts" in seen["text"] and running.slack.messages(ids.CHANNEL) == []
    press = button_of(seen, "share")
    for _ in range(2):
        running.deliver(payloads.action_in_message(press, seen, ephemeral=True))
    [shared] = running.answers()
    assert "ana asked: who owns data prep?" in shared["text"]
    running.slack.wait_until(lambda: running.slack.ephemerals(ids.CHANNEL, ids.ANA) == [])
    running.slack.expect_no_more(ids.CHANNEL, 1)


def test_product_new_is_seen_by_all_where_it_is_the_products_channel(running: Running) -> None:
    create(running)
    with running.store().read() as reader:
        assert [one.id for one in reader.products(ids.TEAM)] == ["churn"]


def test_stage_in_another_channel_is_announced_in_the_products_own(running: Running) -> None:
    create(running)
    running.deliver(payloads.slash_command("/stage", "advance churn because &lt;ready&gt;", channel=ids.OTHER_CHANNEL))
    [seen] = running.slack.wait_for_ephemerals(ids.OTHER_CHANNEL, ids.ANA)
    announced = running.answers(count=2)[1]
    assert "because &lt;ready&gt;" in seen["text"]
    assert announced["text"] == seen["text"]


def test_role_knows_people_by_name(running: Running) -> None:
    running.deliver(payloads.slash_command("/role", f"assign <@{ids.BEN}|ben> as sponsor on churn"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    assert seen["text"] == "ben is assigned."


def test_digest_now_is_a_preview_that_can_be_posted(running: Running) -> None:
    running.deliver(payloads.slash_command("/digest", "now"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    assert running.slack.messages(ids.CHANNEL) == []
    assert "churn: Ideation &lt;since today&gt;" in seen["text"]
    for _ in range(2):  # pressed twice, posted once
        running.deliver(payloads.action_in_message(button_of(seen, "post_here"), seen, ephemeral=True))
    parent, details = running.answers(count=2)
    assert parent["text"] == "Daily digest: nothing moved &amp; nobody waits.\nDetails are in the thread."
    assert details["text"] == "Open now (1)\n• churn: Ideation &lt;since today&gt;"
    assert details["thread_ts"] == parent["ts"]
    running.slack.expect_no_more(ids.CHANNEL, 2)


def test_a_preview_is_posted_at_the_pace_that_slack_takes(run: Run) -> None:
    running = run()
    running.deliver(payloads.slash_command("/digest", "now"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    running.slack.message_interval = 1.0
    running.deliver(payloads.action_in_message(button_of(seen, "post_here"), seen, ephemeral=True))
    running.answers(count=2)
    assert [call.status for call in running.slack.calls("chat.postMessage")] == [200, 200]


def test_a_preview_is_posted_also_where_we_are_no_member(run: Run) -> None:
    running = run()
    running.deliver(payloads.slash_command("/digest", "now"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    running.slack.fail_channel(ids.CHANNEL, "not_in_channel")
    running.deliver(payloads.action_in_message(button_of(seen, "post_here"), seen, ephemeral=True))
    [posted] = running.answers()
    assert posted["text"].startswith("Daily digest: nothing moved")
    assert "churn: Ideation" in posted["text"]


@pytest.mark.parametrize("command", ["/ask", "/stage", "/product", "/role", "/digest"])
def test_bare_commands_get_a_reply(run: Run, command: str) -> None:
    running = run()
    running.deliver(payloads.slash_command(command))
    assert running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)[0]["text"]


def test_a_prefix_keeps_commands_apart_from_those_of_other_apps(run: Run) -> None:
    running = run(ROLECALL_COMMAND_PREFIX="rc-")
    running.deliver(payloads.slash_command("/rc-ask", "who owns data prep?"))
    assert "Data analysts" in running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)[0]["text"]


def test_the_same_command_twice_has_one_effect(running: Running) -> None:
    command = payloads.slash_command("/product", "new churn")
    for _ in range(2):
        running.deliver(command)
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1)
    with running.store().read() as reader:
        assert len(reader.events(ids.TEAM)) == 1


def test_a_command_can_be_given_in_a_thread_by_mention(run: Run) -> None:
    running = run()
    event = payloads.app_mention("/product new churn")
    running.deliver(event)
    [answer] = running.answers()
    assert answer["thread_ts"] == event["event"]["ts"] and "churn is in ideation" in answer["text"]


def test_a_command_that_lacks_something_opens_a_form_and_says_so(running: Running) -> None:
    create(running)
    running.deliver(payloads.slash_command("/stage", "advance churn"))
    view = running.slack.wait_for_view()
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    assert seen["text"] == "Why? A reason is missing."
    assert json.loads(view["private_metadata"])["product"] == "churn"
    assert "ideation → the next" in str(view["blocks"][0])
    assert running.deliver(payloads.view_submission(view, filled("no data"))) in (None, {})
    assert "churn: ideation → data-preparation because no data" in running.answers(count=2)[1]["text"]
    with running.store().read() as reader:
        assert reader.events(ids.TEAM, "churn")[-1].details == {"ticked": ["Data is good enough"]}


def filled(reason: str) -> dict[str, dict[str, Shown]]:
    """The form as somebody filled it in: a reason, and the first criterion ticked."""
    chosen = {"text": {"type": "plain_text", "text": "Data is good enough"}, "value": "0"}
    return {
        "field:reason": {"value": {"type": "plain_text_input", "value": reason}},
        "ticks:0": {"value": {"type": "checkboxes", "selected_options": [chosen]}},
    }


def test_a_form_is_refused_where_the_product_changed_since_it_opened(running: Running) -> None:
    create(running)
    running.deliver(payloads.slash_command("/stage", "advance churn"))
    view = running.slack.wait_for_view()
    running.deliver(payloads.slash_command("/stage", "advance churn because of ben", user=ids.BEN))
    running.answers(count=2)
    shown = running.deliver(payloads.view_submission(view, filled("too late")))
    assert shown == {"response_action": "errors", "errors": {"field:to": "It was changed meanwhile."}}
    running.slack.expect_no_more(ids.CHANNEL, 2)


def test_the_same_submission_twice_has_one_effect(running: Running) -> None:
    create(running)
    running.deliver(payloads.slash_command("/stage", "advance churn"))
    submission = payloads.view_submission(running.slack.wait_for_view(), filled("ready"))
    running.deliver(submission)
    running.answers(count=2)
    with running.store().read() as reader:
        assert len(reader.events(ids.TEAM)) == 2


def test_a_form_that_did_not_open_can_be_opened_by_its_button(run: Run) -> None:
    running = run()
    create(running)
    running.slack.fail_next("views.open", error="trigger_expired")
    running.deliver(payloads.slash_command("/stage", "advance churn"))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    running.deliver(payloads.action_in_message(button_of(seen, "open_form"), seen, ephemeral=True))
    assert running.slack.wait_for_view()["title"]["text"] == "Advance the product"


def test_why_this_answer_is_told_to_one_alone(running: Running) -> None:
    event = payloads.app_mention("who owns data prep?")
    running.deliver(event)
    [answer] = running.answers()
    running.deliver(payloads.action_in_message(button_of(answer, "why"), answer, user=ids.BEN))
    [seen] = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.BEN)
    assert "93% sure" in seen["text"] and "who owns data preparation?" in seen["text"]


def test_a_suggestion_is_asked_and_answered_in_the_thread(running: Running) -> None:
    event = payloads.app_mention("what about revenue?")
    running.deliver(event)
    [answer] = running.answers()
    running.deliver(payloads.action_in_message(button_of(answer, "suggest:0"), answer))
    second = running.answers(count=2)[1]
    assert "Data analysts" in second["text"] and second["thread_ts"] == event["event"]["ts"]


def test_feedback_is_noted(run: Run) -> None:
    running = run()
    running.deliver(payloads.app_mention("who owns data prep?"))
    [answer] = running.answers()
    token = next(one["value"] for block in answer["blocks"] for one in block.get("elements", []) if "value" in one)
    running.deliver(payloads.action_in_message(payloads.button("feedback", f"bad {token}"), answer))
    assert "Thank you" in running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)[0]["text"]
    assert 'rolecall_feedback_total{verdict="bad"} 1' in running.app.get("/metrics")[1]


def test_buttons_of_a_forgotten_answer_say_so(run: Run) -> None:
    running = run()
    shown = {"ts": "1700000000.000100", "text": "old"}
    for action in ("why", "share", "post_here", "open_form"):
        running.deliver(payloads.action_in_message(payloads.button(action, "answer:gone"), shown))
    texts = [one["text"] for one in running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA, 4)]
    assert texts == ["That message is too old for its buttons. Please ask again."] * 4


def test_an_example_on_the_home_page_is_answered_by_direct_message(run: Run) -> None:
    running = run()
    running.deliver(payloads.app_home_opened())
    home = running.slack.wait_for_home(ids.ANA)
    running.deliver(payloads.action_in_view(button_of(home, "suggest:0"), home))
    assert "Data analysts" in running.answers(ids.direct_channel(ids.ANA))[0]["text"]


def test_a_command_in_a_direct_message(run: Run) -> None:
    running = run()
    channel = ids.direct_channel(ids.ANA)
    running.deliver(payloads.direct_message("who owns data prep?"))
    running.answers(channel)
    running.deliver(payloads.direct_message("/ask who owns data prep?"))
    assert "Before, you asked" in running.answers(channel, 2)[1]["text"]


def test_an_unknown_command_is_told_so(run: Run) -> None:
    running = run()
    running.deliver(payloads.slash_command("/unknown", "x"))
    assert running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)[0]["text"] == "I do not know /unknown."
