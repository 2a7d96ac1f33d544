"""What goes wrong on the way: rate limits, outages, dropped connections, crashes, forged and broken requests."""

from __future__ import annotations

import json
import random
import sqlite3
import time

import pytest

from tests.bot.slack.conftest import SMALL, Run, Running
from tests.slack import ids, payloads
from tests.slack.app_process import AppProcess
from tests.slack.server import SlackServer


def test_a_rate_limit_is_waited_out(running: Running) -> None:
    running.slack.fail_next("chat.postMessage", status=429, retry_after=1)
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.answers()
    first, second = running.slack.calls("chat.postMessage")
    assert second.received_at - first.received_at >= 1.0
    running.slack.expect_no_more(ids.CHANNEL, 1)


def test_an_outage_is_tried_again(running: Running) -> None:
    running.slack.fail_next("chat.postMessage", status=503, times=2)
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1)


@pytest.mark.parametrize(("drop", "posts"), [("before", 2), ("after", 1)])
def test_a_dropped_connection_does_not_double_the_answer(run: Run, drop: str, posts: int) -> None:
    running = run()
    running.slack.fail_next("chat.postMessage", drop=drop)  # type: ignore[arg-type]
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.slack.wait_for_calls("conversations.replies")
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1, seconds=1.0)
    assert len(running.slack.calls("chat.postMessage")) == posts


def test_a_dropped_connection_does_not_double_what_a_command_says_to_all(run: Run) -> None:
    running = run()
    running.slack.fail_next("response_url", drop="after")
    running.deliver(payloads.slash_command("/product", "new churn"))
    running.slack.wait_for_calls("conversations.history")
    running.slack.expect_no_more(ids.CHANNEL, 1, seconds=1.0)


def test_killed_between_acknowledgement_and_answer_it_answers_once_after_the_restart(running: Running) -> None:
    running.slack.fail_next("chat.postMessage", status=429, retry_after=30)
    event = payloads.app_mention("who owns data prep?")
    running.deliver(event)
    running.slack.wait_for_calls("chat.postMessage")
    running.app.restart()
    if running.socket_mode:
        running.slack.wait_for_connections()
    running.deliver(event)
    running.answers(timeout=20)
    running.slack.expect_no_more(ids.CHANNEL, 1, seconds=1.5)
    with running.store().read() as reader:
        assert reader.pending_deliveries() == 0
    assert running.store().verify() == []


def test_killed_after_the_post_and_before_it_is_noted_it_does_not_post_again(run: Run) -> None:
    running = run()
    running.slack.fail_next("chat.postMessage", drop="after", times=1)
    # Slack has the message, and every further call hangs in a rate limit: the process never hears of it.
    running.slack.fail_next("conversations.replies", status=429, retry_after=30)
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.slack.wait_for_calls("conversations.replies")
    running.app.restart()
    running.slack.wait_for_calls("conversations.replies", 2, timeout=20)
    running.slack.expect_no_more(ids.CHANNEL, 1, seconds=1.5)


def test_killed_after_a_change_and_before_its_reply_the_change_is_made_once_and_told(run: Run) -> None:
    running = run()
    running.slack.fail_next("response_url", status=429, retry_after=30)
    running.deliver(payloads.slash_command("/product", "new churn"))
    running.slack.wait_for_calls("response_url")
    running.app.restart()
    [told] = running.answers(timeout=20)
    assert "churn is in ideation" in told["text"]
    with running.store().read() as reader:
        assert len(reader.events(ids.TEAM)) == 1


def test_a_wait_longer_than_the_lease_does_not_double_the_answer(run: Run) -> None:
    running = run()
    running.slack.fail_next("chat.postMessage", status=429, retry_after=13)
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.answers(timeout=20)
    running.slack.expect_no_more(ids.CHANNEL, 1, seconds=1.0)
    assert len(running.slack.calls("chat.postMessage")) == 2


