"""A real Bolt app in its own process, over HTTP and over sockets, against the local Slack."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.slack import ids, payloads
from tests.slack.app_process import AppProcess
from tests.slack.server import SlackServer

SAMPLE = ("-m", "tests.slack.sample_app")
FAST_PINGS = ("--ping-interval", "0.3")
CLIENTS = {"websocket-client": FAST_PINGS, "builtin": (*FAST_PINGS, "--builtin")}


class Shared:
    """One app and one server for the tests of a mode: to start a process for each would be slow."""

    def __init__(self, server: SlackServer, app: AppProcess) -> None:
        self.server, self.app = server, app


def serve(*, socket_mode: bool, arguments: tuple[str, ...] = ()) -> Iterator[Shared]:
    with SlackServer() as server:
        settings = server.environment(socket_mode=socket_mode)
        with AppProcess(settings, command=SAMPLE, arguments=arguments) as app:
            yield Shared(server, app)


@pytest.fixture(scope="module")
def http_app() -> Iterator[Shared]:
    yield from serve(socket_mode=False)


@pytest.fixture(scope="module", params=CLIENTS)
def socket_app(request: pytest.FixtureRequest) -> Iterator[Shared]:
    yield from serve(socket_mode=True, arguments=CLIENTS[request.param])


@pytest.fixture
def over_http(http_app: Shared) -> Iterator[Shared]:
    yield http_app
    assert http_app.server.take_faults() == []


@pytest.fixture
def over_sockets(socket_app: Shared) -> Iterator[Shared]:
    socket_app.server.wait_for_connections()
    yield socket_app
    assert socket_app.server.take_faults() == []


def channel(server: SlackServer, channel_id: str) -> str:
    """A channel of the test's own, in the server that it shares."""
    server.workspace.add_channel(channel_id)
    return channel_id


# --- HTTP


def test_a_signed_mention_is_answered_in_its_thread(over_http: Shared) -> None:
    where = channel(over_http.server, "C0THREAD")
    mention = payloads.app_mention("who owns data prep?", channel=where)
    outcome = over_http.server.deliver_http(over_http.app.events_url, mention)
    assert (outcome.status, outcome.seconds < 3) == (200, True)
    [answer] = over_http.server.wait_for_messages(where)
    assert (answer["text"], answer["thread_ts"]) == ("You said: who owns data prep?", mention["event"]["ts"])


@pytest.mark.parametrize(
    "options", [{"secret": "wrong"}, {"signature": "v0=00"}, {"timestamp": int(time.time()) - 301}]
)
def test_a_wrong_signature_or_an_old_one_is_refused(over_http: Shared, options: dict[str, Any]) -> None:
    where = channel(over_http.server, "C0SIGNED")
    mention = payloads.app_mention("hello", channel=where)
    assert over_http.server.deliver_http(over_http.app.events_url, mention, **options).status == 401
    over_http.server.expect_no_more(where, 0, seconds=0.1)


def test_the_request_url_is_verified(over_http: Shared) -> None:
    question = payloads.url_verification("challenge-me")
    outcome = over_http.server.deliver_http(over_http.app.events_url, question)
    assert (outcome.status, outcome.json) == (200, {"challenge": "challenge-me"})


def test_an_event_without_a_listener_gets_404_from_bolt(over_http: Shared) -> None:
    assert over_http.server.deliver_http(over_http.app.events_url, payloads.unknown_event()).status == 404


def test_a_command_responds_through_its_response_url(over_http: Shared) -> None:
    command = payloads.slash_command("/echo", "a &amp; b")
    assert over_http.server.deliver_http(over_http.app.events_url, command).status == 200
    over_http.server.wait_for_calls("response_url")
    assert [post["text"] for post in over_http.server.responses(command["response_url"])] == ["a &amp; b"]
    assert over_http.server.ephemerals(ids.CHANNEL, ids.ANA)[-1]["text"] == "a &amp; b"


def test_an_acknowledgement_after_three_seconds_is_a_fault(over_http: Shared) -> None:
    assert over_http.server.longest_wait == 3
    over_http.server.longest_wait = 0.2
    outcome = over_http.server.deliver_http(over_http.app.events_url, payloads.slash_command("/slow", "0.3"))
    over_http.server.longest_wait = 3.0
    assert outcome.seconds > 0.3
    assert over_http.server.take_faults() == ["/slow: acknowledged after 0.3 s, Slack waits 0.2 s"]


def test_a_form_is_opened_refused_and_submitted(over_http: Shared) -> None:
    server, url = over_http.server, over_http.app.events_url
    server.deliver_http(url, payloads.slash_command("/form", user=ids.BEN))
    view = server.wait_for_view()
    refused = server.deliver_http(url, payloads.view_submission(view, values(None), user=ids.BEN))
    assert refused.json == {"response_action": "errors", "errors": {"why": "Please give a reason"}}
    server.deliver_http(url, payloads.view_submission(view, values("the vendor failed"), user=ids.BEN))
    [message] = server.wait_for_messages(ids.direct_channel(ids.BEN))
    assert message["text"] == "Saved: the vendor failed"


def values(text: str | None) -> dict[str, dict[str, dict[str, Any]]]:
    return {"why": {"text": {"type": "plain_text_input", "value": text}}}


def test_a_button_replaces_its_message(over_http: Shared) -> None:
    server = over_http.server
    where = channel(server, "C0BUTTON")
    shown = server.workspace.post(server.workspace.channels[where], {"text": "Share?"})
    press = payloads.action_in_message(payloads.button("share"), shown, channel=where)
    server.deliver_http(over_http.app.events_url, press)
    server.wait_until(lambda: server.messages(where)[0]["text"] == "Shared", what="replacement")


