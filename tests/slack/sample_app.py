"""A small real Bolt app, with which the tests of the local Slack prove it. Not Rolecall.

python -m tests.slack.sample_app --port 3000

Over HTTP through waitress and Bolt's WSGI adapter; in Socket Mode where SLACK_APP_TOKEN is set.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import waitress
from slack_bolt import Ack, App, Respond, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler as BuiltinHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebSocketClientHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler

MODAL = {
    "type": "modal",
    "callback_id": "reason",
    "title": {"type": "plain_text", "text": "Why?"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def build_app() -> App:
    """Listeners for a bit of everything."""
    client = WebClient(
        token=os.environ["SLACK_BOT_TOKEN"],
        base_url=os.environ["SLACK_API_URL"],
        retry_handlers=[
            ConnectionErrorRetryHandler(),
            RateLimitErrorRetryHandler(max_retry_count=3),
            ServerErrorRetryHandler(max_retry_count=3),
        ],
    )
    app = App(client=client, signing_secret=os.environ.get("SLACK_SIGNING_SECRET", "unused over sockets"))

    @app.event("app_mention")
    def answer(event: dict[str, Any], say: Say) -> None:
        text = event["text"].partition("> ")[2]
        say(text=f"You said: {text}", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("message")
    def answer_directly(event: dict[str, Any], say: Say) -> None:
        if event.get("channel_type") == "im":
            say(text=f"You wrote: {event['text']}")

    @app.event("app_home_opened")
    def show_home(event: dict[str, Any], client: WebClient) -> None:
        header = {"type": "header", "text": {"type": "plain_text", "text": "Home & all"}}
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [header]})

    @app.command("/echo")
    def echo(ack: Ack, respond: Respond, command: dict[str, Any]) -> None:
        ack()
        respond(text=command["text"])

    @app.command("/slow")
    def slow(ack: Ack, command: dict[str, Any]) -> None:
        time.sleep(float(command["text"]))
        ack()

    @app.command("/form")
    def form(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("reason")
    def save(ack: Ack, view: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        why = view["state"]["values"]["why"]["text"]["value"]
        if not why:
            ack(response_action="errors", errors={"why": "Please give a reason"})
            return
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"Saved: {why}")

    @app.action("share")
    def share(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="Shared", replace_original=True)

    return app


def answer_probe(start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """`GET /readyz`."""
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"ready"]


class Probe(BaseHTTPRequestHandler):
    """`GET /readyz` in Socket Mode."""

    def do_GET(self) -> None:
        """Always ready; whether the socket is connected, the server knows best."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent."""


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ping-interval", type=float, default=10.0)
    parser.add_argument("--builtin", action="store_true", help="slack_sdk's own socket client")
    options = parser.parse_args()
    app = build_app()
    app_token = os.environ.get("SLACK_APP_TOKEN")
    if app_token:
        handler = BuiltinHandler if options.builtin else WebSocketClientHandler
        handler(app, app_token, ping_interval=options.ping_interval).connect()  # type: ignore[no-untyped-call]
        probe = ThreadingHTTPServer(("127.0.0.1", options.port), Probe)
        threading.Thread(target=probe.serve_forever, daemon=True).start()
        threading.Event().wait()
    bolt = SlackRequestHandler(app)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return answer_probe(start) if environ["PATH_INFO"] == "/readyz" else bolt(environ, start)

    waitress.serve(application, host="127.0.0.1", port=options.port, threads=8, _quiet=True)


if __name__ == "__main__":
    main()
