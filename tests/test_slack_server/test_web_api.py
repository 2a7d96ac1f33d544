"""slack_sdk's own client, unpatched, against the local Slack."""

import threading
import time
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from tests.slack import ids, payloads
from tests.slack.server import SlackServer

BUTTON = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
}
HOME = {"type": "home", "blocks": [{"type": "divider"}]}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Title"},
    "blocks": [{"type": "divider"}],
}


@pytest.fixture
def client(slack_server: SlackServer) -> WebClient:
    return WebClient(token=slack_server.bot_token, base_url=slack_server.api_url)


def error_of(raised: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(raised.value.response["error"])


@pytest.mark.parametrize("ending", ["/api/", "/api"])
def test_the_base_url_works_with_and_without_a_slash_at_its_end(slack_server: SlackServer, ending: str) -> None:
    client = WebClient(token=slack_server.bot_token, base_url=slack_server.origin + ending)
    assert client.auth_test()["team_id"] == ids.TEAM


def test_a_base_url_without_the_api_path_is_named_as_a_fault(slack_server: SlackServer) -> None:
    client = WebClient(token=slack_server.bot_token, base_url=slack_server.origin)
    with pytest.raises(SlackApiError):
        client.auth_test()
    assert "is the base URL right?" in slack_server.take_faults()[0]


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), (None, "not_authed")])
def test_a_wrong_token_is_refused(slack_server: SlackServer, token: str | None, error: str) -> None:
    with pytest.raises(SlackApiError) as raised:
        WebClient(token=token, base_url=slack_server.api_url).auth_test()
    assert error_of(raised) == error


def test_a_form_body_with_the_token_inside_and_blocks_as_json_is_understood(
    slack_server: SlackServer, client: WebClient
) -> None:
    bare = WebClient(base_url=slack_server.api_url)
    form = {"channel": ids.CHANNEL, "text": "hi", "blocks": '[{"type": "divider"}]', "token": client.token}
    bare.api_call("chat.postMessage", data=form)
    assert slack_server.messages(ids.CHANNEL)[0]["blocks"] == [{"type": "divider"}]


def test_messages_get_increasing_timestamps_and_keep_thread_and_metadata(
    slack_server: SlackServer, client: WebClient
) -> None:
    parent = client.chat_postMessage(channel=ids.CHANNEL, text="parent")["ts"]
    metadata = {"event_type": "digest", "event_payload": {"date": "2026-03-31"}}
    reply = client.chat_postMessage(channel=ids.CHANNEL, text="reply", thread_ts=parent, metadata=metadata)["ts"]
    assert float(reply) > float(parent)
    assert [message["text"] for message in slack_server.thread(ids.CHANNEL, parent)] == ["reply"]
    bare = client.conversations_replies(channel=ids.CHANNEL, ts=parent)["messages"]
    assert [message["text"] for message in bare] == ["parent", "reply"]
    assert "metadata" not in bare[1]
    full = client.conversations_replies(channel=ids.CHANNEL, ts=parent, include_all_metadata=True)["messages"]
    assert full[1]["metadata"] == metadata