def test_the_home_tab_is_published(over_http: Shared) -> None:
    over_http.server.deliver_http(over_http.app.events_url, payloads.app_home_opened(user=ids.BEN))
    assert over_http.server.wait_for_home(ids.BEN)["blocks"][0]["type"] == "header"


def test_bodies_that_are_wrong_can_be_sent_as_they_are(over_http: Shared) -> None:
    outcome = over_http.server.deliver_raw(over_http.app.events_url, b"\xff\xfe\x00")
    assert outcome.status == 500


def test_the_clients_that_bolt_makes_keep_the_retry_handlers(over_http: Shared) -> None:
    server = over_http.server
    where = channel(server, "C0RETRY")
    server.fail_next("chat.postMessage", status=429, retry_after=1, channel=where)
    server.deliver_http(over_http.app.events_url, payloads.app_mention("hi", channel=where))
    server.wait_for_messages(where, timeout=10)
    calls = [call for call in server.calls("chat.postMessage") if call.arguments["channel"] == where]
    assert [call.status for call in calls] == [429, 200]


# --- sockets


def test_an_event_over_a_socket_is_acknowledged_and_answered(over_sockets: Shared) -> None:
    where = channel(over_sockets.server, "C0SOCKET")
    envelope = over_sockets.server.deliver_socket(payloads.app_mention("hi", channel=where))
    acknowledgement = over_sockets.server.wait_for_ack(envelope)
    assert (acknowledgement.payload, acknowledgement.seconds < 3) == (None, True)
    assert over_sockets.server.wait_for_messages(where)[0]["text"] == "You said: hi"


def test_a_large_event_arrives_whole(over_sockets: Shared) -> None:
    text = "x" * 100_000
    envelope = over_sockets.server.deliver_socket(payloads.message(text))
    over_sockets.server.wait_for_ack(envelope)


def test_a_command_over_a_socket_responds_through_its_response_url(over_sockets: Shared) -> None:
    command = payloads.slash_command("/echo", "hello")
    over_sockets.server.wait_for_ack(over_sockets.server.deliver_socket(command))
    over_sockets.server.wait_for_calls("response_url")
    assert [post["text"] for post in over_sockets.server.responses(command["response_url"])] == ["hello"]


def test_the_answer_to_a_submission_comes_with_its_acknowledgement(over_sockets: Shared) -> None:
    server = over_sockets.server
    server.wait_for_ack(server.deliver_socket(payloads.slash_command("/form")))
    refused = server.deliver_socket(payloads.view_submission(server.wait_for_view(), values(None)))
    assert server.wait_for_ack(refused).payload["response_action"] == "errors"


def test_an_event_without_a_listener_is_not_acknowledged_and_can_be_delivered_again(
    over_sockets: Shared,
) -> None:
    server = over_sockets.server
    envelope = server.deliver_socket(payloads.unknown_event())
    with pytest.raises(AssertionError):
        server.wait_for_ack(envelope, timeout=0.3)
    again = server.redeliver(envelope)
    assert (again.retry_attempt, again.retry_reason) == (1, "timeout")
    assert again.id != envelope.id
    assert again.payload["event_id"] == envelope.payload["event_id"]


def test_pings_are_answered(over_sockets: Shared) -> None:
    [connection] = over_sockets.server.socket.open_connections()
    connection.websocket.send_ping(b"are you there?")
    over_sockets.server.wait_for_ack(over_sockets.server.deliver_socket(payloads.slash_command("/slow", "0")))
    over_sockets.server.wait_until(lambda: connection.websocket.pongs, what="pong")


@pytest.mark.parametrize("how", ["disconnect", "close", "silent", "reset"])
def test_the_app_comes_back_after_its_connection_ended(
    over_sockets: Shared, request: pytest.FixtureRequest, how: Any
) -> None:
    if how in ("disconnect", "silent") and "[websocket-client" in request.node.name:
        pytest.skip("slack_sdk's websocket-client variant at times opens one URL after the other and connects to none")
    server = over_sockets.server
    last = server.socket.connections[-1].number
    if how == "disconnect":
        server.socket.ask_to_reconnect()
    else:
        server.socket.drop(how=how)

    def is_back() -> bool:
        return any(connection.number > last for connection in server.socket.open_connections())

    server.wait_until(is_back, timeout=10, what="new connection")
    server.wait_until(lambda: len(server.socket.open_connections()) == 1, what="end of the old connection")
    envelope = server.deliver_socket(payloads.slash_command("/slow", "0"))
    server.wait_for_ack(envelope)


def test_a_frozen_connection_swallows_everything(over_sockets: Shared) -> None:
    server = over_sockets.server
    [connection] = server.socket.open_connections()
    server.socket.freeze()
    assert server.socket.open_connections() == []
    with pytest.raises(AssertionError, match="no open connection"):
        server.deliver_socket(payloads.message("hi"), timeout=0.05)
    connection.websocket.is_frozen, connection.is_open = False, True


def test_two_apps_share_the_events_of_one_token(over_sockets: Shared) -> None:
    server = over_sockets.server
    settings = server.environment(socket_mode=True)
    with AppProcess(settings, command=SAMPLE, arguments=FAST_PINGS):
        server.wait_for_connections(2)
        envelopes = [server.deliver_socket(payloads.slash_command("/slow", "0")) for _ in range(4)]
        used = {server.wait_for_ack(envelope).connection for envelope in envelopes}
        assert used == {connection.number for connection in server.socket.open_connections()}
        one = server.socket.open_connections()[0].number
        envelope = server.deliver_socket(payloads.slash_command("/slow", "0"), connection=one)
        assert server.wait_for_ack(envelope).connection == one
    server.wait_until(lambda: len(server.socket.open_connections()) == 1, what="end of the second app")
