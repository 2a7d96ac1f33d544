"""The Slack app: one Bolt app for Socket Mode and HTTP.

Bolt checks signatures, answers Slack's own questions, and parses. What it then delivers goes into the inbox and is
acknowledged by a middleware; the listeners work from the inbox, so that Bolt itself has none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient

from bot.assistant import Assistant
from bot.slack.figures import Figures
from bot.slack.inbox import Inbox
from bot.slack.listeners import register_all
from bot.slack.people import People
from bot.slack.pictures import Pictures
from bot.slack.posting import Voice
from bot.slack.routes import Routes
from bot.slack.task import Desk
from bot.slack.worker import Worker
from bot.store.base import Store

log = logging.getLogger(__name__)

# What Bolt and slack_sdk log below this level may hold whole payloads.
FRAMEWORK_LEVEL = logging.WARNING
SCOPES_HEADER = "x-oauth-scopes"


@dataclass(frozen=True, slots=True)
class SlackApp:
    """Everything of Slack's, built and not yet started."""

    bolt: App
    desk: Desk
    routes: Routes
    worker: Worker


def now() -> datetime:
    """The present moment; the one clock of the Slack side."""
    return datetime.now(UTC)


def build_app(
    *,
    assistant: Assistant,
    store: Store,
    bot_token: str,
    signing_secret: str,
    base_url: str,
    prefix: str = "",
    clock: Callable[[], datetime] = now,
    figures: Figures | None = None,
    stopping: threading.Event | None = None,
) -> SlackApp:
    """Build the app; asks Slack who we are, so it raises what slack_sdk raises where that fails."""
    voice = Voice(bot_token, base_url, stopping)
    us = voice.reading.auth_test()
    routes = register_all(Routes())
    pictures = Pictures(voice, granted(us.headers))
    desk = Desk(
        assistant=assistant,
        store=store,
        voice=voice,
        people=People(store, voice.reading),
        pictures=pictures,
        figures=figures or Figures(),
        clock=clock,
        team=str(us["team_id"]),
        bot_user=str(us["user_id"]),
        prefix=prefix,
        commands=frozenset(routes.commands),
    )
    worker = Worker(desk, routes)
    bolt = _bolt(voice.reading, signing_secret, Inbox(desk, routes, worker.wake))
    return SlackApp(bolt, desk, routes, worker)


def granted(headers: Mapping[str, str]) -> frozenset[str]:
    """The scopes that a token has, which Slack says in a header of every answer; none where it does not say."""
    said = next((value for name, value in headers.items() if name.casefold() == SCOPES_HEADER), "")
    return frozenset(scope.strip() for scope in said.split(",") if scope.strip())


def _bolt(client: WebClient, signing_secret: str, inbox: Inbox) -> App:
    framework = logging.getLogger("slack_bolt")
    # Bolt would warn that the token in the environment is not used; our client has it.
    framework.setLevel(logging.ERROR)
    logging.getLogger("slack_sdk").setLevel(FRAMEWORK_LEVEL)
    # Bolt makes a plain client for each request from this one's settings; ours are called by nothing but `Voice`.
    bolt = App(client=client, signing_secret=signing_secret, logger=framework)

    framework.setLevel(FRAMEWORK_LEVEL)

    @bolt.middleware
    def take(body: dict[str, Any], ack: Ack) -> BoltResponse:
        return inbox.take(body, ack)

    return bolt