def test_history_is_paged_newest_first_without_replies(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel=ids.CHANNEL, text=str(number))["ts"] for number in range(5)]
    client.chat_postMessage(channel=ids.CHANNEL, text="reply", thread_ts=stamps[0])
    pages = [
        [message["text"] for message in page["messages"]]
        for page in client.conversations_history(channel=ids.CHANNEL, limit=2)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    newer = client.conversations_history(channel=ids.CHANNEL, oldest=stamps[2])["messages"]
    assert [message["text"] for message in newer] == ["4", "3"]


def test_what_a_person_wrote_is_in_the_channel_before_the_app_hears_of_it(
    slack_server: SlackServer, client: WebClient
) -> None:
    mention = slack_server.prepare(payloads.app_mention("who owns data prep?"))["event"]
    found = client.conversations_replies(channel=ids.CHANNEL, ts=mention["ts"])["messages"]
    assert [message["text"] for message in found] == [mention["text"]]
    assert slack_server.messages(ids.CHANNEL) == []


def test_updating_and_deleting_own_messages(slack_server: SlackServer, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=ids.CHANNEL, text="first")["ts"]
    client.chat_update(channel=ids.CHANNEL, ts=ts, text="second")
    assert slack_server.messages(ids.CHANNEL)[0]["text"] == "second"
    client.chat_delete(channel=ids.CHANNEL, ts=ts)
    assert slack_server.messages(ids.CHANNEL) == []
    with pytest.raises(SlackApiError) as raised:
        client.chat_update(channel=ids.CHANNEL, ts=ts, text="third")
    assert error_of(raised) == "message_not_found"


def test_people_have_a_time_zone(client: WebClient) -> None:
    user = client.users_info(user=ids.ANA)["user"]
    assert (user["tz"], user["tz_offset"] in (3600, 7200)) == ("Europe/Madrid", True)
    with pytest.raises(SlackApiError):
        client.users_info(user="U0NOBODY")


def test_a_direct_message_goes_by_channel_or_person(slack_server: SlackServer, client: WebClient) -> None:
    channel = client.conversations_open(users=ids.ANA)["channel"]["id"]
    client.chat_postMessage(channel=channel, text="one")
    client.chat_postMessage(channel=ids.ANA, text="two")
    assert [message["text"] for message in slack_server.messages(channel)] == ["one", "two"]


def test_ephemeral_messages_are_kept_apart(slack_server: SlackServer, client: WebClient) -> None:
    client.chat_postEphemeral(channel=ids.CHANNEL, user=ids.ANA, text="psst")
    assert slack_server.messages(ids.CHANNEL) == []
    assert [message["text"] for message in slack_server.ephemerals(ids.CHANNEL, ids.ANA)] == ["psst"]
    assert slack_server.ephemerals(ids.CHANNEL, ids.BEN) == []


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"is_archived": True}, "is_archived"),
        ({"is_member": False}, "not_in_channel"),
        (None, "channel_not_found"),
    ],
)
def test_channels_that_cannot_be_posted_to(
    slack_server: SlackServer, client: WebClient, settings: dict[str, Any] | None, error: str
) -> None:
    if settings is not None:
        slack_server.workspace.add_channel("C0CLOSED", **settings)
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="C0CLOSED", text="hi")
    assert error_of(raised) == error


def test_a_broken_rule_is_refused_and_noted(slack_server: SlackServer, client: WebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel=ids.CHANNEL, text="hi", blocks=[{"type": "header", "text": "x"}])
    assert error_of(raised) == "invalid_blocks"
    assert slack_server.messages(ids.CHANNEL) == []
    assert slack_server.take_faults() == ["chat.postMessage: blocks[0].text: must be a text object, not str"]


def test_a_mass_mention_is_sent_but_noted(slack_server: SlackServer, client: WebClient) -> None:
    client.chat_postMessage(channel=ids.CHANNEL, text="<!here> hi")
    assert slack_server.take_faults() == ["chat.postMessage: text: holds the mass mention <!here>"]


@pytest.mark.parametrize("method", ["users.list", "conversations.list", "chat.fly"])
def test_methods_that_are_not_served_are_faults(slack_server: SlackServer, client: WebClient, method: str) -> None:
    with pytest.raises(SlackApiError) as raised:
        client.api_call(method)
    assert error_of(raised) == "unknown_method"
    assert len(slack_server.take_faults()) == 1