def test_two_processes_share_the_work(slack_server: SlackServer, run: Run) -> None:
    first, second = run(), run()
    for number in range(10):
        event = payloads.direct_message(f"data prep {number}")
        for one in (first, second):
            one.deliver(event)
    channel = ids.direct_channel(ids.ANA)
    slack_server.wait_for_messages(channel, 10)
    slack_server.expect_no_more(channel, 10)


def test_sigterm_finishes_what_is_in_hand(running: Running) -> None:
    running.slack.latency = 0.3
    running.deliver(payloads.app_mention("who owns data prep?"))
    assert running.app.terminate() == 0
    assert len(running.slack.messages(ids.CHANNEL)) == 1
    assert "Traceback" not in running.app.output


def test_a_channel_that_takes_no_answer_is_given_up_on(run: Run) -> None:
    running = run()
    running.slack.fail_channel(ids.CHANNEL, "is_archived")
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.slack.wait_for_calls("chat.postMessage")
    running.slack.wait_until(lambda: "is_archived" in running.app.output)
    running.slack.heal()
    running.deliver(payloads.direct_message("who owns data prep?"))
    running.answers(ids.direct_channel(ids.ANA))
    assert running.slack.messages(ids.CHANNEL) == []


def test_what_cannot_be_stored_is_not_acknowledged(run: Run) -> None:
    running = run()
    holder = sqlite3.connect(running.database, isolation_level=None)
    holder.execute("ALTER TABLE inbox RENAME TO elsewhere")
    event = payloads.app_mention("who owns data prep?")
    assert running.slack.deliver_http(running.app.events_url, event).status == 500
    holder.execute("ALTER TABLE elsewhere RENAME TO inbox")
    holder.close()
    running.deliver(event, retry_num=1, retry_reason="http_error")
    running.answers()
    running.slack.expect_no_more(ids.CHANNEL, 1)


def test_a_wrong_signature_is_refused(run: Run) -> None:
    running = run()
    event = payloads.app_mention("who owns data prep?")
    old = int(time.time()) - 600
    for options in ({"secret": "wrong"}, {"timestamp": old}, {"signature": "v0=0"}):
        assert running.slack.deliver_http(running.app.events_url, event, **options).status == 401  # type: ignore[arg-type]
    running.slack.expect_no_more(ids.CHANNEL, 0)


def test_a_new_request_url_is_confirmed(run: Run) -> None:
    running = run()
    assert running.deliver(payloads.url_verification("abc"))["challenge"] == "abc"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe{}",
        b"[]",
        b"[1]",
        b"null",
        b"7",
        b'"x"',
        b"{",
        b"",
        b" ",
        b'{"event": 5}',
        b'{"type": "x", "event": []}',
        b'{"actions": 5}',
        b'{"actions": []}',
        b'{"authorizations": 4}',
        b'{"authorizations": [4]}',
        b'{"view": {}}',
    ],
)
def test_bodies_that_are_no_delivery_are_refused(run: Run, body: bytes) -> None:
    running = run()
    assert running.slack.deliver_raw(running.app.events_url, body).status == 400


@pytest.mark.parametrize("body", [b"payload=%FF%FE", b"payload=[]", b"payload=7", b"payload={", b"\xff=1"])
def test_forms_that_are_no_delivery_are_refused(run: Run, body: bytes) -> None:
    running = run()
    form = "application/x-www-form-urlencoded"
    assert running.slack.deliver_raw(running.app.events_url, body, form).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {}},
        {"type": "event_callback", "event": {"type": 7}},
        {"type": "event_callback", "event": {"type": "app_mention"}, "authorizations": []},
        {"type": "event_callback", "event": {"type": "message", "channel_type": "im", "user": {"id": 4}, "text": 5}},
        {"type": "block_actions", "actions": [{}]},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "command_form"}},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "command_form", "private_metadata": "{"}},
        {"command": 5},
    ],
)
def test_odd_deliveries_are_acknowledged(run: Run, body: dict[str, object]) -> None:
    running = run()
    delivered = running.slack.deliver_raw(running.app.events_url, json.dumps(body).encode())
    assert delivered.status == 200, running.app.output
    running.slack.take_faults()


