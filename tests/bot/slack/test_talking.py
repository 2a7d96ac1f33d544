"""Questions in channels, threads and direct messages, over the wire."""

from __future__ import annotations

import pytest

from tests.bot.slack.conftest import ODD_TEXTS, Run, Running
from tests.slack import ids, payloads


def test_a_mention_is_answered_in_its_thread(running: Running) -> None:
    event = payloads.app_mention("who owns data prep?")
    running.deliver(event)
    [answer] = running.answers()
    assert answer["thread_ts"] == event["event"]["ts"]
    assert "Data analysts &amp; data engineers &lt;own&gt; it. Zone Europe/Madrid." in answer["text"]
    assert "Source: The article, Roles &amp; stages (derived)" in answer["text"]


def test_the_same_event_three_times_is_answered_once(running: Running) -> None:
    event = payloads.app_mention("who owns data prep?")
    for _ in range(3):
        running.deliver(event)
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1)


def test_a_mention_that_comes_as_a_message_too_is_answered_once(running: Running) -> None:
    for event in payloads.mention_and_message("who owns data prep?"):
        running.deliver(event)
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1)


def test_a_direct_message_is_answered_in_place(running: Running) -> None:
    running.deliver(payloads.direct_message("who owns data prep?"))
    [answer] = running.answers(ids.direct_channel(ids.ANA))
    assert "thread_ts" not in answer


def test_a_direct_message_in_a_thread_is_answered_there(run: Run) -> None:
    running = run()
    first = payloads.direct_message("who owns data prep?")
    running.deliver(first)
    channel = ids.direct_channel(ids.ANA)
    running.answers(channel)
    running.deliver(payloads.direct_message("who owns data prep again?", thread_ts=first["event"]["ts"]))
    assert running.answers(channel, 2)[1]["thread_ts"] == first["event"]["ts"]


def test_follow_ups_are_understood_within_a_thread(run: Run) -> None:
    running = run()
    first = payloads.app_mention("who owns data prep?")
    running.deliver(first)
    running.answers()
    running.deliver(payloads.app_mention("and data prep here?", thread_ts=first["event"]["ts"], user=ids.BEN))
    assert "Before, you asked: who owns data prep?" in running.answers(count=2)[1]["text"]


def test_what_one_says_is_answered_in_the_order_it_was_said(run: Run) -> None:
    running = run()
    running.slack.latency = 0.05
    asked = [f"data prep {number}" for number in range(6)]
    for question in asked:
        running.deliver(payloads.direct_message(question))
    answers = [one["text"] for one in running.answers(ids.direct_channel(ids.ANA), 6, timeout=15)]
    for number in range(1, 6):
        assert f"Before, you asked: {asked[number - 1]}" in answers[number]


@pytest.mark.parametrize("event", [payloads.app_mention(""), payloads.app_mention("   ")], ids=["bare", "blank"])
def test_a_bare_mention_gets_help(run: Run, event: payloads.Payload) -> None:
    running = run()
    running.deliver(event)
    [answer] = running.answers()
    assert "• who owns data prep?" in answer["text"] and "/stage" in answer["text"]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_messages_get_a_clear_reply(run: Run, text: str) -> None:
    running = run()
    running.deliver(payloads.direct_message(text))
    [answer] = running.answers(ids.direct_channel(ids.ANA))
    assert "I do not know" in answer["text"]
    assert "<!" not in answer["text"]


def test_what_nobody_wants_is_acknowledged_and_left_alone(running: Running) -> None:
    for event in (
        payloads.unknown_event(),
        payloads.bot_message("who owns data prep?"),
        payloads.bot_message("who owns data prep?", user=None, bot_id="B0OTHER"),
        payloads.message("who owns data prep?"),
        payloads.message_changed("a", f"<@{ids.BOT_USER}> who owns data prep?"),
        payloads.message_deleted("a"),
        payloads.thread_broadcast("who owns data prep?", thread_ts="1700000000.000100"),
        payloads.member_joined_channel(user=ids.BEN),
        payloads.shortcut("unknown"),
        payloads.view_closed({"id": "V1", "type": "modal", "blocks": []}),
    ):
        running.deliver(event)
    # What comes after them is worked on after them.
    running.deliver(payloads.direct_message("who owns data prep?"))
    running.answers(ids.direct_channel(ids.ANA))
    assert len(running.slack.calls("chat.postMessage")) == 1


def test_a_bug_is_told_by_an_id_that_the_log_has_and_never_by_a_traceback(run: Run) -> None:
    running = run()
    running.deliver(payloads.app_mention("please explode secretly"))
    said = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)[0]["text"]
    found = said.partition("as ")[2].partition(".")[0]
    running.slack.wait_until(lambda: found in running.app.output, what=f"{found} in the log")
    assert found.startswith("E")
    assert "Traceback" not in said and "bug" not in said


def test_joining_a_channel_says_hello_with_examples(running: Running) -> None:
    running.deliver(payloads.member_joined_channel())
    [hello] = running.answers()
    assert hello["text"].count("•") == 3


def test_home_shows_somebodys_products(running: Running) -> None:
    running.deliver(payloads.slash_command("/product", "new Churn & model"))
    running.answers()
    running.deliver(payloads.app_home_opened())
    shown = str(running.slack.wait_for_home(ids.ANA))
    assert "*Churn &amp; model*" in shown and "Ideation &amp; start" in shown and "<!date^" in shown


def test_the_conversation_pane_gets_prompts(run: Run) -> None:
    running = run()
    running.deliver(payloads.app_home_opened(tab="messages"))
    [call] = running.slack.wait_for_calls("assistant.threads.setSuggestedPrompts")
    assert len(call.arguments["prompts"]) == 3


def test_people_are_asked_for_once_and_never_listed(run: Run) -> None:
    running = run()
    for number in range(3):
        running.deliver(payloads.direct_message(f"data prep {number}"))
    running.answers(ids.direct_channel(ids.ANA), 3)
    assert len(running.slack.calls("users.info")) == 1