def test_a_trigger_opens_one_view_within_three_seconds(slack_server: SlackServer, client: WebClient) -> None:
    command = slack_server.prepare(payloads.slash_command("/stage"))
    view = client.views_open(trigger_id=command["trigger_id"], view=MODAL)["view"]
    assert slack_server.views()[0]["id"] == view["id"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    with pytest.raises(SlackApiError) as raised:
        client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    assert error_of(raised) == "hash_conflict"
    late = slack_server.prepare(payloads.slash_command("/stage"))
    slack_server.workspace.triggers[late["trigger_id"]].delivered_at -= 3.1
    for trigger, error in (
        (command["trigger_id"], "exchanged_trigger_id"),
        (late["trigger_id"], "trigger_expired"),
        ("1.2.made-up", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError) as raised:
            client.views_open(trigger_id=trigger, view=MODAL)
        assert error_of(raised) == error
    assert len(slack_server.take_faults()) == 3


def test_the_app_home_is_published_per_person(slack_server: SlackServer, client: WebClient) -> None:
    client.views_publish(user_id=ids.ANA, view=HOME)
    client.views_publish(user_id=ids.ANA, view={**HOME, "private_metadata": "second"})
    home = slack_server.wait_for_home(ids.ANA)
    assert home["private_metadata"] == "second"
    assert slack_server.home(ids.BEN) is None


def test_a_file_is_uploaded_whole_and_shared(slack_server: SlackServer, client: WebClient) -> None:
    slack_server.workspace.scopes.add("files:write")
    client.files_upload_v2(
        content=b"\x89PNG\r\n\x00data", filename="timeline.png", title="Timeline", channel=ids.CHANNEL
    )
    [upload] = slack_server.uploads()
    assert (upload.content, upload.title, upload.channel) == (b"\x89PNG\r\n\x00data", "Timeline", ids.CHANNEL)
    assert slack_server.messages(ids.CHANNEL)[0]["files"] == [{"id": upload.id, "title": "Timeline"}]


def test_every_answer_tells_the_scopes_and_files_need_theirs(slack_server: SlackServer, client: WebClient) -> None:
    assert "chat:write" in client.auth_test().headers["x-oauth-scopes"]
    with pytest.raises(SlackApiError) as raised:
        client.files_upload_v2(content=b"x", filename="x.png", channel=ids.CHANNEL)
    assert error_of(raised) == "missing_scope"


def test_reactions_and_suggested_prompts(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=ids.CHANNEL, text="x")["ts"]
    client.reactions_add(channel=ids.CHANNEL, timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError) as raised:
        client.reactions_add(channel=ids.CHANNEL, timestamp=ts, name="eyes")
    assert error_of(raised) == "already_reacted"
    prompts = [{"title": "Owner", "message": "who owns data prep?"}]
    client.assistant_threads_setSuggestedPrompts(channel_id="D1", thread_ts=ts, prompts=prompts)
    client.assistant_threads_setStatus(channel_id="D1", thread_ts=ts, status="is thinking")


def test_a_response_url_serves_five_times(slack_server: SlackServer) -> None:
    url = slack_server.new_response_url(ids.CHANNEL, ids.ANA)
    webhook = WebhookClient(url)
    assert [webhook.send(text=str(number)).status_code for number in range(6)] == [200] * 5 + [404]
    assert slack_server.take_faults() == ["response_url: used more than 5 times"]
    assert len(slack_server.responses(url)) == len(slack_server.ephemerals(ids.CHANNEL, ids.ANA)) == 5
    slack_server.workspace.response_urls[url].created_at -= 31 * 60
    assert webhook.send(text="late").status_code == 404
    assert slack_server.take_faults() == ["response_url: used after its 30 minutes"]


def test_a_response_is_public_only_where_it_says_so(slack_server: SlackServer) -> None:
    webhook = WebhookClient(slack_server.new_response_url(ids.CHANNEL, ids.ANA))
    webhook.send(text="all may see", response_type="in_channel")
    assert [message["text"] for message in slack_server.messages(ids.CHANNEL)] == ["all may see"]


def test_a_response_replaces_or_deletes_the_message_with_the_button(
    slack_server: SlackServer, client: WebClient
) -> None:
    client.chat_postEphemeral(channel=ids.CHANNEL, user=ids.ANA, text="Go?", blocks=[BUTTON])
    [shown] = slack_server.ephemerals()
    pressed = slack_server.prepare(payloads.action_in_message(payloads.button("go"), shown, ephemeral=True))
    webhook = WebhookClient(pressed["response_url"])
    webhook.send(text="Gone", replace_original=True)
    [shown] = slack_server.ephemerals()
    assert shown["text"] == "Gone"
    assert "blocks" not in shown
    webhook.send(delete_original=True)
    assert slack_server.ephemerals() == []


def test_a_429_names_its_retry_after_and_the_sdk_honours_it_when_told(slack_server: SlackServer) -> None:
    slack_server.fail_next("chat.postMessage", status=429, retry_after=1)
    client = WebClient(
        token=slack_server.bot_token,
        base_url=slack_server.api_url,
        retry_handlers=[RateLimitErrorRetryHandler()],
    )
    client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    first, second = slack_server.calls("chat.postMessage")
    assert (first.status, second.status) == (429, 200)
    assert second.received_at - first.received_at >= 1


def test_without_handlers_a_429_and_a_503_reach_the_app(slack_server: SlackServer, client: WebClient) -> None:
    slack_server.fail_next("chat.postMessage", status=429, retry_after=7)
    slack_server.fail_next("chat.postMessage", status=503)
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    assert raised.value.response.headers["Retry-After"] == "7"
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    assert raised.value.response.status_code == 503


def test_a_503_is_retried_by_the_server_error_handler(slack_server: SlackServer) -> None:
    slack_server.fail_next("chat.postMessage", status=503)
    client = WebClient(
        token=slack_server.bot_token,
        base_url=slack_server.api_url,
        retry_handlers=[ServerErrorRetryHandler()],
    )
    client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    assert [call.status for call in slack_server.calls("chat.postMessage")] == [503, 200]


def test_a_connection_dropped_after_the_post_makes_the_sdk_post_twice(slack_server: SlackServer) -> None:
    slack_server.fail_next("chat.postMessage", drop="after")
    client = WebClient(
        token=slack_server.bot_token,
        base_url=slack_server.api_url,
        retry_handlers=[ConnectionErrorRetryHandler()],
    )
    client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    assert len(slack_server.messages(ids.CHANNEL)) == 2
    slack_server.fail_next("chat.postMessage", drop="before")
    client.chat_postMessage(channel=ids.CHANNEL, text="hi")
    assert len(slack_server.messages(ids.CHANNEL)) == 3


def test_one_channel_can_be_made_to_fail(slack_server: SlackServer, client: WebClient) -> None:
    slack_server.fail_channel(ids.CHANNEL, "is_archived")
    for _ in range(2):
        with pytest.raises(SlackApiError) as raised:
            client.chat_postMessage(channel=ids.CHANNEL, text="hi")
        assert error_of(raised) == "is_archived"
    client.chat_postMessage(channel=ids.OTHER_CHANNEL, text="hi")
    slack_server.heal()
    client.chat_postMessage(channel=ids.CHANNEL, text="hi")


def test_posting_too_fast_to_one_channel_is_limited(slack_server: SlackServer, client: WebClient) -> None:
    slack_server.message_interval = 0.2
    client.chat_postMessage(channel=ids.CHANNEL, text="one")
    client.chat_postMessage(channel=ids.OTHER_CHANNEL, text="one")
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel=ids.CHANNEL, text="two")
    assert error_of(raised) == "ratelimited"


def test_latency_delays_each_call_but_not_one_after_the_other(slack_server: SlackServer, client: WebClient) -> None:
    slack_server.latency = 0.2
    started = time.monotonic()
    threads = [threading.Thread(target=client.auth_test) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= time.monotonic() - started < 1.0


def test_waiting_ends_at_the_first_fitting_thing_and_says_what_was_missing(
    slack_server: SlackServer, client: WebClient
) -> None:
    later = threading.Timer(0.1, client.chat_postMessage, kwargs={"channel": ids.CHANNEL, "text": "hi"})
    later.start()
    assert slack_server.wait_for_messages(ids.CHANNEL, 1)[0]["text"] == "hi"
    slack_server.expect_no_more(ids.CHANNEL, 1, seconds=0.05)
    with pytest.raises(AssertionError, match="2 messages in C0GENERAL1"):
        slack_server.wait_for_messages(ids.CHANNEL, 2, timeout=0.05)