def test_monitoring(running: Running) -> None:
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.answers()
    assert running.app.get("/healthz")[0] == 200
    status, ready = running.app.get("/readyz")
    assert (status, json.loads(ready)) == (200, {"ready": True, "problems": []})
    running.slack.wait_until(lambda: "rolecall_deliveries_pending 0" in running.app.get("/metrics")[1])
    figures = running.app.get("/metrics")[1]
    assert 'rolecall_answers_total{answered="yes"} 1' in figures
    assert "rolecall_delivery_seconds_count 1" in figures
    assert running.app.get("/elsewhere")[0] == 404
    assert running.app.get("/slack/events")[0] == 405


def test_a_lost_socket_is_told_by_readyz_and_connected_again(run: Run) -> None:
    running = run(socket_mode=True)
    running.slack.socket.drop()
    running.slack.wait_for_connections(timeout=20)
    running.app.wait_until_ready()
    running.deliver(payloads.app_mention("who owns data prep?"))
    running.answers()


def test_logs_hold_neither_secrets_nor_what_people_write(running: Running) -> None:
    running.slack.fail_next("chat.postMessage", status=503)
    running.deliver(payloads.app_mention("who owns data prep, the marmalade?"))
    running.answers()
    running.deliver(payloads.app_mention("explode"))
    running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA)
    running.app.terminate()
    for secret in (ids.BOT_TOKEN, ids.APP_TOKEN, ids.SIGNING_SECRET, "marmalade"):
        assert secret not in running.app.output


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set: expected a bot token, which begins with xoxb-."),
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "SLACK_BOT_TOKEN is malformed: expected a bot token, which begins with xoxb-."),
        ({"SLACK_BOT_TOKEN": "xoxb-unknown"}, "SLACK_BOT_TOKEN is refused by Slack: invalid_auth."),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN is malformed"),
        ({"SLACK_APP_TOKEN": "xapp-unknown"}, "SLACK_APP_TOKEN is refused by Slack: invalid_auth."),
        ({"SLACK_SIGNING_SECRET": " "}, "SLACK_SIGNING_SECRET is not set"),
        ({"ROLECALL_POLICY": "anarchy"}, "ROLECALL_POLICY is malformed: expected involved, open or admins."),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    slack_server: SlackServer, tmp_path: object, changed: dict[str, str], said: str
) -> None:
    settings = {**slack_server.environment(), "ROLECALL_DB": f"{tmp_path}/rolecall.db", **changed}
    app = AppProcess(settings, command=SMALL)
    app.start(wait=False)
    assert app.wait() == 2
    lines = [line for line in app.output.splitlines() if not line.startswith("20")]
    assert len(lines) == 1 and lines[0].startswith(said), app.output


def test_it_waits_for_a_slack_that_cannot_be_reached_yet(slack_server: SlackServer, tmp_path: object) -> None:
    slack_server.fail_next("auth.test", status=503, times=5)
    settings = {**slack_server.environment(), "ROLECALL_DB": f"{tmp_path}/rolecall.db"}
    with AppProcess(settings, command=SMALL) as app:
        slack_server.deliver_http(app.events_url, payloads.app_mention("who owns data prep?"))
        slack_server.wait_for_messages(ids.CHANNEL)


def test_killed_again_and_again_every_message_is_answered_once(run: Run) -> None:
    running = run()
    running.slack.latency = 0.02
    kills = random.Random(7)
    delivered = []
    for _ in range(4):
        for _ in range(3):
            event = payloads.app_mention("who owns data prep?")
            running.deliver(event)
            delivered.append(event["event"]["ts"])
        time.sleep(kills.uniform(0.0, 0.15))
        running.app.restart()
    running.answers(count=len(delivered), timeout=30)
    running.slack.expect_no_more(ids.CHANNEL, len(delivered), seconds=1.0)
    assert sorted(one["thread_ts"] for one in running.slack.messages(ids.CHANNEL)) == sorted(delivered)
