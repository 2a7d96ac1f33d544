"""The whole program over the wire: asked, told that a product moved, asked for its digest, killed and started again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store.records import DigestSchedule, Event
from tests.bot.slack.conftest import ODD_TEXTS, WHOLE, Run, Running
from tests.bot.slack.test_commands import button_of
from tests.slack import ids, payloads


def ephemeral(running: Running, text: str, channel: str = ids.CHANNEL, user: str = ids.ANA) -> str:
    """What one person is shown for a slash command."""
    seen = len(running.slack.ephemerals(channel, user))
    command, _, rest = text.partition(" ")
    running.deliver(payloads.slash_command(command, rest, channel=channel, user=user))
    return str(running.slack.wait_for_ephemerals(channel, user, seen + 1)[-1]["text"])


def events(running: Running, product: str) -> list[Event]:
    with running.store().read() as reader:
        return reader.events(ids.TEAM, product)


def begin(running: Running) -> None:
    """A product of Ana's, in the channel's own, with its decision taken."""
    running.deliver(
        payloads.slash_command("/product", f"new “Churn &amp; co” sponsor <@{ids.ANA}|ana> in <#{ids.CHANNEL}|general>")
    )
    running.answers()
    running.deliver(payloads.slash_command("/stage", "decide churn-co make cost 120k EUR kpi “recall &gt; 0.8”"))
    running.answers(count=2)


def test_a_question_in_a_channel_is_answered_in_its_thread_with_its_source(whole: Running) -> None:
    event, message = payloads.mention_and_message("who ownes data prepp?")
    for delivery in (event, event, message, event):
        whole.deliver(delivery)
    [answer] = whole.answers()
    assert answer["thread_ts"] == event["event"]["ts"]
    assert "Data analysts and data engineers drive Data Preparation" in answer["text"]
    assert "Roles and responsibilities in AI projects" in answer["text"]
    whole.slack.expect_no_more(ids.CHANNEL, 1)


def test_a_direct_message_and_its_follow_up_are_answered(whole: Running) -> None:
    channel = ids.direct_channel(ids.ANA)
    whole.deliver(payloads.direct_message("who drives productization?"))
    whole.answers(channel)
    whole.deliver(payloads.direct_message("and deployment?"))
    assert "DevOps drive Architecting" in whole.answers(channel, 2)[1]["text"]


def test_what_is_not_known_is_said_with_questions_that_can_be_pressed(whole: Running) -> None:
    whole.deliver(payloads.app_mention("what is the salary range of data engineers here?"))
    [answer] = whole.answers()
    assert answer["text"].startswith("I don't know")
    with whole.store().read() as reader:
        assert [logged.question for logged in reader.unanswered(ids.TEAM, since=datetime(2020, 1, 1, tzinfo=UTC))] == [
            "what is the salary range of data engineers here?"
        ]
    press = next(
        element
        for block in answer["blocks"]
        for element in block.get("elements", [])
        if str(element.get("action_id", "")).startswith("suggest")
    )
    whole.deliver(payloads.action_in_message(payloads.button(press["action_id"], press["value"]), answer))
    whole.slack.wait_until(
        lambda: len(whole.slack.history(ids.CHANNEL)) + len(whole.slack.ephemerals(ids.CHANNEL, ids.ANA)) > 2
    )


def test_a_stage_change_is_recorded_and_told_in_the_products_channel(whole: Running) -> None:
    begin(whole)
    whole.deliver(payloads.slash_command("/stage", "advance churn-co because &lt;ready&gt; &amp; done"))
    told = whole.answers(count=3)[2]["text"]
    assert "Churn &amp; co" in told and "&lt;ready&gt; &amp; done" in told and f"<@{ids.ANA}" not in told
    recorded = events(whole, "churn-co")
    assert [event.kind for event in recorded] == ["created", "decided", "advanced"]
    assert recorded[-1].reason == "<ready> & done"
    assert recorded[-1].actor == ids.ANA
    whole.deliver(payloads.app_mention("where is churn & co, and who moved it?"))
    assert "Data Preparation" in whole.answers(count=4)[3]["text"]


def test_somebody_else_may_look_but_not_move(whole: Running) -> None:
    begin(whole)
    assert "since" in ephemeral(whole, "/stage status churn-co", user=ids.BEN)
    refused = ephemeral(whole, "/stage advance churn-co", user=ids.BEN)
    assert "may not change" in refused and "ana" in refused
    assert len(events(whole, "churn-co")) == 2


def test_roles_are_given_and_shown_by_name(whole: Running) -> None:
    begin(whole)
    whole.deliver(payloads.slash_command("/role", f"assign <@{ids.BEN}|ben> as DE on churn-co"))
    assert "ben" in whole.answers(count=3)[2]["text"]
    assert "Data engineer" in ephemeral(whole, "/role list churn-co")


def test_ask_and_digest_now_are_for_one_alone(whole: Running) -> None:
    assert "DevOps" in ephemeral(whole, "/ask who gets paged at night?")
    begin(whole)
    assert "Churn &amp; co" in ephemeral(whole, "/digest now")
    seen = whole.slack.ephemerals(ids.CHANNEL, ids.ANA)[-1]
    whole.deliver(payloads.action_in_message(button_of(seen, "post_here"), seen, ephemeral=True))
    assert "Churn &amp; co" in whole.answers(count=3)[2]["text"]


@pytest.mark.parametrize("command", ["/ask", "/stage", "/product", "/role", "/digest"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    running = run(command=WHOLE)
    assert f"{command} " in ephemeral(running, f"{command} help")


def test_a_decision_that_lacks_parts_opens_a_form(run: Run) -> None:
    running = run(command=WHOLE)
    running.deliver(payloads.slash_command("/product", f"new churn in <#{ids.CHANNEL}|general>"))
    running.answers()
    assert "cost" in ephemeral(running, "/stage decide churn make").lower()
    assert running.slack.wait_for_view()["callback_id"]


def test_home_shows_my_products(whole: Running) -> None:
    begin(whole)
    whole.deliver(payloads.app_home_opened())
    assert "Churn &amp; co" in str(whole.slack.wait_for_home(ids.ANA))


def test_a_bare_mention_gets_help_and_a_hello_has_three_examples(whole: Running) -> None:
    whole.deliver(payloads.member_joined_channel())
    assert whole.answers()[0]["text"].count("•") == 3
    whole.deliver(payloads.app_mention(""))
    assert "/stage" in whole.answers(count=2)[1]["text"]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_messages_get_a_clear_reply(run: Run, text: str) -> None:
    running = run(command=WHOLE)
    running.deliver(payloads.direct_message(text))
    [answer] = running.answers(ids.direct_channel(ids.ANA))
    assert answer["text"].startswith(("I don't know", "Hello", "I answer"))
    assert "<!" not in answer["text"]


def test_killed_between_acknowledgement_and_answer_it_answers_once_after_the_restart(whole: Running) -> None:
    begin(whole)
    whole.slack.fail_next("chat.postMessage", status=503, times=30)
    whole.deliver(payloads.app_mention("who owns data prep?"))
    whole.slack.wait_for_calls("chat.postMessage", 1)
    whole.app.kill()
    whole.slack.heal()
    whole.app.start()
    assert "Data analysts" in whole.answers(count=3, timeout=25)[2]["text"]
    whole.slack.expect_no_more(ids.CHANNEL, 3, seconds=1.5)
    assert [event.kind for event in events(whole, "churn-co")] == ["created", "decided"]
    assert whole.store().verify() == []


def test_a_rate_limit_and_an_outage_are_waited_out(whole: Running) -> None:
    whole.slack.fail_next("chat.postMessage", status=429, retry_after=1)
    whole.deliver(payloads.app_mention("who owns data prep?"))
    whole.answers()
    first, second = whole.slack.calls("chat.postMessage")
    assert second.received_at - first.received_at >= 1.0
    whole.slack.fail_next("chat.postMessage", status=503)
    whole.deliver(payloads.app_mention("who owns feasibility?"))
    whole.answers(count=2)


def test_sigterm_finishes_what_is_in_hand(whole: Running) -> None:
    whole.slack.latency = 0.3
    whole.deliver(payloads.app_mention("who owns data prep?"))
    assert whole.app.terminate() == 0
    assert len(whole.slack.messages(ids.CHANNEL)) == 1


def test_a_channels_digest_is_set_up_previewed_and_posted_once_with_names(whole: Running) -> None:
    begin(whole)
    status = ephemeral(whole, "/digest status")
    assert status.startswith("This channel has no daily digest")
    preview = ephemeral(whole, "/digest now")
    assert "Churn &amp; co" in preview
    assert f"<@{ids.ANA}>" not in preview
    posted = len(whole.slack.messages(ids.CHANNEL))
    with whole.store().write() as writer:  # set up the day before, so that today's is due
        writer.save_digest_schedule(
            DigestSchedule(
                ids.TEAM,
                ids.CHANNEL,
                "channel",
                "00:00",
                tuple(range(7)),
                "UTC",
                ids.ANA,
                datetime.now(UTC) - timedelta(days=2),
            )
        )
    whole.slack.wait_until(lambda: len(whole.slack.messages(ids.CHANNEL)) > posted, 20, "digest")
    digest = whole.slack.messages(ids.CHANNEL)[posted]
    assert digest["text"].startswith("Daily digest, ")
    assert "Churn &amp; co: new" in digest["text"]
    assert "ana" in digest["text"]
    assert digest["metadata"]["event_type"] == "rolecall_digest"
